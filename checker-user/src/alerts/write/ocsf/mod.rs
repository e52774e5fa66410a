//! OCSF 1.8 (<https://schema.ocsf.io/1.8.0/classes/detection_finding>): an alert is a Detection Finding. What was lost
//! and what happened to the watcher are Application Errors, a class that is meant for programs that produce OCSF;
//! OCSF has no class for statistics, which are Base Events.

mod metadata;
mod finding;
mod alert;
mod other;
mod write;

pub(crate) use finding::{Finding, Found, finding};
pub(super) use write::write;
