//! OCSF beside what OCSF itself publishes, and beside EVE.

use anyhow::Result;
use checker_user::alerts::write::Format;
use serde_json::{Value, json};

use crate::events::{alert, alerts, event, line, others};

/// Attributes with `"requirement": "required"` in the sources of OCSF 1.8.0 (github.com/ocsf/ocsf-schema):
/// `events/base_event.json`, which every class extends.
const BASE: [&str; 7] =
    ["/activity_id", "/category_uid", "/class_uid", "/metadata", "/severity_id", "/time", "/type_uid"];
/// `objects/metadata.json`, `objects/product.json` (one of name and uid).
const METADATA: [&str; 3] = ["/metadata/product", "/metadata/version", "/metadata/product/name"];
/// `events/findings/finding.json`, which Detection Finding (2004) extends, and `objects/finding_info.json`,
/// `objects/analytic.json`, `objects/observable.json`, `objects/network_connection_info.json`.
const FINDING: [&str; 5] = [
    "/finding_info",
    "/finding_info/uid",
    "/finding_info/analytic/type_id",
    "/observables/0/type_id",
    "/evidences/0/connection_info/direction_id",
];

fn records() -> Result<Vec<Value>> {
    let read = |event| Ok(serde_json::from_str(&line(Format::Ocsf, event)?)?);
    alerts()?.iter().chain(&others()?).map(read).collect()
}

#[test]
fn what_ocsf_requires_is_there() -> Result<()> {
    for record in records()? {
        let finding = record["class_uid"] == 2004;
        let required = BASE.iter().chain(&METADATA).chain(FINDING.iter().filter(|_| finding));
        for pointer in required {
            assert!(record.pointer(pointer).is_some_and(|value| !value.is_null()), "{pointer}: {record}");
        }
        // Computed, says the dictionary of OCSF.
        let number = |name: &str| record[name].as_u64().unwrap_or(u64::MAX);
        assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"), "{record}");
        // 99, Other, has to be explained.
        assert_eq!(number("activity_id") == 99, record.get("activity_name").is_some(), "{record}");
    }
    Ok(())
}

#[test]
fn an_alert_is_a_detection_finding() -> Result<()> {
    let alert = alert();
    let record: Value = serde_json::from_str(&line(Format::Ocsf, &event(&alert)?)?)?;
    let (first, last) = (1_795_451_130_000_i64, 1_795_451_130_123_i64);
    let expected = json!({
        "metadata": {
            "version": "1.8.0",
            "product": {"name": "checker", "vendor_name": "checker", "version": env!("CARGO_PKG_VERSION")},
            "profiles": ["security_control"], "event_code": "alert", "sequence": 17,
        },
        "category_uid": 2, "class_uid": 2004, "class_name": "Detection Finding", "activity_id": 1, "type_uid": 200_401,
        "severity_id": 3, "time": last,
        "message": "203.0.113.1:40000 > 198.51.100.9:623 UDP: 203.0.113.1 lies in 203.0.113.0/24 (ONE)",
        "is_alert": true, "action_id": 3, "disposition_id": 19, "count": 3, "start_time": first, "end_time": last,
        "finding_info": {
            "uid": "2026-11-23T16:25:30.123456Z/17", "title": "Restricted region: ONE", "types": ["restricted-range"],
            "analytic": {"name": "ONE", "uid": "1", "type_id": 1}, "first_seen_time": first, "last_seen_time": last,
        },
        "evidences": [{
            "src_endpoint": {
                "ip": "203.0.113.1", "port": 40_000, "mac": "3c:ec:ef:01:02:03", "interface_name": "eth1",
                "vlan_uid": "100",
            },
            "dst_endpoint": {"ip": "198.51.100.9", "port": 623, "mac": "02:00:5e:10:00:02", "vlan_uid": "100"},
            "connection_info": {
                "direction_id": 1, "protocol_name": "udp", "protocol_num": 17, "protocol_ver_id": 4,
                "community_uid": "1:srvNFSlsLXLbDwFL6RBOLvJWA04=",
            },
        }],
        "observables": [{"name": "unmapped.checker.matched", "type_id": 2, "value": "203.0.113.1"}],
        "unmapped": {"checker": own(&alert)},
    });
    assert_eq!(record, expected);
    Ok(())
}

/// checker's own part of EVE, and what the others have no place for.
pub(crate) fn own(alert: &Value) -> Value {
    let mut own = alert["checker"].clone();
    for field in ["vlan", "icmp_type", "icmp_code", "pcap_cnt", "pcap_filename"] {
        own[field] = alert[field].clone();
    }
    own
}
