//! What a run may leave on the machine: network namespaces, pins, sockets. After the tests there must be no more of
//! them than before.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use crate::step::{POWER, Power, capture};

/// What was there at one moment.
#[derive(Debug)]
pub(crate) struct Traces(BTreeSet<String>);

impl Traces {
    pub(crate) fn look() -> Self {
        let namespaces = as_root(&["ip", "netns", "list"]);
        let files = as_root(&["find", "/sys/fs/bpf", "/run/checker", "-mindepth", "1"]);
        Self(named(&namespaces, &files))
    }

    pub(crate) fn ensure_nothing_new(&self) -> Result<()> {
        let now = Self::look();
        let new: Vec<_> = now.0.difference(&self.0).map(String::as_str).collect();
        ensure!(new.is_empty(), "the tests left this behind: {}", new.join(", "));
        Ok(())
    }
}

fn named(namespaces: &str, files: &str) -> BTreeSet<String> {
    // A namespace may be listed with an id, which it can get at any time: "lab (id: 0)".
    let namespaces = namespaces.lines().filter_map(|line| line.split(' ').next());
    let namespaces = namespaces.map(|name| format!("network namespace {name}"));
    namespaces.chain(files.lines().map(str::to_owned)).collect()
}

/// Only root may look into the BPF file system.
fn as_root(words: &[&str]) -> String {
    let printed = match *POWER {
        Power::Root => capture(words[0], &words[1..]),
        Power::Sudo => capture("sudo", words),
        Power::None => None,
    };
    printed.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_that_got_an_id_is_not_a_new_one() {
        assert_eq!(named("lab\n", "/sys/fs/bpf/x\n"), named("lab (id: 0)\n", "/sys/fs/bpf/x\n"));
    }

    #[test]
    fn new_traces_are_the_ones_that_were_not_there() {
        let before = named("", "/sys/fs/bpf/x\n");
        let after = named("lab\n", "/sys/fs/bpf/x\n/run/checker/checker.sock\n");
        let new: Vec<_> = after.difference(&before).collect();
        assert_eq!(new, ["/run/checker/checker.sock", "network namespace lab"]);
    }
}
