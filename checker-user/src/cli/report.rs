//! What can be typed behind `checker report`.

use std::path::PathBuf;

use clap::Args;

use crate::alerts::when::When;

/// `checker report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Only what is since then: 10m, 3d, 2026-11-25, 2026-11-25T10:00:00Z.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<When>,
    /// Only what is before then.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<When>,
    /// Only such alerts, as 'label=CN and port=623 and asset~gpu-*'; docs/filter.md is the language.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Rows of each long table.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// As JSON.
    #[arg(long, conflicts_with = "html")]
    pub json: bool,
    /// As one page for a browser, written to this file, or to standard output for -.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Logs of alerts (EVE JSON lines), in any order: files, folders with all in them, or - for standard input; gzip and
    /// zstd are unpacked.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}
