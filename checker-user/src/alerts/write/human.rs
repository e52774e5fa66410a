//! One line an event, in the manner of tcpdump. Names from files and interfaces are cleaned of control characters;
//! colours are taken out again where the terminal or the user does not want them (`anstream`).

use std::{
    io::{self, Write as _},
    net::{IpAddr, SocketAddr},
};

use anstyle::{AnsiColor, Style};

use crate::{
    alerts::event::{Alert, Event, Loss, Moment, Place, Verdict},
    printable::printable,
};

const RESTRICTED: Style = AnsiColor::Red.on_default().bold();
const LOSS: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Writes `event` as one line.
pub(super) fn write(event: &Event, line: &mut Vec<u8>) -> io::Result<()> {
    match event {
        Event::Alert(alert) => write_alert(alert, line),
        Event::Loss(loss) => write_loss(loss, line),
    }
}

fn write_alert(alert: &Alert, line: &mut Vec<u8>) -> io::Result<()> {
    let details = &alert.checker;
    let word = match alert.alert.action {
        Verdict::Allowed => "ALERT",
        Verdict::Blocked => "DROP",
    };
    write!(
        line,
        "{} {} {RESTRICTED}{word} {}{RESTRICTED:#} {} > {} {}",
        time_of_day(alert.timestamp),
        printable(&alert.in_iface),
        details.label,
        endpoint(alert.src_ip, alert.src_port),
        endpoint(alert.dest_ip, alert.dest_port),
        alert.proto,
    )?;
    if let Some(via) = &details.via {
        write!(line, " via={via} {}", details.matched)?;
    }
    if details.side != "src" {
        write!(line, " side={}", details.side)?;
    }
    match (&details.prefix, &details.list, &details.list_sha256, details.line) {
        (Some(prefix), Some(list), Some(sha256), Some(number)) => {
            let short = sha256.get(..8).unwrap_or(sha256);
            write!(line, " {prefix} {DIM}{}:{number}@{short}", printable(list))?;
        }
        _ => write!(line, " {DIM}list=gone")?,
    }
    write!(line, " gen={} mac={}", details.generation, alert.ether.src_mac)?;
    for vlan in &alert.vlan {
        write!(line, " vlan={vlan}")?;
    }
    if let Some(mode) = details.mode {
        write!(line, " mode={mode}")?;
    }
    writeln!(line, "{DIM:#}")
}

fn write_loss(loss: &Loss, line: &mut Vec<u8>) -> io::Result<()> {
    let why = match loss.loss.place {
        Place::RingFull => "the ring buffer was full",
        Place::ReaderTooSlow => "this reader was too slow",
        Place::SinkFailed => "the output could not be written",
        Place::Malformed => "the record was not understood",
    };
    write!(line, "{} {LOSS}LOST{LOSS:#} {} alerts", time_of_day(loss.timestamp), loss.loss.count)?;
    if let Some(label) = &loss.loss.label {
        write!(line, " of {label}")?;
    }
    writeln!(line, ": {why}")
}

/// `16:25:30.123456`, UTC as in every other output.
fn time_of_day(moment: Moment) -> String {
    let full = moment.to_string();
    full.split(['T', 'Z']).nth(1).unwrap_or(&full).to_owned()
}

fn endpoint(address: IpAddr, port: Option<u16>) -> String {
    port.map_or_else(|| address.to_string(), |port| SocketAddr::new(address, port).to_string())
}
