//! `--webhook`: batches, tokens, and a server at its worst: away, hanging, answering 500 and 400. With a spool nothing is
//! missing; without one what is missing is counted.

use std::{fs, os::unix::fs::PermissionsExt as _};

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    lists::Lists,
    netns::Namespace,
    plan::Plan,
    veth::{NEAR, Wire},
    wait::wait_until,
    webhook::{HANG, Webhook},
};
use serde_json::Value;

use crate::{ONE, log::settled, run_flows};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn alerts_are_posted_in_batches_with_a_token_that_nobody_sees() -> Result<()> {
    let wire = wired()?;
    let server = Webhook::new(&wire.near, 200)?;
    let folder = Lists::new()?;
    let token = folder.write("token", "secret-word\n")?;
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600))?;
    let url = format!("{}/hooks/secret-path?key=secret-key", server.url());
    let token = token.to_str().context("a path that is no text")?;
    let daemon = started(&wire.near, &url, &["--webhook-token-file", token, "-v"])?;
    run_flows(&wire, 0..1200)?;
    let row = settled(&daemon, 1200)?;
    assert_eq!(row["written"], 1200);
    assert_eq!(row["name"], format!("webhook {}", server.url()));
    let requests = server.requests();
    assert!(requests.len() < 20 && requests.iter().all(|request| request.events.len() <= 500));
    let head = &requests[0].head;
    assert!(head.starts_with("POST /hooks/secret-path?key=secret-key HTTP/1.1\r\n"), "{head}");
    let lower = head.to_lowercase();
    assert!(lower.contains("\r\nauthorization: bearer secret-word\r\n"), "{head}");
    assert!(lower.contains("\r\ncontent-type: application/json\r\n"), "{head}");
    assert_eq!(server.taken(), (1..=1200).collect::<Vec<u64>>());
    let status = daemon.call("status", &[])?.stdout;
    let ended = daemon.stop()?.expect(0)?;
    for text in [&status, &ended.stderr, &ended.stdout] {
        assert!(!text.contains("secret"), "{text}");
    }
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn what_is_answered_with_500_is_tried_again_and_with_400_is_counted() -> Result<()> {
    let wire = wired()?;
    let server = Webhook::new(&wire.near, 500)?;
    let daemon = started(&wire.near, &server.url(), &[])?;
    run_flows(&wire, 0..10)?;
    wait_until("it was tried several times", || {
        let tries = server.requests().len();
        if tries > 2 { Ok(()) } else { Err(format!("{tries} times")) }
    })?;
    let row = daemon.status()?["account"]["sinks"][1].clone();
    assert_eq!((&row["written"], &row["queued"]), (&0.into(), &10.into()), "{row}");
    assert!(row["failing"].as_str().is_some_and(|why| why.ends_with("the server answered 500")), "{row}");
    server.answer(200);
    settled(&daemon, 10)?;
    assert_eq!(server.taken(), (1..=10).collect::<Vec<u64>>());

    server.answer(400);
    run_flows(&wire, 10..15)?;
    let row = settled(&daemon, 15)?;
    assert_eq!((&row["written"], &row["lost"]["failed"]), (&10.into(), &5.into()), "{row}");
    server.answer(200);
    run_flows(&wire, 15..16)?;
    settled(&daemon, 16)?;
    let ended = daemon.stop()?.expect(0)?;
    assert!(
        ended.stderr.contains("given 16 = written 11 + aggregated 0 + lost 5 (too slow 0, failed 5)"),
        "{}",
        ended.stderr
    );
    // The stream to the server tells what it lacks.
    let told = server.requests().into_iter().filter(|request| request.answered == 200);
    let told: Vec<_> =
        told.flat_map(|request| request.events).filter(|event| event["event_type"] == "loss").collect();
    assert_eq!(
        told.iter().map(|event| event["loss"]["count"].as_u64()).collect::<Vec<_>>(),
        [Some(5)],
        "{told:?}"
    );
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn over_tls_the_authority_must_be_trusted() -> Result<()> {
    let wire = wired()?;
    let folder = Lists::new()?;
    let ca = folder.folder().join("ca.pem");
    let server = Webhook::with_tls(&wire.near, 200, &ca)?;
    for trusted in [false, true] {
        let url = server.url();
        let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(&["--webhook", &url]);
        let daemon = if trusted { plan.env("SSL_CERT_FILE", &ca) } else { plan }.start()?;
        run_flows(&wire, 0..2)?;
        if trusted {
            assert_eq!(settled(&daemon, 2)?["written"], 2);
        } else {
            wait_until("it does not trust the server", || -> Result<()> {
                let row = daemon.status()?["account"]["sinks"][1].clone();
                ensure!(row["failing"].as_str().is_some_and(|why| why.contains("UnknownIssuer")), "{row}");
                Ok(())
            })?;
        }
        daemon.stop()?.expect(0)?;
        assert_eq!(server.taken().len(), if trusted { 2 } else { 0 });
    }
    Ok(())
}

/// A server that hangs, a daemon that ends meanwhile, and another that finds what the first one left.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_spool_survives_a_restart_and_keeps_the_order() -> Result<()> {
    let wire = wired()?;
    let server = Webhook::new(&wire.near, HANG)?;
    let folder = Lists::new()?;
    let spool = folder.folder().join("spool");
    let words = ["--spool", spool.to_str().context("a path that is no text")?];
    let daemon = started(&wire.near, &server.url(), &words)?;
    run_flows(&wire, 0..700)?;
    // Standard output has them all, though the server has not answered once.
    daemon.wait_for_events(700)?;
    wait_until("all wait on disk", || -> Result<()> {
        let row = daemon.status()?["account"]["sinks"][1].clone();
        ensure!(row["spooled"] == 700 && row["queued"] == 0, "{row}");
        Ok(())
    })?;
    let ended = daemon.stop()?.expect(0)?;
    let line = format!(
        "sink     webhook {}: given 700 = written 0 + aggregated 0 + lost 0 + spooled 700",
        server.url()
    );
    assert!(ended.stderr.contains(&line), "{}", ended.stderr);
    assert_eq!(fs::metadata(&spool)?.permissions().mode() & 0o777, 0o700);

    server.answer(200);
    let daemon = started(&wire.near, &server.url(), &words)?;
    daemon.process().wait_for_stderr("what it found", |line| {
        line.contains("batches of an earlier run are in the spool and go first").then_some(())
    })?;
    run_flows(&wire, 0..3)?;
    let row = settled(&daemon, 3)?;
    assert_eq!(row["written"], 3);
    assert_eq!(server.taken(), (1..=700).chain(1..=3).collect::<Vec<u64>>());
    daemon.stop()?.expect(0)?;
    let left: Vec<_> = fs::read_dir(&spool)?.flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["lock"]);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_spool_that_is_full_is_counted() -> Result<()> {
    let wire = wired()?;
    let server = Webhook::new(&wire.near, 503)?;
    let folder = Lists::new()?;
    let spool = folder.folder().join("spool");
    let words = ["--spool", spool.to_str().context("a path that is no text")?, "--spool-limit", "1"];
    let daemon = started(&wire.near, &server.url(), &words)?;
    run_flows(&wire, 0..4000)?;
    let row = wait_until("every packet is accounted for", || -> Result<Value> {
        let row = daemon.status()?["account"]["sinks"][1].clone();
        ensure!(row["given"] == 4000 && row["queued"] == 0, "{row}");
        Ok(row)
    })?;
    let number = |value: &Value| value.as_u64().context("no number");
    let (spooled, lost) = (number(&row["spooled"])?, number(&row["lost"]["failed"])?);
    assert!(spooled > 0 && lost > 0 && spooled + lost == 4000, "{row}");
    let on_disk: u64 =
        fs::read_dir(&spool)?.flatten().filter_map(|entry| Some(entry.metadata().ok()?.len())).sum();
    assert!(on_disk <= 1 << 20, "{on_disk} bytes");
    server.answer(200);
    let row = settled(&daemon, 4000)?;
    assert_eq!(number(&row["written"])?, spooled, "{row}");
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn what_cannot_be_a_webhook_is_refused() -> Result<()> {
    let wire = wired()?;
    let folder = Lists::new()?;
    folder.write("empty", "\n")?;
    for (words, reason) in [
        (
            vec!["--webhook", "http://127.0.0.1/", "--webhook-token-file", "/no/token"],
            "checker: cannot read the token /no/token: No such file",
        ),
        (
            vec!["--webhook", "http://127.0.0.1/", "--webhook-token-file", "/dev/null"],
            "checker: /dev/null holds no token",
        ),
        (
            vec!["--webhook", "http://127.0.0.1/", "--spool", "/proc/spool"],
            "checker: cannot make the spool /proc/spool",
        ),
        (vec!["--webhook", "ftp://127.0.0.1/"], "a webhook is an http:// or https:// URL"),
        (vec!["--webhook", "https://me:word@127.0.0.1/"], "a password has no place in a URL"),
    ] {
        let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(&words);
        let ended = plan.refused()?.expect(2)?;
        assert!(ended.stderr.contains(reason), "{}", ended.stderr);
    }
    Ok(())
}

/// A cable, and a loopback interface in the daemon's namespace that is up.
fn wired() -> Result<Wire> {
    let wire = Wire::new()?;
    wire.near.ip("link set lo up")?;
    Ok(wire)
}

fn started(namespace: &Namespace, url: &str, words: &[&str]) -> Result<Daemon> {
    let plan = Plan::new(namespace)?.interface(NEAR).list("ONE", ONE)?;
    plan.words(&["--webhook", url]).words(words).start()
}
