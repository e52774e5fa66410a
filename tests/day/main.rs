//! A day in a guest whose clock jumps to the next timer whenever nothing runs: a daemon, packets every five minutes, and
//! a time of day that is set forwards, backwards and to just before midnight. `cargo xtask test --kernels` runs it.

mod lab;

use std::{
    collections::HashMap,
    env,
    io::{Write as _, stderr},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use harness::frame::Frame;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::lab::{Lab, set_clock};

/// Seconds between packets: less than after which a daemon says that it is silent.
const PACE: u64 = 300;

/// Rounds of an hour.
const ROUNDS: u64 = 3600 / PACE;

/// Hours after which its memory is compared: flows are remembered by then, and all that is kept of the past is there.
const SETTLED: u64 = 2;

/// KiB by which it may grow afterwards: what its allocator keeps.
const SLACK: u64 = 1024;

/// What the stream tells of a watcher to which nothing happens but that its clock is set.
const ORDINARY: [&str; 7] =
    ["log_opened", "started", "attached", "heartbeat", "clock_stepped", "detached", "stopped"];

#[test]
#[ignore = "sets the clock: in a guest only, where CHECKER_DAY is the number of hours"]
fn a_day_loses_nothing_and_says_nothing_that_is_not_so() -> Result<()> {
    let hours: u64 = env::var("CHECKER_DAY").context("this sets the clock: in a guest only")?.parse()?;
    let (lab, began) = (Lab::new()?, Instant::now());
    let daemon = lab.start()?;
    let sender = lab.wire.sender()?;
    let mut sent_at = HashMap::new();
    let (mut restricted, mut seen, mut steps, mut settled) = (0, 0, 0, u64::MAX - SLACK);
    for round in 1..=hours * ROUNDS {
        thread::sleep(Duration::from_secs(PACE));
        steps += u64::from(step(round, hours)?);
        let port = u16::try_from(round)?;
        sent_at.insert(port, Timestamp::now());
        sender.send(&Frame::between("203.0.113.1", "198.51.100.9").udp(40_000, port).bytes(), 3)?;
        sender.send(&Frame::between("203.0.113.2", "198.51.100.9").udp(40_000, 623).bytes(), 1)?;
        sender.send(&Frame::between("198.51.100.9", "203.0.113.1").udp(623, 40_000).bytes(), 2)?;
        (restricted, seen) = (restricted + 4, seen + 6);
        daemon.wait_until_seen(seen)?;
        if round % ROUNDS == 0 {
            let size = lab.resident(&daemon)?;
            writeln!(stderr(), "hour {}: {seen} packets, {size} KiB", round / ROUNDS)?;
            if round / ROUNDS == SETTLED {
                settled = size;
            }
            ensure!(size <= settled + SLACK, "it had {settled} KiB after {SETTLED} hours, and has {size}");
        }
    }
    let (status, seconds) = (daemon.status()?, began.elapsed().as_secs());
    assert_eq!((&status["account"]["seen"], &status["account"]["judged"]), (&json!(seen), &json!(seen)));
    assert_eq!((&status["canary"]["failures"], &status["unhealthy"]), (&json!(0), &json!([])));
    let looks = status["canary"]["looks"].as_u64().context("no looks")?;
    ensure!(looks > seconds * 9 / 10, "the canary was looked for {looks} times in {seconds} s");

    let ended = daemon.stop()?.expect(0)?;
    let account = ended.stderr.lines().find(|line| line.starts_with("account  ")).context("no account")?;
    ensure!(account.starts_with(&format!("account  matched {restricted} = ")), "{account}");
    ensure!(account.ends_with(" + lost 0"), "{account}");
    let events = harness::daemon::events(&ended.stdout.lines().collect::<Vec<_>>())?;
    let alerts: Vec<_> = events.iter().filter(|event| event["event_type"] == "alert").collect();
    let told: u64 = alerts.iter().filter_map(|alert| alert["checker"]["count"].as_u64()).sum();
    assert_eq!(told, restricted, "each packet is in an alert");
    for (port, at) in &sent_at {
        let first =
            alerts.iter().find(|alert| alert["dest_port"] == *port && alert["src_ip"] == "203.0.113.1");
        let first = first.context("a flow without an alert")?;
        let time: Timestamp = first["timestamp"].as_str().context("no time")?.parse()?;
        let off = time.duration_since(*at).as_secs();
        ensure!(off.abs() < 10, "sent at {at}, it is told of as of {time}");
    }
    regular(&events, seconds / 60, steps)?;
    lab.verify()
}

/// Sets the time of day in three rounds; says whether it did.
fn step(round: u64, hours: u64) -> Result<bool> {
    let (quarter, now) = (ROUNDS * hours / 4, Timestamp::now());
    if round == quarter {
        set_clock(now + Duration::from_secs(9_300))?;
    } else if round == 2 * quarter {
        set_clock(now - Duration::from_secs(10_800))?;
    } else if round == 3 * quarter {
        // The packets come on both sides of midnight.
        let day = now.as_second().div_euclid(86_400) + 1;
        set_clock(Timestamp::from_second(day * 86_400 - 1)?)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Each minute has its account, its heartbeat and a checkpoint behind that, whatever the time of day; and nothing else is
/// told.
fn regular(events: &[Value], minutes: u64, steps: u64) -> Result<()> {
    let count = |is: &dyn Fn(&Value) -> bool| events.iter().filter(|event| is(event)).count() as u64;
    let told = |what: &'static str| count(&|event| event["integrity"]["what"] == what);
    let stats = count(&|event| event["event_type"] == "stats");
    for (name, number) in [("stats", stats), ("heartbeat", told("heartbeat"))] {
        ensure!(number.abs_diff(minutes) <= 3, "{number} times {name} in {minutes} minutes");
    }
    // One more where the log was about to sign what there was when the heartbeat came.
    let checkpoints = count(&|event| event["event_type"] == "checkpoint");
    ensure!((minutes - 3..minutes * 2).contains(&checkpoints), "{checkpoints} in {minutes} minutes");
    let told_of = events.iter().filter_map(|event| event["integrity"]["what"].as_str());
    let strange: Vec<_> = told_of.filter(|what| !ORDINARY.contains(what)).collect();
    ensure!(strange.is_empty(), "it tells of {strange:?}");
    assert_eq!(told("clock_stepped"), steps);
    Ok(())
}
