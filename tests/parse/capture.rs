//! One capture, twice: read by `checker scan`, and sent frame by frame over a cable with a daemon at its end. Both must
//! come to the same alerts and the same counts. And what tshark finds in it is what `checker scan` finds.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use harness::{
    capture::pcap,
    checker::Call,
    daemon::events,
    frame::{DOT1AD, DOT1Q, Frame, QINQ_OLD},
    lists::Lists,
    plan::Plan,
    process::Ended,
    veth::{NEAR, Wire},
};

use crate::{seed, stack};

/// Frames of the capture that is also sent.
const FRAMES: usize = 20_000;

/// One list of each action; the paths are relative to the configuration.
const CONFIG: &str = "[[list]]\nlabel = \"alert\"\npath = \"alert.txt\"\n\
                      [[list]]\nlabel = \"drop\"\npath = \"drop.txt\"\naction = \"drop\"\n\
                      [[list]]\nlabel = \"allow\"\npath = \"allow.txt\"\naction = \"allow\"\n";

fn write(lists: &Lists) -> Result<String> {
    lists.write("alert.txt", "203.0.113.0/24\n2001:db8:a::/48\n")?;
    lists.write("drop.txt", "198.51.100.0/25\n2001:db8:d::/48\n")?;
    lists.write("allow.txt", "203.0.113.128/25\n")?;
    Ok(lists.write("checker.toml", CONFIG)?.to_string_lossy().into_owned())
}

/// Random stacks, half of them spoilt, and shapes made by hand in between.
fn frames(random: &mut Rng) -> Vec<Vec<u8>> {
    let mut all = Vec::with_capacity(FRAMES);
    while all.len() < FRAMES {
        let mut bytes = stack::Stack::random(random).bytes;
        if random.bool() {
            stack::mutate(random, &mut bytes);
        }
        // What neither an interface takes nor a packet socket sends.
        bytes.truncate(1514);
        all.push(bytes);
        if all.len() % 100 == 0 {
            all.extend(shapes());
        }
    }
    all
}

fn shapes() -> Vec<Vec<u8>> {
    let v4 = || Frame::between("203.0.113.1", "198.51.100.9");
    let v6 = || Frame::between("2001:db8:a::1", "2001:db8:d::9");
    let mut arp = vec![0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0x5e, 0x10, 0, 1, 203, 0, 113, 1];
    arp.extend([0, 0, 0, 0, 0, 0, 198, 51, 100, 9]);
    let mut solicitation = vec![135, 0, 0, 0, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8, 0, 0x0d];
    solicitation.resize(24, 1);
    let mut all = vec![
        v4().tcp(50_000, 443).bytes(),
        v4().udp(40_000, 623).data(400).bytes(),
        v4().sctp(1, 2).bytes(),
        v4().protocol(1, vec![8; 8]).bytes(),
        v4().protocol(50, vec![8; 8]).bytes(),
        v4().options(10).bytes(),
        v4().fragment(8, true).bytes(),
        v6().tcp(50_000, 443).bytes(),
        v6().protocol(58, solicitation).bytes(),
        v6().protocol(59, vec![]).bytes(),
        Frame::between("203.0.113.200", "192.0.2.9").bytes(),
        Frame::between("192.0.2.9", "203.0.113.1").bytes(),
        Frame::between("192.0.2.9", "192.0.2.1").bytes(),
        Frame::other(0x0806, arp).bytes(),
        Frame::other(0x88cc, vec![0; 40]).bytes(),
        Frame::other(0x8906, vec![0; 40]).bytes(),
        Frame::other(0x1234, vec![0; 40]).bytes(),
    ];
    for tags in 1..=5 {
        let kinds = [DOT1AD, DOT1Q, QINQ_OLD, DOT1Q, DOT1Q];
        all.push(kinds[..tags].iter().fold(v4(), |frame, kind| frame.tag(*kind, 100)).bytes());
    }
    all
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_capture_is_judged_as_the_same_frames_on_a_wire_are() -> Result<()> {
    let frames = frames(&mut Rng::with_seed(seed()));
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR);
    let config = write(plan.lists())?;
    let path = plan.lists().folder().join("frames.pcap");
    fs::write(&path, pcap(1, &frames))?;
    for words in [&[][..], &["--tunnels", "off"], &["--nat64", "2001:db8:64::/96"]] {
        compare(&frames, &path, &config, words)?;
    }
    Ok(())
}

fn compare(frames: &[Vec<u8>], path: &Path, config: &str, words: &[&str]) -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).words(&["--config", config, "--direction", "mirror"]);
    let daemon = plan.words(words).start()?;
    wire.sender()?.send_all(frames)?;
    daemon.wait_until_seen(frames.len() as u64)?;
    let outcomes = daemon.status()?["account"]["outcomes"].clone();
    let live = daemon.stop()?.expect(0)?;

    let path = path.to_string_lossy();
    let scan = ["scan", "--config", config, "--output", "eve", &path];
    let scanned = Call::new(scan.iter().chain(words)).run()?.expect(1)?;

    let counted: BTreeMap<String, u64> = serde_json::from_value(outcomes)?;
    let counted: Vec<_> = counted.iter().filter(|(_, packets)| **packets > 0).collect();
    ensure!(counted.len() >= 8, "there is something of everything: {counted:?}");
    let told = outcomes_of(&scanned)?;
    assert_eq!(counted, told.iter().collect::<Vec<_>>(), "{words:?}");
    let (live, scanned) = (flows(&live)?, flows(&scanned)?);
    assert!(live.len() > 100, "there is something to compare: {}", live.len());
    for (flow, told) in &live {
        assert_eq!(scanned.get(flow), Some(told), "{flow} {words:?}");
    }
    assert_eq!(live.len(), scanned.len(), "{words:?}");
    Ok(())
}

