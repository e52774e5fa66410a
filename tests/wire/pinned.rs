//! `--pin`: the kernel goes on when the daemon is gone, and the next daemon goes on with it; nothing that was counted is
//! lost on the way.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{
        AtomicBool, AtomicU32,
        Ordering::{Relaxed, SeqCst},
    },
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    bpftool::detach_link_of,
    checker::{Call, NOBODY},
    daemon::Daemon,
    egress::has_tcx,
    frame::Frame,
    leftovers::Traces,
    lists::Lists,
    plan::Plan,
    process::Ended,
    send::Sender,
    stranger::Stranger,
    veth::{FAR, NEAR, Wire},
    wait::wait_until,
};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::{
    ONE, evidence,
    evidence::{files, settled},
    ordinary, restricted, run_flows,
};

/// Tells apart the pins of one process.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A cable, and folders that outlive daemons.
pub(crate) struct Lab {
    /// Of pins; removed first, so that nothing is attached any more when the rest goes.
    pub(crate) pins: PathBuf,
    pub(crate) state: Lists,
    pub(crate) wire: Wire,
}

impl Lab {
    pub(crate) fn new() -> Result<Self> {
        let number = NEXT.fetch_add(1, Relaxed);
        let pins = format!("/sys/fs/bpf/checker-test-pins-{}-{number}", process::id()).into();
        Ok(Self { pins, state: Lists::new()?, wire: Wire::new()? })
    }

    /// A daemon without lists of its own.
    pub(crate) fn plan(&self, words: &[&str]) -> Result<Plan<'_>> {
        let pin = format!("--pin={}", self.pins.display());
        let state = self.state.folder().to_string_lossy();
        let socket = self.state.folder().join("checker.sock");
        let plan = Plan::new(&self.wire.near)?.interface(NEAR).socket(&socket);
        Ok(plan.words(&[&pin, "--state", &state]).words(words))
    }

    pub(crate) fn start(&self, words: &[&str]) -> Result<Daemon> {
        self.plan(words)?.list("ONE", ONE)?.start()
    }

    /// `checker detach` where no daemon runs.
    fn detach(&self, words: &[&str]) -> Result<Ended> {
        self.detaching(words).run()
    }

    /// The same in the network namespace of the interfaces.
    pub(crate) fn detach_inside(&self, words: &[&str]) -> Result<Ended> {
        self.detaching(words).in_namespace(&self.wire.near).run()
    }

    fn detaching(&self, words: &[&str]) -> Call<'_> {
        let pins = self.pins.to_string_lossy();
        let (state, socket) = (self.state.folder().to_string_lossy(), self.state.folder().join("no.sock"));
        let own = ["detach", "--pin", &pins, "--state", &state, "--control", &socket.to_string_lossy()];
        Call::new(own.iter().chain(words))
    }

    /// Waits until the daemon has written down that it told of so many packets, all that there were.
    fn wait_until_kept(&self, packets: u64) -> Result<()> {
        wait_until(&format!("it is kept that {packets} packets were told of"), || -> Result<()> {
            let mut books = fs::read_dir(self.state.folder().join("pinned"))?.flatten();
            let books = books.next().context("there is no folder")?.path().join("books");
            let books: Value = serde_json::from_slice(&fs::read(books)?)?;
            let flows = books["flows"].as_array().into_iter().flatten();
            let told: u64 = flows.filter_map(|flow| flow["packets"].as_u64()).sum();
            ensure!(books["seen"] == packets && told == packets, "it is kept that {told} were told of");
            Ok(())
        })
    }

    /// Nothing is attached, pinned or kept.
    pub(crate) fn is_clean(&self) -> Result<()> {
        assert_eq!(self.wire.xdp_program(NEAR)?, None);
        assert!(!self.pins.exists(), "{} is still there", self.pins.display());
        let kept: Vec<_> = fs::read_dir(self.state.folder().join("pinned"))?.collect();
        assert!(kept.is_empty(), "{kept:?} is kept");
        Ok(())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // A test that went well has nothing there any more.
        let _removed = fs::remove_dir_all(&self.pins);
    }
}

