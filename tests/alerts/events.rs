//! Events of every kind, with every field that one can have, and with any of them left out.

use anyhow::{Context as _, Result};
use checker_user::alerts::{event::Event, write::Format};
use serde_json::{Value, json};

/// An alert with all that there can be.
pub(crate) fn alert() -> Value {
    json!({
        "timestamp": "2026-11-23T16:25:30.123456Z", "event_type": "alert", "in_iface": "eth1",
        "pcap_cnt": 17, "pcap_filename": "a.pcap",
        "src_ip": "203.0.113.1", "src_port": 40_000, "dest_ip": "198.51.100.9", "dest_port": 623, "proto": "UDP",
        "icmp_type": 8, "icmp_code": 0, "vlan": [100, 7],
        "ether": {"src_mac": "3c:ec:ef:01:02:03", "dest_mac": "02:00:5e:10:00:02"},
        "community_id": "1:srvNFSlsLXLbDwFL6RBOLvJWA04=", "flow_id": 77, "tcp": {"tcp_flags": "12"},
        "alert": {
            "action": "allowed", "gid": 1, "signature_id": 1, "rev": 1,
            "signature": "Restricted region: ONE", "category": "restricted-range", "severity": 2,
        },
        "checker": {
            "seq": 17, "label": "ONE", "matched": "203.0.113.1", "direction": "ingress", "side": "src",
            "via": "inner/6to4", "prefix": "203.0.113.0/24", "list": "one.txt", "list_sha256": "ab".repeat(32),
            "line": 3, "generation": 4, "basis": "operator", "service": "ipmi-rmcp", "count": 3, "bytes": 180,
            "first_seen": "2026-11-23T16:25:30.000001Z", "last_seen": "2026-11-23T16:25:30.123456Z",
            "mac": "3c:ec:ef:01:02:03", "mac_source": "l2", "vendor": "Super Micro",
            "asset": {"name": "gpu-0142", "serial": "S-1", "site": "fra1", "allowed_cc": ["DE"]},
            "severity_reason": "gpu-0142 may be in DE", "evidence": 77, "mode": "native",
        },
    })
}

/// The fields that an alert need not have: pointers, and what stands there instead; `None` for nothing at all.
const OPTIONAL: [(&str, Option<Value>); 21] = [
    ("/in_iface", None),
    ("/pcap_cnt", None),
    ("/pcap_filename", None),
    ("/src_port", None),
    ("/dest_port", None),
    ("/icmp_type", None),
    ("/icmp_code", None),
    ("/vlan", None),
    ("/ether", None),
    ("/community_id", None),
    ("/flow_id", None),
    ("/tcp", None),
    ("/checker/severity_reason", None),
    ("/checker/evidence", None),
    ("/checker/direction", Some(Value::Null)),
    ("/checker/via", Some(Value::Null)),
    ("/checker/prefix", Some(Value::Null)),
    ("/checker/service", Some(Value::Null)),
    ("/checker/mac", Some(Value::Null)),
    ("/checker/asset", Some(Value::Null)),
    ("/checker/mode", Some(Value::Null)),
];

/// Alerts with every set of optional fields left out: two to the power of their number would be too many, so all of
/// up to three, and all of all but up to three.
pub(crate) fn alerts() -> Result<Vec<Event>> {
    let all = (1_u32 << OPTIONAL.len()) - 1;
    let few = |set: &u32| set.count_ones() <= 3 || (all & !set).count_ones() <= 3;
    let sets = (0..=all).filter(few).map(without);
    sets.chain(kinds().into_iter().map(Ok)).map(|alert| event(&alert?)).collect()
}

