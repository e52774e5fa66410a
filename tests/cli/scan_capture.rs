//! `checker scan` on captures: what is printed, and the exit codes.

use std::{
    fs::{self, File},
    io::Write as _,
};

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};
use harness::{
    capture::pcap,
    checker::Call,
    daemon::events,
    frame::{DOT1Q, Frame},
    lists::Lists,
};
use serde_json::json;

use crate::transcript::{comes_to, retell};

/// A capture of four packets, two of them restricted, and pieces of it.
fn captures() -> Result<Lists> {
    let lists = crate::lists()?;
    let folder = lists.folder();
    let file = pcap(1, packets());
    fs::write(folder.join("a.pcap"), &file)?;
    fs::write(folder.join("cut.pcap"), &file[..file.len() - 1])?;
    let mut packed = GzEncoder::new(File::create(folder.join("a.pcap.gz"))?, Compression::default());
    packed.write_all(&file)?;
    packed.finish()?;
    fs::write(folder.join("a.pcap.zst"), zstd::encode_all(&*file, 0)?)?;
    Ok(lists)
}

fn packets() -> Vec<Vec<u8>> {
    vec![
        Frame::between("203.0.113.1", "198.51.100.9").tag(DOT1Q, 7).udp(40_000, 623).bytes(),
        Frame::between("198.51.100.9", "192.0.2.1").tcp(50_000, 443).bytes(),
        Frame::other(0x88cc, vec![0; 40]).bytes(),
        Frame::between("3fff::9", "2001:db8::1").tcp(50_000, 443).bytes(),
    ]
}

const ALERTS: &str = r"
22:13:20.000000 FILE:1 ALERT ONE          203.0.113.1:40000 > 198.51.100.9:623      UDP  ipmi-rmcp     range=203.0.113.0/24 list=one.txt:2@SHA gen=1 mac=02:00:5e:10:00:01 vlan=7
22:13:20.003000 FILE:4 ALERT ONE            [3fff::9]:50000 > [2001:db8::1]:443     TCP  redfish-https side=dst range=2001:db8::/32 list=one.txt:4@SHA gen=1 mac=02:00:5e:10:00:01
";

/// The alerts in `file`.
fn alerts(lists: &Lists, file: &str) -> Result<String> {
    let list = Call::new(["scan", "-q", "-l", "ONE=one.txt", "--output", "eve", "a.pcap"]);
    let told = events(&list.in_folder(lists.folder()).run()?.stdout.lines().collect::<Vec<_>>())?;
    let sha = told[0]["checker"]["list_sha256"].as_str().unwrap_or_default().to_owned();
    Ok(ALERTS.trim_start().replace("FILE", file).replace("SHA", &sha[..8]))
}

#[test]
fn alerts_as_on_a_wire_and_a_summary() -> Result<()> {
    let lists = captures()?;
    let transcript = format!(
        "\
$ checker scan -l ONE=one.txt a.pcap
{}! scanned 1 capture, 4 packets: 3 judged (75.0 %), 2 restricted
!   packets: compliant 1, alerted 2, link_control 1
!   ONE: 2
!   most often:
!     1  203.0.113.1  ONE
!     1  2001:db8::1  ONE
? 1
$ checker scan -l ONE=lab.txt a.pcap
! scanned 1 capture, 4 packets: 3 judged (75.0 %), 0 restricted
!   packets: compliant 3, link_control 1
? 0
$ checker scan -q -l ONE=one.txt --direction source --output count a.pcap
1
? 1
$ checker scan -q -l ONE=one.txt --output count a.pcap a.pcap.gz
a.pcap:2
a.pcap.gz:2
? 1
",
        alerts(&lists, "a.pcap")?
    );
    retell(&lists, &transcript)
}

#[test]
fn packed_ones_and_standard_input() -> Result<()> {
    let lists = captures()?;
    for file in ["a.pcap.gz", "a.pcap.zst"] {
        let expected = format!("$ checker scan -q -l ONE=one.txt {file}\n{}? 1\n", alerts(&lists, file)?);
        retell(&lists, &expected)?;
        let packed = fs::read(lists.folder().join(file))?;
        let call = Call::new(["scan", "-q", "-l", "ONE=one.txt", "-"]).in_folder(lists.folder());
        let expected = format!("{}? 1\n", alerts(&lists, "(standard input)")?);
        comes_to(&lists, &call.input(&packed).run()?, &expected)?;
    }
    Ok(())
}

#[test]
fn an_event_is_that_of_a_wire_with_the_place_in_the_file() -> Result<()> {
    let lists = captures()?;
    let call = Call::new(["scan", "-q", "-l", "ONE=one.txt", "--output", "eve", "a.pcap"]);
    let ended = call.in_folder(lists.folder()).run()?.expect(1)?;
    let mut event = events(&ended.stdout.lines().collect::<Vec<_>>())?.remove(0);
    event["checker"]["list_sha256"].take();
    let expected = json!({
        "timestamp": "2023-11-14T22:13:20.000000Z", "event_type": "alert", "pcap_cnt": 1, "pcap_filename": "a.pcap",
        "src_ip": "203.0.113.1", "src_port": 40_000, "dest_ip": "198.51.100.9", "dest_port": 623, "proto": "UDP",
        "vlan": [7], "ether": {"src_mac": "02:00:5e:10:00:01", "dest_mac": "02:00:5e:10:00:02"},
        "community_id": "1:srvNFSlsLXLbDwFL6RBOLvJWA04=",
        "alert": {
            "action": "allowed", "gid": 1, "signature_id": 1, "rev": 1,
            "signature": "Restricted region: ONE", "category": "restricted-range", "severity": 2,
        },
        "checker": {
            "seq": 1, "label": "ONE", "matched": "203.0.113.1", "direction": null, "side": "src", "via": null,
            "prefix": "203.0.113.0/24", "list": "one.txt", "list_sha256": null, "line": 2, "generation": 1,
            "basis": "operator", "service": "ipmi-rmcp", "count": 1, "bytes": 46,
            "first_seen": "2023-11-14T22:13:20.000000Z", "last_seen": "2023-11-14T22:13:20.000000Z",
            "mac": "02:00:5e:10:00:01", "mac_source": "l2", "vendor": null, "asset": null, "mode": null,
        },
    });
    assert_eq!(event, expected);
    Ok(())
}

