//! The published schemas of the alert stream, and what does not fit them.

use std::sync::LazyLock;

use anyhow::{Context as _, Result, bail};
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;

/// Of `--output eve`.
pub static EVE: Schema = Schema::new(|| compile(include_str!("../../docs/schema/eve.schema.json")));
/// Of `--output ocsf`.
pub static OCSF: Schema = Schema::new(|| compile(include_str!("../../docs/schema/ocsf.schema.json")));
/// Of `--output ecs`.
pub static ECS: Schema = Schema::new(|| compile(include_str!("../../docs/schema/ecs.schema.json")));

/// One of `docs/schema/`.
#[derive(Debug)]
pub struct Schema(LazyLock<Result<Validator, String>>);

impl Schema {
    const fn new(compile: fn() -> Result<Validator, String>) -> Self {
        Self(LazyLock::new(compile))
    }

    /// Checks a record.
    ///
    /// # Errors
    ///
    /// With what does not fit, and the record.
    pub fn check(&self, record: &Value) -> Result<()> {
        let validator = self.0.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?;
        match validator.validate(record) {
            Ok(()) => Ok(()),
            Err(error) => bail!("not as docs/schema says: {}: {record}", nearest(&error)),
        }
    }

    /// Checks lines of output.
    ///
    /// # Errors
    ///
    /// With the first line that does not fit.
    pub fn check_lines(&self, lines: &str) -> Result<Vec<Value>> {
        let parse = |line: &str| -> Result<Value> {
            let record = serde_json::from_str(line).with_context(|| format!("no JSON: {line:?}"))?;
            self.check(&record)?;
            Ok(record)
        };
        lines.lines().map(parse).collect()
    }
}

fn compile(text: &str) -> Result<Validator, String> {
    let schema: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&schema).map_err(|error| error.to_string())
}

/// Of several kinds of record, that one was meant which has the fewest errors.
fn nearest(error: &ValidationError<'_>) -> String {
    if let ValidationErrorKind::OneOfNotValid { context } = error.kind()
        && let Some(errors) = context.iter().min_by_key(|errors| errors.len())
    {
        let errors: Vec<_> =
            errors.iter().map(|error| format!("{error} at {}", error.instance_path())).collect();
        return errors.join("; ");
    }
    error.to_string()
}
