//! `--evidence`: the first packet of each flow, as it was on the wire, under the name that the alerts give it.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    checker::Call,
    daemon::{Daemon, events},
    frame::{DOT1AD, DOT1Q, Frame},
    plan::Plan,
    require,
    tmpfs::Tmpfs,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use serde_json::Value;

use crate::{ONE, restricted, run_flows};

/// A daemon that keeps evidence in `folder`.
fn keeping(folder: &Path, words: &[&str]) -> Result<(Wire, Daemon)> {
    let wire = Wire::new()?;
    let folder = folder.to_str().context("a path")?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.words(&["--evidence", folder]).words(words).start()?;
    Ok((wire, daemon))
}

/// Waits until so many packets are written or lost, and gives the status of the evidence.
pub(crate) fn settled(daemon: &Daemon, packets: u64) -> Result<Value> {
    wait_until(&format!("{packets} packets are written or lost"), || -> Result<Value> {
        let evidence = daemon.status()?["evidence"].clone();
        let sum = [&evidence["written"], &evidence["lost"]["no_room"], &evidence["lost"]["failed"]];
        let sum: u64 = sum.iter().filter_map(|number| number.as_u64()).sum();
        ensure!(sum == packets, "the evidence is {evidence}");
        Ok(evidence)
    })
}

/// The files, in their order.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut files: Vec<_> =
        paths.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "pcapng")).collect();
    files.sort();
    Ok(files)
}

/// What `checker scan` says of a file.
fn scanned(daemon: &Daemon, file: &Path) -> Result<Vec<Value>> {
    let words = ["scan", "-q", "--output", "eve", "-l", "ONE=one.txt"].map(Into::into);
    let words = words.into_iter().chain([file.as_os_str().to_owned()]);
    let ended = Call::new(words).in_folder(daemon.lists.folder()).run()?.expect(1)?;
    events(&ended.stdout.lines().collect::<Vec<_>>())
}

