//! An event that is no alert.

use serde::Serialize;

use super::head::{Head, other};
use crate::alerts::{moment::Moment, write::own::Told};

/// An event that is no alert.
#[derive(Serialize)]
pub(super) struct Other<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
    checker: Told<'a>,
}

#[derive(Serialize)]
struct Error {
    message: String,
}

/// Something that should not have happened.
pub(super) fn error<'a>(timestamp: Moment, dataset: &'a str, message: String, told: Told<'a>) -> Other<'a> {
    let error = Some(Error { message: message.clone() });
    Other { head: other("event", timestamp, dataset, message), error, checker: told }
}

/// What is told regularly.
pub(super) fn metric<'a>(timestamp: Moment, message: String, told: Told<'a>) -> Other<'a> {
    Other { head: other("metric", timestamp, "checker.stats", message), error: None, checker: told }
}
