//! What the records themselves must say if nobody held checker up: a heartbeat at every interval, a stop before each new
//! start, counters that only grow.

use std::collections::BTreeMap;

use jiff::Timestamp;
use memchr::memmem;
use serde_json::Value;

use super::finding::{Finding, Wrong};

/// Where the type of a record stands; an alert is known by it without being parsed.
const HEAD: usize = 80;

/// How far wall clock and uptime may part between two heartbeats, in seconds.
const STEP: i64 = 5;

/// The history so far.
#[derive(Debug, Default)]
pub(super) struct History {
    findings: Vec<Finding>,
    notes: Vec<String>,
    /// Between a start and a stop.
    runs: bool,
    starts: u64,
    beat: Option<Beat>,
    first: Option<String>,
    last: Option<String>,
}

/// A heartbeat.
#[derive(Debug)]
struct Beat {
    line: u64,
    time: Option<Timestamp>,
    uptime: u64,
    boot: String,
    counters: BTreeMap<String, u64>,
}

impl History {
    /// Looks at the next record.
    pub(super) fn see(&mut self, line: u64, bytes: &[u8]) {
        let head = &bytes[..bytes.len().min(HEAD)];
        if memmem::find(head, br#""event_type":"alert""#).is_some() {
            return;
        }
        let Ok(record) = serde_json::from_slice::<Value>(bytes) else { return };
        let time = record["timestamp"].as_str();
        if let Some(time) = time {
            self.first.get_or_insert_with(|| time.to_owned());
        }
        let about = &record["integrity"];
        match about["what"].as_str() {
            Some("log_opened") => self.open(line, time),
            Some("stopped") => self.runs = false,
            Some("heartbeat") => self.beat(line, time, about),
            _ => {}
        }
        if let Some(time) = time {
            self.last = Some(time.to_owned());
        }
    }

    fn open(&mut self, line: u64, time: Option<&str>) {
        let last = self.last.clone().unwrap_or_default();
        if self.runs {
            self.findings.push(Finding { line, what: Wrong::NoStop { last } });
        } else if self.starts > 0 {
            self.notes
                .push(format!("line {line}: nothing was watched from {last} to {}", time.unwrap_or("?")));
        }
        self.runs = true;
        self.starts += 1;
        self.beat = None;
    }

    fn beat(&mut self, line: u64, time: Option<&str>, about: &Value) {
        let count = |value: &Value| value.as_u64().unwrap_or(0);
        let counters = about["counters"].as_object().into_iter().flatten();
        let next = Beat {
            line,
            time: time.and_then(|time| time.parse().ok()),
            uptime: count(&about["uptime_ms"]) / 1000,
            boot: about["boot_id"].as_str().unwrap_or_default().to_owned(),
            counters: counters.map(|(name, value)| (name.clone(), count(value))).collect(),
        };
        if let Some(before) = self.beat.replace(next)
            && let Some(next) = &self.beat
        {
            let mut wrong = |what| self.findings.push(Finding { line, what });
            if before.boot != next.boot {
                wrong(Wrong::OtherBoot);
            }
            let backwards = |name: &str, from, to| Wrong::Backwards { counter: name.to_owned(), from, to };
            if next.uptime < before.uptime {
                wrong(backwards("uptime", before.uptime, next.uptime));
            }
            for (name, from) in &before.counters {
                let to = next.counters.get(name).copied().unwrap_or(0);
                if to < *from {
                    wrong(backwards(name, *from, to));
                }
            }
            // Late by as much again is a busy machine.
            let allowed = 2 * count(&about["interval_s"]) + 10;
            let seconds = next.uptime.saturating_sub(before.uptime);
            if seconds > allowed {
                wrong(Wrong::Gap { since: before.line, seconds, allowed });
            }
            if let (Some(then), Some(now)) = (before.time, next.time) {
                let step = (now.as_second() - then.as_second()) - i64::try_from(seconds).unwrap_or(0);
                if step.abs() > STEP {
                    let way = if step > 0 { "forward" } else { "back" };
                    self.notes.push(format!("line {line}: the clock was set {way} by {} s", step.abs()));
                }
            }
        }
    }

    /// How often checker was started.
    pub(super) const fn starts(&self) -> u64 {
        self.starts
    }

    /// Times of the first and the last record that is no alert.
    pub(super) fn span(&self) -> (&str, &str) {
        (self.first.as_deref().unwrap_or("?"), self.last.as_deref().unwrap_or("?"))
    }

    /// What is wrong, and what should be known.
    pub(super) fn end(&mut self) -> (Vec<Finding>, Vec<String>) {
        if self.runs {
            let last = self.last.as_deref().unwrap_or("?");
            self.notes
                .push(format!("no stop record at the end: checker still runs, or was killed after {last}"));
        }
        (std::mem::take(&mut self.findings), std::mem::take(&mut self.notes))
    }
}
