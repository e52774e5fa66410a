//! The flow table as `checker flows` shows it.

use std::borrow::Cow;

use anyhow::Context as _;

use super::records::Records;
use crate::{
    alerts::{
        alert::Alert,
        describe::{Clock, Share, describe},
    },
    assets::machines::Machines,
    control::flow::FlowRow,
    datapath::flows::{Chunk, FlowTable},
};

/// Every flow, in no order.
///
/// # Errors
///
/// What `bpf(2)` said.
pub(super) fn list_flows(
    table: &FlowTable,
    records: &Records,
    machines: &Machines,
) -> anyhow::Result<Vec<FlowRow>> {
    let clock = Clock::read().context("cannot read the clock")?;
    let (mut chunk, mut rows) = (Chunk::default(), Vec::new());
    loop {
        let more = table.read(&mut chunk).context("cannot read the flow table")?;
        // Locked for one chunk at a time: alerts go on.
        let known = records.lock();
        for value in &chunk.values {
            let (packets, bytes, last) = (value.packets, value.bytes, value.last);
            let share = Share { packets, bytes, last, tcp_flags: None };
            let alert = describe(&value.record, share, 0, &clock, &*known);
            rows.extend(alert.map(|mut alert| {
                machines.identify(&mut alert);
                row(alert)
            }));
        }
        if !more {
            return Ok(rows);
        }
    }
}

fn row(alert: Alert) -> FlowRow {
    let details = alert.checker;
    FlowRow {
        src_ip: alert.src_ip,
        src_port: alert.src_port,
        dest_ip: alert.dest_ip,
        dest_port: alert.dest_port,
        proto: alert.proto.into_owned(),
        label: details.label,
        action: alert.alert.action,
        in_iface: alert.in_iface.unwrap_or_default(),
        vlan: alert.vlan,
        matched: details.matched,
        side: details.side.into_owned(),
        via: details.via,
        direction: details.direction,
        src_mac: alert.ether.map(|ether| ether.src_mac),
        prefix: details.prefix,
        service: details.service.map(Cow::into_owned),
        asset: details.asset,
        first_seen: details.first_seen,
        last_seen: details.last_seen,
        packets: details.count,
        bytes: details.bytes,
    }
}
