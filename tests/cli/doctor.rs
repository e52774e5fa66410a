//! `checker doctor`, as far as it says the same on every machine.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use harness::{checker::Call, netns::Namespace, process::Ended};
use serde_json::Value;

const MACHINE: [&str; 13] = [
    "kernel",
    "lpm tries",
    "btf",
    "jit",
    "capabilities",
    "memory",
    "bpffs",
    "conntrack",
    "clock",
    "log disk",
    "state disk",
    "pins",
    "daemon",
];

fn findings(ended: &Ended) -> Result<Vec<Value>> {
    let told: Value = serde_json::from_str(&ended.stdout).with_context(|| ended.stdout.clone())?;
    let findings = told["findings"].as_array().context("no findings")?.clone();
    let worst = told["state"].as_str().context("no state")?;
    let code = ["ok", "warning", "prevents"].iter().position(|state| *state == worst);
    ensure!(
        code.zip(ended.code()).is_some_and(|(code, ended)| code as i32 == ended),
        "{worst}: {}",
        ended.status
    );
    for state in ["prevents", "warning"] {
        let there = findings.iter().any(|finding| finding["state"] == state);
        ensure!(worst != state || there, "none is {worst}");
        if there {
            break;
        }
    }
    Ok(findings)
}

#[test]
fn each_check_says_something_and_the_exit_code_is_that_of_the_worst() -> Result<()> {
    let ended = Call::new(["doctor", "--json", "--control", "/nonexistent/checker.sock"]).run()?;
    let findings = findings(&ended)?;
    let names: Vec<_> = findings.iter().filter_map(|finding| finding["name"].as_str()).collect();
    assert_eq!(names, MACHINE);
    for finding in findings {
        assert!(finding["said"].as_str().is_some_and(|said| !said.is_empty()), "{finding}");
        assert_eq!(finding["state"] == "ok", finding["remedy"].is_null(), "{finding}");
        assert!(finding["interface"].is_null(), "{finding}");
    }
    Ok(())
}

#[test]
fn the_table_fits_into_80_columns_and_has_colours_when_asked() -> Result<()> {
    let plain = Call::new(["doctor", "--control", "/nonexistent/checker.sock"]).run()?;
    assert!(plain.stdout.starts_with("this machine\n"), "{}", plain.stdout);
    assert!(plain.stdout.lines().all(|line| line.chars().count() <= 80), "{}", plain.stdout);
    assert!(!plain.stdout.contains('\u{1b}'), "{}", plain.stdout);
    let coloured = ["doctor", "--color", "always", "--control", "/nonexistent/checker.sock"];
    assert!(Call::new(coloured).run()?.stdout.contains("\u{1b}[32mok\u{1b}[0m"));
    Ok(())
}

#[test]
#[ignore = "needs root: becomes another user"]
fn who_is_not_root_is_told_each_capability() -> Result<()> {
    harness::require::root()?;
    let ended = Call::new(["doctor", "--json"]).as_nobody().run()?.expect(2)?;
    let findings = findings(&ended)?;
    let found = findings.iter().find(|finding| finding["name"] == "capabilities").context("not there")?;
    assert_eq!(found["state"], "prevents");
    let said = found["said"].as_str().unwrap_or_default();
    assert!(said.contains("CAP_BPF") && said.contains("CAP_NET_ADMIN"), "{said}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces"]
fn interfaces_that_cannot_be_watched() -> Result<()> {
    let namespace = Namespace::new("cli")?;
    namespace.ip("tuntap add dev tun9 mode tun")?;
    let words = ["doctor", "--json", "-i", "nope0", "-i", "tun9", "-i", "lo"];
    let ended = Call::new(words).in_namespace(&namespace).run()?.expect(2)?;
    let mut said = BTreeMap::<String, Vec<Value>>::new();
    for finding in findings(&ended)? {
        if let Some(interface) = finding["interface"].as_str() {
            said.entry(interface.to_owned()).or_default().push(finding);
        }
    }
    let only = |name: &str| match said.get(name).map(Vec::as_slice) {
        Some([finding]) => Ok(finding),
        found => Err(anyhow::anyhow!("{name}: {found:?}")),
    };
    assert_eq!(only("nope0")?["said"], "there is no interface nope0");
    assert!(
        only("tun9")?["said"].as_str().is_some_and(|said| said.contains("no Ethernet header")),
        "{said:?}"
    );
    assert!(said.get("lo").is_some_and(|lo| lo.len() > 1 && lo[0]["name"] == "link"), "{said:?}");
    Ok(())
}
