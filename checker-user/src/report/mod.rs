//! Logs of alerts → one report: `read` → `tally` → `text`, `html` or `json`.

pub mod read;
pub mod tally;
mod sum;
mod counted;
mod timeline;
mod gaps;
mod units;
mod notes;
pub mod text;
pub mod json;
pub mod html;
