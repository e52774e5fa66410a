//! Record → alert: which range matched and why, on which interface, at what time of day.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use checker_common::{action::Action, alert::AlertRecord};
use jiff::{SignedDuration, Timestamp};
use nix::time::{ClockId, clock_gettime};

use super::{
    alert::{Alert, AlertType, Details, Ether, Signature, Tcp, Verdict, Way},
    community_id::{Transport, community_id},
    mac::Mac,
    moment::Moment,
    protocol,
    service::service,
};
use crate::{
    datapath::mode::Mode,
    ranges::{classes::Classes, generation::Generation, severity::Severity},
};

/// What the daemon knows and the record does not.
pub trait Context {
    /// The generation of that number, while records of it may still come.
    fn generation(&self, number: u64) -> Option<Arc<Generation>>;
    /// Name of an interface, and the mode in which packets of that way are looked at.
    fn interface(&self, index: u32, way: Way) -> (String, Option<Mode>);
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
    /// Reads both clocks. Between the two readings this thread may be held up, for milliseconds where the machine is
    /// busy or a guest: so the time of day is read between two others, and the closest of a few counts.
    ///
    /// # Errors
    ///
    /// None in practice: `CLOCK_MONOTONIC` is always there.
    pub fn read() -> nix::Result<Self> {
        const TRIES: usize = 5;
        const CLOSE: i128 = 20_000;
        let mut closest: Option<(i128, Self)> = None;
        for _ in 0..TRIES {
            let before = monotonic()?;
            let now = Timestamp::now();
            let apart = monotonic()? - before;
            if closest.as_ref().is_none_or(|(best, _)| apart < *best) {
                closest = Some((apart, Self { now, monotonic: before + apart / 2 }));
            }
            if apart < CLOSE {
                break;
            }
        }
        closest.map(|(_, clock)| clock).ok_or(nix::Error::EAGAIN)
    }

    /// For times that are told in nanoseconds since 1970: those of captures.
    #[must_use]
    pub const fn since_1970() -> Self {
        Self { now: Timestamp::UNIX_EPOCH, monotonic: 0 }
    }

    /// Time of day of a `CLOCK_MONOTONIC` reading in nanoseconds.
    #[must_use]
    pub fn date(&self, nanoseconds: u64) -> Moment {
        let ago = SignedDuration::from_nanos_i128(self.monotonic - i128::from(nanoseconds));
        Moment(self.now.checked_sub(ago).unwrap_or(self.now))
    }

    /// Nanoseconds of `CLOCK_MONOTONIC` at which the clocks were read.
    #[must_use]
    pub fn monotonic(&self) -> u64 {
        u64::try_from(self.monotonic).unwrap_or_default()
    }

    /// The same reading, by the time of day as it was `before` if the clocks differ by next to nothing since: so that one
    /// packet has one time in all that is told of it.
    #[must_use]
    pub fn steadied(self, before: &Self) -> Self {
        const NOTHING: SignedDuration = SignedDuration::from_millis(1);
        let passed = SignedDuration::from_nanos_i128(self.monotonic - before.monotonic);
        let steady = before.now.checked_add(passed).unwrap_or(self.now);
        if self.now.duration_since(steady).abs() > NOTHING { self } else { Self { now: steady, ..self } }
    }

    /// How far the time of day was moved since `before`, beyond the time that went by; `None` for what is no more than
    /// the usual correction.
    #[must_use]
    pub fn step_since(&self, before: &Self) -> Option<SignedDuration> {
        const USUAL: SignedDuration = SignedDuration::from_secs(1);
        let passed = SignedDuration::from_nanos_i128(self.monotonic - before.monotonic);
        let step = self.now.duration_since(before.now) - passed;
        (step.abs() > USUAL).then_some(step)
    }

    /// The time at which the clocks were read.
    #[must_use]
    pub const fn now(&self) -> Moment {
        Moment(self.now)
    }
}

/// Nanoseconds of `CLOCK_MONOTONIC`.
fn monotonic() -> nix::Result<i128> {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC)?;
    Ok(i128::from(time.tv_sec()) * 1_000_000_000 + i128::from(time.tv_nsec()))
}

/// What of a flow an alert tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Packets.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The last of them, in nanoseconds of the record's clock.
    pub last: u64,
    /// All TCP flags that the flow carried so far.
    pub tcp_flags: Option<u8>,
}

impl Share {
    /// The packet of the record.
    #[must_use]
    pub fn one(record: &AlertRecord) -> Self {
        let about = record.circumstances();
        Self { packets: 1, bytes: about.length.into(), last: about.time, tcp_flags: record.tcp_flags() }
    }
}

