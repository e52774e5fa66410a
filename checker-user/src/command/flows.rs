//! `checker flows`: who is talking, right now, to or from a restricted range.

use std::{cmp::Reverse, fmt::Write as _, net::IpAddr, net::SocketAddr};

use anyhow::bail;

use super::print;
use crate::{
    cli::control::{Flows, Sort},
    control::{
        client,
        flow::FlowRow,
        protocol::{Reply, Request},
    },
    exit_code::ExitCode,
    printable::printable,
};

/// Prints one line a flow.
///
/// # Errors
///
/// No daemon.
pub fn flows(arguments: &Flows) -> anyhow::Result<ExitCode> {
    let Reply::Flows(mut flows) = client::ask(&arguments.control.socket, &Request::Flows)? else {
        bail!("the daemon answered something else; is it another version?")
    };
    sort(&mut flows, arguments.sort);
    flows.truncate(arguments.first.unwrap_or(usize::MAX));
    if arguments.json {
        print::json(&flows)?;
    } else {
        print::text(&table(&flows))?;
    }
    Ok(ExitCode::Clean)
}

/// The most, or the latest, first; of equal ones by address, so that two looks can be compared.
fn sort(flows: &mut [FlowRow], by: Sort) {
    flows.sort_unstable_by_key(|flow| (flow.src_ip, flow.dest_ip, flow.dest_port));
    match by {
        Sort::Packets => flows.sort_by_key(|flow| Reverse(flow.packets)),
        Sort::Bytes => flows.sort_by_key(|flow| Reverse(flow.bytes)),
        Sort::Last => flows.sort_by_key(|flow| Reverse(flow.last_seen)),
        Sort::First => flows.sort_by_key(|flow| Reverse(flow.first_seen)),
    }
}

const HEADS: [&str; 10] =
    ["packets", "bytes", "first", "last", "label", "interface", "source", "destination", "protocol", "range"];

/// Columns that hold numbers stand on the right.
const NUMBERS: usize = 2;

fn table(flows: &[FlowRow]) -> String {
    let rows: Vec<_> = flows.iter().map(cells).collect();
    let mut widths = HEADS.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in [HEADS.map(str::to_owned)].iter().chain(&rows) {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let _infallible = match column < NUMBERS {
                true => write!(line, "{cell:>width$}  "),
                false => write!(line, "{cell:width$}  "),
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn cells(flow: &FlowRow) -> [String; HEADS.len()] {
    let mut interface = printable(&flow.in_iface).into_owned();
    for vlan in &flow.vlan {
        let _infallible = write!(interface, ".{vlan}");
    }
    let mut range = flow.prefix.clone().unwrap_or_else(|| "gone".to_owned());
    if let Some(via) = &flow.via {
        let _infallible = write!(range, " via={via} {}", flow.matched);
    }
    if flow.side != "src" {
        let _infallible = write!(range, " side={}", flow.side);
    }
    [
        flow.packets.to_string(),
        flow.bytes.to_string(),
        format!("{}", flow.first_seen.0.strftime("%H:%M:%S")),
        format!("{}", flow.last_seen.0.strftime("%H:%M:%S")),
        flow.label.to_string(),
        interface,
        endpoint(flow.src_ip, flow.src_port),
        endpoint(flow.dest_ip, flow.dest_port),
        printable(&flow.proto).into_owned(),
        printable(&range).into_owned(),
    ]
}

fn endpoint(address: IpAddr, port: Option<u16>) -> String {
    port.map_or_else(|| address.to_string(), |port| SocketAddr::new(address, port).to_string())
}
