//! `checker report`: logs in, tables and a page out.

use std::{fs, io::Write as _, os::unix::fs::PermissionsExt as _, process::Command};

use anyhow::{Context as _, Result};
use harness::{checker::Call, lists::Lists, process::Ended, require};
use serde_json::Value;

use crate::transcript::{comes_to, retell};

/// An alert; `name` is the machine's, or `None` for one that only has a MAC address.
fn alert(seq: u64, second: u64, label: &str, address: &str, service: &str, name: Option<&str>) -> String {
    let time = format!("2026-11-25T10:{:02}:{:02}.000000Z", second / 60, second % 60);
    serde_json::json!({
        "timestamp": time, "event_type": "alert", "in_iface": "eth1", "src_ip": address, "src_port": 40_000,
        "dest_ip": "198.51.100.9", "dest_port": 623, "proto": "UDP",
        "ether": {"src_mac": "3c:ec:ef:01:02:03", "dest_mac": "ff:ff:ff:ff:ff:ff"},
        "alert": {"action": "allowed", "gid": 1, "signature_id": 1, "rev": 1, "signature": "x", "category": "y", "severity": 2},
        "checker": {"seq": seq, "label": label, "matched": address, "direction": "ingress", "side": "src", "via": null,
            "prefix": "203.0.113.0/24", "list": "one.txt", "list_sha256": "ab".repeat(32), "line": 1, "generation": 1,
            "basis": "operator", "service": service, "count": 2, "bytes": 100, "first_seen": time, "last_seen": time,
            "mac_source": "l2", "asset": name.map(|name| serde_json::json!({"name": name, "site": "Hall 3"})),
            "vendor": "Super Micro", "mode": "native"}
    })
    .to_string()
        + "\n"
}

const LOSS: &str = "{\"timestamp\":\"2026-11-25T10:00:30.000000Z\",\"event_type\":\"loss\",\"loss\":{\"place\":\"ring_full\",\"count\":7}}\n";

/// Two files of one log, the older one packed, in the order in which a shell names them.
fn logs() -> Result<Lists> {
    let lists = Lists::new()?;
    let older = [
        alert(1, 0, "CN", "203.0.113.1", "ssh", Some("gpu-1")),
        alert(2, 10, "CN", "203.0.113.2", "ssh", None),
        LOSS.to_owned(),
    ];
    let newer = [
        alert(5, 70, "RU", "203.0.113.1", "ipmi-rmcp", Some("gpu-1")),
        alert(6, 80, "CN", "203.0.113.1", "ssh", Some("gpu-1")),
        "not json\n\n{\"timestamp\":\"2026-11-25T10:00:30Z\",\"event_type\":\"dns\"}\n".to_owned(),
    ];
    lists.write("a.json", &newer.concat())?;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(older.concat().as_bytes())?;
    fs::write(lists.folder().join("a.json.1.gz"), packed.finish()?)?;
    Ok(lists)
}

fn report(lists: &Lists, words: &[&str]) -> Result<Ended> {
    Call::new([&["report"], words].concat()).in_folder(lists.folder()).run()
}

#[test]
fn a_log_as_tables_with_the_losses_first() -> Result<()> {
    let transcript = r"
$ checker report a.json a.json.1.gz
4 alerts of 8 packets, 400 B, in 7 lines and 2 files
from 2026-11-25 10:00:00 to 2026-11-25 10:01:20 UTC
LOST: 7 packets, the ring buffer was full, in 1 record, 2026-11-25 10:00:30 to 2026-11-25 10:00:30
MISSING: 2 alerts between the files: is one of them not here?
NOT READ: 2 lines of other programs, or damaged:
  a.json:3: expected ident
  a.json:5: \x22dns\x22 is no record of checker

";
    let ended = report(&logs()?, &["a.json", "a.json.1.gz"])?.expect(1)?;
    let expected = transcript.replace("\\x22", "\"");
    let expected = expected.split_once("gz\n").context("no output")?.1;
    assert!(ended.stdout.starts_with(expected), "{}", ended.stdout);
    for row in [
        ["CN", "3", "6", "300 B"],
        ["gpu-1", "Hall 3", "3", "6"],
        ["203.0.113.1", "RU", "203.0.113.0/24", "3"],
        ["ssh", "3", "6", "300 B"],
        ["one.txt", "CN", "6", "abababab"],
        ["2026-11-25 10:00:00", "2", "", "####"],
        ["2026-11-25 10:00:30", "0", "7", ""],
    ] {
        let has = |line: &str| row.iter().all(|cell| line.contains(cell));
        assert!(ended.stdout.lines().any(has), "{row:?} in\n{}", ended.stdout);
    }
    Ok(())
}

