//! Reads `checker.toml`: the lists to load, for those who do not want them on the command line.
//!
//! ```toml
//! [[list]]
//! label = "ONE"        # default: the file's name up to the first dot
//! path = "one.txt"     # from this file's folder
//! action = "alert"     # or "drop", or "allow"; default: "alert"
//! ```

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow};
use serde::Deserialize;
use toml::Spanned;

use crate::{
    printable::printable,
    ranges::{action::Action, label::Label, source::ListSpec},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    list: Vec<ListTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListTable {
    label: Option<Label>,
    path: Spanned<PathBuf>,
    #[serde(default)]
    action: Action,
}

/// The lists of a configuration file in its order. Their paths are from the file's folder, not from the working
/// directory: the file means the same to whoever reads it.
///
/// # Errors
///
/// One sentence that names the file and the line.
pub fn read(path: &Path) -> Result<Vec<ListSpec>> {
    let shown = printable(&path.to_string_lossy()).into_owned();
    let text = fs::read_to_string(path).map_err(|error| anyhow!("{shown}: cannot be read: {error}"))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    lists(&text, folder).map_err(|(place, reason)| anyhow!("{shown}:{}: {reason}", line(&text, &place)))
}

/// What went wrong, and where in the text.
type Fault = (Range<usize>, String);

fn lists(text: &str, folder: &Path) -> Result<Vec<ListSpec>, Fault> {
    let config: Config = toml::from_str(text)
        .map_err(|error| (error.span().unwrap_or_default(), printable(error.message()).into_owned()))?;
    config.list.into_iter().map(|table| list(table, folder)).collect()
}

fn list(ListTable { label, path, action }: ListTable, folder: &Path) -> Result<ListSpec, Fault> {
    let place = path.span();
    let path = path.into_inner();
    if path.as_os_str().is_empty() {
        return Err((place, "path is empty".into()));
    }
    let path = folder.join(path);
    match label {
        Some(label) => Ok(ListSpec { label, path, action }),
        None => ListSpec::named_by_file(path.clone(), action).map_err(|_| {
            let path = printable(&path.to_string_lossy()).into_owned();
            (place, format!("the name of \"{path}\" cannot be its label; give one with label = \"…\""))
        }),
    }
}

fn line(text: &str, place: &Range<usize>) -> usize {
    1 + text.bytes().take(place.start).filter(|&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<ListSpec>, String> {
        lists(text, Path::new("/etc/checker"))
            .map_err(|(place, reason)| format!("{}: {reason}", line(text, &place)))
    }

    #[test]
    fn lists_come_in_the_order_of_the_file() {
        let text =
            "[[list]]\npath = \"one.txt\"\n[[list]]\nlabel = \"D:5\"\npath = \"/srv/b\"\naction = \"drop\"\n";
        let spec = |label: &str, path: &str, action| ListSpec {
            label: label.parse().unwrap(),
            path: path.into(),
            action,
        };
        let expected =
            [spec("one", "/etc/checker/one.txt", Action::Alert), spec("D:5", "/srv/b", Action::Drop)];
        assert_eq!(read_text(text).unwrap(), expected);
        assert_eq!(read_text("# none yet\n").unwrap(), []);
    }

    #[test]
    fn a_fault_names_its_line() {
        for (text, expected) in [
            ("\n[[list]]\npaht = \"x\"\n", "3: unknown field `paht`"),
            ("[[lists]]\n", "1: unknown field `lists`"),
            ("[[list]]\nlabel = \"a b\"\npath = \"x\"\n", "2: \"a b\" cannot be a label"),
            ("[[list]]\npath = \"x\"\naction = \"block\"\n", "3: unknown variant `block`"),
            ("[[list]]\nlabel = \"x\"\n", "1: missing field `path`"),
            ("[[list]]\n\npath = \".x\"\n", "3: the name of \"/etc/checker/.x\" cannot be its label"),
            ("[[list]]\npath = \"\"\n", "2: path is empty"),
            ("[[list]]\npath = 1\n", "2: invalid type"),
            ("[[list]]\npath\n", "2: "),
        ] {
            let fault = read_text(text).unwrap_err();
            assert!(fault.starts_with(expected) && !fault.contains('\n'), "{text:?}: {fault}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = read(Path::new("/no/such.toml")).unwrap_err().to_string();
        assert!(error.starts_with("/no/such.toml: cannot be read: No such file"), "{error}");
    }
}
