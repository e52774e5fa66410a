//! One line an event, in the manner of tcpdump: columns that stand under each other, then `key=value`. Names from files,
//! interfaces and the network are cleaned of control characters; colours are taken out again where the terminal or the
//! user does not want them (`anstream`).

use std::{
    borrow::Cow,
    fmt::{self, Display},
    io::{self, Write as _},
};

use anstyle::{AnsiColor, Style};

use super::{
    columns::Columns,
    message::{self, endpoint},
};
use crate::{
    alerts::{
        alert::{Alert, Verdict},
        event::{Event, Stats},
        moment::Moment,
    },
    printable::printable,
};

const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const PLAIN: Style = Style::new();
const DIM: Style = Style::new().dimmed();

/// Widths that fit most of what there is.
const INTERFACE: usize = 6;
const WORD: usize = 5;
const LABEL: usize = 8;
/// An IPv4 address and a port.
const ENDPOINT: usize = 21;
const SERVICE: usize = 13;

/// Writes `event` as one line.
pub(super) fn write(event: &Event, line: &mut Vec<u8>) -> io::Result<()> {
    let (timestamp, word, message) = match event {
        Event::Alert(alert) => return write_alert(alert, line),
        Event::Loss(loss) => (loss.timestamp, "LOST", message::of_loss(&loss.loss)),
        Event::Integrity(event) => {
            let (word, message) = message::of_incident(&event.integrity);
            (event.timestamp, word, message)
        }
        Event::Stats(event) => return write_stats(event, line),
        Event::Checkpoint(event) => (event.timestamp, "SEALED", message::of_checkpoint(&event.checkpoint)),
    };
    write!(line, "{} {:INTERFACE$} ", time_of_day(timestamp), "-")?;
    Columns::new(line).left(WARNING, word, WORD)?;
    writeln!(line, "{message}")
}

/// What is always told draws no attention.
fn write_stats(event: &Stats, line: &mut Vec<u8>) -> io::Result<()> {
    let message = message::of_stats(&event.stats);
    let time = time_of_day(event.timestamp);
    writeln!(line, "{DIM}{time} {:INTERFACE$} {:WORD$} {message}{DIM:#}", "-", "STATS")
}

fn write_alert(alert: &Alert, line: &mut Vec<u8>) -> io::Result<()> {
    let details = &alert.checker;
    let style = style(alert.alert.severity);
    let word = match alert.alert.action {
        Verdict::Allowed => "ALERT",
        Verdict::Blocked => "DROP",
    };
    write!(line, "{} {:INTERFACE$} ", time_of_day(alert.timestamp), place(alert))?;
    let mut columns = Columns::new(line);
    columns.left(style, word, WORD)?;
    columns.left(style, details.label.as_str(), LABEL)?;
    // The end that lies in the range stands out; what is carried in an address, or inside, is told behind.
    let ends = match (details.via.is_some(), &*details.side) {
        (false, "src") => [style, PLAIN],
        (false, "dst") => [PLAIN, style],
        _ => [PLAIN, PLAIN],
    };
    columns.right(ends[0], &endpoint(alert.src_ip, alert.src_port), ENDPOINT)?;
    columns.left(PLAIN, ">", 1)?;
    columns.left(ends[1], &endpoint(alert.dest_ip, alert.dest_port), ENDPOINT)?;
    columns.left(PLAIN, &printable(&alert.proto), 4)?;
    columns.left(PLAIN, &details.service.as_deref().map_or("-".into(), printable), SERVICE)?;
    if details.count > 1 {
        write!(line, "x{} ", details.count)?;
    }
    if let Some(asset) = &details.asset {
        write!(line, "asset={} ", value(&asset.name))?;
    }
    if let Some(via) = &details.via {
        write!(line, "via={} matched={style}{}{style:#} ", value(via), details.matched)?;
    }
    if details.side != "src" {
        write!(line, "side={} ", value(&details.side))?;
    }
    explain(alert, line)
}

/// Which range of which list, and where the packet was seen: for whoever looks closer.
fn explain(alert: &Alert, line: &mut Vec<u8>) -> io::Result<()> {
    let details = &alert.checker;
    match (&details.prefix, &details.list, &details.list_sha256, details.line) {
        (Some(prefix), Some(list), Some(sha256), Some(number)) => {
            let short = sha256.get(..8).unwrap_or(sha256);
            write!(line, "range={}{DIM} ", value(prefix))?;
            write!(line, "list={}:{number}@{} ", value(list), printable(short))?;
        }
        _ => write!(line, "{DIM}list=gone ")?,
    }
    write!(line, "gen={}", details.generation)?;
    if let Some(icmp_type) = alert.icmp_type {
        write!(line, " icmp={icmp_type}")?;
        if let Some(code) = alert.icmp_code {
            write!(line, "/{code}")?;
        }
    }
    if let Some(mac) = details.mac {
        write!(line, " mac={mac}")?;
        if details.mac_source != "l2" {
            write!(line, "({})", printable(&details.mac_source))?;
        }
    }
    if let Some(vendor) = &details.vendor {
        write!(line, " vendor={}", value(vendor))?;
    }
    for vlan in &alert.vlan {
        write!(line, " vlan={vlan}")?;
    }
    if let Some(mode) = details.mode {
        write!(line, " mode={mode}")?;
    }
    if let Some(evidence) = details.evidence {
        write!(line, " evidence={evidence}")?;
    }
    if let Some(reason) = &details.severity_reason {
        write!(line, " severity={} ({})", alert.alert.severity, printable(reason))?;
    }
    writeln!(line, "{DIM:#}")
}

/// 1 is the highest.
const fn style(severity: u8) -> Style {
    match severity {
        0 | 1 => AnsiColor::Red.on_default().bold(),
        2 => AnsiColor::Yellow.on_default(),
        _ => AnsiColor::Cyan.on_default(),
    }
}

/// What stands behind `=`: in quotation marks where it has blanks.
fn value(text: &str) -> impl Display {
    let shown = printable(text);
    fmt::from_fn(move |f| {
        if shown.contains(char::is_whitespace) { write!(f, "\"{shown}\"") } else { f.write_str(&shown) }
    })
}

/// `eth1`, or `capture.pcap:17` and, if the capture tells it, `capture.pcap:17 eth1`.
fn place(alert: &Alert) -> Cow<'_, str> {
    let file = alert.pcap_filename.as_deref().map(printable);
    let interface = alert.in_iface.as_deref().map(printable);
    match (file, alert.pcap_cnt, interface) {
        (Some(file), Some(number), None) => format!("{file}:{number}").into(),
        (Some(file), Some(number), Some(interface)) => format!("{file}:{number} {interface}").into(),
        (_, _, interface) => interface.unwrap_or_default(),
    }
}

/// `16:25:30.123456`, UTC as in every other output.
fn time_of_day(moment: Moment) -> String {
    let full = moment.to_string();
    full.split(['T', 'Z']).nth(1).unwrap_or(&full).to_owned()
}