pub(crate) fn kill(daemon: Daemon) -> Result<Lists> {
    daemon.process().signal(Signal::SIGKILL)?;
    let (ended, folder) = daemon.wait()?;
    assert_eq!(ended.signal(), Some(libc::SIGKILL));
    Ok(folder)
}

fn events(text: &str) -> Result<Vec<Value>> {
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// The event of the stream that tells what was gone on with.
fn adopted(daemon: &Daemon) -> Result<Value> {
    wait_until("it tells what it goes on with", || {
        let text = daemon.process().stdout.text();
        let events = events(&text).map_err(|error| format!("{error:#}"))?;
        let found = events.into_iter().find(|event| event["integrity"]["what"] == "adopted");
        found.map(|event| event["integrity"].clone()).ok_or(text)
    })
}

/// The account that a daemon printed at its end closes with so many packets that matched, and nothing is lost but what
/// `lost` allows.
pub(crate) fn closed(ended: &Ended, matched: u64, lost: u64) -> Result<()> {
    let line = ended.stderr.lines().find_map(|line| line.strip_prefix("account  matched "));
    let line = line.with_context(|| format!("no account in {}", ended.stderr))?;
    let (all, parts) = line.split_once(" = ").context("no parts")?;
    let number =
        |part: &str| part.split(' ').nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
    let sum: u64 = parts.split(" + ").map(number).sum();
    assert_eq!((all.parse(), sum), (Ok(matched), matched), "{line}");
    let missing: u64 = parts.split(" + ").filter(|part| part.starts_with("lost")).map(number).sum();
    assert!(missing <= lost, "{line}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn a_killed_daemon_is_gone_on_with_and_the_account_closes() -> Result<()> {
    let lab = Lab::new()?;
    let daemon = lab.start(&[])?;
    let program = lab.wire.xdp_program(NEAR)?.context("nothing is attached")?;
    let folder = fs::metadata(lab.pins.join(NEAR))?;
    assert_eq!((folder.mode() & 0o777, folder.uid()), (0o700, 0));
    lab.wire.sender()?.send(&restricted(), 5)?;
    daemon.wait_until_seen(5)?;
    lab.wait_until_kept(5)?;
    let _folder = kill(daemon)?;

    assert_eq!(lab.wire.xdp_program(NEAR)?, Some(program), "the kernel goes on");
    let fresh = Frame::between("203.0.113.9", "198.51.100.9").udp(40_000, 161).bytes();
    let sender = lab.wire.sender()?;
    sender.send(&restricted(), 7)?;
    sender.send(&fresh, 2)?;
    sender.send(&ordinary(), 3)?;

    // Without a list of its own: it has those of the one before.
    let daemon = lab.plan(&[])?.start()?;
    let told = adopted(&daemon)?;
    assert_eq!((&told["seen"], &told["matched"], &told["generation"]), (&json!(12), &json!(9), &json!(1)));
    assert_eq!(told["interfaces"], json!([NEAR]));
    let status = daemon.status()?;
    assert_eq!(status["generation"], 2, "the lists were read again");
    assert_eq!(
        (&status["account"]["seen"], &status["account"]["outcomes"]["unknown_class"]),
        (&json!(17), &json!(0))
    );
    sender.send(&restricted(), 1)?;
    daemon.wait_until_seen(18)?;

    // What came meanwhile is told of, by flow, and in the words of the list.
    let told_of = |source: &str| -> Result<u64> {
        let alerts = events(&daemon.process().stdout.text())?;
        let alerts =
            alerts.iter().filter(|event| event["src_ip"] == source && event["checker"]["generation"] == 1);
        let mut sum = 0;
        for alert in alerts {
            ensure!(alert["checker"]["prefix"] == "203.0.113.0/24", "{alert}");
            sum += alert["checker"]["count"].as_u64().unwrap_or(0);
        }
        Ok(sum)
    };
    wait_until("the flows of that time are told of", || -> Result<()> {
        let told = (told_of("203.0.113.1")?, told_of("203.0.113.9")?);
        ensure!(told == (7, 2), "so much of them is: {told:?}");
        Ok(())
    })?;
    let printed = daemon.call("detach", &[])?.expect(0)?.stdout;
    assert_eq!(printed, "detached from near0\n");
    let (ended, _folder) = daemon.wait()?;
    closed(&ended.expect(0)?, 15, 0)?;
    lab.is_clean()
}

/// Killed at any moment under traffic: nothing that the kernel counted is lost, whatever the daemon had told of.
#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn however_often_it_is_killed_under_traffic_the_account_closes() -> Result<()> {
    let lab = Lab::new()?;
    // What comes before the first one is nobody's.
    let first = kill(lab.start(&[])?)?;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let sending = scope.spawn(|| send_until(&lab.wire, &stop));
        let ran = || -> Result<Vec<Lists>> {
            let mut folders = vec![first];
            for round in 0..4_u64 {
                let daemon = lab.start(&[])?;
                let seen = daemon.status()?["account"]["seen"].as_u64().unwrap_or(0);
                daemon.wait_until_seen(seen + 50)?;
                thread::sleep(Duration::from_millis(40 * round));
                folders.push(kill(daemon)?);
            }
            Ok(folders)
        };
        let ran = ran();
        stop.store(true, SeqCst);
        let sent = sending.join().map_err(|_| anyhow::anyhow!("the sender died"))??;
        let _folders = ran?;
        let daemon = lab.start(&[])?;
        daemon.wait_until_seen(sent)?;
        assert_eq!(daemon.status()?["account"]["seen"], sent);
        daemon.call("detach", &[])?.expect(0)?;
        let (ended, _folder) = daemon.wait()?;
        closed(&ended.expect(0)?, sent, u64::MAX)?;
        lab.is_clean()
    })
}

