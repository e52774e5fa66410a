//! An alert as a document.

use std::{fmt, net::IpAddr};

use serde::{Serialize, Serializer};

use super::{
    head::{Head, Named, Port, head},
    rule::{Related, Rule, related, rule},
};
use crate::alerts::{
    alert::{Alert, Way},
    mac::Mac,
    protocol,
    write::{message, own::Own},
};

#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    source: End,
    destination: End,
    network: Network<'a>,
    rule: Rule<'a>,
    related: Related,
    checker: Own<'a>,
}

#[derive(Serialize)]
struct End {
    address: IpAddr,
    ip: IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac: Option<UpperCase>,
}

/// A hardware address as ECS wants it (RFC 7042): `3C-EC-EF-01-02-03`.
struct UpperCase(Mac);

impl fmt::Display for UpperCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0.0;
        write!(f, "{a:02X}-{b:02X}-{c:02X}-{d:02X}-{e:02X}-{g:02X}")
    }
}

impl Serialize for UpperCase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Serialize)]
struct Network<'a> {
    /// `ipv4`, `ipv6`, `arp`.
    #[serde(rename = "type")]
    family: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iana_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<Way>,
    #[serde(skip_serializing_if = "Option::is_none")]
    community_id: Option<&'a str>,
    packets: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    vlan: Option<Vlan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inner: Option<Inner>,
}

#[derive(Serialize)]
struct Vlan {
    id: String,
}

#[derive(Serialize)]
struct Inner {
    vlan: Vlan,
}

/// The document of an alert.
pub(super) fn document(alert: &Alert) -> Document<'_> {
    let details = &alert.checker;
    let times = [details.first_seen, details.last_seen];
    let mut head = head(alert.timestamp, times, message::of_alert(alert), Some(details.seq), &alert.alert);
    let interface = alert.in_iface.as_deref().map(|name| Port { interface: Named { name } });
    match details.direction {
        Some(Way::Egress) => head.observer.egress = interface,
        Some(Way::Ingress) | None => head.observer.ingress = interface,
    }
    let arp = alert.proto == protocol::ARP;
    let mut vlans = alert.vlan.iter().map(|vlan| Vlan { id: vlan.to_string() });
    let end = |ip, port, mac: Option<Mac>| End { address: ip, ip, port, mac: mac.map(UpperCase) };
    Document {
        head,
        source: end(alert.src_ip, alert.src_port, alert.ether.map(|ether| ether.src_mac)),
        destination: end(alert.dest_ip, alert.dest_port, alert.ether.and_then(|ether| ether.dest_mac)),
        network: Network {
            family: match (arp, alert.src_ip) {
                (true, _) => "arp",
                (false, IpAddr::V4(_)) => "ipv4",
                (false, IpAddr::V6(_)) => "ipv6",
            },
            transport: (!arp).then(|| alert.proto.to_lowercase()),
            iana_number: protocol::number(&alert.proto).map(|number| number.to_string()),
            application: details.service.as_deref(),
            direction: details.direction,
            community_id: alert.community_id.as_deref(),
            packets: details.count,
            bytes: details.bytes,
            vlan: vlans.next(),
            inner: vlans.next().map(|vlan| Inner { vlan }),
        },
        rule: rule(&alert.alert, details.list.as_deref(), details.list_sha256.as_deref()),
        related: related([alert.src_ip, alert.dest_ip, details.matched]),
        checker: Own::of(alert),
    }
}
