//! The one table: what a frame is, what it meets, and what must come of it. Run twice, on the host and in the kernel
//! (`verdict/`), so that the two can never disagree. A new case is one more entry in the file of its layer.

mod ethernet;
mod carrier;
mod vlan;
mod neighbour;
mod ipv4;
mod ipv6;
mod extension;
mod embedded;
mod tunnel;
mod tunnel_off;
mod direction;
mod decide;

use anyhow::{Result, ensure};
use checker_common::{
    candidate::Sides,
    nat64::Nat64,
    outcome::Outcome::{self, Alerted},
};
use checker_user::{
    datapath::direction::{Direction, View, nat64},
    ranges::action::Action,
};
use harness::{frame::Frame, lists::List};

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// How the program is set up.
    pub(crate) look: Look,
    /// What it shows.
    pub(crate) says: &'static str,
    /// The frame.
    pub(crate) frame: Vec<u8>,
    /// The lists in the order in which the user named them.
    pub(crate) lists: Vec<List>,
    /// How the packet leaves.
    pub(crate) outcome: Outcome,
    /// What the parser finds, see [`shown`](crate::host::shown); empty when it finds no addresses.
    pub(crate) reads: &'static str,
    /// Label and prefix of the gravest match, and [where](crate::host::place) the address stood; empty when there is none.
    pub(crate) meets: &'static str,
}

/// How the program is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// As when nothing is said.
    Incoming,
    /// With `--direction egress`.
    Outgoing,
    /// With `--direction mirror`.
    Mirror,
    /// With `--tunnels off`.
    TunnelsOff,
    /// With [`NAT64`].
    Nat64,
    /// With a class table that has lost every action, which no loader does.
    NoActions,
}

/// Prefixes of a network's own, of four of the six lengths there are.
const NAT64: [&str; 4] = ["3fff:32::/32", "3fff:48:1::/48", "3fff:64:1:2::/64", "3fff:96::/96"];

impl Look {
    /// What the loader is told.
    pub(crate) fn view(self) -> View {
        let direction = match self {
            Self::Incoming | Self::TunnelsOff | Self::Nat64 | Self::NoActions => Direction::Ingress,
            Self::Outgoing => Direction::Egress,
            Self::Mirror => Direction::Mirror,
        };
        let prefixes = NAT64.map(|prefix| prefix.parse().expect("a prefix"));
        let nat64 =
            if self == Self::Nat64 { nat64(&prefixes).expect("known lengths") } else { Nat64::WELL_KNOWN };
        View { direction, tunnels: self != Self::TunnelsOff, nat64 }
    }

    /// The fields that the program looks at.
    pub(crate) const fn sides(self) -> Sides {
        match self {
            Self::Incoming | Self::TunnelsOff | Self::Nat64 | Self::NoActions => {
                Sides { source: true, destination: false }
            }
            Self::Outgoing => Sides { source: false, destination: true },
            Self::Mirror => Sides { source: true, destination: true },
        }
    }
}

impl Case {
    /// The same with these lists.
    fn lists(self, lists: &[List]) -> Self {
        Self { lists: lists.to_vec(), ..self }
    }

    /// The same, looked at in another way.
    fn look(self, look: Look) -> Self {
        Self { look, ..self }
    }

    /// The same with another outcome.
    fn outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }
}

/// A frame that [`ONE`] alerts on.
fn hit(says: &'static str, frame: Vec<u8>, reads: &'static str, meets: &'static str) -> Case {
    Case { look: Look::Incoming, says, frame, lists: vec![ONE], outcome: Alerted, reads, meets }
}

/// A frame in which no address lies in [`ONE`].
fn miss(says: &'static str, frame: Vec<u8>, outcome: Outcome, reads: &'static str) -> Case {
    Case { look: Look::Incoming, says, frame, lists: vec![ONE], outcome, reads, meets: "" }
}

/// The list of most cases.
pub(crate) const ONE: List = alert("ONE", "203.0.113.0/24\n2001:db8::/32\n");

/// A source in [`ONE`].
pub(crate) const RESTRICTED: &str = "203.0.113.1";
/// A destination, and with it a source, in no list.
pub(crate) const OTHER: &str = "198.51.100.9";
/// An IPv6 source in [`ONE`].
pub(crate) const RESTRICTED_V6: &str = "2001:db8::1";
/// An IPv6 address in no list.
pub(crate) const OTHER_V6: &str = "3fff::9";

