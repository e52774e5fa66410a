//! What the alert stream carries, in the shape of Suricata's EVE JSON: flat, one object a line, all of checker's
//! own data under one key. Field names: <https://docs.suricata.io/en/latest/output/eve/eve-json-format.html>.

use std::{fmt, net::IpAddr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{datapath::attach::Mode, ranges::label::Label};

/// One line of the stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// A packet from a restricted range.
    Alert(Box<Alert>),
    /// Alerts that are missing at this place of the stream.
    Loss(Loss),
}

/// A packet from a restricted range.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// When the kernel saw the packet.
    pub timestamp: Moment,
    /// `alert`.
    pub event_type: AlertType,
    /// Name of the interface.
    pub in_iface: String,
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
    pub proto: String,
    /// ICMP or ICMPv6 type, if the packet carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icmp_type: Option<u8>,
    /// VLAN ids, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vlan: Vec<u16>,
    /// Hardware addresses.
    pub ether: Ether,
    /// The part that every EVE reader knows.
    pub alert: Signature,
    /// checker's own part.
    pub checker: Details,
}

/// Hardware addresses of the frame.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ether {
    /// Source.
    pub src_mac: Mac,
    /// Destination.
    pub dest_mac: Mac,
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
    pub category: String,
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

/// Why the alert was raised.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Details {
    /// Number of the alert since the daemon started.
    pub seq: u64,
    /// Label of the list.
    pub label: Label,
    /// The address that lies in the range: an IPv4 one where it was carried in an IPv6 one.
    pub matched: IpAddr,
    /// The field that it stood in: `src`, `dst`, or `target` of neighbour discovery.
    pub side: String,
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
    pub basis: String,
    /// How many packets the alert stands for.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// First of them.
    pub first_seen: Moment,
    /// Last of them.
    pub last_seen: Moment,
    /// Where the MAC was learned: `l2`, the frame itself.
    pub mac_source: String,
    /// The machine, if it is known.
    pub asset: Option<String>,
    /// Mode in which the program runs on the interface.
    pub mode: Option<Mode>,
}

/// Alerts that are missing at this place of the stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loss {
    /// When the loss was noticed.
    pub timestamp: Moment,
    /// `loss`.
    pub event_type: LossType,
    /// What was lost.
    pub loss: Lost,
}

/// How many alerts were lost, and where.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lost {
    /// Where.
    pub place: Place,
    /// Their label, where the place knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// How many.
    pub count: u64,
}

/// Where an alert can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The kernel found the ring buffer full.
    RingFull,
    /// The reader of this stream was too slow.
    ReaderTooSlow,
    /// The sink could not be written.
    SinkFailed,
    /// The record was not one that this version understands.
    Malformed,
}

/// The constant `alert`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum AlertType {
    /// The constant.
    #[serde(rename = "alert")]
    Alert,
}

/// The constant `loss`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum LossType {
    /// The constant.
    #[serde(rename = "loss")]
    Loss,
}

/// A point in time: RFC 3339, UTC, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A hardware address: lower-case, with colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mac(pub [u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl Serialize for Mac {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mac {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut octets = [0; 6];
        let mut parts = text.split(':');
        for octet in &mut octets {
            let part = parts.next().ok_or_else(|| D::Error::custom("a MAC address has six parts"))?;
            *octet = u8::from_str_radix(part, 16).map_err(D::Error::custom)?;
        }
        Ok(Self(octets))
    }
}
