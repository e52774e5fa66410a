//! Paths as they were typed → inputs: folders give every file in them, sorted, as `grep -r` does.

use std::path::PathBuf;

use walkdir::WalkDir;

use super::input::Target;

/// What there is to scan, and what cannot be.
#[derive(Debug, Default)]
pub struct Targets {
    /// In the order of the paths, those of a folder by name.
    pub targets: Vec<Target>,
    /// Sentences about the rest.
    pub errors: Vec<String>,
    /// Whether a path was a folder.
    pub folder: bool,
}

/// Names every input of `paths`; `-` is standard input. Hidden files count. In folders symbolic links are not
/// followed, and what is no regular file is left out.
#[must_use]
pub fn targets(paths: &[PathBuf]) -> Targets {
    let mut all = Targets::default();
    for path in paths {
        if path.as_os_str() == "-" {
            all.targets.push(Target::Stdin);
        } else if path.is_dir() {
            all.folder = true;
            folder(path, &mut all);
        } else {
            // Whether it is there is seen when it is opened.
            all.targets.push(Target::File(path.clone()));
        }
    }
    all
}

fn folder(path: &PathBuf, all: &mut Targets) {
    for entry in WalkDir::new(path).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() => all.targets.push(Target::File(entry.into_path())),
            Ok(_) => {}
            Err(error) => all.errors.push(match (error.path(), error.io_error()) {
                (Some(path), Some(cause)) => format!("{}: cannot be read: {cause}", path.display()),
                _ => error.to_string(),
            }),
        }
    }
}
