//! The table on the host: the parser that the kernel program is built of, and the compiled table that the kernel's
//! tries are filled from. A mirror of `classify` and `decide` stands here; the one that captures are judged by must
//! say the same.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::SystemTime,
};

use anyhow::{Result, ensure};
use checker_common::{
    candidate::{self, Candidate, Side, candidate, is_graver},
    embedded::Via,
    outcome::Outcome,
    packet::{Address, Addresses, Layer, Packet},
    parse::{short, walk},
};
use checker_user::ranges::{
    action::Action,
    classes::Classes,
    compile::compile,
    generation::Generation,
    merge::{Range, key, merge},
    parse::parse,
    source::Source,
    spec::ListSpec,
};
use checker_user::{
    datapath::direction as datapath,
    offline::{
        capture::judge::{View, judge as scan},
        judge::Judge,
    },
};
use harness::lists::List;

use crate::cases::{self, Case, Look, try_each};

#[test]
fn every_case() -> Result<()> {
    try_each("on the host", |_| true, judge)
}

#[test]
fn no_two_cases_say_the_same_and_there_are_many() {
    let mut sentences: Vec<_> = cases::all().iter().map(|case| case.says).collect();
    sentences.sort_unstable();
    let twice: Vec<_> = sentences.windows(2).filter(|two| two[0] == two[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert!(sentences.len() >= 150, "there were more than {}", sentences.len());
}

#[test]
fn every_outcome_has_a_case() {
    let cases = cases::all();
    for outcome in Outcome::ALL {
        assert!(cases.iter().any(|case| case.outcome == outcome), "none is {}", outcome.name());
    }
}

fn judge(case: &Case) -> Result<()> {
    let packet = parsed(case);
    ensure!(shown(&packet) == case.reads, "reads {:?}, not {:?}", shown(&packet), case.reads);

    let generation = generation(&case.lists)?;
    let found = gravest(&generation, &packet, case.look);
    let meets = found.as_ref().map_or(String::new(), |found| met(&generation, found));
    ensure!(meets == case.meets, "meets {meets:?}, not {:?}", case.meets);

    let limit = packet.limit().unwrap_or(Outcome::Compliant);
    let outcome = match found {
        _ if packet.outer().is_none() => limit,
        _ if case.lists.is_empty() => Outcome::NoList,
        Some((_, range)) if is_graver(of_action(range.action, case.look), limit) => {
            of_action(range.action, case.look)
        }
        Some(_) | None => limit,
    };
    ensure!(outcome == case.outcome, "is {}, not {}", outcome.name(), case.outcome.name());
    // There is no scan without a list, nor with a class table of nothing.
    if !case.lists.is_empty() && case.look != Look::NoActions {
        let datapath::View { tunnels, nat64, .. } = case.look.view();
        let view = View { sides: case.look.sides(), tunnels, nat64 };
        let (scanned, _) = scan(case.frame.as_slice(), &view, &Judge::new(generation));
        ensure!(scanned == outcome, "in a capture it is {}", scanned.name());
    }
    Ok(())
}

/// What the kernel program's own parser finds in the frame.
pub(crate) fn parsed(case: &Case) -> Packet {
    let frame = case.frame.as_slice();
    short(frame).unwrap_or_else(|| walk(frame, case.look.view().tunnels))
}

fn of_action(action: Action, look: Look) -> Outcome {
    if look == Look::NoActions {
        return Outcome::UnknownClass;
    }
    match action {
        Action::Alert => Outcome::Alerted,
        Action::Drop => Outcome::Dropped,
        Action::Allow => Outcome::Allowed,
    }
}

/// `203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 100 200`, and ` | ` with what stands in a tunnel; empty when no
/// addresses were found.
fn shown(packet: &Packet) -> String {
    let Some(outer) = packet.outer() else { return String::new() };
    let mut text = layer(outer);
    for (index, tci) in packet.tags.tci.into_iter().take(packet.tags.count.into()).enumerate() {
        let word = if index == 0 { " vlan " } else { " " };
        text = text + word + &(u16::from_be_bytes(tci) & 0x0fff).to_string();
    }
    packet.inner().map_or(text.clone(), |inner| format!("{text} | {}", layer(inner)))
}

fn layer(layer: &Layer) -> String {
    let (source, destination) = addresses(layer);
    let ends = match layer.ports() {
        Some(ports) => {
            let end = |address, port| SocketAddr::new(address, u16::from_be_bytes(port)).to_string();
            (end(source, ports.source), end(destination, ports.destination))
        }
        None => (source.to_string(), destination.to_string()),
    };
    let protocol = if layer.is_arp() { "ARP".to_owned() } else { format!("protocol {}", layer.protocol()) };
    let mut text = format!("{} > {} {protocol}", ends.0, ends.1);
    if let Some(icmp_type) = layer.icmp_type() {
        text += &format!(" type {icmp_type}");
    }
    if let Some(target) = layer.target() {
        text += &format!(" target {}", IpAddr::from(target));
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

/// `ONE 203.0.113.0/24`, and [where](place).
pub(crate) fn met(generation: &Generation, (candidate, range): &(Candidate, &Range)) -> String {
    let matched = generation.explain(range);
    let place = place(candidate.side, candidate.inner, candidate.via);
    format!("{} {}{place}", matched.label, matched.prefix)
}

/// ` at dst inner via 6to4`: where an address stood, as far as it was not simply the source.
pub(crate) fn place(side: Side, inner: bool, via: Via) -> String {
    let side = if side == Side::Source { String::new() } else { format!(" at {}", side.name()) };
    let inner = if inner { " inner" } else { "" };
    let via = via.name().map_or(String::new(), |via| format!(" via {via}"));
    format!("{side}{inner}{via}")
}

/// As the kernel judges: each address in the table of its own family, the gravest match wins, and of equal ones the
/// first.
pub(crate) fn gravest<'a>(
    generation: &'a Generation,
    packet: &Packet,
    look: Look,
) -> Option<(Candidate, &'a Range)> {
    let nat64 = look.view().nat64;
    let found = (0..candidate::MOST).filter_map(|index| {
        let candidate = candidate(packet, index, look.sides(), &nat64)?;
        let address = address(&candidate);
        let table = if address.is_ipv4() { &generation.compiled.v4 } else { &generation.compiled.v6 };
        Some((candidate, table.lookup(key(address))?))
    });
    let graver =
        |one: &Range, other: &Range| is_graver(of_action(one.action, look), of_action(other.action, look));
    found.reduce(|one, other| if graver(other.1, one.1) { other } else { one })
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
        let spec = ListSpec { action: list.action, ..format!("{}=list.txt", list.label).parse()? };
        Ok(Arc::new(parse(&Source { spec, bytes: list.text.into(), sha256: [0; 32] })?))
    });
    let compiled = compile(merge(parsed.collect::<Result<_>>()?, &mut Classes::default())?);
    Ok(Generation { number: 1, compiled, loaded_at: SystemTime::UNIX_EPOCH })
}
