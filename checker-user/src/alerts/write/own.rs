//! What other people's formats have no field for: checker's own data, and the fields of EVE that are left over.

use serde::Serialize;

use crate::{
    alerts::{
        alert::{Alert, Details},
        event::{Counts, Lost},
        incident::Incident,
    },
    sealed::seal::Seal,
};

/// Of an alert.
#[derive(Serialize)]
pub(super) struct Own<'a> {
    #[serde(flatten)]
    details: &'a Details,
    /// VLAN ids, outermost first.
    #[serde(skip_serializing_if = "<[u16]>::is_empty")]
    vlan: &'a [u16],
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pcap_cnt: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pcap_filename: Option<&'a str>,
}

/// Of any other event: the object that EVE has under the event's type.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Told<'a> {
    Loss(&'a Lost),
    Integrity(&'a Incident),
    Stats(&'a Counts),
    Checkpoint(&'a Seal),
}

impl<'a> Own<'a> {
    pub(super) fn of(alert: &'a Alert) -> Self {
        Self {
            details: &alert.checker,
            vlan: &alert.vlan,
            icmp_type: alert.icmp_type,
            icmp_code: alert.icmp_code,
            pcap_cnt: alert.pcap_cnt,
            pcap_filename: alert.pcap_filename.as_deref(),
        }
    }
}
