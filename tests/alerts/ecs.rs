//! ECS beside EVE.

use anyhow::Result;
use checker_user::alerts::write::Format;
use serde_json::{Value, json};

use crate::{
    events::{alert, event, line, others},
    ocsf::own,
};

#[test]
fn an_alert_in_the_words_of_elastic() -> Result<()> {
    let alert = alert();
    let record: Value = serde_json::from_str(&line(Format::Ecs, &event(&alert)?)?)?;
    let end = |ip: &str, port: u16, mac: &str| json!({"address": ip, "ip": ip, "port": port, "mac": mac});
    let expected = json!({
        "@timestamp": "2026-11-23T16:25:30.123456Z",
        "message": "203.0.113.1:40000 > 198.51.100.9:623 UDP: 203.0.113.1 lies in 203.0.113.0/24 (ONE)",
        "ecs": {"version": "9.0.0"},
        "event": {
            "kind": "alert", "module": "checker", "dataset": "checker.alert",
            "category": ["network", "intrusion_detection"], "type": ["allowed"], "action": "allowed",
            "severity": 2, "sequence": 17, "start": "2026-11-23T16:25:30.000001Z", "end": "2026-11-23T16:25:30.123456Z",
        },
        "observer": {
            "vendor": "checker", "product": "checker", "version": env!("CARGO_PKG_VERSION"), "type": "ids",
            "ingress": {"interface": {"name": "eth1"}},
        },
        "source": end("203.0.113.1", 40_000, "3C-EC-EF-01-02-03"),
        "destination": end("198.51.100.9", 623, "02-00-5E-10-00-02"),
        "network": {
            "type": "ipv4", "transport": "udp", "iana_number": "17", "application": "ipmi-rmcp",
            "direction": "ingress", "community_id": "1:srvNFSlsLXLbDwFL6RBOLvJWA04=", "packets": 3, "bytes": 180,
            "vlan": {"id": "100"}, "inner": {"vlan": {"id": "7"}},
        },
        "rule": {
            "id": "1", "name": "Restricted region: ONE", "category": "restricted-range", "ruleset": "one.txt",
            "version": "ab".repeat(32),
        },
        "related": {"ip": ["198.51.100.9", "203.0.113.1"]},
        "checker": own(&alert),
    });
    assert_eq!(record, expected);
    Ok(())
}

#[test]
fn other_records_are_no_alerts() -> Result<()> {
    for event in others()? {
        let record: Value = serde_json::from_str(&line(Format::Ecs, &event)?)?;
        assert_ne!(record["event"]["kind"], "alert", "{record}");
    }
    Ok(())
}