fn contains(file: &[u8], bytes: &[u8]) -> bool {
    file.windows(bytes.len()).any(|window| window == bytes)
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_first_packet_of_a_flow_is_kept_and_named_in_each_alert() -> Result<()> {
    let outer = tempfile::tempdir()?;
    let folder = outer.path().join("evidence");
    let (wire, daemon) = keeping(&folder, &["--every", "100ms"])?;
    // The first one is told from those that follow by its flags.
    let tcp = |flags| Frame::between("203.0.113.1", "198.51.100.9").tcp(50_000, 443).flags(flags).bytes();
    wire.sender()?.send(&tcp(0x02), 1)?;
    daemon.wait_for_events(1)?;
    wire.sender()?.send(&tcp(0x18), 20)?;
    let told = daemon.wait_for_events(2)?;
    let evidence = settled(&daemon, 1)?;
    assert_eq!(
        (&evidence["written"], &evidence["files"], &evidence["failing"]),
        (&1.into(), &1.into(), &Value::Null)
    );
    for alert in &told {
        assert_eq!(alert["checker"]["evidence"], alert["flow_id"], "{alert}");
    }
    let printed = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(printed.contains("/evidence: 1 packets written, 0 lost; 1 files, 1 KiB\n"), "{printed}");

    let [file] = files(&folder)?.try_into().map_err(|files| anyhow::anyhow!("there are {files:?}"))?;
    let modes =
        [&folder, &file].map(|path| fs::metadata(path).map(|about| about.permissions().mode() & 0o777));
    assert_eq!([modes[0].as_ref().ok(), modes[1].as_ref().ok()], [Some(&0o700), Some(&0o600)]);
    let content = fs::read(&file)?;
    assert!(contains(&content, &tcp(0x02)) && !contains(&content, &tcp(0x18)));
    let name = format!("evidence {}: 203.0.113.1:50000 > 198.51.100.9:443 TCP: ", told[0]["flow_id"]);
    assert!(contains(&content, name.as_bytes()));
    let [alert] = scanned(&daemon, &file)?.try_into().map_err(|all| anyhow::anyhow!("it has {all:?}"))?;
    for field in ["in_iface", "src_ip", "src_port", "dest_ip", "dest_port", "proto", "ether", "community_id"]
    {
        assert_eq!(alert[field], told[0][field], "{field}");
    }
    for field in ["label", "matched", "prefix", "count", "bytes", "side"] {
        assert_eq!(alert["checker"][field], told[0]["checker"][field], "{field}");
    }
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_long_packet_is_cut_at_512_bytes_and_keeps_its_length() -> Result<()> {
    let outer = tempfile::tempdir()?;
    let folder = outer.path().join("evidence");
    let (wire, daemon) = keeping(&folder, &[])?;
    let frame = Frame::between("2001:db8::1", "3fff::9").udp(40_000, 9);
    let lengths = [1, 449, 450, 451, 1_000];
    for (number, data) in (0..).zip(lengths) {
        let mut bytes = frame.clone().udp(40_000, 9 + number).data(data).bytes();
        // Data that is not all the same, so that a cut in the wrong place is seen.
        for (at, byte) in bytes.iter_mut().enumerate().skip(62) {
            *byte = at as u8;
        }
        wire.sender()?.send(&bytes, 1)?;
    }
    let evidence = settled(&daemon, 5)?;
    assert_eq!(evidence["lost"], serde_json::json!({"no_room": 0, "failed": 0}));
    let [file] = files(&folder)?.try_into().map_err(|files| anyhow::anyhow!("there are {files:?}"))?;
    let content = fs::read(&file)?;
    let kept = packets(&content)?;
    let expected = lengths.map(|data| 62 + data as u32);
    assert_eq!(kept.iter().map(|(_, length)| *length).collect::<Vec<_>>(), expected);
    for (bytes, length) in kept {
        assert_eq!(bytes.len() as u32, length.min(512));
        assert!(bytes.iter().enumerate().skip(62).all(|(at, byte)| *byte == at as u8));
    }
    let alerts = scanned(&daemon, &file)?;
    let told: Vec<_> = alerts.iter().filter_map(|alert| alert["checker"]["bytes"].as_u64()).collect();
    assert_eq!(told, expected.map(u64::from), "the scan tells the length on the wire");
    daemon.stop()?.expect(0)?;
    Ok(())
}

/// What is kept of each packet of a file, and its length on the wire.
pub(crate) fn packets(mut file: &[u8]) -> Result<Vec<(&[u8], u32)>> {
    let mut packets = Vec::new();
    let number = |bytes: &[u8], at: usize| -> Result<u32> {
        let bytes = bytes.get(at..at + 4).context("the file ends within a block")?;
        Ok(u32::from_le_bytes(bytes.try_into()?))
    };
    while !file.is_empty() {
        let (kind, length) = (number(file, 0)?, number(file, 4)? as usize);
        let (block, rest) = file.split_at_checked(length).context("the file ends within a block")?;
        if kind == 6 {
            let kept = number(block, 20)? as usize;
            packets.push((&block[28..28 + kept], number(block, 24)?));
        }
        file = rest;
    }
    Ok(packets)
}

/// The kernel takes the outermost tag out of what comes in, and keeps it beside the frame until that has gone out.
#[test]
#[ignore = "needs root: namespaces, TCX, a bridge"]
fn what_goes_out_has_its_tags() -> Result<()> {
    let outer = tempfile::tempdir()?;
    let folder = outer.path().join("evidence");
    let wire = Wire::new()?;
    wire.add_pair("near1", "far1")?;
    wire.near.ip("link add bridge0 type bridge")?;
    for port in [NEAR, "near1"] {
        wire.near.ip(&format!("link set {port} master bridge0"))?;
    }
    wire.near.ip("link set bridge0 arp off up")?;
    let plan = Plan::new(&wire.near)?.interface("near1").list("ONE", ONE)?;
    let words = ["--direction", "egress", "--evidence", folder.to_str().context("a path")?];
    let daemon = plan.words(&words).start()?;
    let long = Frame::between("198.51.100.9", "203.0.113.1").tag(DOT1Q, 100).data(700).bytes();
    let double = Frame::between("198.51.100.9", "203.0.113.2").tag(DOT1AD, 7).tag(DOT1Q, 8).bytes();
    wire.sender()?.send_all([&long, &double])?;
    settled(&daemon, 2)?;
    let told = daemon.wait_for_events(2)?;
    let [file] = files(&folder)?.try_into().map_err(|files| anyhow::anyhow!("there are {files:?}"))?;
    let content = fs::read(&file)?;
    assert_eq!(packets(&content)?, [(&long[..512], long.len() as u32), (&double[..], double.len() as u32)]);
    for (alert, told) in scanned(&daemon, &file)?.iter().zip(&told) {
        assert_eq!(alert["vlan"], told["vlan"]);
    }
    assert_eq!(told[1]["vlan"], serde_json::json!([7, 8]));
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP; tshark"]
fn tshark_opens_it() -> Result<()> {
    let outer = tempfile::tempdir()?;
    let folder = outer.path().join("evidence");
    let (wire, daemon) = keeping(&folder, &[])?;
    wire.sender()?.send(&restricted(), 3)?;
    run_flows(&wire, 1..100)?;
    settled(&daemon, 100)?;
    let told = daemon.wait_for_events(100)?;
    let [file] = files(&folder)?.try_into().map_err(|files| anyhow::anyhow!("there are {files:?}"))?;
    let fields =
        ["frame.packet_id", "frame.comment", "frame.interface_name", "frame.len", "ip.src", "udp.dstport"];
    let mut tshark = Command::new(require::tool("tshark")?);
    tshark.arg("-r").arg(&file).args(["-n", "-T", "fields"]);
    fields.iter().for_each(|field| {
        tshark.args(["-e", field]);
    });
    let output = tshark.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown = String::from_utf8(output.stdout)?;
    assert_eq!(shown.lines().count(), 100, "{shown}");
    for (line, alert) in shown.lines().zip(&told) {
        let seen: Vec<_> = line.split('\t').collect();
        let id = alert["checker"]["evidence"].as_u64().context("no evidence")?;
        let shown =
            seen[0].strip_prefix("0x").map_or_else(|| seen[0].parse(), |hex| u64::from_str_radix(hex, 16));
        assert_eq!(shown, Ok(id), "{line}");
        assert!(seen[1].starts_with(&format!("evidence {id}: 203.0.113.1:40000 > ")), "{line}");
        let told = ["in_iface", "src_ip", "proto"].map(|field| alert[field].as_str().unwrap_or_default());
        assert_eq!([seen[2], seen[4], "UDP"], told);
        assert_eq!(seen[3], alert["checker"]["bytes"].to_string());
        assert_eq!(seen[5], alert["dest_port"].to_string());
    }
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_full_disk_costs_evidence_and_no_alert() -> Result<()> {
    let disk = Tmpfs::new(64)?;
    let (folder, ballast) = (disk.path("evidence"), disk.path("ballast"));
    fs::write(&ballast, vec![0; 32 << 10])?;
    let (wire, daemon) = keeping(&folder, &["--limit", "1000000/s"])?;
    run_flows(&wire, 0..300)?;
    let full = settled(&daemon, 300)?;
    let lost = full["lost"]["failed"].as_u64().context("no count")?;
    assert!(lost > 0 && lost < 300, "{full}");
    assert!(full["failing"].as_str().is_some_and(|why| why.contains("No space left")), "{full}");
    let events = daemon.wait_for_events(301)?;
    let told: Vec<_> = events.iter().filter(|event| event["integrity"]["what"] == "sink_failed").collect();
    assert_eq!((told.len(), events.len()), (1, 301), "said once, and every alert is there");
    let name = told[0]["integrity"]["name"].as_str().context("no name")?;
    assert!(name.starts_with("evidence "), "{name}");
    let health = daemon.status()?["unhealthy"].clone();
    assert!(health.to_string().contains("No space left"), "{health}");
    // What is there is whole.
    let [file] = files(&folder)?.try_into().map_err(|files| anyhow::anyhow!("there are {files:?}"))?;
    assert_eq!(packets(&fs::read(&file)?)?.len() as u64, 300 - lost);

    fs::remove_file(&ballast)?;
    run_flows(&wire, 300..301)?;
    settled(&daemon, 301)?;
    assert_eq!(packets(&fs::read(&file)?)?.len() as u64, 301 - lost, "it goes on in the same file");
    let mut number = 301;
    wait_until("it is said that it works again", || -> Result<()> {
        run_flows(&wire, number..number + 1)?;
        number += 1;
        let events = daemon.wait_for_events(1)?;
        let told = events.iter().find(|event| event["integrity"]["what"] == "sink_recovered");
        let told = told.with_context(|| format!("{} events", events.len()))?;
        ensure!(told["integrity"]["lost"] == lost, "{told}");
        Ok(())
    })?;
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_folder_that_others_may_read_is_refused_and_nothing_is_taken_without_the_option() -> Result<()> {
    let outer = tempfile::tempdir()?;
    fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o755))?;
    let wire = Wire::new()?;
    let plan = || Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE);
    let folder = outer.path().to_str().context("a path")?;
    let refused = plan()?.words(&["--evidence", folder]).refused()?.expect(2)?;
    assert!(refused.stderr.contains(" is open to others (mode 0755): "), "{}", refused.stderr);
    let refused = plan()?.words(&["--evidence", folder, "--evidence-limit", "16"]).refused()?.expect(2)?;
    assert!(refused.stderr.contains("must be twice --evidence-size 16 at least"), "{}", refused.stderr);

    let daemon = plan()?.start()?;
    wire.sender()?.send(&restricted(), 1)?;
    let alert = daemon.wait_for_events(1)?.remove(0);
    assert_eq!(alert["checker"].get("evidence"), None);
    assert_eq!(daemon.status()?.get("evidence"), None);
    daemon.stop()?.expect(0)?;
    Ok(())
}
