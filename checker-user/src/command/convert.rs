//! `checker convert -l LIST… --to FORM`: any list in, for other tools out.

use std::{
    io::{self, Write as _},
    sync::Arc,
};

use anyhow::ensure;

use super::named::named;
use crate::{
    cli::judge::Convert,
    exit_code::ExitCode,
    ranges::{
        convert::{self, SameName},
        gather::gather,
        parse::List,
    },
};

/// Writes the lists to standard output.
///
/// # Errors
///
/// When a list is refused or restricts nothing, when two labels cannot be told apart, or the output fails.
pub fn convert(arguments: &Convert) -> anyhow::Result<ExitCode> {
    let lists = gather(&named(&arguments.lists)?)?;
    for warning in lists.iter().flat_map(List::warnings) {
        tracing::warn!("{warning}");
    }
    let lists: Vec<_> = lists.into_iter().map(Arc::new).collect();
    let groups = convert::groups(&lists);
    ensure!(!groups.is_empty(), "every list makes exceptions (allow); there is nothing to except from");
    // Whole before the first byte is written: half a set would be worse than none.
    let mut text = Vec::new();
    let written = convert::convert(&groups, arguments.to, &mut text);
    match written.and_then(|()| io::stdout().lock().write_all(&text)) {
        // Whoever stops reading has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::Clean),
        Err(error) => Err(match error.downcast::<SameName>() {
            Ok(same) => same.into(),
            Err(error) => anyhow::anyhow!("cannot write to standard output: {error}"),
        }),
        Ok(()) => Ok(ExitCode::Clean),
    }
}
