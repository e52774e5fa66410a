//! What is printed for a packet: an alert at once for the first of each restricted flow, with everything that explains
//! it.

use anyhow::{Context as _, Result};
use harness::{
    frame::{DOT1AD, DOT1Q, Frame},
    plan::Plan,
    receive::Receiver,
    veth::{NEAR, Wire},
};
use serde_json::{Value, json};

use crate::{ONE, ordinary, restricted, watched};

/// A list whose third line matches, and what `sha256sum` says of it.
const LIST: &str = "# what the test needs\n2001:db8::/32\n203.0.113.0/24\n";
const LIST_SHA256: &str = "51f05d7e42b1a9247adb0b2a2b37f8920e4d7bb5ab644f74ccef12dd54156829";

/// Where the packet of the first two tests comes from.
const MAC: [u8; 6] = [0x3c, 0xec, 0xef, 0x01, 0x02, 0x03];

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_alert_explains_itself() -> Result<()> {
    let wire = Wire::new()?;
    let daemon = Plan::new(&wire.near)?.interface(NEAR).list("ONE", LIST)?.start()?;
    let frame = tagged();
    wire.sender()?.send(&frame, 1)?;
    let mut event = daemon.wait_for_events(1)?.remove(0);

    let time = event["timestamp"].take();
    for other in ["first_seen", "last_seen"] {
        assert_eq!(event["checker"][other].take(), time, "one packet has one time");
    }
    let expected = json!({
        "timestamp": null, "event_type": "alert", "in_iface": "near0",
        "src_ip": "203.0.113.1", "src_port": 40_000, "dest_ip": "198.51.100.9", "dest_port": 623, "proto": "UDP",
        "vlan": [100, 200],
        "ether": {"src_mac": "3c:ec:ef:01:02:03", "dest_mac": "02:00:5e:10:00:02"},
        "community_id": "1:srvNFSlsLXLbDwFL6RBOLvJWA04=",
        "alert": {
            "action": "allowed", "gid": 1, "signature_id": 1, "rev": 1,
            "signature": "Restricted region: ONE", "category": "restricted-range", "severity": 2,
        },
        "checker": {
            "seq": 1, "label": "ONE", "matched": "203.0.113.1", "direction": "ingress", "side": "src", "via": null,
            "prefix": "203.0.113.0/24", "list": "one.txt", "list_sha256": LIST_SHA256, "line": 3,
            "generation": 1, "basis": "operator", "service": "ipmi-rmcp", "count": 1, "bytes": frame.len(),
            "first_seen": null, "last_seen": null, "mac_source": "l2", "asset": null, "mode": "native",
        },
    });
    // Later versions may tell more.
    assert_covers(&event, &expected);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn an_alert_reads_well() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", LIST)?;
    let daemon = plan.words(&["--output", "human"]).start()?;
    wire.sender()?.send(&tagged(), 1)?;
    let line = daemon.wait_for_lines(1)?.remove(0);
    let (time, rest) = line.split_once(' ').context("no blank")?;
    let digits: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(digits, "00:00:00.000000");
    let short = &LIST_SHA256[..8];
    let expected = format!(
        "near0  ALERT ONE          203.0.113.1:40000 > 198.51.100.9:623      UDP  ipmi-rmcp     range=203.0.113.0/24 \
         list=one.txt:3@{short} gen=1 mac=3c:ec:ef:01:02:03 vendor=Supermicro vlan=100 vlan=200 mode=native"
    );
    assert_eq!(rest, expected);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn each_flow_alerts_at_once_and_then_counts_to_the_last_packet() -> Result<()> {
    let (wire, daemon) = watched()?;
    let v4 = |host: u8| Frame::between(&format!("203.0.113.{host}"), "198.51.100.9");
    let v6 = || Frame::between("2001:db8::1", "3fff::9");
    let script = [
        v4(1).tcp(50_000, 443).bytes(),
        ordinary(),
        v4(2).tag(DOT1Q, 100).tcp(50_000, 22).bytes(),
        Frame::other(0x0806, vec![0; 28]).bytes(),
        v6().udp(40_000, 161).bytes(),
        ordinary(),
        v4(3).protocol(1, vec![8; 8]).bytes(),
        v6().tag(DOT1AD, 7).tag(DOT1Q, 8).tcp(50_000, 443).bytes(),
        (1..=5).fold(v4(4), |frame, vlan| frame.tag(DOT1Q, vlan)).bytes(),
    ];
    for _ in 0..20 {
        wire.sender()?.send_all(&script)?;
    }
    daemon.wait_until_seen(20 * 9)?;
    let ended = daemon.stop()?.expect(0)?;
    let events = ended.alerts()?;
    let what: Vec<_> = events.iter().map(summary).collect();
    let round = [
        "203.0.113.1 TCP 443 null",
        "203.0.113.2 TCP 22 [100]",
        "2001:db8::1 UDP 161 null",
        "203.0.113.3 ICMP null null",
        "2001:db8::1 TCP 443 [7,8]",
    ];
    assert_eq!(what[..5], round, "five of the nine, each at once");
    for event in &events[..5] {
        assert_eq!(event["checker"]["count"], 1);
        assert_eq!(event["checker"]["first_seen"], event["checker"]["last_seen"]);
    }
    for (number, event) in (1..).zip(&events) {
        assert_eq!(event["checker"]["seq"], number);
    }
    for flow in round {
        let counts =
            events.iter().filter(|event| summary(event) == flow).map(|event| &event["checker"]["count"]);
        assert_eq!(counts.filter_map(Value::as_u64).sum::<u64>(), 20, "{flow}");
    }

    let account = "packets  seen 180, judged 140 (77.7 %): alerted 100, compliant 40\n  \
         not judged 40: not_ip 20, too_many_tags 20\n";
    assert!(ended.stderr.contains(account), "{}", ended.stderr);
    let (emitted, more) = (events.len(), 100 - events.len());
    let sum = format!("matched 100 = emitted {emitted} + aggregated {more} + lost 0\n");
    assert!(ended.stderr.contains(&format!("\naccount  {sum}  ONE (alert): {sum}")), "{}", ended.stderr);
    Ok(())
}

/// Invariant 1: only a list whose action is `drop` drops.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn restricted_packets_get_through_unless_their_list_says_drop() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR);
    plan.lists().write("bad.txt", "192.0.2.0/24\n")?;
    plan.lists().write("lab.txt", "203.0.113.128/25\n")?;
    let config = plan.lists().write(
        "checker.toml",
        "[[list]]\nlabel = \"BAD\"\npath = \"bad.txt\"\naction = \"drop\"\n\
         [[list]]\nlabel = \"LAB\"\npath = \"lab.txt\"\naction = \"allow\"\n",
    )?;
    let config = config.to_string_lossy().into_owned();
    let daemon = plan.list("ONE", ONE)?.words(&["--config", &config]).start()?;
    let through = Receiver::new(&wire.near, NEAR)?;

    let dropped = Frame::between("192.0.2.1", "198.51.100.9").bytes();
    let allowed = Frame::between("203.0.113.200", "198.51.100.9").bytes();
    wire.sender()?.send_all([&restricted(), &dropped, &allowed, &dropped, &ordinary()])?;
    for passed in [restricted(), allowed, ordinary()] {
        assert_eq!(through.next()?, passed, "in their order, and none that was dropped between them");
    }
    let events = daemon.wait_for_events(2)?;
    let actions: Vec<_> = events.iter().map(|event| event["alert"]["action"].as_str()).collect();
    assert_eq!(actions, [Some("allowed"), Some("blocked")]);
    assert_eq!(events[1]["checker"]["label"], "BAD");

    let ended = daemon.stop()?.expect(0)?;
    let alerts = ended.alerts()?;
    assert_eq!(alerts.len(), 3, "an exception is not reported");
    assert_eq!(alerts[2]["checker"]["label"], "BAD");
    assert!(ended.stderr.contains("alerted 1, allowed 1, compliant 1, dropped 2\n"), "{}", ended.stderr);
    assert!(ended.stderr.contains("  BAD (drop): matched 2 = emitted 2 + lost 0\n"), "{}", ended.stderr);
    assert_eq!(through.now()?, None);
    Ok(())
}

fn tagged() -> Vec<u8> {
    let packet = Frame::between("203.0.113.1", "198.51.100.9").udp(40_000, 623);
    packet.tag(DOT1AD, 100).tag(DOT1Q, 200).bytes_from(MAC)
}

fn summary(event: &Value) -> String {
    let text = |name| event[name].as_str().unwrap_or("?");
    format!("{} {} {} {}", text("src_ip"), text("proto"), event["dest_port"], event["vlan"])
}

/// Every member of `expected` is in `found` as it is; `found` may have more.
fn assert_covers(found: &Value, expected: &Value) {
    let Some(members) = expected.as_object() else { return assert_eq!(found, expected) };
    for (name, value) in members {
        assert!(found.get(name).is_some(), "no {name} in {found}");
        assert_covers(&found[name], value);
    }
}
