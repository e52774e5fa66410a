//! An event that is no finding.

use serde::Serialize;

use super::metadata::{Metadata, Unmapped, metadata};
use crate::alerts::{moment::Moment, write::own::Told};

/// An event that is no finding.
#[derive(Serialize)]
pub(super) struct Other<'a> {
    metadata: Metadata<'a>,
    category_uid: u32,
    class_uid: u32,
    class_name: &'a str,
    activity_id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_name: Option<&'a str>,
    type_uid: u32,
    severity_id: u32,
    time: i64,
    message: String,
    unmapped: Unmapped<Told<'a>>,
}

/// An Application Error: the watcher saw less than it should.
pub(super) fn error<'a>(timestamp: Moment, code: &'a str, message: String, told: Told<'a>) -> Other<'a> {
    Other {
        metadata: metadata(code, None, None),
        category_uid: 6,
        class_uid: 6008,
        class_name: "Application Error",
        activity_id: 1,
        activity_name: None,
        type_uid: 600_801,
        severity_id: 4,
        time: timestamp.0.as_millisecond(),
        message,
        unmapped: Unmapped { checker: told },
    }
}

/// A Base Event: OCSF has no class for the account of a watcher that works.
pub(super) fn account<'a>(timestamp: Moment, message: String, told: Told<'a>) -> Other<'a> {
    Other {
        metadata: metadata("stats", None, None),
        category_uid: 0,
        class_uid: 0,
        class_name: "Base Event",
        activity_id: 99,
        activity_name: Some("Statistics"),
        type_uid: 99,
        severity_id: 1,
        time: timestamp.0.as_millisecond(),
        message,
        unmapped: Unmapped { checker: told },
    }
}
