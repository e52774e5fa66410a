//! One frame a header kind, written out from the standards: what is found, and why less.

mod frame;
mod link;
mod network;
mod tunnel;
mod limit;

use core::net::{Ipv4Addr, Ipv6Addr};
use std::{string::String, vec::Vec};

use frame::Frame;

use super::{parse, short, walk};
use crate::packet::{Addresses, Layer, Packet};

/// The addresses of an outer layer.
const V4: &str = "203.0.113.1 > 198.51.100.9";
/// Likewise.
const V6: &str = "2001:db8::1 > 2001:db8::2";
/// The addresses of an inner layer.
const IN: &str = "192.0.2.7 > 198.51.100.9";

/// `source[:port] > destination[:port] protocol`, for both layers, then the limit.
fn seen(frame: &Frame) -> String {
    let packet = walk(&frame.0[..], true);
    if let Some(short) = short(&frame.0[..]) {
        assert_eq!(short, packet, "the short way says something else");
    }
    let parsed = parse(&frame.0[..]);
    assert_eq!(parsed.err(), packet.limit().filter(|_| packet.outer().is_none()));
    text(&packet)
}

fn text(packet: &Packet) -> String {
    let layers = [packet.outer(), packet.inner()].into_iter().flatten().map(layer);
    let limit = packet.limit().map(|limit| String::from(limit.name()));
    layers.chain(limit).collect::<Vec<_>>().join(" | ")
}

fn layer(layer: &Layer) -> String {
    let (source, destination): (core::net::IpAddr, core::net::IpAddr) = match layer.addresses().unwrap() {
        Addresses::V4 { source, destination } => {
            (Ipv4Addr::from(source).into(), Ipv4Addr::from(destination).into())
        }
        Addresses::V6 { source, destination } => {
            (Ipv6Addr::from(source).into(), Ipv6Addr::from(destination).into())
        }
    };
    let mut text = std::format!("{source} > {destination} {}", layer.protocol());
    if let Some(ports) = layer.ports() {
        text +=
            &std::format!(" {}>{}", u16::from_be_bytes(ports.source), u16::from_be_bytes(ports.destination));
    }
    if let Some(icmp_type) = layer.icmp_type() {
        text += &std::format!(" type {icmp_type}");
    }
    if let Some(code) = layer.icmp_code() {
        text += &std::format!("/{code}");
    }
    if let Some(target) = layer.target() {
        text += &std::format!(" target {}", Ipv6Addr::from(target));
    }
    text
}
