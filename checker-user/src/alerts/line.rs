//! A line of the stream, as far as filters and reports look at it: borrowed, read fast, and forgiving. Lines of older
//! and newer versions are understood, of `checker scan` too, as long as they say when and what.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, de};

use super::moment::Moment;

/// One record.
#[derive(Debug, Deserialize)]
pub struct Line<'a> {
    /// When.
    pub timestamp: Moment,
    /// `alert`, `loss`, `stats`, `integrity`.
    #[serde(borrow)]
    pub event_type: Text<'a>,
    /// Interface.
    #[serde(borrow, default)]
    pub in_iface: Option<Text<'a>>,
    /// Source address of the packet.
    #[serde(borrow, default)]
    pub src_ip: Option<Text<'a>>,
    /// Source port.
    #[serde(default)]
    pub src_port: Option<u16>,
    /// Destination address of the packet.
    #[serde(borrow, default)]
    pub dest_ip: Option<Text<'a>>,
    /// Destination port.
    #[serde(default)]
    pub dest_port: Option<u16>,
    /// Protocol.
    #[serde(borrow, default)]
    pub proto: Option<Text<'a>>,
    /// VLAN ids.
    #[serde(default)]
    pub vlan: Vec<u16>,
    /// Hardware addresses.
    #[serde(borrow, default)]
    pub ether: Option<Ether<'a>>,
    /// What every EVE reader knows of an alert.
    #[serde(borrow, default)]
    pub alert: Option<Signature<'a>>,
    /// checker's part of an alert.
    #[serde(borrow, default)]
    pub checker: Option<Details<'a>>,
    /// What was lost.
    #[serde(borrow, default)]
    pub loss: Option<Lost<'a>>,
    /// The daemon's account.
    #[serde(default)]
    pub stats: Option<Stats>,
    /// What happened to the watcher.
    #[serde(borrow, default)]
    pub integrity: Option<Incident<'a>>,
}

impl Causes {
    /// All causes together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        let Self { ring_full, reader_too_slow, flow_evicted, sink_failed } = self;
        ring_full.saturating_add(*reader_too_slow).saturating_add(*flow_evicted).saturating_add(*sink_failed)
    }
}

impl<'a> Line<'a> {
    /// Hardware address of the machine that the alert is about.
    #[must_use]
    pub fn mac(&self) -> Option<&Text<'a>> {
        let said = self.checker.as_ref().and_then(|details| details.mac.as_ref());
        said.or_else(|| self.ether.as_ref().and_then(|ether| ether.src_mac.as_ref()))
    }
}

/// Hardware addresses.
#[derive(Debug, Deserialize)]
pub struct Ether<'a> {
    /// Source.
    #[serde(borrow, default)]
    pub src_mac: Option<Text<'a>>,
}

/// What every EVE reader knows of an alert.
#[derive(Debug, Deserialize)]
pub struct Signature<'a> {
    /// `allowed` or `blocked`.
    #[serde(borrow, default)]
    pub action: Option<Text<'a>>,
    /// 1 is the highest.
    #[serde(default)]
    pub severity: Option<u8>,
}

/// checker's part of an alert.
#[derive(Debug, Deserialize)]
pub struct Details<'a> {
    /// Number of the alert since the daemon started.
    #[serde(default)]
    pub seq: Option<u64>,
    /// Label of the list.
    #[serde(borrow)]
    pub label: Text<'a>,
    /// The address that lies in the range.
    #[serde(borrow)]
    pub matched: Text<'a>,
    /// `ingress` or `egress`.
    #[serde(borrow, default)]
    pub direction: Option<Text<'a>>,
    /// `src`, `dst` or `target`.
    #[serde(borrow, default)]
    pub side: Option<Text<'a>>,
    /// How the address was carried.
    #[serde(borrow, default)]
    pub via: Option<Text<'a>>,
    /// The range.
    #[serde(borrow, default)]
    pub prefix: Option<Text<'a>>,
    /// The list's file.
    #[serde(borrow, default)]
    pub list: Option<Text<'a>>,
    /// The list's hash.
    #[serde(borrow, default)]
    pub list_sha256: Option<Text<'a>>,
    /// Generation that judged the packet.
    #[serde(default)]
    pub generation: Option<u64>,
    /// The service behind the ports.
    #[serde(borrow, default)]
    pub service: Option<Text<'a>>,
    /// Packets that the alert stands for; 1 where nothing else is said.
    #[serde(default)]
    pub count: Option<u64>,
    /// Their bytes.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// First of them.
    #[serde(default)]
    pub first_seen: Option<Moment>,
    /// Last of them.
    #[serde(default)]
    pub last_seen: Option<Moment>,
    /// The machine, if it is known.
    #[serde(borrow, default)]
    pub asset: Option<Asset<'a>>,
    /// Hardware address of the machine that the alert is about, where it is said.
    #[serde(borrow, default)]
    pub mac: Option<Text<'a>>,
    /// Maker of the machine's interface.
    #[serde(borrow, default)]
    pub vendor: Option<Text<'a>>,
}

/// What was lost.
#[derive(Debug, Deserialize)]
pub struct Lost<'a> {
    /// Where.
    #[serde(borrow)]
    pub place: Text<'a>,
    /// How much.
    pub count: u64,
}

/// The daemon's account.
#[derive(Debug, Deserialize)]
pub struct Stats {
    /// All labels together.
    pub total: Account,
}

/// What became of all packets that matched.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Account {
    /// All of them.
    pub matched: u64,
    /// Alerts written.
    pub emitted: u64,
    /// Packets that these stand for beside the first of each.
    pub aggregated: u64,
    /// Packets of alerts that were held back.
    pub suppressed: u64,
    /// Packets of alerts that were lost.
    pub lost: Causes,
}

/// Lost packets by cause.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Causes {
    /// The ring buffer was full.
    pub ring_full: u64,
    /// A reader was too slow.
    pub reader_too_slow: u64,
    /// The flow table was full.
    pub flow_evicted: u64,
    /// The output could not be written.
    pub sink_failed: u64,
}

/// What happened to the watcher.
#[derive(Debug, Deserialize)]
pub struct Incident<'a> {
    /// What.
    #[serde(borrow)]
    pub what: Text<'a>,
    /// To what.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// Why.
    #[serde(borrow, default)]
    pub reason: Option<Text<'a>>,
}

/// A known machine.
#[derive(Debug, Deserialize)]
pub struct Asset<'a> {
    /// Its name.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// Where it stands.
    #[serde(borrow, default)]
    pub site: Option<Text<'a>>,
}

/// Text that is borrowed where JSON has it as it is, without escapes; serde borrows no `Cow` by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<'a>(pub Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}
