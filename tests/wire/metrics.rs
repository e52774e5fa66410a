//! `/metrics` and `/healthz` of a daemon, as a scraper sees them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    plan::Plan,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use serde_json::Value;

use crate::{ONE, ordinary, restricted, run_flows};

/// Debian's own, which has the package; another one may come first in the path.
const PYTHON: &str = "/usr/bin/python3";

/// Prometheus's own parser of the format, which refuses what is not valid. A line of JSON a sample, with what the
/// metric means.
const PARSER: &str = r"
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    print(json.dumps([family.name, family.type, family.documentation, '', {}, 0]))
    for sample in family.samples:
        print(json.dumps([family.name, family.type, family.documentation, sample.name, sample.labels, sample.value]))
";

/// Names of labels. No address, no port, no MAC is among them.
const LABELS: [&str; 12] = [
    "action", "cause", "family", "iface", "kind", "label", "list", "mode", "reason", "sink", "verdict",
    "version",
];

fn watched(words: &[&str]) -> Result<(Wire, Daemon)> {
    let wire = Wire::new()?;
    wire.near.ip("link set lo up")?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    // A namespace of its own: the port is free.
    let daemon = plan.words(&["--metrics", "9464"]).words(words).start()?;
    Ok((wire, daemon))
}

/// Opens a connection and says `request`.
fn connect(wire: &Wire, request: &str) -> Result<TcpStream> {
    // The daemon listens before it watches.
    let mut stream = wire.near.enter(|| TcpStream::connect("127.0.0.1:9464"))??;
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

/// Asks for a path; gives the head and the body of the answer.
fn ask(wire: &Wire, path: &str, headers: &str) -> Result<(String, String)> {
    let mut stream = connect(wire, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"))?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").with_context(|| format!("no answer: {answer:?}"))?;
    Ok((head.to_owned(), body.to_owned()))
}

/// `checker_alerts_total{action="alert",label="ONE"}` → value.
type Samples = BTreeMap<String, f64>;

/// Parses `/metrics`; what the parser refuses is an error.
fn samples(wire: &Wire) -> Result<Samples> {
    let mut samples = Samples::new();
    for line in parsed(wire)? {
        let [_, kind, _, name, labels, value] = &line[..] else { continue };
        let name = name.as_str().unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        let labels = labels.as_object().context("no labels")?;
        for (label, _) in labels {
            ensure!(LABELS.contains(&label.as_str()), "{name} has the label {label}");
        }
        let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}={value}")).collect();
        let series = format!("{name}{{{}}}", labels.join(","));
        let again = samples.insert(series.clone(), value.as_f64().context("no number")?);
        ensure!(again.is_none(), "{series} ({kind}) is there twice");
    }
    Ok(samples)
}

