//! A Detection Finding.

use std::net::IpAddr;

use serde::Serialize;

use super::metadata::{Metadata, Unmapped, metadata};
use crate::alerts::{
    alert::{Signature, Verdict},
    moment::Moment,
};

/// A Detection Finding: `E` is the evidence, `U` checker's own data.
#[derive(Serialize)]
pub(crate) struct Finding<'a, E, U> {
    metadata: Metadata<'a>,
    category_uid: u32,
    class_uid: u32,
    class_name: &'a str,
    activity_id: u32,
    type_uid: u32,
    severity_id: u32,
    /// Milliseconds since 1970, like all times of OCSF.
    time: i64,
    message: String,
    is_alert: bool,
    action_id: u32,
    disposition_id: u32,
    count: u64,
    start_time: i64,
    end_time: i64,
    finding_info: FindingInfo<'a>,
    evidences: [E; 1],
    observables: [Observable; 1],
    unmapped: Unmapped<U>,
}

/// What a finding is made of.
pub(crate) struct Found<'a, E, U> {
    /// Unique among all findings.
    pub(crate) uid: String,
    pub(crate) timestamp: Moment,
    pub(crate) first_and_last: [Moment; 2],
    pub(crate) count: u64,
    pub(crate) sequence: Option<u64>,
    pub(crate) signature: &'a Signature,
    pub(crate) label: &'a str,
    pub(crate) message: String,
    pub(crate) matched: IpAddr,
    pub(crate) evidence: E,
    pub(crate) own: U,
}

#[derive(Serialize)]
struct FindingInfo<'a> {
    uid: String,
    title: &'a str,
    types: [&'a str; 1],
    analytic: Analytic<'a>,
    first_seen_time: i64,
    last_seen_time: i64,
}

#[derive(Serialize)]
struct Analytic<'a> {
    name: &'a str,
    uid: String,
    /// 1, a rule.
    type_id: u32,
}

#[derive(Serialize)]
struct Observable {
    name: &'static str,
    /// 2, an IP address.
    type_id: u32,
    value: IpAddr,
}

/// The finding.
pub(crate) fn finding<E, U>(found: Found<'_, E, U>) -> Finding<'_, E, U> {
    let [first, last] = found.first_and_last.map(|moment| moment.0.as_millisecond());
    let signature = found.signature;
    // Observed, alert; or denied, blocked: of the profile security_control.
    let (action_id, disposition_id) = match signature.action {
        Verdict::Allowed => (3, 19),
        Verdict::Blocked => (2, 2),
    };
    Finding {
        metadata: metadata("alert", found.sequence, Some("security_control")),
        category_uid: 2,
        class_uid: 2004,
        class_name: "Detection Finding",
        activity_id: 1,
        type_uid: 200_401,
        severity_id: severity(signature.severity),
        time: found.timestamp.0.as_millisecond(),
        message: found.message,
        is_alert: true,
        action_id,
        disposition_id,
        count: found.count,
        start_time: first,
        end_time: last,
        finding_info: FindingInfo {
            uid: found.uid,
            title: &signature.signature,
            types: [&signature.category],
            analytic: Analytic { name: found.label, uid: signature.signature_id.to_string(), type_id: 1 },
            first_seen_time: first,
            last_seen_time: last,
        },
        evidences: [found.evidence],
        observables: [Observable { name: "unmapped.checker.matched", type_id: 2, value: found.matched }],
        unmapped: Unmapped { checker: found.own },
    }
}

/// 1 is the highest of EVE's; 5 would be the next to the highest here: critical, and not for a single packet.
const fn severity(eve: u8) -> u32 {
    match eve {
        1 => 4,
        2 => 3,
        3 => 2,
        _ => 1,
    }
}
