//! Event → Common Event Format, as its implementation guide has it (version 0: an IPv6 address has a field of its own).

use std::{fmt::Write as _, net::IpAddr};

use super::super::about::{kind, sentence};
use crate::alerts::{
    alert::{Alert, Verdict},
    event::Event,
    moment::Moment,
};

/// The event as one line.
pub(super) fn cef(event: &Event, host: &str) -> String {
    let mut line = match event {
        Event::Alert(alert) => {
            let Alert { alert: signature, .. } = &**alert;
            header(&signature.signature_id.to_string(), &signature.signature, severity(signature.severity))
        }
        Event::Loss(_) => header(kind(event), "Alerts were lost", 7),
        Event::Stats(_) => header(kind(event), "The account", 1),
        Event::Integrity(_) => header(kind(event), "The watcher itself", 7),
        Event::Checkpoint(_) => header(kind(event), "A checkpoint of the sealed log", 1),
    };
    let mut add = |key: &str, value: &str| {
        let _infallible = write!(line, "{key}={} ", extension(value));
    };
    add("rt", &milliseconds(event.timestamp()));
    add("dvchost", host);
    match event {
        Event::Alert(alert) => add_alert(alert, add),
        Event::Loss(_) | Event::Stats(_) | Event::Integrity(_) => add("msg", &sentence(event)),
        Event::Checkpoint(checkpoint) => {
            add("msg", &sentence(event));
            // The signature is what a checkpoint is kept for.
            add("cs1Label", "note");
            add("cs1", &checkpoint.checkpoint.note);
        }
    }
    line.truncate(line.trim_end_matches(' ').len());
    line
}

fn add_alert(alert: &Alert, mut add: impl FnMut(&str, &str)) {
    let details = &alert.checker;
    let action = match alert.alert.action {
        Verdict::Allowed => "allowed",
        Verdict::Blocked => "blocked",
    };
    add("act", action);
    add("cat", &alert.alert.category);
    add("externalId", &details.seq.to_string());
    for (address, v4, v6, meaning) in [
        (alert.src_ip, "src", "c6a2", "Source IPv6 Address"),
        (alert.dest_ip, "dst", "c6a3", "Destination IPv6 Address"),
    ] {
        match address {
            IpAddr::V4(address) => add(v4, &address.to_string()),
            IpAddr::V6(address) => {
                add(v6, &address.to_string());
                add(&format!("{v6}Label"), meaning);
            }
        }
    }
    add("proto", &alert.proto);
    let mut add_some =
        |key: &str, value: Option<String>| value.into_iter().for_each(|value| add(key, &value));
    add_some("spt", alert.src_port.map(|port| port.to_string()));
    add_some("dpt", alert.dest_port.map(|port| port.to_string()));
    add_some("smac", alert.ether.map(|ether| ether.src_mac.to_string()));
    add_some("dmac", alert.ether.and_then(|ether| ether.dest_mac).map(|mac| mac.to_string()));
    add_some("app", details.service.as_deref().map(str::to_owned));
    add_some("deviceInboundInterface", alert.in_iface.clone());
    add("cnt", &details.count.to_string());
    add("in", &details.bytes.to_string());
    add("start", &milliseconds(details.first_seen));
    add("end", &milliseconds(details.last_seen));
    let list = details.list.as_ref().zip(details.line).map(|(list, line)| format!("{list}:{line}"));
    for (key, meaning, value) in [
        ("cs1", "label", Some(details.label.to_string())),
        ("cs2", "prefix", details.prefix.clone()),
        ("cs3", "list", list),
        ("cs4", "asset", details.asset.as_ref().map(|asset| asset.name.clone())),
    ] {
        if let Some(value) = value {
            add(key, &value);
            add(&format!("{key}Label"), meaning);
        }
    }
}

fn header(id: &str, name: &str, severity: u8) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("CEF:0|checker|checker|{version}|{}|{}|{severity}|", field(id), field(name))
}

/// 10 is the gravest, where EVE has 1.
fn severity(eve: u8) -> u8 {
    match eve {
        0 | 1 => 9,
        2 => 6,
        _ => 3,
    }
}

/// In the header, `|` and `\` are escaped, and there are no line ends.
fn field(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\r', '\n'], " ")
}

/// In the extension, `=`, `\` and line ends are.
fn extension(text: &str) -> String {
    text.replace('\\', "\\\\").replace('=', "\\=").replace('\r', "\\r").replace('\n', "\\n")
}

fn milliseconds(moment: Moment) -> String {
    moment.0.as_millisecond().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{
        event::{Integrity, IntegrityType},
        incident::Incident,
    };

    #[test]
    fn what_has_a_meaning_in_cef_is_escaped() {
        assert_eq!(field("a|b\\c=d\ne"), "a\\|b\\\\c=d e");
        assert_eq!(extension("a|b\\c=d\r\ne"), "a|b\\\\c\\=d\\r\\ne");
    }

    #[test]
    fn an_incident_is_one_line() {
        let event = Event::Integrity(Integrity {
            timestamp: Moment("2026-11-23T16:25:30.5Z".parse().unwrap()),
            event_type: IntegrityType::Integrity,
            integrity: Incident::ListsRefused { reason: "a=b\nc|d".to_owned(), generation: 7 },
        });
        let expected = concat!(
            "CEF:0|checker|checker|",
            env!("CARGO_PKG_VERSION"),
            "|integrity|The watcher itself|7|rt=1795451130500 dvchost=host ",
            r"msg=REFUSED new lists, generation 7 stays: a\=b; c|d"
        );
        assert_eq!(cef(&event, "host"), expected);
    }
}