/// Linux' cooked header names the sender alone, raw IP nobody.
#[test]
fn a_machine_is_named_where_the_capture_names_one() -> Result<()> {
    let lists = crate::lists()?;
    let packet = &packets()[0][18..];
    let cooked = [&[0, 0, 0, 1, 0, 6, 0x3c, 0xec, 0xef, 1, 2, 3, 0, 0, 8, 0], packet].concat();
    fs::write(lists.folder().join("any.pcap"), pcap(113, [cooked]))?;
    fs::write(lists.folder().join("raw.pcap"), pcap(101, [packet]))?;
    let call = Call::new(["scan", "-q", "-l", "one.txt", "--output", "eve", "any.pcap", "raw.pcap"]);
    let ended = call.in_folder(lists.folder()).run()?.expect(1)?;
    let events = events(&ended.stdout.lines().collect::<Vec<_>>())?;
    assert_eq!(events[0]["ether"], json!({"src_mac": "3c:ec:ef:01:02:03"}));
    assert_eq!(events[0]["checker"]["mac_source"], "l2");
    assert_eq!(events[1].get("ether"), None);
    assert_eq!(events[1]["checker"]["mac_source"], "none");
    Ok(())
}

#[test]
fn a_cut_capture_is_a_warning_and_a_wrong_one_an_error() -> Result<()> {
    let lists = captures()?;
    let folder = lists.folder();
    let mut file = pcap(1, packets());
    file.extend([0xff; 32]);
    fs::write(folder.join("wrong.pcap"), file)?;
    fs::write(folder.join("old.pcap"), [&0xa1b2_cd34_u32.to_be_bytes()[..], &[0; 40]].concat())?;
    fs::write(folder.join("radio.pcap"), pcap(127, [[0_u8; 40], [1; 40]]))?;
    fs::write(folder.join("empty.pcap"), pcap(1, [[0_u8; 0]; 0]))?;
    fs::write(folder.join("short.pcap"), &pcap(1, [[0_u8; 0]; 0])[..20])?;
    let transcript = r"
$ checker scan -q -l ONE=one.txt --output count cut.pcap
1
!  WARN cut.pcap: ends within packet 4
? 1
$ checker scan -q -l ONE=one.txt --output count wrong.pcap
2
! ERROR wrong.pcap: packet 5: a packet is said to have 4294967295 bytes, more than 262144
? 2
$ checker scan -q -l ONE=one.txt --output count old.pcap a.pcap
a.pcap:2
! ERROR old.pcap: its header: pcap of the modified form (magic a1b2cd34) is not read
? 2
$ checker scan -l ONE=one.txt radio.pcap
! scanned 1 capture, 2 packets: 0 judged (0.0 %), 0 restricted
!   not read: 2 of link type 127 (IEEE802_11_RADIOTAP)
? 0
$ checker scan -l ONE=one.txt empty.pcap
! scanned 1 capture, 0 packets, 0 restricted
? 0
$ checker scan -q -l ONE=one.txt --output count short.pcap
!  WARN short.pcap: ends within its header
? 0
";
    retell(&lists, transcript)
}

#[test]
fn options_that_are_for_logs() -> Result<()> {
    let transcript = r"
$ checker scan -q -l ONE=one.txt --invert a.pcap
! ERROR a.pcap: cannot be read: it is a capture, which has no lines; --only-matching and --invert are for logs
? 2
$ checker scan -q -l ONE=one.txt --follow a.pcap
! checker: --follow is for logs; a capture that is still being written can be piped
? 2
$ checker scan -q -l ONE=one.txt --nat64 2001:db8::/33 a.pcap
! checker: --nat64 2001:db8::/33: a NAT64 prefix has 32, 40, 48, 56, 64 or 96 bits (RFC 6052)
? 2
";
    retell(&captures()?, transcript)
}

#[test]
fn a_file_name_cannot_steer_the_terminal() -> Result<()> {
    let lists = captures()?;
    let name = "\u{1b}[2J.pcap";
    fs::rename(lists.folder().join("cut.pcap"), lists.folder().join(name))?;
    let call = Call::new(["scan", "-q", "-l", "ONE=one.txt", name]).in_folder(lists.folder());
    let ended = call.run()?.expect(1)?;
    assert!(
        !ended.stdout.contains('\u{1b}') && ended.stdout.contains(r"\u{1b}[2J.pcap:1 ALERT"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stderr.contains('\u{1b}'), "{}", ended.stderr);
    Ok(())
}

#[test]
fn a_closed_pipe_is_no_error_and_a_full_disk_is_one() -> Result<()> {
    let lists = captures()?;
    let call = || Call::new(["scan", "-q", "-l", "ONE=one.txt", "a.pcap"]).in_folder(lists.folder());
    let (reader, writer) = std::io::pipe()?;
    drop(reader);
    comes_to(&lists, &call().stdout(writer).run()?, "? 1\n")?;
    let full = File::options().write(true).open("/dev/full")?;
    let expected = "! checker: cannot write to standard output: No space left on device (os error 28)\n? 2\n";
    comes_to(&lists, &call().stdout(full).run()?, expected)
}
