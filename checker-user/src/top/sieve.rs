//! Which flows are shown: those with some words, or those that a filter of `checker tail` takes.

use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::{
    alerts::{filter::Filter, line::Line},
    control::flow::FlowRow,
};

/// What was typed, understood.
#[derive(Clone, Debug, Default)]
pub(super) enum Sieve {
    /// Nothing was typed.
    #[default]
    All,
    /// Each word stands somewhere in the flow.
    Words(Vec<String>),
    /// A filter.
    Filter(Filter),
    /// A filter that is none, or not yet, and why: all flows are shown.
    Wrong(String),
}

impl Sieve {
    /// What has a sign of a filter in it is one; the rest is words.
    pub(super) fn of(text: &str) -> Self {
        if text.trim().is_empty() {
            Self::All
        } else if text.contains(['=', '~', '<', '>', '(', '!']) {
            match text.parse::<Filter>() {
                Ok(filter) => Self::Filter(filter),
                Err(wrong) => Self::Wrong(wrong.to_string().lines().next().unwrap_or_default().to_owned()),
            }
        } else {
            Self::Words(text.split_whitespace().map(str::to_lowercase).collect())
        }
    }

    /// Whether the flow is shown.
    pub(super) fn takes(&self, flow: &FlowRow) -> bool {
        match self {
            Self::All | Self::Wrong(_) => true,
            Self::Words(words) => {
                let text = words_of(flow).to_lowercase();
                words.iter().all(|word| text.contains(word.as_str()))
            }
            // A flow is what its first alert was, as far as a filter asks.
            Self::Filter(filter) => Line::deserialize(&as_alert(flow)).is_ok_and(|line| filter.shows(&line)),
        }
    }
}

fn words_of(flow: &FlowRow) -> String {
    let FlowRow { src_ip, src_port, dest_ip, dest_port, proto, label, in_iface, matched, side, .. } = flow;
    let port = |port: &Option<u16>| port.map(|port| format!(":{port}")).unwrap_or_default();
    format!(
        "{src_ip}{} {dest_ip}{} {proto} {label} {in_iface} {matched} {side} {} {} {} {}",
        port(src_port),
        port(dest_port),
        flow.prefix.as_deref().unwrap_or_default(),
        flow.src_mac.map(|mac| mac.to_string()).unwrap_or_default(),
        flow.service.as_deref().unwrap_or_default(),
        flow.asset.as_ref().map(|asset| asset.name.as_str()).unwrap_or_default(),
    )
}

fn as_alert(flow: &FlowRow) -> Value {
    json!({
        "timestamp": flow.last_seen, "event_type": "alert", "in_iface": flow.in_iface, "vlan": flow.vlan,
        "src_ip": flow.src_ip, "src_port": flow.src_port, "dest_ip": flow.dest_ip, "dest_port": flow.dest_port,
        "proto": flow.proto, "ether": { "src_mac": flow.src_mac }, "alert": { "action": flow.action },
        "checker": {
            "label": flow.label, "matched": flow.matched, "direction": flow.direction, "side": flow.side,
            "via": flow.via, "prefix": flow.prefix, "count": flow.packets, "service": flow.service,
            "asset": flow.asset,
        },
    })
}