/// The line `  packets: alerted 3, compliant 2` of the summary.
fn outcomes_of(ended: &Ended) -> Result<BTreeMap<String, u64>> {
    let line = ended.stderr.lines().find_map(|line| line.strip_prefix("  packets: "));
    let line = line.with_context(|| format!("no counts in {:?}", ended.stderr))?;
    line.split(", ")
        .map(|part| {
            let (name, packets) = part.split_once(' ').context("no number")?;
            Ok((name.to_owned(), packets.parse()?))
        })
        .collect()
}

/// What the alerts say of each flow, and the packets and bytes that they tell of: a live alert stands for several packets.
fn flows(ended: &Ended) -> Result<BTreeMap<String, (u64, u64)>> {
    let mut flows = BTreeMap::<String, (u64, u64)>::new();
    for alert in events(&ended.stdout.lines().collect::<Vec<_>>())? {
        if alert["event_type"] != "alert" {
            continue;
        }
        let about = ["src_ip", "dest_ip", "dest_port", "proto"].map(|name| &alert[name]);
        let why = ["label", "matched", "side", "via", "prefix", "list", "list_sha256", "line"]
            .map(|name| &alert["checker"][name]);
        let flow = format!("{about:?} {:?} {} {why:?}", alert["vlan"][0], alert["alert"]);
        let number = |name: &str| alert["checker"][name].as_u64().with_context(|| format!("no {name}"));
        let told = flows.entry(flow).or_default();
        told.0 += number("count")?;
        told.1 += number("bytes")?;
    }
    Ok(flows)
}

/// Frames in which tshark finds an address of the lists are those in which `checker scan` finds one.
#[test]
fn tshark_finds_the_same_addresses() -> Result<()> {
    let mut random = Rng::with_seed(seed());
    let lists = Lists::new()?;
    lists.write("one.txt", "203.0.113.0/24\n198.51.100.0/24\n2001:db8:a::/48\n2001:db8:d::/48\n")?;
    let mut frames: Vec<_> =
        (0..5_000).map(|_| stack::Stack::random(&mut random).bytes).chain(shapes()).collect();
    // The last shape has five tags: tshark follows them, checker counts them as too many.
    frames.pop();
    let path = lists.folder().join("frames.pcap");
    fs::write(&path, pcap(1, &frames))?;
    for (direction, fields) in [("source", ["ip.src", "ipv6.src"]), ("destination", ["ip.dst", "ipv6.dst"])] {
        let found = tshark(&path, fields)?;
        let words =
            ["scan", "-q", "-l", "one.txt", "--direction", direction, "--output", "eve", "frames.pcap"];
        let scanned = Call::new(words).in_folder(lists.folder()).run()?.expect(1)?;
        let mut compared = 0;
        for alert in events(&scanned.stdout.lines().collect::<Vec<_>>())? {
            // What is inside of an address, the target of neighbour discovery and ARP have fields of their own.
            let plain = alert["checker"]["via"].is_null() || alert["checker"]["via"] == "inner";
            if !plain || alert["checker"]["side"] == "target" || alert["proto"] == "ARP" {
                continue;
            }
            let number = alert["pcap_cnt"].as_u64().context("no number")?;
            let matched = alert["checker"]["matched"].as_str().context("no address")?;
            // Behind some carriers tshark looks for nothing, or for nothing inside of the first header.
            let headers = if alert["checker"]["via"] == "inner" { 2 } else { 1 };
            let Some(addresses) = found.get(&number).filter(|addresses| addresses.len() >= headers) else {
                continue;
            };
            ensure!(
                addresses.iter().any(|address| address == matched),
                "{number}: {matched}, not {addresses:?}"
            );
            compared += 1;
        }
        let listed = |address: &String| {
            ["203.0.113.", "198.51.100.", "2001:db8:a:", "2001:db8:d:"]
                .iter()
                .any(|start| address.starts_with(start))
        };
        let expected: Vec<_> =
            found.iter().filter(|(_, all)| all.iter().any(listed)).map(|(number, _)| *number).collect();
        let alerts = events(&scanned.stdout.lines().collect::<Vec<_>>())?;
        let numbers: Vec<_> = alerts.iter().filter_map(|alert| alert["pcap_cnt"].as_u64()).collect();
        let missed: Vec<_> = expected.iter().filter(|number| !numbers.contains(number)).collect();
        ensure!(missed.is_empty(), "{direction}: tshark finds listed addresses in the packets {missed:?}");
        ensure!(compared > 1_000 && expected.len() > 1_000, "{compared} and {} to compare", expected.len());
    }
    Ok(())
}

/// The addresses of each frame, by its number.
fn tshark(path: &Path, fields: [&str; 2]) -> Result<BTreeMap<u64, Vec<String>>> {
    let output = Command::new("tshark")
        .args(["-n", "-r", &path.to_string_lossy(), "-T", "fields", "-e", "frame.number"])
        .args(["-e", fields[0], "-e", fields[1]])
        .output()
        .context("cannot start tshark (package tshark)")?;
    ensure!(output.status.success(), "tshark: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    text.lines()
        .map(|line| {
            let mut fields = line.split('\t');
            let number = fields.next().unwrap_or_default().parse()?;
            let addresses = fields.flat_map(|field| field.split(',')).filter(|address| !address.is_empty());
            Ok((number, addresses.map(str::to_owned).collect()))
        })
        .collect()
}