/// Sends restricted packets until it is told to stop, a new flow now and then; gives how many.
fn send_until(wire: &Wire, stop: &AtomicBool) -> Result<u64> {
    let sender = wire.sender()?;
    let mut sent = 0;
    for port in 1_u16.. {
        if stop.load(SeqCst) {
            break;
        }
        let frame = Frame::between("203.0.113.1", "198.51.100.9").udp(40_000, port).bytes();
        sender.send(&frame, 5)?;
        sent += 5;
        thread::sleep(Duration::from_millis(2));
    }
    Ok(sent)
}

#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn an_upgrade_under_traffic_leaves_no_packet_unjudged() -> Result<()> {
    let lab = Lab::new()?;
    let first = lab.start(&[])?;
    let program = lab.wire.xdp_program(NEAR)?;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let sending = scope.spawn(|| send_until(&lab.wire, &stop));
        let upgraded = || -> Result<Daemon> {
            first.wait_until_seen(100)?;
            let second = lab.start(&["--replace"])?;
            let seen = second.status()?["account"]["seen"].as_u64().unwrap_or(0);
            second.wait_until_seen(seen + 100)?;
            Ok(second)
        };
        let upgraded = upgraded();
        stop.store(true, SeqCst);
        let sent = sending.join().map_err(|_| anyhow::anyhow!("the sender died"))??;
        let second = upgraded?;
        second.wait_until_seen(sent)?;
        assert_eq!(second.status()?["account"]["seen"], sent, "a packet more or less than were sent");
        let now = lab.wire.xdp_program(NEAR)?;
        assert!(now.is_some() && now != program, "it is another program: {program:?}, {now:?}");
        let (ended, _folder) = first.wait()?;
        let ended = ended.expect(0)?;
        assert!(ended.stderr.contains("another daemon takes over"), "{}", ended.stderr);
        second.call("detach", &[])?.expect(0)?;
        let (ended, _folder) = second.wait()?;
        closed(&ended.expect(0)?, sent, 0)?;
        lab.is_clean()
    })
}

