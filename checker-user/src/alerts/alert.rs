//! What an alert says. The fields at the top, and their names, are those of Suricata's EVE JSON; docs/alerts.md has them all.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{mac::Mac, moment::Moment};
use crate::{assets::asset::Asset, datapath::mode::Mode, ranges::label::Label};

/// A packet from a restricted range.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// When the kernel saw the packet, or the capture did.
    pub timestamp: Moment,
    /// `alert`.
    pub event_type: AlertType,
    /// Name of the interface; a capture need not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_iface: Option<String>,
    /// The same in all alerts of a flow; a capture has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_id: Option<u64>,
    /// Number of the packet in its capture, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcap_cnt: Option<u64>,
    /// The capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcap_filename: Option<String>,
    /// Source address of the packet, the outermost one.
    pub src_ip: IpAddr,
    /// Source port, if the packet carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub src_port: Option<u16>,
    /// Destination address of the packet, the outermost one.
    pub dest_ip: IpAddr,
    /// Destination port, if the packet carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dest_port: Option<u16>,
    /// `TCP`, `UDP`, …, `ARP`, or the IANA number.
    pub proto: Cow<'static, str>,
    /// ICMP or ICMPv6 type, if the packet carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icmp_type: Option<u8>,
    /// ICMP or ICMPv6 code, if the packet carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icmp_code: Option<u8>,
    /// TCP's part, if the packet carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp: Option<Tcp>,
    /// VLAN ids, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vlan: Vec<u16>,
    /// Hardware addresses, if the packet came with some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ether: Option<Ether>,
    /// Community ID, version 1, where the packet carries what it is made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub community_id: Option<String>,
    /// The part that every EVE reader knows.
    pub alert: Signature,
    /// checker's own part.
    pub checker: Details,
}

/// What TCP tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tcp {
    /// All flags of the flow so far, hexadecimal.
    pub tcp_flags: String,
}

/// Hardware addresses of the frame.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Ether {
    /// Source.
    pub src_mac: Mac,
    /// Destination, which Linux' cooked captures leave out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dest_mac: Option<Mac>,
}

/// The part of an alert that every EVE reader knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signature {
    /// `allowed` or `blocked`.
    pub action: Verdict,
    /// Always 1.
    pub gid: u32,
    /// The class of the label.
    pub signature_id: u32,
    /// Always 1.
    pub rev: u32,
    /// `Restricted region: LABEL`.
    pub signature: String,
    /// `restricted-range`.
    pub category: Cow<'static, str>,
    /// 1 is the highest.
    pub severity: u8,
}

/// What was done with the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Passed.
    Allowed,
    /// Dropped.
    Blocked,
}

/// Which way a packet went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// In.
    Ingress,
    /// Out.
    Egress,
}

/// Why the alert was raised.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Details {
    /// Number of the alert since the daemon started.
    pub seq: u64,
    /// Label of the list.
    pub label: Label,
    /// The address that lies in the range: an IPv4 one where it was carried in an IPv6 one.
    pub matched: IpAddr,
    /// Whether the interface received or sent the packet; `null` where a capture does not say.
    pub direction: Option<Way>,
    /// The field that it stood in: `src`, `dst`, or `target` of neighbour discovery.
    pub side: Cow<'static, str>,
    /// How it was carried: `6to4`, `nat64`, `mapped`, `teredo`, `isatap`, `inner` or `inner/6to4` and so on; `null` for
    /// the outermost header field itself.
    pub via: Option<String>,
    /// The longest range that covers the address.
    pub prefix: Option<String>,
    /// File name of the list.
    pub list: Option<String>,
    /// SHA-256 of the list, hexadecimal.
    pub list_sha256: Option<String>,
    /// Line of the list.
    pub line: Option<u32>,
    /// Generation that judged the packet.
    pub generation: u64,
    /// On whose word the range is restricted: `operator`.
    pub basis: Cow<'static, str>,
    /// The service that usually stands behind the ports; `null` for none that is known.
    #[serde(default)]
    pub service: Option<Cow<'static, str>>,
    /// How many packets the alert stands for.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// First of them.
    pub first_seen: Moment,
    /// Last of them.
    pub last_seen: Moment,
    /// Hardware address of the machine that the alert is about; see docs/assets.md for which one that is.
    #[serde(default)]
    pub mac: Option<Mac>,
    /// Where it was learned: `l2`, the frame itself; `dhcp`, `arp`, `nd`, `eui64`, `inventory`; `none` where there is none.
    pub mac_source: Cow<'static, str>,
    /// Whose hardware it is, by the first half of that address.
    #[serde(default)]
    pub vendor: Option<String>,
    /// The machine, if it is known.
    pub asset: Option<Arc<Asset>>,
    /// Why the severity is lower than the list's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_reason: Option<String>,
    /// What the flow's first packet is called in the evidence, if it was taken: its `flow_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<u64>,
    /// Mode in which the program runs on the interface, see [`Mode`].
    pub mode: Option<Mode>,
}

/// The constant `alert`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum AlertType {
    /// The constant.
    #[serde(rename = "alert")]
    Alert,
}