/// Alerts that differ in what they are about.
fn kinds() -> Vec<Value> {
    let changes = [
        vec![("/proto", json!("ARP")), ("/checker/service", Value::Null)],
        vec![
            ("/proto", json!("IPv6-ICMP")),
            ("/src_ip", json!("2001:db8::1")),
            ("/dest_ip", json!("2001:db8::2")),
        ],
        vec![("/proto", json!("47"))],
        vec![("/alert/action", json!("blocked")), ("/alert/severity", json!(1))],
        vec![
            ("/checker/direction", json!("egress")),
            ("/alert/severity", json!(3)),
            ("/checker/mode", json!("tcx")),
        ],
        vec![("/checker/matched", json!("2001:db8::1")), ("/checker/side", json!("target"))],
    ];
    let changed = |changes: Vec<(&str, Value)>| {
        let mut alert = alert();
        for (pointer, value) in changes {
            *alert.pointer_mut(pointer).unwrap_or(&mut Value::Null) = value;
        }
        alert
    };
    changes.into_iter().map(changed).collect()
}

/// The alert without the fields of a set.
fn without(set: u32) -> Result<Value> {
    let mut alert = alert();
    for (bit, (pointer, instead)) in OPTIONAL.into_iter().enumerate() {
        if set & (1 << bit) == 0 {
            continue;
        }
        let (parent, name) = pointer.rsplit_once('/').context("no pointer")?;
        let parent = alert.pointer_mut(parent).and_then(Value::as_object_mut).context("no object")?;
        match instead {
            Some(instead) => parent.insert(name.to_owned(), instead),
            None => parent.remove(name),
        }
        .with_context(|| format!("{pointer} is not in the alert"))?;
    }
    Ok(alert)
}

/// The account, with a label and a sink.
fn stats() -> Value {
    let lost = json!({"ring_full": 1, "reader_too_slow": 2, "flow_evicted": 3, "sink_failed": 4});
    let row =
        json!({"matched": 30, "emitted": 5, "aggregated": 7, "suppressed": 6, "lost": lost, "queued": 2});
    let mut label = row.clone();
    label["label"] = json!("ONE");
    label["action"] = json!("alert");
    json!({
        "uptime": 60, "seen": 40, "judged": 40, "outcomes": {"alerted": 30, "compliant": 10}, "malformed": 0,
        "total": row, "labels": [label],
        "sinks": [{
            "name": "stdout", "given": 20, "written": 5, "aggregated": 7, "lost": {"too_slow": 2, "failed": 4},
            "queued": 2, "spooled": 0, "failing": null,
        }],
    })
}