#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn a_termination_leaves_the_pins_and_detach_takes_them_off() -> Result<()> {
    let lab = Lab::new()?;
    let daemon = lab.start(&[])?;
    let traces = Traces::of(lab.wire.xdp_program(NEAR)?.context("nothing is attached")?)?;
    lab.wire.sender()?.send(&restricted(), 3)?;
    daemon.wait_until_seen(3)?;
    daemon.process().signal(Signal::SIGTERM)?;
    let (ended, _folder) = daemon.wait()?;
    let ended = ended.expect(0)?;
    assert!(ended.stderr.contains("the kernel goes on judging"), "{}", ended.stderr);
    closed(&ended, 3, 0)?;
    assert!(lab.wire.xdp_program(NEAR)?.is_some());

    let unknown = lab.detach(&["-i", "nope0"])?.expect(2)?;
    assert!(unknown.stderr.contains("no checker daemon listens"), "{}", unknown.stderr);
    assert_eq!(lab.detach(&[])?.expect(0)?.stdout, "detached from near0\n");
    lab.is_clean()?;
    traces.wait_until_gone()
}

#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn pins_of_others_are_left_alone() -> Result<()> {
    let lab = Lab::new()?;
    let folder = lab.pins.join(NEAR);
    let refused = |said: &str| -> Result<()> {
        let ended = lab.plan(&[])?.list("ONE", ONE)?.refused()?.expect(2)?;
        let last = ended.stderr.lines().last().unwrap_or_default();
        assert!(last.contains(said), "{}", ended.stderr);
        assert!(folder.exists(), "it was removed");
        assert_eq!(lab.wire.xdp_program(NEAR)?, None);
        Ok(())
    };
    tight(&lab.pins)?;
    tight(&folder)?;
    tight(&folder.join("abi_1"))?;
    refused("is pinned in ")?;
    refused("by a checker whose kernel tables are of version 1, and this one's are of version ")?;
    fs::remove_dir(folder.join("abi_1"))?;
    chown(&folder, Some(NOBODY), None)?;
    refused("belongs to uid 65534, not to 0: it is left alone")?;
    chown(&folder, Some(0), None)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    refused("is open to others (mode 755): it is left alone")?;
    Ok(())
}

fn tight(path: &Path) -> Result<()> {
    fs::create_dir(path)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o700))?)
}

#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn two_daemons_do_not_share_pins() -> Result<()> {
    let lab = Lab::new()?;
    let _first = lab.start(&[])?;
    let other = lab.state.folder().join("other.sock");
    let ended = lab.plan(&[])?.list("ONE", ONE)?.socket(&other).refused()?.expect(2)?;
    assert!(ended.stderr.contains("another checker daemon holds "), "{}", ended.stderr);
    let ended = lab.detach(&[])?.expect(2)?;
    assert!(ended.stderr.contains("another checker daemon holds "), "{}", ended.stderr);
    assert!(lab.wire.xdp_program(NEAR)?.is_some());
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP, TCX or clsact, bpffs"]
fn several_interfaces_and_both_ways_are_gone_on_with() -> Result<()> {
    let lab = Lab::new()?;
    lab.wire.add_pair("near1", "far1")?;
    let words: &[&str] = &["-i", "near1", "--direction", "both"];
    let daemon = lab.start(words)?;
    let _folder = kill(daemon)?;
    for far in [FAR, "far1"] {
        Sender::new(&lab.wire.far, far)?.send(&restricted(), 2)?;
    }
    let out = Frame::between("198.51.100.9", "203.0.113.1").udp(623, 40_000).bytes();
    Sender::new(&lab.wire.near, "near1")?.send(&out, 3)?;
    let daemon = lab.start(words)?;
    let told = adopted(&daemon)?;
    assert_eq!((&told["interfaces"], &told["matched"]), (&json!([NEAR, "near1"]), &json!(7)));
    assert_eq!(daemon.status()?["unhealthy"], json!([]));
    // One of them can go, and the other outlives a kill once more.
    daemon.call("detach", &["-i", NEAR])?.expect(0)?;
    assert!(!lab.pins.join(NEAR).exists());
    let _folder = kill(daemon)?;
    assert!(lab.wire.xdp_program("near1")?.is_some());
    assert_eq!(lab.wire.egress_programs("near1")?.len(), 1);
    assert_eq!(lab.detach_inside(&[])?.expect(0)?.stdout, "detached from near1\n");
    assert_eq!(lab.wire.xdp_program("near1")?, None);
    for interface in [NEAR, "near1"] {
        assert!(lab.wire.egress_programs(interface)?.is_empty());
        assert!(!has_clsact(&lab, interface)?, "its qdisc is left");
    }
    lab.is_clean()
}

