//! The columns of the table of flows: what stands in them, how wide they are, and how they sort.

use std::{
    cmp::Ordering,
    net::{IpAddr, SocketAddr},
};

use jiff::Timestamp;

use super::rates::Rates;
use crate::{control::flow::FlowRow, printable::printable};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Rate,
    Packets,
    Bytes,
    Last,
    Label,
    Source,
    Destination,
    Protocol,
    Interface,
    Range,
}

impl Column {
    /// From left to right.
    pub(super) const ALL: [Self; 10] = [
        Self::Rate,
        Self::Packets,
        Self::Bytes,
        Self::Last,
        Self::Label,
        Self::Source,
        Self::Destination,
        Self::Protocol,
        Self::Interface,
        Self::Range,
    ];

    pub(super) const fn head(self) -> &'static str {
        match self {
            Self::Rate => "pkt/s",
            Self::Packets => "packets",
            Self::Bytes => "bytes",
            Self::Last => "last",
            Self::Label => "label",
            Self::Source => "source",
            Self::Destination => "destination",
            Self::Protocol => "proto",
            Self::Interface => "iface",
            Self::Range => "range",
        }
    }

    /// Whether it stands on the right of its column.
    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Rate | Self::Packets | Self::Bytes | Self::Last)
    }

    /// Whether one wants to see the greatest first.
    pub(super) const fn falls(self) -> bool {
        matches!(self, Self::Rate | Self::Packets | Self::Bytes | Self::Last)
    }

    pub(super) fn cell(self, flow: &FlowRow, rates: &Rates, now: Timestamp) -> String {
        match self {
            Self::Rate => speed(rates.flow(&flow.into())),
            Self::Packets => count(flow.packets),
            Self::Bytes => bytes(flow.bytes),
            Self::Last => ago(now.duration_since(flow.last_seen.0).as_secs()),
            Self::Label => flow.label.as_str().to_owned(),
            Self::Source => endpoint(flow.src_ip, flow.src_port),
            Self::Destination => endpoint(flow.dest_ip, flow.dest_port),
            Self::Protocol => flow.proto.clone(),
            Self::Interface => printable(&flow.in_iface).into_owned(),
            Self::Range => flow.prefix.clone().unwrap_or_default(),
        }
    }

    pub(super) fn compare(self, one: &FlowRow, other: &FlowRow, rates: &Rates) -> Ordering {
        match self {
            Self::Rate => rates.flow(&one.into()).total_cmp(&rates.flow(&other.into())),
            Self::Packets => one.packets.cmp(&other.packets),
            Self::Bytes => one.bytes.cmp(&other.bytes),
            Self::Last => one.last_seen.cmp(&other.last_seen),
            Self::Label => one.label.as_str().cmp(other.label.as_str()),
            Self::Source => (one.src_ip, one.src_port).cmp(&(other.src_ip, other.src_port)),
            Self::Destination => (one.dest_ip, one.dest_port).cmp(&(other.dest_ip, other.dest_port)),
            Self::Protocol => one.proto.cmp(&other.proto),
            Self::Interface => one.in_iface.cmp(&other.in_iface),
            Self::Range => one.prefix.cmp(&other.prefix),
        }
    }
}

/// `203.0.113.7:40000`, `[2001:db8::7]:443`.
pub(super) fn endpoint(address: IpAddr, port: Option<u16>) -> String {
    port.map_or_else(|| address.to_string(), |port| SocketAddr::new(address, port).to_string())
}

/// Up to 99 999 as it is, then three digits and a letter.
pub(super) fn count(number: u64) -> String {
    if number < 100_000 {
        number.to_string()
    } else {
        scaled(number as f64, 1e3, &["k", "M", "G", "T", "P", "E"])
    }
}

/// In units of 1024.
pub(super) fn bytes(number: u64) -> String {
    if number < 1024 {
        format!("{number} B")
    } else {
        scaled(number as f64, 1024.0, &[" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"])
    }
}

/// A number a second.
pub(super) fn speed(rate: f64) -> String {
    match rate {
        0.0..0.05 => "0".to_owned(),
        0.05..10.0 => format!("{rate:.1}"),
        _ => count(rate.round() as u64),
    }
}

/// Three digits of `number` with the largest unit that leaves one before the point.
fn scaled(number: f64, step: f64, units: &[&str]) -> String {
    let mut number = number / step;
    let mut units = units.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    while number >= 999.5
        && let Some(next) = units.next()
    {
        number /= step;
        unit = next;
    }
    let digits = if number < 9.995 { 2 } else { usize::from(number < 99.95) };
    format!("{number:.digits$}{unit}")
}

/// `5 s`, `3 min`, `2 h`, `4 d`: the largest unit of which there is one.
pub(super) fn ago(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 86_400.. => format!("{} d", seconds / 86_400),
        seconds @ 3_600.. => format!("{} h", seconds / 3_600),
        seconds @ 60.. => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
