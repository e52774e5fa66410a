//! The line for people.

use anyhow::Result;
use checker_user::alerts::write::Format;
use serde_json::{Value, json};

use crate::events::{alert, event, line};

/// Text that would clear a terminal, turn its reader's eyes round and add a line of its own.
const HOSTILE: &str = "\u{1b}[2J\u{9b}31m\u{202e}\n\u{7}";

fn told(alert: &Value) -> Result<String> {
    let line = line(Format::Human, &event(alert)?)?;
    Ok(anstream::adapter::strip_str(&line).to_string())
}

#[test]
fn columns_stand_under_each_other() -> Result<()> {
    let mut one = alert();
    one["checker"]["count"] = json!(1);
    for optional in ["in_iface", "pcap_cnt", "pcap_filename", "icmp_type", "icmp_code", "vlan"] {
        one.as_object_mut().into_iter().for_each(|members| drop(members.remove(optional)));
    }
    one["in_iface"] = "eth1".into();
    for (name, value) in [("via", Value::Null), ("asset", Value::Null), ("vendor", Value::Null)] {
        one["checker"][name] = value;
    }
    for optional in ["severity_reason", "evidence"] {
        one["checker"].as_object_mut().into_iter().for_each(|members| drop(members.remove(optional)));
    }
    let mut other = one.clone();
    other["src_ip"] = "192.0.2.200".into();
    other["src_port"] = 51_000.into();
    other["dest_port"] = 8.into();
    other["proto"] = "TCP".into();
    other["checker"]["service"] = Value::Null;
    other["checker"]["label"] = "acme".into();
    other["alert"]["action"] = "blocked".into();
    // Wider than its cell, so that the next one is narrower.
    let mut wide = one.clone();
    wide["src_ip"] = "2001:db8:bad:1::1".into();
    wide["dest_ip"] = "2001:db8::9".into();
    let lines = told(&one)? + &told(&other)? + &told(&wide)?;
    let expected = "\
16:25:30.123456 eth1   ALERT ONE          203.0.113.1:40000 > 198.51.100.9:623      UDP  ipmi-rmcp     \
range=203.0.113.0/24 list=one.txt:3@abababab gen=4 mac=3c:ec:ef:01:02:03 mode=native
16:25:30.123456 eth1   DROP  acme         192.0.2.200:51000 > 198.51.100.9:8        TCP  -             \
range=203.0.113.0/24 list=one.txt:3@abababab gen=4 mac=3c:ec:ef:01:02:03 mode=native
16:25:30.123456 eth1   ALERT ONE      [2001:db8:bad:1::1]:40000 > [2001:db8::9]:623 UDP  ipmi-rmcp     \
range=203.0.113.0/24 list=one.txt:3@abababab gen=4 mac=3c:ec:ef:01:02:03 mode=native
";
    assert_eq!(lines, expected);
    Ok(())
}

#[test]
fn everything_that_an_alert_can_say() -> Result<()> {
    let expected = "\
16:25:30.123456 a.pcap:17 eth1 ALERT ONE          203.0.113.1:40000 > 198.51.100.9:623      UDP  ipmi-rmcp     \
x3 asset=gpu-0142 via=inner/6to4 matched=203.0.113.1 range=203.0.113.0/24 list=one.txt:3@abababab gen=4 icmp=8/0 \
mac=3c:ec:ef:01:02:03 vendor=\"Super Micro\" vlan=100 vlan=7 mode=native evidence=77 severity=2 (gpu-0142 may be in DE)\n";
    assert_eq!(told(&alert())?, expected);
    Ok(())
}

#[test]
fn the_colour_is_that_of_the_severity() -> Result<()> {
    for (severity, start) in [(1, "\u{1b}[1m\u{1b}[31m"), (2, "\u{1b}[33m"), (3, "\u{1b}[36m")] {
        let mut alert = alert();
        alert["alert"]["severity"] = severity.into();
        let line = line(Format::Human, &event(&alert)?)?;
        assert!(line.contains(&format!("{start}ALERT\u{1b}[0m")), "{line:?}");
    }
    Ok(())
}

/// Whoever names a list, an interface or a machine does not steer the terminal; nor does who sits at the socket.
#[test]
fn no_field_steers_the_terminal() -> Result<()> {
    let fields = [
        "/in_iface",
        "/pcap_filename",
        "/proto",
        "/alert/signature",
        "/alert/category",
        "/checker/side",
        "/checker/via",
        "/checker/prefix",
        "/checker/list",
        "/checker/list_sha256",
        "/checker/basis",
        "/checker/service",
        "/checker/mac_source",
        "/checker/vendor",
        "/checker/asset/name",
        "/checker/asset/serial",
        "/checker/asset/site",
        "/checker/severity_reason",
    ];
    for field in fields {
        let mut hostile = alert();
        *hostile.pointer_mut(field).unwrap_or(&mut Value::Null) = HOSTILE.into();
        shown(&event(&hostile)?, field)?;
    }
    let refused = json!({
        "timestamp": "2026-11-23T16:25:30.123456Z", "event_type": "integrity",
        "integrity": {"what": "lists_refused", "reason": HOSTILE, "generation": 4},
    });
    shown(&event(&refused)?, "reason")
}

/// All that is left beside our own colours can be seen.
fn shown(event: &checker_user::alerts::event::Event, field: &str) -> Result<()> {
    let line = line(Format::Human, event)?;
    let ours = line.replace("\u{1b}[0m", "").replace("\u{1b}[2m", "").replace("\u{1b}[1m", "");
    let ours = ours.replace("\u{1b}[33m", "");
    let text = ours.strip_suffix('\n').unwrap_or(&ours);
    assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{field}: {line:?}");
    Ok(())
}

/// A label cannot even be read if it could steer anything.
#[test]
fn a_label_that_steers_the_terminal_is_none() {
    let mut hostile = alert();
    hostile["checker"]["label"] = HOSTILE.into();
    assert!(event(&hostile).is_err());
}