fn has_clsact(lab: &Lab, interface: &str) -> Result<bool> {
    Ok(lab.wire.near.tc(&format!("qdisc show dev {interface}"))?.contains("clsact"))
}

/// Before Linux 6.6: a filter outlives the daemon by itself, is found among others, and only checker's own is touched.
#[test]
#[ignore = "needs root: namespaces, clsact, bpffs; a kernel without TCX"]
fn a_filter_is_gone_on_with_and_those_of_others_are_left_alone() -> Result<()> {
    if has_tcx()? {
        return Ok(());
    }
    let lab = Lab::new()?;
    // Somebody else's qdisc, and a filter of the same program's name at the priority that is taken first.
    let mut foreign = Stranger::load()?;
    lab.wire.near.tc(&format!("qdisc add dev {NEAR} clsact"))?;
    let other = foreign.pin_egress()?;
    // Not `tc -n`, which mounts /sys anew: without the BPF file system.
    let mut add = Command::new("tc");
    add.args(["filter", "add", "dev", NEAR, "egress", "prio", "49152", "bpf", "da", "object-pinned"]);
    let added = lab.wire.near.enter(|| add.arg(other.path()).output())??;
    ensure!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let words = &["--direction", "egress"];
    let daemon = lab.start(words)?;
    let filters = lab.wire.egress_programs(NEAR)?;
    assert_eq!(filters.len(), 2);
    let out = Frame::between("198.51.100.9", "203.0.113.1").udp(623, 40_000).bytes();
    let send = |count| Sender::new(&lab.wire.near, NEAR)?.send(&out, count);
    send(2)?;
    daemon.wait_until_seen(2)?;
    let _folder = kill(daemon)?;
    assert_eq!(lab.wire.egress_programs(NEAR)?, filters, "both go on");
    send(3)?;

    // Another build is put in its place, on request only, and under traffic each packet is judged once.
    let build = &["--direction", "egress", "--kernel-log"];
    let refused = lab.plan(build)?.list("ONE", ONE)?.refused()?.expect(2)?;
    assert!(refused.stderr.contains("is judged by a program of another build"), "{}", refused.stderr);
    assert_eq!(lab.wire.egress_programs(NEAR)?, filters);
    let stop = AtomicBool::new(false);
    let (daemon, sent) = thread::scope(|scope| -> Result<(Daemon, u64)> {
        let sending = scope.spawn(|| -> Result<u64> {
            let mut sent = 0;
            while !stop.load(SeqCst) {
                send(1)?;
                sent += 1;
                thread::sleep(Duration::from_millis(1));
            }
            Ok(sent)
        });
        let daemon = lab.start(&["--direction", "egress", "--kernel-log", "--replace"]);
        stop.store(true, SeqCst);
        let sent = sending.join().map_err(|_| anyhow::anyhow!("the sender died"))??;
        Ok((daemon?, sent))
    })?;
    daemon.wait_until_seen(5 + sent)?;
    assert_eq!(daemon.status()?["account"]["seen"], 5 + sent, "a packet more or less than were sent");
    let now = lab.wire.egress_programs(NEAR)?;
    assert_eq!(now.len(), 2);
    assert_eq!(now.iter().filter(|program| filters.contains(program)).count(), 1, "one is another: {now:?}");
    assert_eq!(daemon.status()?["unhealthy"], json!([]));

    // What somebody took off is attached anew.
    let _folder = kill(daemon)?;
    lab.wire.near.tc(&format!("filter del dev {NEAR} egress prio 49151"))?;
    assert_eq!(lab.wire.egress_programs(NEAR)?.len(), 1);
    let daemon = lab.start(build)?;
    assert_eq!(lab.wire.egress_programs(NEAR)?.len(), 2);
    let _folder = kill(daemon)?;
    // It is in this namespace, and cannot be taken off from another one.
    let elsewhere = lab.detach(&[])?.expect(2)?;
    assert!(elsewhere.stderr.contains("in another network namespace"), "{}", elsewhere.stderr);
    assert_eq!(lab.detach_inside(&[])?.expect(0)?.stdout, "detached from near0\n");
    assert_eq!(lab.wire.egress_programs(NEAR)?.len(), 1, "that of somebody else stays");
    assert!(has_clsact(&lab, NEAR)?, "and so does its qdisc");
    lab.is_clean()
}

