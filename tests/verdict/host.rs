//! The table on the host: the parser that the kernel program is built of, and the compiled table that the kernel's
//! tries are filled from. The mirror of `classify` and `decide` stands here, in its only other place.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::SystemTime,
};

use anyhow::{Result, ensure};
use checker_common::{
    candidate::{self, Candidate, Sides, candidate, is_graver},
    nat64::Nat64,
    outcome::Outcome,
    packet::{Address, Addresses, Layer, Packet},
    parse::parse as parse_frame,
};
use checker_user::ranges::{
    action::Action,
    classes::Classes,
    compile::compile,
    generation::Generation,
    merge::{Range, key, merge},
    parse::parse as parse_list,
    source::{ListSpec, Source},
};
use harness::lists::List;

use crate::cases::{self, Case, try_each};

#[test]
fn ethernet() -> Result<()> {
    try_each(&cases::ethernet::cases(), judge)
}

#[test]
fn vlan() -> Result<()> {
    try_each(&cases::vlan::cases(), judge)
}

#[test]
fn ipv4() -> Result<()> {
    try_each(&cases::ipv4::cases(), judge)
}

#[test]
fn ipv6() -> Result<()> {
    try_each(&cases::ipv6::cases(), judge)
}

#[test]
fn decide() -> Result<()> {
    try_each(&cases::decide::cases(), judge)
}

#[test]
fn no_two_cases_say_the_same() {
    let mut sentences: Vec<_> = cases::all().iter().map(|case| case.says).collect();
    let all = sentences.len();
    assert!(all >= 100, "there were more than {all} cases");
    sentences.sort_unstable();
    sentences.dedup();
    assert_eq!(sentences.len(), all);
}

fn judge(case: &Case) -> Result<()> {
    let packet = parse_frame(case.frame.as_slice());
    let reads = packet.as_ref().map_or(String::new(), shown);
    ensure!(reads == case.reads, "reads {reads:?}, not {:?}", case.reads);

    let generation = generation(&case.lists)?;
    let found = packet.as_ref().ok().and_then(|packet| gravest(&generation, packet));
    let meets = found.as_ref().map_or(String::new(), |found| met(&generation, found));
    ensure!(meets == case.meets, "meets {meets:?}, not {:?}", case.meets);

    let outcome = match (&packet, found) {
        (Err(outcome), _) => *outcome,
        (Ok(_), _) if case.lists.is_empty() => Outcome::NoList,
        (Ok(packet), None) => packet.limit().unwrap_or(Outcome::Compliant),
        (Ok(_), Some((_, range))) => of_action(range.action),
    };
    ensure!(outcome == case.outcome, "is {}, not {}", outcome.name(), case.outcome.name());
    Ok(())
}

const fn of_action(action: Action) -> Outcome {
    match action {
        Action::Alert => Outcome::Alerted,
        Action::Drop => Outcome::Dropped,
        Action::Allow => Outcome::Allowed,
    }
}

/// `203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 100 200`.
pub(crate) fn shown(packet: &Packet) -> String {
    let Some(outer) = packet.outer() else { return String::new() };
    let (source, destination) = addresses(outer);
    let ends = match outer.ports() {
        Some(ports) => {
            let end = |address, port| SocketAddr::new(address, u16::from_be_bytes(port)).to_string();
            (end(source, ports.source), end(destination, ports.destination))
        }
        None => (source.to_string(), destination.to_string()),
    };
    let protocol = if outer.is_arp() { "ARP".to_owned() } else { format!("protocol {}", outer.protocol()) };
    let mut text = format!("{} > {} {protocol}", ends.0, ends.1);
    for (index, tci) in packet.tags.tci.into_iter().take(packet.tags.count.into()).enumerate() {
        let word = if index == 0 { " vlan " } else { " " };
        text = text + word + &(u16::from_be_bytes(tci) & 0x0fff).to_string();
    }
    text
}

/// Source and destination.
pub(crate) fn addresses(layer: &Layer) -> (IpAddr, IpAddr) {
    match layer.addresses().expect("a layer has addresses") {
        Addresses::V4 { source, destination } => (source.into(), destination.into()),
        Addresses::V6 { source, destination } => (source.into(), destination.into()),
    }
}

/// `ONE 203.0.113.0/24`, or `ONE 203.0.113.0/24 via mapped`.
pub(crate) fn met(generation: &Generation, (candidate, range): &(Candidate, &Range)) -> String {
    let matched = generation.explain(range);
    let via = candidate.via.name().map_or(String::new(), |via| format!(" via {via}"));
    format!("{} {}{via}", matched.label, matched.prefix)
}

/// As the kernel judges what comes in: each address in the table of its own family, the gravest match wins, and of
/// equal ones the first.
pub(crate) fn gravest<'a>(generation: &'a Generation, packet: &Packet) -> Option<(Candidate, &'a Range)> {
    let sides = Sides { source: true, destination: false };
    let found = (0..candidate::MOST).filter_map(|index| {
        let candidate = candidate(packet, index, sides, &Nat64::WELL_KNOWN)?;
        let address = address(&candidate);
        let table = if address.is_ipv4() { &generation.compiled.v4 } else { &generation.compiled.v6 };
        Some((candidate, table.lookup(key(address))?))
    });
    found.reduce(
        |one, other| {
            if is_graver(of_action(other.1.action), of_action(one.1.action)) { other } else { one }
        },
    )
}

/// The address that is looked up.
pub(crate) fn address(candidate: &Candidate) -> IpAddr {
    match candidate.address() {
        Address::V4(address) => address.into(),
        Address::V6(address) => address.0.into(),
    }
}

fn generation(lists: &[List]) -> Result<Generation> {
    let parsed = lists.iter().map(|list| {
        let spec = ListSpec { label: list.label.parse()?, path: "list.txt".into(), action: list.action };
        Ok(Arc::new(parse_list(&Source { spec, bytes: list.text.into(), sha256: [0; 32] })?))
    });
    let compiled = compile(merge(parsed.collect::<Result<_>>()?, &mut Classes::default())?);
    Ok(Generation { number: 1, compiled, loaded_at: SystemTime::UNIX_EPOCH })
}