/// Every case there is.
pub(crate) fn all() -> Vec<Case> {
    let files = [
        ethernet::cases,
        carrier::cases,
        vlan::cases,
        neighbour::cases,
        ipv4::cases,
        ipv6::cases,
        extension::cases,
        embedded::cases,
        tunnel::cases,
        tunnel_off::cases,
        direction::cases,
        decide::cases,
    ];
    files.iter().flat_map(|cases| cases()).collect()
}

/// A frame from a source in [`ONE`], to be changed.
pub(crate) fn restricted() -> Frame {
    Frame::between(RESTRICTED, OTHER).udp(40_000, 623)
}

/// The same in IPv6.
pub(crate) fn restricted_v6() -> Frame {
    Frame::between(RESTRICTED_V6, OTHER_V6).udp(40_000, 623)
}

/// A list that alerts.
pub(crate) const fn alert(label: &'static str, text: &'static str) -> List {
    List { label, action: Action::Alert, text }
}

/// A list that drops.
pub(crate) const fn drop(label: &'static str, text: &'static str) -> List {
    List { label, action: Action::Drop, text }
}

/// A list of exceptions.
pub(crate) const fn allow(label: &'static str, text: &'static str) -> List {
    List { label, action: Action::Allow, text }
}

/// Who has 198.51.100.9? Tell 203.0.113.1.
pub(crate) fn arp() -> Frame {
    arp_between(1, [203, 0, 113, 1], [198, 51, 100, 9])
}

/// ARP (RFC 826): operation 1 asks, 2 answers.
fn arp_between(operation: u8, sender: [u8; 4], target: [u8; 4]) -> Frame {
    let head = [0, 1, 8, 0, 6, 4, 0, operation];
    Frame::other(0x0806, [&head[..], &[2, 0, 0x5e, 0x10, 0, 1], &sender, &[0; 6], &target].concat())
}

/// Bytes of the Ethernet header.
const ETHERNET: usize = 14;

/// The packet in a frame.
fn packet(frame: Frame) -> Vec<u8> {
    frame.bytes().split_off(ETHERNET)
}

/// UDP to `port` with `content`, from a source in no list.
fn udp_with(port: u16, content: &[u8]) -> Frame {
    let header = [40_000_u16.to_be_bytes(), port.to_be_bytes(), [0, 0], [0, 0]].concat();
    ordinary().protocol(17, [&header, content].concat())
}

/// A packet from a source in no list.
fn ordinary() -> Frame {
    Frame::between("192.0.2.1", OTHER)
}

/// The same in IPv6.
fn ordinary_v6() -> Frame {
    Frame::between("3fff::1", OTHER_V6)
}

/// The first bytes of a frame.
pub(crate) fn cut(frame: Frame, length: usize) -> Vec<u8> {
    let mut bytes = frame.bytes();
    assert!(length < bytes.len(), "nothing to cut off");
    bytes.truncate(length);
    bytes
}

/// The frame with one byte changed.
pub(crate) fn with_byte(frame: Frame, offset: usize, value: u8) -> Vec<u8> {
    let mut bytes = frame.bytes();
    bytes[offset] = value;
    bytes
}

/// Tries every case of which `can` says that it can be tried, and says how many these are; fails with the sentence of
/// each that is not so.
#[expect(clippy::print_stdout, reason = "how much was tried, for whoever asks")]
pub(crate) fn try_each(
    place: &str,
    can: impl Fn(&Case) -> bool,
    mut attempt: impl FnMut(&Case) -> Result<()>,
) -> Result<()> {
    let all = all();
    let mut cases: Vec<_> = all.iter().filter(|case| can(case)).collect();
    // Those with the same lists stand together, so that the kernel is set up once for all of them.
    cases.sort_by_cached_key(|case| format!("{:?} {:?}", case.look, case.lists));
    let failures: Vec<_> = cases
        .iter()
        .filter_map(|case| attempt(case).err().map(|error| format!("- {}: {error:#}", case.says)))
        .collect();
    println!("{place}: {} cases of {}", cases.len(), all.len());
    ensure!(cases.len() >= 150, "there were more than {}", cases.len());
    ensure!(
        failures.is_empty(),
        "{} of {} are not so:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    Ok(())
}