/// Whatever else stands in the stream.
pub(crate) fn others() -> Result<Vec<Event>> {
    let timestamp = "2026-11-23T16:25:30.123456Z";
    let loss = |loss: Value| json!({"timestamp": timestamp, "event_type": "loss", "loss": loss});
    let integrity =
        |what: Value| json!({"timestamp": timestamp, "event_type": "integrity", "integrity": what});
    let list = json!({"label": "ONE", "name": "one.txt", "action": "alert", "sha256": "ab".repeat(32)});
    let seal = json!({"origin": "checker/a/1", "size": 7, "root": "A", "note": "checker/a/1\n7\nA\n"});
    [
        loss(json!({"place": "ring_full", "count": 5})),
        loss(json!({"place": "reader_too_slow", "label": "ONE", "count": 1})),
        loss(json!({"place": "sink_failed", "count": 5})),
        loss(json!({"place": "malformed", "count": 5})),
        loss(json!({"place": "flow_evicted", "label": "ONE", "count": 5})),
        loss(json!({"place": "suppressed", "label": "ONE", "count": 5})),
        integrity(json!({"what": "clock_stepped", "seconds": -86_400.5})),
        json!({"timestamp": timestamp, "event_type": "stats", "stats": stats()}),
        integrity(json!({"what": "lists_refused", "reason": "one.txt:1: no", "generation": 4})),
        integrity(json!({"what": "canary_failed", "reason": "not found", "generation": 4})),
        integrity(json!({"what": "canary_recovered", "generation": 4})),
        integrity(json!({"what": "assets_refused", "reason": "assets.csv:1: no"})),
        integrity(json!({
            "what": "binding_changed", "address": "192.0.2.1", "before": "3c:ec:ef:01:02:03",
            "claimed": "02:00:5e:10:00:66", "source": "arp", "stays": true, "untold": 2,
        })),
        integrity(json!({"what": "sink_failed", "name": "journald", "reason": "it is gone"})),
        integrity(json!({"what": "sink_recovered", "name": "journald", "lost": 5})),
        integrity(json!({
            "what": "log_opened", "file": "log", "origin": "checker/a/1", "key": "checker/a+1+A", "records": 7,
            "cut_bytes": 0, "rebuilt": false, "differing": 0,
        })),
        integrity(json!({
            "what": "log_opened", "file": "log", "origin": "checker/a/2", "key": "checker/a+1+A", "records": 0,
            "cut_bytes": 17, "rebuilt": true, "differing": 2, "reason": "the log before was moved or removed",
            "moved_to": "log.altered", "last": seal.clone(),
        })),
        integrity(json!({"what": "started", "version": "0.1.0", "pid": 7, "generation": 1, "lists": [list.clone()]})),
        integrity(json!({"what": "stopped", "reason": "SIGTERM", "by": {"uid": 0, "pid": 1}})),
        integrity(json!({"what": "stopped", "reason": "no interface is left to watch"})),
        integrity(json!({
            "what": "lists_changed", "command": "load", "by": {"uid": 0, "pid": 1}, "generation": 2, "lists": [],
        })),
        integrity(json!({"what": "lists_changed", "command": "files", "generation": 3, "lists": [list.clone()]})),
        integrity(json!({
            "what": "attached", "interface": "eth1", "index": 2, "mode": "native", "program": 5, "tag": "00ff",
            "attached": true,
        })),
        integrity(json!({"what": "detached", "interfaces": ["eth1", "eth2"], "by": {"uid": 0, "pid": 1}})),
        integrity(json!({
            "what": "heartbeat", "boot_id": "b", "uptime_ms": 1, "interval_s": 60, "generation": 1,
            "hooks": [{
                "interface": "eth1", "index": 2, "mode": "tcx", "program": 5, "tag": "00ff", "attached": false,
            }],
            "lists": [list], "counters": {"seen": 7, "matched": 0},
        })),
        json!({"timestamp": timestamp, "event_type": "checkpoint", "checkpoint": seal}),
        integrity(json!({"what": "link_down", "interface": "eth1"})),
        integrity(json!({"what": "link_up", "interface": "eth1"})),
        integrity(json!({"what": "list_stale", "label": "ONE", "name": "one.txt", "reason": "ONE one.txt is old"})),
        integrity(json!({"what": "list_fresh", "label": "ONE", "name": "one.txt"})),
        integrity(json!({"what": "silent", "interface": "eth1", "seconds": 600})),
        integrity(json!({"what": "silent", "seconds": 600})),
        integrity(json!({"what": "heard", "seconds": 601})),
        integrity(json!({"what": "map_changed", "map": "ACTIVE", "reason": "it says generation 7, not 4"})),
        integrity(json!({"what": "map_restored", "map": "ACTIVE"})),
        integrity(json!({
            "what": "adopted", "interfaces": ["eth1"], "generation": 4, "since": timestamp, "seen": 9, "matched": 2,
        })),
        integrity(json!({"what": "interface_renamed", "from": "eth1", "interface": "eth9"})),
        integrity(json!({"what": "interface_gone", "interface": "eth1", "index": 2})),
        integrity(json!({"what": "interface_returned", "interface": "eth1", "index": 9, "attached": false})),
        integrity(json!({"what": "hook_lost", "interface": "eth1", "hook": "ingress", "reason": "it was detached"})),
        integrity(json!({"what": "hook_restored", "interface": "eth1", "hook": "egress"})),
        integrity(json!({"what": "reattach_failed", "interface": "eth1", "reason": "no"})),
    ]
    .iter()
    .map(event)
    .collect()
}

/// The event that is written so.
pub(crate) fn event(value: &Value) -> Result<Event> {
    let event: Event = serde_json::from_value(value.clone()).with_context(|| value.to_string())?;
    // A field that is not known would be lost silently.
    let again = serde_json::to_value(&event)?;
    anyhow::ensure!(&again == value, "{value} is read as {again}");
    Ok(event)
}

/// The line of an event.
pub(crate) fn line(format: Format, event: &Event) -> Result<String> {
    let mut line = Vec::new();
    format.write(event, &mut line)?;
    Ok(String::from_utf8(line)?)
}
