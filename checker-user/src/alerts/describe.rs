//! Record → alert: which range matched and why, on which interface, at what time of day.

use std::sync::Arc;

use checker_common::{action::Action, alert::AlertRecord};
use jiff::{SignedDuration, Timestamp};
use nix::time::{ClockId, clock_gettime};

use super::event::{Alert, AlertType, Details, Ether, Mac, Moment, Signature, Verdict};
use crate::{
    datapath::attach::Mode,
    ranges::{classes::Classes, generation::Generation},
};

/// What the daemon knows and the record does not.
pub trait Context {
    /// The generation of that number, while records of it may still come.
    fn generation(&self, number: u64) -> Option<Arc<Generation>>;
    /// Name and mode of an interface.
    fn interface(&self, index: u32) -> (String, Option<Mode>);
    /// Every class there has been.
    fn classes(&self) -> &Classes;
}

/// The wall clock, read once for a batch of records, so that a clock step moves no alert by more than a batch.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now: Timestamp,
    monotonic: i128,
}

impl Clock {
    /// Reads both clocks.
    ///
    /// # Errors
    ///
    /// None in practice: `CLOCK_MONOTONIC` is always there.
    pub fn read() -> nix::Result<Self> {
        let monotonic = clock_gettime(ClockId::CLOCK_MONOTONIC)?;
        let nanoseconds = i128::from(monotonic.tv_sec()) * 1_000_000_000 + i128::from(monotonic.tv_nsec());
        Ok(Self { now: Timestamp::now(), monotonic: nanoseconds })
    }

    /// Time of day of a `CLOCK_MONOTONIC` reading in nanoseconds.
    #[must_use]
    pub fn date(&self, nanoseconds: u64) -> Moment {
        let ago = SignedDuration::from_nanos_i128(self.monotonic - i128::from(nanoseconds));
        Moment(self.now.checked_sub(ago).unwrap_or(self.now))
    }

    /// The time at which the clocks were read.
    #[must_use]
    pub const fn now(&self) -> Moment {
        Moment(self.now)
    }
}

/// Describes one record. `None` when its class is one that this daemon never gave out.
pub fn describe(record: &AlertRecord, seq: u64, clock: &Clock, context: &impl Context) -> Option<Alert> {
    let about = record.circumstances();
    let class = context.classes().get(about.class)?;
    let [src_ip, dest_ip] = record.addresses();
    // An IPv4 address that was carried in another one is an IPv4 address here too: the kernel looked it up as such.
    let matched = record.matched();
    let generation = context.generation(about.generation);
    let range = generation.as_ref().and_then(|generation| generation.matched_as_carried(matched));
    let (in_iface, mode) = context.interface(about.interface);
    let ports = record.ports();
    let ethernet = record.ethernet();
    let timestamp = clock.date(about.time);
    let dropped = Action::from_value(u32::from(about.action)) == Some(Action::Drop);
    Some(Alert {
        timestamp,
        event_type: AlertType::Alert,
        in_iface,
        src_ip,
        src_port: ports.map(|(source, _)| source),
        dest_ip,
        dest_port: ports.map(|(_, destination)| destination),
        proto: if record.is_arp() { "ARP".to_owned() } else { protocol(record.protocol()) },
        icmp_type: record.icmp_type(),
        vlan: record.vlans().collect(),
        ether: Ether { src_mac: Mac(ethernet.source), dest_mac: Mac(ethernet.destination) },
        alert: Signature {
            action: if dropped { Verdict::Blocked } else { Verdict::Allowed },
            gid: 1,
            signature_id: about.class,
            rev: 1,
            signature: format!("Restricted region: {}", class.label),
            category: "restricted-range".to_owned(),
            severity: 2,
        },
        checker: Details {
            seq,
            label: class.label.clone(),
            matched,
            side: record.side().name().to_owned(),
            via: via(record),
            prefix: range.as_ref().map(|range| range.prefix.to_string()),
            list: range.as_ref().map(|range| range.list.to_owned()),
            list_sha256: range.as_ref().map(|range| range.sha256.clone()),
            line: range.as_ref().map(|range| range.line),
            generation: about.generation,
            basis: "operator".to_owned(),
            count: 1,
            bytes: u64::from(about.length),
            first_seen: timestamp,
            last_seen: timestamp,
            mac_source: "l2".to_owned(),
            asset: None,
            mode,
        },
    })
}

/// `6to4` and the like, `inner` for the layer inside a tunnel, `inner/6to4` for both.
fn via(record: &AlertRecord) -> Option<String> {
    match (record.is_inner(), record.via().name()) {
        (false, carried) => carried.map(str::to_owned),
        (true, None) => Some("inner".to_owned()),
        (true, Some(carried)) => Some(format!("inner/{carried}")),
    }
}

/// Names as Suricata writes them; the IANA number for the rest.
fn protocol(number: u8) -> String {
    match number {
        1 => "ICMP",
        2 => "IGMP",
        6 => "TCP",
        17 => "UDP",
        47 => "GRE",
        50 => "ESP",
        51 => "AH",
        58 => "IPv6-ICMP",
        132 => "SCTP",
        other => return other.to_string(),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monotonic_time_becomes_the_time_of_day() {
        let now = "2026-11-23T16:25:30.5Z".parse().unwrap();
        let clock = Clock { now, monotonic: 10_000_000_000 };
        assert_eq!(clock.date(9_876_544_000).to_string(), "2026-11-23T16:25:30.376544Z");
        assert_eq!(clock.now().to_string(), "2026-11-23T16:25:30.500000Z");
    }

    #[test]
    fn a_record_from_the_future_is_dated_as_such() {
        let clock = Clock { now: Timestamp::UNIX_EPOCH, monotonic: 5 };
        assert_eq!(clock.date(1_000_000_005).to_string(), "1970-01-01T00:00:01.000000Z");
    }
}
