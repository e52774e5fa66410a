//! `checker scan --output eve|ocsf|ecs`: logs and captures, each record as the published schema has it.

use std::fs;

use anyhow::Result;
use harness::{
    capture::pcap,
    checker::Call,
    frame::Frame,
    lists::Lists,
    schema::{ECS, EVE, OCSF, Schema},
};
use serde_json::{Value, json};

const LOG: &str = "198.51.100.9 fine\nfrom 203.0.113.1 to 2001:db8::1\n";

/// Two alerts of the log, two of the capture.
fn records(form: &str, schema: &Schema) -> Result<Vec<Value>> {
    let lists = crate::lists()?;
    let packets = [
        Frame::between("203.0.113.1", "198.51.100.9").udp(40_000, 623).bytes(),
        Frame::between("198.51.100.9", "192.0.2.1").tcp(50_000, 443).bytes(),
        Frame::between("3fff::9", "2001:db8::1").tcp(50_000, 443).bytes(),
    ];
    fs::write(lists.folder().join("a.log"), LOG)?;
    fs::write(lists.folder().join("a.pcap"), pcap(1, packets))?;
    let call = Call::new(["scan", "-q", "-l", "ONE=one.txt", "--output", form, "a.log", "a.pcap"]);
    let records = schema.check_lines(&call.in_folder(lists.folder()).run()?.expect(1)?.stdout)?;
    assert_eq!(records.len(), 4);
    Ok(records)
}

fn at(records: &[Value], pointer: &str) -> Vec<Value> {
    records.iter().map(|record| record.pointer(pointer).cloned().unwrap_or_default()).collect()
}

#[test]
fn eve() -> Result<()> {
    let records = records("eve", &EVE)?;
    let expected = ["203.0.113.1", "2001:db8::1"].repeat(2);
    assert_eq!(at(&records, "/checker/matched"), expected);
    assert_eq!(records[1]["log"], json!({"file": "a.log", "line": 2, "column": 21}));
    Ok(())
}

#[test]
fn ocsf() -> Result<()> {
    let records = records("ocsf", &OCSF)?;
    assert_eq!(at(&records, "/class_uid"), [2004; 4]);
    assert_eq!(records[0]["message"], "a.log:2:6: 203.0.113.1 lies in 203.0.113.0/24 (ONE)");
    assert_eq!(records[0]["evidences"], json!([{"file": {"name": "a.log", "type_id": 1}}]));
    assert_eq!(records[2]["unmapped"]["checker"]["pcap_filename"], "a.pcap");
    let uids = at(&records, "/finding_info/uid");
    assert!((1..4).all(|index| !uids[..index].contains(&uids[index])), "each is unique: {uids:?}");
    Ok(())
}

#[test]
fn ecs() -> Result<()> {
    let records = records("ecs", &ECS)?;
    assert_eq!(at(&records, "/event/kind"), ["alert"; 4]);
    assert_eq!(records[1]["related"]["ip"], json!(["2001:db8::1"]));
    assert_eq!(records[1]["log"]["file"]["path"], "a.log");
    assert_eq!(records[2]["network"]["application"], "ipmi-rmcp");
    Ok(())
}

/// From packets to the ids that the specification publishes (`baseline/baseline_deflt.json` of its repository).
#[test]
fn the_published_community_ids_come_out_of_packets() -> Result<()> {
    let v6 = ("3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da");
    let packets = [
        Frame::between("128.232.110.120", "66.35.250.204").tcp(34_855, 80),
        Frame::between("8.8.8.8", "192.168.1.52").udp(53, 54_585),
        Frame::between("192.168.170.8", "192.168.170.56").sctp(7, 7),
        Frame::between("192.168.0.89", "192.168.0.1").protocol(1, vec![8, 0, 0, 0, 0, 1, 0, 1]),
        Frame::between("192.168.0.1", "192.168.0.89").protocol(1, vec![0, 0, 0, 0, 0, 1, 0, 1]),
        Frame::between("10.0.0.1", "10.0.0.2").protocol(1, vec![11, 0, 0, 0, 0, 0, 0, 0]),
        Frame::between(v6.0, v6.1).protocol(58, vec![1, 4, 0, 0, 0, 0, 0, 0]),
        Frame::between("10.1.12.1", "10.1.12.2").protocol(46, vec![0; 8]),
    ];
    let lists = Lists::new()?;
    lists.write("most.txt", "0.0.0.0/1\n128.0.0.0/2\n192.168.0.0/16\n3ffe::/16\n")?;
    fs::write(lists.folder().join("a.pcap"), pcap(1, packets.map(Frame::bytes)))?;
    let call = Call::new(["scan", "-q", "-l", "most.txt", "--output", "eve", "a.pcap"]);
    let records = EVE.check_lines(&call.in_folder(lists.folder()).run()?.expect(1)?.stdout)?;
    let expected = [
        "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
        "1:d/FP5EW3wiY1vCndhwleRRKHowQ=",
        "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=",
        "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=",
        "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=",
        "1:YHxtAirCG//0OzkcVAukqKQN9xM=",
        "1:hLZd0XGWojozrvxqE0dWB1iM6R0=",
        "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=",
    ];
    assert_eq!(at(&records, "/community_id"), expected);
    Ok(())
}

#[test]
fn they_take_no_options_that_are_for_lines() -> Result<()> {
    for form in ["ocsf", "ecs"] {
        let lists = crate::lists()?;
        let words = ["scan", "-l", "ONE=one.txt", "--output", form, "--invert", "one.txt"];
        let ended = Call::new(words).in_folder(lists.folder()).run()?.expect(2)?;
        let expected = format!(
            "checker: --output {form} tells of restricted addresses; it takes neither --invert nor --only-matching\n"
        );
        assert_eq!(ended.stderr, expected);
    }
    Ok(())
}
