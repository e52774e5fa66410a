//! Everything that is known of one flow.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::Ink;
use crate::{
    alerts::alert::{Verdict, Way},
    control::flow::FlowRow,
    printable::printable,
    top::{
        column::{ago, bytes, endpoint, speed},
        state::Top,
    },
};

pub(super) fn draw(top: &Top, ink: Ink, frame: &mut Frame<'_>, area: Rect) {
    let Some(flow) = top.chosen() else {
        frame.render_widget(Paragraph::new("the flow is gone"), area);
        return;
    };
    let lines = facts(flow, top).into_iter().map(|(name, value)| {
        Line::from(vec![Span::styled(format!("{name:>12}  "), ink.name()), Span::raw(value)])
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
}

fn facts(flow: &FlowRow, top: &Top) -> Vec<(&'static str, String)> {
    let word = |text: &Option<String>| text.as_deref().map_or("–".into(), printable).into_owned();
    let action = match flow.action {
        Verdict::Allowed => "passed, alerted",
        Verdict::Blocked => "dropped",
    };
    let direction = match flow.direction {
        Some(Way::Ingress) => "in",
        Some(Way::Egress) => "out",
        None => "–",
    };
    let vlans: Vec<_> = flow.vlan.iter().map(u16::to_string).collect();
    let vlans = if vlans.is_empty() { String::new() } else { format!(", VLAN {}", vlans.join(" in ")) };
    let seen = |moment: crate::alerts::moment::Moment| {
        format!("{moment}, {} ago", ago(top.now.duration_since(moment.0).as_secs()))
    };
    let via = flow.via.as_deref().map(|via| format!(", via {}", printable(via))).unwrap_or_default();
    let asset = flow.asset.as_ref().map_or("–".to_owned(), |asset| printable(&asset.name).into_owned());
    vec![
        ("label", flow.label.as_str().to_owned()),
        ("range", word(&flow.prefix)),
        ("matched", format!("{} ({}{via})", flow.matched, printable(&flow.side))),
        ("action", action.to_owned()),
        ("source", endpoint(flow.src_ip, flow.src_port)),
        ("destination", endpoint(flow.dest_ip, flow.dest_port)),
        ("protocol", printable(&flow.proto).into_owned()),
        ("interface", format!("{}, {direction}{vlans}", printable(&flow.in_iface))),
        ("MAC", flow.src_mac.map_or("–".to_owned(), |mac| mac.to_string())),
        ("service", word(&flow.service)),
        ("asset", asset),
        ("packets", format!("{}, {}/s", flow.packets, speed(top.rates.flow(&flow.into())))),
        ("bytes", format!("{} ({})", flow.bytes, bytes(flow.bytes))),
        ("first seen", seen(flow.first_seen)),
        ("last seen", seen(flow.last_seen)),
    ]
}