fn parsed(wire: &Wire) -> Result<Vec<Vec<Value>>> {
    let (head, body) = ask(wire, "/metrics", "")?;
    ensure!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    ensure!(head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{head}");
    let mut python = Command::new(PYTHON);
    let python =
        python.args(["-c", PARSER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = python.spawn().context("cannot start python3")?;
    child.stdin.take().context("no pipe")?.write_all(body.as_bytes())?;
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}(package python3-prometheus-client)\n{body}");
    String::from_utf8(output.stdout)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn what_is_counted_is_served() -> Result<()> {
    let outer = tempfile::tempdir()?;
    let folder = outer.path().join("evidence");
    let (wire, daemon) = watched(&["--evidence", folder.to_str().context("a path")?])?;
    run_flows(&wire, 0..3)?;
    wire.sender()?.send(&ordinary(), 2)?;
    let samples = wait_until("the packets are accounted for, and kept as evidence", || {
        let samples = samples(&wire).map_err(|error| format!("{error:#}"))?;
        let told =
            [r#"checker_alerts_total{action="alert",label="ONE"}"#, "checker_evidence_packets_total{}"];
        if told.iter().all(|name| samples.get(*name) == Some(&3.0)) {
            Ok(samples)
        } else {
            Err(format!("{samples:?}"))
        }
    })?;
    daemon.wait_until_seen(5)?;
    let version = format!("checker_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    let expected = [
        (r#"checker_packets_total{verdict="alerted"}"#, 3.0),
        (r#"checker_packets_total{verdict="compliant"}"#, 2.0),
        ("checker_packets_judged_total{}", 5.0),
        ("checker_evidence_failing{}", 0.0),
        (r#"checker_matched_packets_total{action="alert",label="ONE"}"#, 3.0),
        (r#"checker_lost_packets_total{action="alert",cause="ring_full",label="ONE"}"#, 0.0),
        (r#"checker_xdp_attached{iface="near0",mode="native"}"#, 1.0),
        (r#"checker_interface_up{iface="near0"}"#, 1.0),
        (r#"checker_list_entries{family="ipv4",label="ONE",list="one.txt"}"#, 1.0),
        ("checker_canary_found{}", 1.0),
        ("checker_healthy{}", 1.0),
        ("checker_generation{}", 1.0),
        (&version, 1.0),
    ];
    for (series, value) in expected {
        assert_eq!(samples.get(series), Some(&value), "{series} of {samples:#?}");
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn counters_only_grow_whatever_becomes_of_the_lists() -> Result<()> {
    let (wire, daemon) = watched(&["--canary-every", "1s"])?;
    let mut before = samples(&wire)?;
    // Every character that the format has to escape, in the name of a file.
    let odd = "a \"b\" \\c.txt";
    daemon.lists.write(odd, "192.0.2.0/24\n")?;
    let other = daemon.lists.folder().join("same");
    fs::create_dir(&other)?;
    fs::write(other.join(odd), "198.18.0.0/15\n198.51.100.1\n")?;
    let twice = format!("TWO={}", other.join(odd).display());
    for (command, words) in [
        ("load", vec![format!("TWO={odd}"), twice]),
        ("reload", vec![]),
        ("unload", vec!["ONE".to_owned()]),
        ("unload", vec!["TWO".to_owned()]),
    ] {
        wire.sender()?.send(&restricted(), 5)?;
        daemon.call(command, &words.iter().map(String::as_str).collect::<Vec<_>>())?.expect(0)?;
        let after = samples(&wire)?;
        for (series, value) in before.iter().filter(|(series, _)| series.contains("_total{")) {
            let now = after.get(series).with_context(|| format!("{series} is gone after {command}"))?;
            ensure!(now >= value, "{series} went from {value} to {now} after {command}");
        }
        if command == "reload" {
            let name = Value::from(odd).to_string();
            let series = format!("checker_list_entries{{family=\"ipv4\",label=\"TWO\",list={name}}}");
            assert_eq!(after.get(&series), Some(&3.0), "{series} of {after:#?}");
        }
        before = after;
    }
    Ok(())
}

/// Names in the expressions of the dashboard that are metrics of ours.
fn in_dashboard(dashboard: &Value, names: &mut BTreeSet<String>) {
    match dashboard {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str() {
                    Some(text) if ["expr", "query", "definition"].contains(&key.as_str()) => {
                        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                        names.extend(words.filter(|word| word.starts_with("checker_")).map(str::to_owned));
                    }
                    _ => in_dashboard(value, names),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| in_dashboard(value, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_dashboard_asks_for_what_there_is_and_every_metric_is_explained() -> Result<()> {
    let outer = tempfile::tempdir()?;
    let folder = outer.path().join("evidence");
    let (wire, _daemon) = watched(&["--evidence", folder.to_str().context("a path")?])?;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/grafana.json");
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let mut asked = BTreeSet::new();
    in_dashboard(&dashboard, &mut asked);
    ensure!(asked.len() > 10, "{asked:?}");
    let mut there = BTreeSet::new();
    let documented = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md"))?;
    for line in parsed(&wire)? {
        let name = line[0].as_str().context("no name")?;
        let help = line[2].as_str().unwrap_or_default();
        assert!(help.ends_with('.'), "{name} means {help:?}");
        assert_ne!(line[1], "unknown", "{name}");
        let suffix = match line[1].as_str() {
            Some("counter") => "_total",
            Some("info") => "_info",
            _ => "",
        };
        there.insert(format!("{name}{suffix}"));
    }
    let missing: Vec<_> = asked.difference(&there).collect();
    assert!(missing.is_empty(), "the dashboard asks for {missing:?}; there is {there:?}");
    let undocumented: Vec<_> =
        there.iter().filter(|name| !documented.contains(&format!("`{name}"))).collect();
    assert!(undocumented.is_empty(), "docs/metrics.md does not have {undocumented:?}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn health_is_red_as_long_as_there_is_a_reason() -> Result<()> {
    let (wire, daemon) = watched(&["--stale", "7d"])?;
    let (head, body) = ask(&wire, "/healthz", "")?;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert_eq!(body, "ok\n");
    daemon.lists.write("one.txt", "nonsense\u{1b}[2J\n")?;
    daemon.call("reload", &[])?.expect(2)?;
    let (head, body) = ask(&wire, "/healthz", "")?;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    assert!(body.starts_with("list: the last change was refused: "), "{body}");
    assert!(!body.contains('\u{1b}'), "{body:?}");
    let (head, body) = ask(&wire, "/healthz", "Accept: application/json\r\n")?;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    let body: Value = serde_json::from_str(&body)?;
    assert_eq!(body["status"], "failing");
    assert_eq!(body["reasons"].as_array().map(Vec::len), Some(1), "{body}");
    assert_eq!(samples(&wire)?.get("checker_healthy{}"), Some(&0.0));

    let good = daemon.lists.write("one.txt", ONE)?;
    daemon.call("reload", &[])?.expect(0)?;
    assert_eq!(ask(&wire, "/healthz", "")?.1, "ok\n");
    // Eight days without a word.
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(8 * 86_400);
    fs::File::options().write(true).open(good)?.set_modified(old)?;
    daemon.call("reload", &[])?.expect(0)?;
    assert_eq!(ask(&wire, "/healthz", "")?.1, "list: ONE one.txt was last written 192 hours ago\n");
    // An interface that is gone.
    wire.near.ip(&format!("link del {NEAR}"))?;
    let (_, body) = ask(&wire, "/healthz", "")?;
    assert!(body.starts_with("hook: checker's program is not on the ingress of near0\n"), "{body}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn who_is_slow_or_asks_nonsense_is_in_nobody_s_way() -> Result<()> {
    let (wire, daemon) = watched(&[])?;
    let silent: Vec<_> = (0..16).map(|_| connect(&wire, "GET /met")).collect::<Result<_>>()?;
    // All places are taken: one more is hung up on, which may also come as a reset.
    let refused = wait_until("one more is hung up on", || {
        let mut answer = Vec::new();
        let mut stream = connect(&wire, "").map_err(|error| format!("{error:#}"))?;
        match stream.read_to_end(&mut answer) {
            Ok(0) | Err(_) => Ok(answer),
            Ok(_) => Err(format!("answered {:?}", String::from_utf8_lossy(&answer))),
        }
    })?;
    assert!(refused.is_empty());
    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_events(1)?;
    daemon.status()?;
    drop(silent);
    wait_until("there is a place again", || {
        ask(&wire, "/healthz", "").map_err(|error| format!("{error:#}"))
    })?;
    for (request, answer) in [
        ("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 "),
        ("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 "),
        ("\u{1b}nonsense\r\n\r\n", "HTTP/1.1 400 "),
    ] {
        let mut said = String::new();
        connect(&wire, request)?.read_to_string(&mut said)?;
        assert!(said.starts_with(answer), "{request:?} was answered {said:?}");
    }
    daemon.stop()?.expect(0)?;
    Ok(())
}