/// Describes a share of the flow that began with `record`. `None` when its class is one that this daemon never gave out.
pub fn describe(
    record: &AlertRecord,
    share: Share,
    seq: u64,
    clock: &Clock,
    context: &impl Context,
) -> Option<Alert> {
    let about = record.circumstances();
    let class = context.classes().get(about.class)?;
    let [src_ip, dest_ip] = record.addresses();
    // An IPv4 address that was carried in another one is an IPv4 address here too: the kernel looked it up as such.
    let matched = record.matched();
    let generation = context.generation(about.generation);
    let range = generation.as_ref().and_then(|generation| generation.matched_as_carried(matched));
    let way = if about.outgoing { Way::Egress } else { Way::Ingress };
    let (in_iface, mode) = context.interface(about.interface, way);
    let ports = record.ports();
    let ethernet = record.ethernet();
    let timestamp = clock.date(share.last);
    let dropped = Action::from_value(u32::from(about.action)) == Some(Action::Drop);
    Some(Alert {
        timestamp,
        event_type: AlertType::Alert,
        in_iface: Some(in_iface),
        flow_id: Some(flow_id(record)),
        pcap_cnt: None,
        pcap_filename: None,
        src_ip,
        src_port: ports.map(|(source, _)| source),
        dest_ip,
        dest_port: ports.map(|(_, destination)| destination),
        proto: if record.is_arp() { protocol::ARP.into() } else { protocol::name(record.protocol()) },
        icmp_type: record.icmp_type(),
        icmp_code: record.icmp_code(),
        tcp: share.tcp_flags.map(|flags| Tcp { tcp_flags: format!("{flags:02x}") }),
        vlan: record.vlans().collect(),
        ether: Some(Ether { src_mac: Mac(ethernet.source), dest_mac: Some(Mac(ethernet.destination)) }),
        community_id: identity(record),
        alert: Signature {
            action: if dropped { Verdict::Blocked } else { Verdict::Allowed },
            gid: 1,
            signature_id: about.class,
            rev: 1,
            signature: format!("Restricted region: {}", class.label),
            category: "restricted-range".into(),
            severity: range.as_ref().map_or_else(Severity::default, |range| range.severity).number(),
        },
        checker: Details {
            seq,
            label: class.label.clone(),
            matched,
            direction: Some(way),
            side: record.side().name().into(),
            via: via(record),
            prefix: range.as_ref().map(|range| range.prefix.to_string()),
            list: range.as_ref().map(|range| range.list.to_owned()),
            list_sha256: range.as_ref().map(|range| range.sha256.clone()),
            line: range.as_ref().map(|range| range.line),
            generation: about.generation,
            basis: "operator".into(),
            service: ports.and_then(|ports| service(record.protocol(), ports)).map(Cow::Borrowed),
            count: share.packets,
            bytes: share.bytes,
            first_seen: clock.date(about.time),
            last_seen: timestamp,
            mac: Some(Mac(ethernet.source)),
            mac_source: "l2".into(),
            vendor: None,
            asset: None,
            severity_reason: None,
            evidence: record.has_evidence().then(|| flow_id(record)),
            mode,
        },
    })
}

fn identity(record: &AlertRecord) -> Option<String> {
    // The addresses of ARP are no conversation of IP.
    let transport = match (record.ports(), record.icmp_type().zip(record.icmp_code())) {
        _ if record.is_arp() => return None,
        (Some((source, destination)), _) => Transport::Ports(source, destination),
        (None, Some((icmp_type, code))) => Transport::Icmp(icmp_type, code),
        (None, None) => Transport::Nothing,
    };
    community_id(record.addresses(), record.protocol(), transport)
}

/// The same for all alerts of a flow until it ends, and for its evidence. Of 52 bits: what reads JSON may take numbers for
/// floating ones.
pub(crate) fn flow_id(record: &AlertRecord) -> u64 {
    let mut hasher = DefaultHasher::new();
    (record.flow(), record.circumstances().time).hash(&mut hasher);
    hasher.finish() >> 12
}

/// `6to4` and the like, `inner` for the layer inside a tunnel, `inner/6to4` for both.
fn via(record: &AlertRecord) -> Option<String> {
    match (record.is_inner(), record.via().name()) {
        (false, carried) => carried.map(str::to_owned),
        (true, None) => Some("inner".to_owned()),
        (true, Some(carried)) => Some(format!("inner/{carried}")),
    }
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
    fn a_clock_that_was_set_is_noticed_and_one_that_is_corrected_is_not() {
        let at = |now: &str, monotonic| Clock { now: now.parse().unwrap(), monotonic };
        let before = at("2026-11-23T16:25:30Z", 10_000_000_000);
        let later = at("2026-11-23T16:25:40.2Z", 20_000_000_000);
        assert_eq!(later.step_since(&before), None);
        let yesterday = at("2026-11-22T16:25:40Z", 20_000_000_000);
        assert_eq!(yesterday.step_since(&before), Some(SignedDuration::from_hours(-24)));
        // What was seen before the step is dated by the clock as it is now, so that it is not after what follows.
        assert_eq!(yesterday.date(19_000_000_000).to_string(), "2026-11-22T16:25:39.000000Z");
    }

    #[test]
    fn a_packet_has_one_time_until_the_clock_is_corrected() {
        let at = |now: &str, monotonic| Clock { now: now.parse().unwrap(), monotonic };
        let first = at("2026-11-23T16:25:30Z", 10_000_000_000);
        let date = |clock: Clock| clock.steadied(&first).date(9_000_000_000).to_string();
        assert_eq!(date(at("2026-11-23T16:25:40.0003Z", 20_000_000_000)), "2026-11-23T16:25:29.000000Z");
        assert_eq!(date(at("2026-11-23T16:25:40.0013Z", 20_000_000_000)), "2026-11-23T16:25:29.001300Z");
    }

    #[test]
    fn a_record_from_the_future_is_dated_as_such() {
        let clock = Clock { now: Timestamp::UNIX_EPOCH, monotonic: 5 };
        assert_eq!(clock.date(1_000_000_005).to_string(), "1970-01-01T00:00:01.000000Z");
    }
}
