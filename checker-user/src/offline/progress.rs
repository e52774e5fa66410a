//! How far a scan is: a bar on a terminal's standard error.

use std::{
    fs,
    io::{self, IsTerminal as _},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::input::Target;

/// What is scanned before a bar would be seen.
const NOT_WORTH_IT: u64 = 32 << 20;

/// A bar over the bytes of all files, as they lie on the disk; a hidden one where nobody would see it, or where
/// its end cannot be known.
#[must_use]
pub fn bar(targets: &[Target], wanted: bool) -> ProgressBar {
    if !wanted || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let size = |target: &Target| match target {
        Target::Stdin => None,
        Target::File(path) => {
            fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len())
        }
    };
    let total: Option<u64> = targets.iter().map(size).sum();
    let Some(total) = total.filter(|total| *total > NOT_WORTH_IT) else { return ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left");
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
