//! An event in one sentence, without time and place. What others have named is cleaned of control characters.

use std::net::{IpAddr, SocketAddr};

use crate::{
    alerts::{
        alert::{Alert, Way},
        event::{Counts, Lost, Place},
        facts::{LogOpened, Peer},
        incident::Incident,
    },
    printable::printable,
    sealed::seal::Seal,
};

/// `203.0.113.1:40000 > 198.51.100.9:623 UDP: 203.0.113.1 lies in 203.0.113.0/24 (ONE)`.
pub(crate) fn of_alert(alert: &Alert) -> String {
    let details = &alert.checker;
    format!(
        "{} > {} {}: {} lies in {} ({})",
        endpoint(alert.src_ip, alert.src_port),
        endpoint(alert.dest_ip, alert.dest_port),
        printable(&alert.proto),
        details.matched,
        details.prefix.as_deref().map_or("a range that is gone".into(), printable),
        details.label
    )
}

/// `5 packets of ONE: the ring buffer was full`.
pub(super) fn of_loss(lost: &Lost) -> String {
    let why = match lost.place {
        Place::RingFull => "the ring buffer was full",
        Place::FlowEvicted => "the flow table was full",
        Place::Suppressed => "held back by --limit",
        Place::ReaderTooSlow => "this reader was too slow",
        Place::SinkFailed => "the output could not be written",
        Place::Malformed => "the record was not understood",
    };
    let packets = if lost.count == 1 { "packet" } else { "packets" };
    let of = lost.label.as_ref().map_or(String::new(), |label| format!(" of {label}"));
    format!("{} {packets}{of}: {why}", lost.count)
}

/// What happened in a word, and in a sentence: `new lists, generation 4 stays: one.txt:1: …`.
pub(super) fn of_incident(incident: &Incident) -> (&'static str, String) {
    match incident {
        Incident::ListsRefused { reason, generation } => {
            ("REFUSED", format!("new lists, generation {generation} stays: {}", one_line(reason)))
        }
        Incident::CanaryFailed { reason, generation } => {
            ("CANARY", format!("not found in generation {generation}: {}", one_line(reason)))
        }
        Incident::CanaryRecovered { generation } => {
            ("CANARY", format!("found again in generation {generation}"))
        }
        Incident::SinkFailed { name, reason } => {
            ("FAILED", format!("{}: {}", printable(name), one_line(reason)))
        }
        Incident::SinkRecovered { name, lost } => {
            ("RECOVERED", format!("{}: {lost} packets are missing there", printable(name)))
        }
        Incident::AssetsRefused { reason } => {
            ("REFUSED", format!("new assets, the last good ones stay: {}", one_line(reason)))
        }
        Incident::BindingChanged { address, before, claimed, source, stays, untold } => {
            let stays = if *stays { ", a stranger; it stays" } else { "" };
            let more =
                if *untold > 0 { format!("; {untold} more such claims before") } else { String::new() };
            let source = printable(source);
            ("CLAIMED", format!("{address} of {before} is claimed by {claimed} ({source}){stays}{more}"))
        }
        Incident::ClockStepped { seconds } => {
            ("CLOCK", format!("the time of day was set by {seconds:+.3} s"))
        }
        Incident::LogOpened(log) => ("LOG", of_log(log)),
        Incident::Started { version, pid, generation, lists } => (
            "STARTED",
            format!(
                "checker {}, pid {pid}, generation {generation}: {} lists",
                printable(version),
                lists.len()
            ),
        ),
        Incident::Stopped { reason, by } => ("STOPPED", format!("{}{}", printable(reason), by_whom(*by))),
        Incident::ListsChanged { command, by, generation, lists } => {
            let lists = lists.len();
            (
                "LISTS",
                format!("{}{}: generation {generation}, {lists} lists", printable(command), by_whom(*by)),
            )
        }
        Incident::Attached(hook) => {
            ("ATTACHED", format!("{} in {} mode", printable(&hook.interface), hook.mode))
        }
        Incident::Detached { interfaces, by } => {
            let interfaces: Vec<_> = interfaces.iter().map(|name| printable(name)).collect();
            ("DETACHED", format!("{}{}", interfaces.join(", "), by_whom(*by)))
        }
        Incident::Heartbeat(beat) => {
            let seen = beat.counters.get("seen").copied().unwrap_or(0);
            ("ALIVE", format!("generation {}, {seen} packets seen", beat.generation))
        }
        Incident::Adopted { interfaces, generation, since, seen, matched } => {
            let interfaces: Vec<_> = interfaces.iter().map(|name| printable(name)).collect();
            (
                "ADOPTED",
                format!(
                    "{}, judged by generation {generation}; since {since} nobody watched: {seen} packets seen, \
                     {matched} of them matched",
                    interfaces.join(", ")
                ),
            )
        }
        Incident::ListStale { reason, .. } => ("STALE", one_line(reason)),
        Incident::ListFresh { label, name } => {
            ("FRESH", format!("{label} {} is not stale any more", printable(name)))
        }
        Incident::Silent { interface: Some(interface), seconds } => (
            "SILENT",
            format!("no packet has come on {} for {seconds} s, where some came before", printable(interface)),
        ),
        Incident::Silent { interface: None, seconds } => {
            ("SILENT", format!("no packet has reached checker's program for {seconds} s, although some came"))
        }
        Incident::Heard { interface: Some(interface), seconds } => {
            ("HEARD", format!("packets come again on {} after {seconds} s", printable(interface)))
        }
        Incident::Heard { interface: None, seconds } => {
            ("HEARD", format!("packets reach checker's program again after {seconds} s"))
        }
        Incident::MapChanged { map, reason } => (
            "CHANGED",
            format!("the kernel's map {} behind checker's back: {}", printable(map), one_line(reason)),
        ),
        Incident::MapRestored { map } => {
            ("RESTORED", format!("the kernel's map {} is as it was written", printable(map)))
        }
        Incident::LinkDown { interface } => {
            ("LINK", format!("{} is down: there is nothing to see", printable(interface)))
        }
        Incident::LinkUp { interface } => ("LINK", format!("{} is up again", printable(interface))),
        Incident::InterfaceRenamed { from, interface } => {
            ("RENAMED", format!("{} is now {}", printable(from), printable(interface)))
        }
        Incident::InterfaceGone { interface, index } => {
            ("GONE", format!("{} (index {index}) was removed: it is not watched", printable(interface)))
        }
        Incident::InterfaceReturned { interface, index, attached } => {
            let watched = if *attached { "is watched again" } else { "is NOT watched" };
            ("BACK", format!("{} is there again (index {index}) and {watched}", printable(interface)))
        }
        Incident::HookLost { interface, hook, reason } => {
            let (interface, reason) = (printable(interface), one_line(reason));
            ("OFF", format!("{interface}: checker's program is not on its {} any more: {reason}", way(*hook)))
        }
        Incident::HookRestored { interface, hook } => {
            ("BACK", format!("{}: checker's program is on its {} again", printable(interface), way(*hook)))
        }
        Incident::ReattachFailed { interface, reason } => {
            ("FAILED", format!("{}: cannot be watched again: {}", printable(interface), one_line(reason)))
        }
    }
}

