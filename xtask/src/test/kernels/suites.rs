//! Which tests run in a guest, and which of them do not; the one place where that is said.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::TASK;
use crate::step::Step;

/// A test binary, and the tests in it that are left out: `--skip` takes a part of a name. What is new runs.
const SUITES: [(&str, &[&str]); 3] = [
    // Runs a million frames in one system call, which takes minutes in a guest: `load` of `wire` shows the same.
    ("verdict", &["a_range_in_both_generations"]),
    // The host's part is the same under every kernel; so is what `checker scan` makes of a capture, beside twenty thousand
    // frames over a wire that take ten minutes in a guest.
    ("parse", &["random_header_stacks_parse", "the_short_way", "capture::"]),
    // 600 000 frames at full speed, where `ring` of `verdict` shows the same account; fifteen thousand flows for a ring that is
    // to overflow, which take minutes; and what is between the daemon
    // and its lists, clients or sinks, in which the kernel has no part.
    (
        "wire",
        &[
            "flood::",
            "soak::",
            "control::",
            "output::",
            "forms::",
            "stats::",
            "fetch::",
            "sealed::",
            "log::",
            "journald::",
            "webhook::",
            "reload::",
            "remember::",
            "metrics::",
            "top::",
            "doctor::",
            "notify::",
            // There are no groups in a guest.
            "capabilities::a_group",
            "tail::",
            "tail_filter::",
            "faults::",
            "evidence::tshark",
            "evidence::a_full_disk",
            "pinned::evidence_of_the_time_between",
        ],
    ),
];

/// What runs in a guest of its own.
const DAY: (&str, &[&str]) = ("day", &[]);

/// A test binary that was built.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) name: &'static str,
    pub(super) skipped: &'static [&'static str],
    pub(super) binary: PathBuf,
}

impl Suite {
    /// The tests of the unit, which are no binary: `systemd/service.sh`.
    pub(super) fn service() -> Self {
        Self { name: "service", skipped: &[], binary: PathBuf::new() }
    }
}

/// Builds the tests as `cargo xtask test` does, so that nothing is built twice.
pub(super) fn build() -> Result<Vec<Suite>> {
    // The command that the tests run, under the same name as ever.
    Step::new("cargo build --release -p checker-user").run(TASK)?;
    let step = Step::new(
        "cargo test --workspace --exclude checker-ebpf --features checker-tests/bench --no-run --message-format=json",
    );
    let mut suites = built(&step)?;
    // In the order of the list, which cargo does not keep.
    suites.sort_by_key(|suite| SUITES.iter().position(|(name, _)| *name == suite.name));
    ensure!(suites.len() == SUITES.len(), "cargo built {} of {} tests", suites.len(), SUITES.len());
    Ok(suites)
}

/// Builds the test of a day, which no other run of cargo builds.
pub(super) fn build_day() -> Result<Suite> {
    let step = Step::new(
        "cargo test --workspace --exclude checker-ebpf --features checker-tests/bench --test day --no-run --message-format=json",
    );
    built(&step)?.pop().context("cargo did not build the test of a day")
}

fn built(step: &Step) -> Result<Vec<Suite>> {
    let mut cargo = step.start(TASK)?.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let messages = BufReader::new(cargo.stdout.take().context("cargo has no output to read")?);
    let mut suites = Vec::new();
    for message in messages.lines() {
        let message = message.context("cannot read what cargo built")?;
        suites.extend(suite(&message));
    }
    ensure!(cargo.wait().context("cannot wait for cargo")?.success(), "`{step}` failed");
    Ok(suites)
}

fn suite(message: &str) -> Option<Suite> {
    let message: Value = serde_json::from_str(message).ok()?;
    let target = &message["target"];
    let (name, skipped) = SUITES.into_iter().chain([DAY]).find(|(name, _)| target["name"] == *name)?;
    let is_test = target["kind"][0] == "test" && message["profile"]["test"] == true;
    let binary = message["executable"].as_str()?.into();
    is_test.then_some(Suite { name, skipped, binary })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_binary_is_told_from_all_else_that_cargo_builds() {
        let built = r#"{"reason":"compiler-artifact","target":{"kind":["test"],"name":"wire"},"profile":{"test":true},"executable":"/t/wire-1"}"#;
        assert_eq!(suite(built).map(|suite| suite.binary), Some("/t/wire-1".into()));
        assert!(suite(&built.replace(r#"["test"]"#, r#"["bin"]"#)).is_none());
        assert!(suite(&built.replace("wire", "cli")).is_none());
        assert!(suite(r#"{"reason":"build-finished","success":true}"#).is_none());
    }
}
