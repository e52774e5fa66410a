//! An alert as a finding, with the packet as its evidence.

use std::net::IpAddr;

use serde::Serialize;

use super::finding::{Finding, Found, finding};
use crate::alerts::{
    alert::{Alert, Way},
    mac::Mac,
    protocol,
    write::{message, own::Own},
};

#[derive(Serialize)]
pub(super) struct Evidence<'a> {
    src_endpoint: Endpoint<'a>,
    dst_endpoint: Endpoint<'a>,
    connection_info: Connection<'a>,
}

#[derive(Serialize)]
struct Endpoint<'a> {
    ip: IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac: Option<Mac>,
    /// The interface of the watcher that this end is beyond.
    #[serde(skip_serializing_if = "Option::is_none")]
    interface_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vlan_uid: Option<String>,
}

#[derive(Serialize)]
struct Connection<'a> {
    direction_id: u32,
    protocol_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol_num: Option<u8>,
    protocol_ver_id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    community_uid: Option<&'a str>,
}

/// The finding that an alert is.
pub(super) fn finding_of(alert: &Alert) -> Finding<'_, Evidence<'_>, Own<'_>> {
    let details = &alert.checker;
    let (incoming, outgoing, direction_id) = match details.direction {
        Some(Way::Ingress) => (alert.in_iface.as_deref(), None, 1),
        Some(Way::Egress) => (None, alert.in_iface.as_deref(), 2),
        None => (None, None, 0),
    };
    let vlan = alert.vlan.first().map(u16::to_string);
    let evidence = Evidence {
        src_endpoint: Endpoint {
            ip: alert.src_ip,
            port: alert.src_port,
            mac: alert.ether.map(|ether| ether.src_mac),
            interface_name: incoming,
            vlan_uid: vlan.clone(),
        },
        dst_endpoint: Endpoint {
            ip: alert.dest_ip,
            port: alert.dest_port,
            mac: alert.ether.and_then(|ether| ether.dest_mac),
            interface_name: outgoing,
            vlan_uid: vlan,
        },
        connection_info: Connection {
            direction_id,
            protocol_name: alert.proto.to_lowercase(),
            protocol_num: protocol::number(&alert.proto),
            protocol_ver_id: if alert.src_ip.is_ipv4() { 4 } else { 6 },
            community_uid: alert.community_id.as_deref(),
        },
    };
    finding(Found {
        uid: format!("{}/{}", alert.timestamp, details.seq),
        timestamp: alert.timestamp,
        first_and_last: [details.first_seen, details.last_seen],
        count: details.count,
        sequence: Some(details.seq),
        signature: &alert.alert,
        label: details.label.as_str(),
        message: message::of_alert(alert),
        matched: details.matched,
        evidence,
        own: Own::of(alert),
    })
}