/// What is put on again lasts as well.
#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn what_is_attached_again_is_pinned_again() -> Result<()> {
    let lab = Lab::new()?;
    let daemon = lab.start(&["--reattach"])?;
    let program = lab.wire.xdp_program(NEAR)?.context("nothing is attached")?;
    detach_link_of(program)?;
    wait_until("it is put on again", || {
        let text = daemon.process().stdout.text();
        if text.contains("\"hook_restored\"") { Ok(()) } else { Err(text) }
    })?;
    let _folder = kill(daemon)?;
    assert_eq!(lab.wire.xdp_program(NEAR)?, Some(program));
    let daemon = lab.start(&[])?;
    daemon.call("detach", &[])?.expect(0)?;
    daemon.wait()?.0.expect(0)?;
    lab.is_clean()
}

/// The packets of flows that began while nobody was there.
#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn evidence_of_the_time_between_is_written_by_the_next_daemon() -> Result<()> {
    let lab = Lab::new()?;
    let outer = tempfile::tempdir()?;
    let folder = outer.path().join("evidence");
    let words = ["--evidence", folder.to_str().context("a path")?];
    let kept = |daemon: &Daemon, packets: u64| -> Result<usize> {
        settled(daemon, packets)?;
        let mut kept = 0;
        for file in files(&folder)? {
            kept += evidence::packets(&fs::read(file)?)?.len();
        }
        Ok(kept)
    };
    let daemon = lab.start(&words)?;
    lab.wire.sender()?.send(&restricted(), 2)?;
    assert_eq!(kept(&daemon, 1)?, 1);
    let _folder = kill(daemon)?;
    run_flows(&lab.wire, 0..3)?;
    let daemon = lab.start(&words)?;
    assert_eq!(kept(&daemon, 3)?, 4);
    wait_until("the alerts of that time name their packets", || -> Result<()> {
        let alerts = events(&daemon.process().stdout.text())?;
        let named = alerts.iter().filter(|alert| alert["checker"]["evidence"] == alert["flow_id"]);
        let named = named.filter(|alert| alert["flow_id"].is_u64()).count();
        ensure!(named >= 3, "{named} of them do");
        Ok(())
    })?;

    // More than the ring holds.
    let _folder = kill(daemon)?;
    run_flows(&lab.wire, 100..15_100)?;
    let daemon = lab.start(&words)?;
    let settled = settled(&daemon, 15_000)?;
    let (written, lost) = (&settled["written"], settled["lost"]["no_room"].as_u64());
    assert!(lost > Some(0) && *written != 0, "{settled}");

    // One that takes none, and one that does again.
    let _folder = kill(daemon)?;
    run_flows(&lab.wire, 20_000..20_001)?;
    let daemon = lab.start(&[])?;
    assert!(daemon.process().stderr.text().contains("and did not write are given up"));
    let _folder = kill(daemon)?;
    let daemon = lab.start(&words)?;
    run_flows(&lab.wire, 20_001..20_003)?;
    wait_until("two more are written", || -> Result<()> {
        let status = daemon.status()?["evidence"].clone();
        ensure!(status["written"] == 2 && status["lost"]["no_room"].as_u64() == lost, "{status}");
        Ok(())
    })?;
    daemon.call("detach", &[])?.expect(0)?;
    daemon.wait()?.0.expect(0)?;
    lab.is_clean()
}