const fn way(way: Way) -> &'static str {
    match way {
        Way::Ingress => "ingress",
        Way::Egress => "egress",
    }
}

/// `seen 9, judged 9; matched 3 = emitted 1 + aggregated 2 + lost 0`.
pub(super) fn of_stats(Counts { account, .. }: &Counts) -> String {
    format!("seen {}, judged {}; {}", account.seen, account.judged, account.total)
}

/// `the first 17 records of checker/host/1f3a9c02, root NHxR…`.
pub(super) fn of_checkpoint(seal: &Seal) -> String {
    format!("the first {} records of {}, root {}", seal.size, printable(&seal.origin), printable(&seal.root))
}

fn of_log(log: &LogOpened) -> String {
    let LogOpened { file, records, cut_bytes, rebuilt, differing, reason, .. } = log;
    let mut text = format!("{}: {records} records", printable(file));
    if *cut_bytes > 0 {
        text += &format!(", {cut_bytes} bytes that were no whole record cut off");
    }
    if *rebuilt {
        text += ", its tree built again";
    }
    if *differing > 0 {
        text += &format!(", {differing} of the last ones not those that were written");
    }
    if let Some(reason) = reason {
        text += &format!(", begun since {}", printable(reason));
    }
    text
}

fn by_whom(peer: Option<Peer>) -> String {
    peer.map_or(String::new(), |Peer { uid, pid }| format!(" by uid {uid}, pid {pid}"))
}

fn one_line(reason: &str) -> String {
    reason.lines().map(printable).collect::<Vec<_>>().join("; ")
}

/// `203.0.113.1:40000`, `[2001:db8::1]:51002`, or the address alone.
pub(super) fn endpoint(address: IpAddr, port: Option<u16>) -> String {
    port.map_or_else(|| address.to_string(), |port| SocketAddr::new(address, port).to_string())
}
