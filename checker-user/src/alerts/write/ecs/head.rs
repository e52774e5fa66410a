//! What every document has.

use serde::Serialize;

use crate::alerts::{
    alert::{Signature, Verdict},
    moment::Moment,
};

/// The version that the records claim to follow.
const VERSION: &str = "9.0.0";

/// What every document has.
#[derive(Serialize)]
pub(crate) struct Head<'a> {
    #[serde(rename = "@timestamp")]
    timestamp: Moment,
    message: String,
    ecs: Ecs<'a>,
    event: Described<'a>,
    pub(super) observer: Observer<'a>,
}

#[derive(Serialize)]
struct Ecs<'a> {
    version: &'a str,
}

#[derive(Serialize)]
struct Described<'a> {
    kind: &'a str,
    module: &'a str,
    dataset: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<[&'a str; 2]>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kinds: Option<[&'a str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Moment>,
}

#[derive(Serialize)]
pub(super) struct Observer<'a> {
    vendor: &'a str,
    product: &'a str,
    version: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ingress: Option<Port<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) egress: Option<Port<'a>>,
}

#[derive(Serialize)]
pub(super) struct Port<'a> {
    pub(super) interface: Named<'a>,
}

#[derive(Serialize)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
}

/// The head of an alert.
pub(crate) fn head<'a>(
    timestamp: Moment,
    [start, end]: [Moment; 2],
    message: String,
    sequence: Option<u64>,
    signature: &Signature,
) -> Head<'a> {
    let kind = match signature.action {
        Verdict::Allowed => "allowed",
        Verdict::Blocked => "denied",
    };
    let event = Described {
        kind: "alert",
        module: "checker",
        dataset: "checker.alert",
        category: Some(["network", "intrusion_detection"]),
        kinds: Some([kind]),
        action: Some(signature.action),
        severity: Some(signature.severity),
        sequence,
        start: Some(start),
        end: Some(end),
    };
    Head { timestamp, message, ecs: Ecs { version: VERSION }, event, observer: observer() }
}

/// The head of any other event.
pub(super) fn other<'a>(kind: &'a str, timestamp: Moment, dataset: &'a str, message: String) -> Head<'a> {
    let event = Described {
        kind,
        module: "checker",
        dataset,
        category: None,
        kinds: None,
        action: None,
        severity: None,
        sequence: None,
        start: None,
        end: None,
    };
    Head { timestamp, message, ecs: Ecs { version: VERSION }, event, observer: observer() }
}

const fn observer<'a>() -> Observer<'a> {
    Observer {
        vendor: "checker",
        product: "checker",
        version: env!("CARGO_PKG_VERSION"),
        kind: "ids",
        ingress: None,
        egress: None,
    }
}