/// Whoever opens the pinned link may put another program into it.
#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn a_stranger_s_program_in_a_pinned_link_is_told_of_and_put_out() -> Result<()> {
    let lab = Lab::new()?;
    let daemon = lab.start(&["--reattach"])?;
    let program = lab.wire.xdp_program(NEAR)?.context("nothing is attached")?;
    let foreign = Stranger::load()?.take_over_pinned(&lab.pins.join(NEAR).join("ingress"))?;
    wait_until("it is told of and put out", || {
        let text = daemon.process().stdout.text();
        let named = text.contains(&format!("(id {foreign}, native mode)"));
        if named && text.contains("\"hook_restored\"") { Ok(()) } else { Err(text) }
    })?;
    assert_eq!(lab.wire.xdp_program(NEAR)?, Some(program));
    // The pin still holds the link that is on the interface.
    let _folder = kill(daemon)?;
    lab.wire.sender()?.send(&restricted(), 3)?;
    let daemon = lab.start(&[])?;
    assert_eq!(adopted(&daemon)?["matched"], 3);
    daemon.call("detach", &[])?.expect(0)?;
    daemon.wait()?.0.expect(0)?;
    lab.is_clean()
}

/// The object that writes log lines is another build of the program.
#[test]
#[ignore = "needs root: namespaces, XDP, bpffs"]
fn a_program_of_another_build_is_replaced_on_request_only() -> Result<()> {
    let lab = Lab::new()?;
    let daemon = lab.start(&[])?;
    let program = lab.wire.xdp_program(NEAR)?.context("nothing is attached")?;
    lab.wire.sender()?.send(&restricted(), 2)?;
    daemon.wait_until_seen(2)?;
    let _folder = kill(daemon)?;

    let refused = lab.plan(&["--kernel-log"])?.list("ONE", ONE)?.refused()?.expect(2)?;
    let sentence =
        format!("near0 is judged by a program of another build (id {program}); `checker run --replace`");
    assert!(refused.stderr.contains(&sentence), "{}", refused.stderr);
    assert_eq!(lab.wire.xdp_program(NEAR)?, Some(program), "it goes on");
    // And nothing of it was changed.
    let generation = |daemon: &Daemon| Ok::<_, anyhow::Error>(adopted(daemon)?["generation"].clone());
    lab.wire.sender()?.send(&restricted(), 3)?;

    let daemon = lab.start(&["--kernel-log", "--replace"])?;
    assert_eq!(generation(&daemon)?, 1);
    let now = lab.wire.xdp_program(NEAR)?;
    assert!(now.is_some() && now != Some(program), "{now:?} is not another program");
    lab.wire.sender()?.send(&restricted(), 4)?;
    daemon.wait_until_seen(9)?;
    assert_eq!(daemon.status()?["account"]["seen"], 9);
    daemon.call("detach", &[])?.expect(0)?;
    let (ended, _folder) = daemon.wait()?;
    closed(&ended.expect(0)?, 9, u64::MAX)?;
    lab.is_clean()
}