#[test]
fn a_part_of_it_and_nothing() -> Result<()> {
    let json = |words: &[&str], code: i32| -> Result<Value> {
        let words = [&["--json", "a.json", "a.json.1.gz"], words].concat();
        Ok(serde_json::from_str(&report(&logs()?, &words)?.expect(code)?.stdout)?)
    };
    let all = json(&[], 1)?;
    assert_eq!((&all["total"]["alerts"], &all["total"]["packets"]), (&4.into(), &8.into()));
    assert_eq!(all["machines"]["rows"][0]["machine"], "gpu-1");
    assert_eq!(all["bad_lines"]["count"], 2);
    let some = json(&["--filter", "label=RU"], 1)?;
    assert_eq!((&some["total"]["alerts"], &some["filtered"]), (&1.into(), &3.into()));
    assert_eq!(some["losses"][0]["packets"], 7, "a filter on a label hides no loss");
    let late = json(&["--since", "2026-11-25T10:01:00Z"], 1)?;
    assert_eq!((&late["total"]["alerts"], &late["outside"]), (&2.into(), &4.into()));
    assert_eq!(json(&["--until", "2026-11-25T10:00:00Z"], 0)?["total"]["alerts"], 0);
    let top = json(&["--top", "1"], 1)?;
    assert_eq!(top["addresses"]["others"]["packets"], 2, "each table adds up");
    Ok(())
}

#[test]
fn what_cannot_be_reported() -> Result<()> {
    let lists = logs()?;
    lists.write("text.log", "one\ntwo\n")?;
    lists.write("empty.json", "")?;
    retell(
        &lists,
        r#"
$ checker report text.log
! checker: none of 2 lines is a record of checker; the first: text.log:1: expected value; text.log:2: expected ident
? 2
$ checker report empty.json
0 alerts of 0 packets, 0 B, in 0 lines and 1 file
no losses: the logs tell of none, and no alert is missing by its number
? 0
$ checker report --since 1h --until 2h empty.json
! checker: --until is not after --since
? 2
$ checker report --html a.json a.json
! checker: a.json is one of the logs; the page would take its place
? 2
"#,
    )?;
    let ended = report(&lists, &["--filter", "lable=CN", "a.json"])?;
    comes_to(
        &lists,
        &ended,
        r#"
! checker: the filter, column 1: there is no field "lable"; did you mean label?
!   lable=CN
!   ^
? 2
"#,
    )?;
    let ended = report(&lists, &["missing.json", "a.json"])?.expect(2)?;
    assert!(ended.stderr.contains("missing.json: cannot be read: No such file"), "{}", ended.stderr);
    assert!(ended.stdout.starts_with("2 alerts of 4 packets"), "the rest is reported: {}", ended.stdout);
    Ok(())
}

/// Python's parser; every element must be closed, in order.
const CHECK: &str = r#"
import sys, html.parser
EMPTY = {"meta", "br", "hr"}
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text = [], []
    def handle_starttag(self, tag, attrs):
        assert tag not in {"script", "img", "link", "iframe", "object", "embed", "base", "form", "a", "b onload"}, tag
        for name, value in attrs:
            assert not name.startswith("on") and name not in {"src", "href", "xlink:href", "srcset", "data"}, name
            assert "://" not in (value or "") and "url(" not in (value or ""), value
        if tag not in EMPTY:
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag
    def handle_data(self, data):
        if "style" in self.open:
            assert "url(" not in data and "@import" not in data
        self.text.append(data)
page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
assert not page.open, page.open
sys.stdout.write("".join(page.text))
"#;

#[test]
fn the_page_is_well_formed_and_loads_nothing_whatever_the_names() -> Result<()> {
    let lists = Lists::new()?;
    let hostile = "<script src=http://evil.example/x.js></script>\"'&<b onload=x>\u{202e}\u{1b}[2J";
    let log = [
        alert(1, 0, "</title><img/src=x>", hostile, "</style><script>", Some(hostile)),
        alert(2, 5, "CN", "203.0.113.1", "ssh", None),
        LOSS.replace("ring_full", "<svg onload=x>"),
    ];
    lists.write("<b>.json", &log.concat())?;
    report(&lists, &["-q", "--html", "page.html", "<b>.json", "--filter", "label!='<i>\"'"])?.expect(1)?;
    let page = lists.folder().join("page.html");
    assert_eq!(fs::metadata(&page)?.permissions().mode() & 0o777, 0o600);
    let python = Command::new(require::tool("python3")?).arg("-c").arg(CHECK).arg(&page).output()?;
    anyhow::ensure!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
    let text = String::from_utf8(python.stdout)?;
    for shown in [
        "<script src=http://evil.example/x.js></script>\"'&<b onload=x>\\u{202e}\\u{1b}[2J",
        "</title><img/src=x>",
        "</style><script>",
        "<b>.json",
        "7 packets, <svg onload=x>",
        "no legal advice",
        &"ab".repeat(32),
    ] {
        assert!(text.contains(shown), "{shown:?} in {text}");
    }
    let printed = report(&lists, &["--html", "-", "<b>.json"])?.expect(1)?;
    assert!(printed.stdout.starts_with("<!DOCTYPE html>"), "{}", printed.stdout);
    Ok(())
}
