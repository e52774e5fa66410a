//! The one table: what a frame is, what it meets, and what must come of it. Run twice, on the host and in the kernel
//! (`verdict/`), so that the two can never disagree. A new case is one more entry in the file of its layer.

pub(crate) mod ethernet;
pub(crate) mod vlan;
pub(crate) mod ipv4;
pub(crate) mod ipv6;
pub(crate) mod decide;

use anyhow::{Result, ensure};
use checker_common::outcome::Outcome;
use checker_user::ranges::action::Action;
use harness::{frame::Frame, lists::List};

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Case {
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
    /// Label and prefix of the longest match, and how the address was carried if not plainly; empty when there is
    /// none.
    pub(crate) meets: &'static str,
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
    [ethernet::cases(), vlan::cases(), ipv4::cases(), ipv6::cases(), decide::cases()]
        .into_iter()
        .flatten()
        .collect()
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
    let mut packet = vec![0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0x5e, 0x10, 0, 1, 203, 0, 113, 1];
    packet.extend([0, 0, 0, 0, 0, 0, 198, 51, 100, 9]);
    Frame::other(0x0806, packet)
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

/// Tries every case, and fails with the sentence of each that is not so.
pub(crate) fn try_each(cases: &[Case], mut attempt: impl FnMut(&Case) -> Result<()>) -> Result<()> {
    let failures: Vec<_> = cases
        .iter()
        .filter_map(|case| attempt(case).err().map(|error| format!("- {}: {error:#}", case.says)))
        .collect();
    ensure!(
        failures.is_empty(),
        "{} of {} are not so:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    Ok(())
}
