//! Lists from URLs in a running daemon: fetched when they are due, refused when they are no good, and there at the next start.

use std::{fs, thread, time::Duration};

use anyhow::Result;
use harness::{
    daemon::Daemon,
    http::{Page, Server},
    lists::Lists,
    plan::Plan,
    veth::{NEAR, Wire},
    wait::wait_until,
};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{ONE, restricted, second};

/// [`ONE`] and the range of [`second`].
const MORE: &str = "203.0.113.0/24\n192.0.2.0/24\n2001:db8::/32\n";

/// A server where the daemon is.
fn server(wire: &Wire) -> Result<Server> {
    wire.near.ip("link set lo up")?;
    wire.near.enter(Server::new)?
}

/// A daemon with one list from there, fetched so often, and its state beside.
fn fetching(wire: &Wire, server: &Server, state: &Lists, refresh: &str) -> Result<Daemon> {
    plan(wire, server, state, refresh)?.start()
}

/// Nobody said at the start that a list would be fetched: the copy of one that is loaded later is kept all the same.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_state_folder_is_there_for_a_list_from_a_url_that_comes_later_and_goes_if_none_does() -> Result<()> {
    let (wire, state) = (Wire::new()?, Lists::new()?);
    let server = server(&wire)?;
    server.serve("/one.txt", Page::List(ONE.into()));
    let folder = state.folder().join("state");
    let start = || {
        Plan::new(&wire.near)?
            .interface(NEAR)
            .list("TWO", "192.0.2.0/24\n")?
            .words(&["--state", &folder.to_string_lossy()])
            .start()
    };
    let daemon = start()?;
    daemon.stop()?.expect(0)?;
    assert!(!folder.exists(), "an empty folder is left");
    let daemon = start()?;
    let one = format!("ONE={}", server.url("/one.txt"));
    let said = daemon.client("load", &[&one]).in_namespace(&wire.near).run()?.expect(0)?.stderr;
    assert!(!said.contains("no copy"), "{said}");
    daemon.stop()?.expect(0)?;
    assert_eq!(fs::read_dir(folder.join("lists"))?.count(), 2);
    Ok(())
}

fn plan<'a>(wire: &'a Wire, server: &Server, state: &Lists, refresh: &str) -> Result<Plan<'a>> {
    let url = server.url("/one.txt?token=hush");
    let text = format!(
        "[[list]]\nlabel = \"ONE\"\nurl = \"{url}\"\nrefresh = \"{refresh}\"\ntimeout = \"5s\"\nseverity = 1\n"
    );
    let config = state.write("checker.toml", &text)?;
    let folder = state.folder().join("state");
    let words =
        ["--config", &config.to_string_lossy(), "--state", &folder.to_string_lossy()].map(str::to_owned);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    Ok(Plan::new(&wire.near)?.interface(NEAR).words(&words))
}

fn wait_for_age(daemon: &Daemon, what: &str, is: impl Fn(&Value) -> bool) -> Result<()> {
    wait_until(what, || match daemon.status() {
        Ok(status) if is(&status["ages"][0]) => Ok(()),
        Ok(status) => Err(status["ages"].to_string()),
        Err(error) => Err(format!("{error:#}")),
    })
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_list_is_fetched_again_when_it_is_due() -> Result<()> {
    let (wire, state) = (Wire::new()?, Lists::new()?);
    let server = server(&wire)?;
    server.serve("/one.txt", Page::List(ONE.into()));
    let daemon = fetching(&wire, &server, &state, "1s")?;
    wire.sender()?.send(&restricted(), 1)?;
    let event = &daemon.wait_for_events(1)?[0];
    assert_eq!((&event["alert"]["severity"], &event["checker"]["list"]), (&1.into(), &"one.txt".into()));
    wait_until("it is asked for again", || match server.requests().len() {
        3.. => Ok(()),
        few => Err(format!("{few} requests")),
    })?;
    assert!(server.requests().iter().skip(1).all(|head| head.to_lowercase().contains("if-none-match")));
    assert_eq!(daemon.status()?["generation"], 1, "nothing is new");
    server.serve("/one.txt", Page::List(MORE.into()));
    daemon
        .process()
        .wait_for_stderr("a generation", |line| line.contains("generation 2 is active").then_some(()))?;
    wire.sender()?.send(&second(), 1)?;
    assert_eq!(daemon.wait_for_events(2)?[1]["checker"]["generation"], 2);
    let explained = daemon.call("explain", &["192.0.2.1"])?.expect(1)?.stdout;
    assert!(explained.contains(" one.txt:2@"), "{explained}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn what_is_no_good_is_refused_once_and_said_and_the_next_good_one_is_taken() -> Result<()> {
    let (wire, state) = (Wire::new()?, Lists::new()?);
    let server = server(&wire)?;
    server.serve("/one.txt", Page::List(ONE.into()));
    let daemon = fetching(&wire, &server, &state, "1s")?;
    let mut expected = 0;
    for (page, why) in [
        (Page::Status(500), "the server answered 500"),
        (Page::Bare("<html>203.0.113.1".into()), "is an HTML page"),
        (Page::Bare(String::new()), "is empty"),
        (Page::Bare("203.0.113.0/24\n".into()), "more than half would be lost"),
        (Page::Bare(format!("{ONE}::/0\n")), "covers every IPv6 address"),
    ] {
        server.serve("/one.txt", page);
        expected += 1;
        let events = daemon.wait_for_events(expected)?;
        let integrity = &events[expected - 1]["integrity"];
        assert!(integrity["reason"].as_str().is_some_and(|reason| reason.contains(why)), "{why}: {events:?}");
        assert_eq!(integrity["generation"], 1);
        wait_for_age(&daemon, why, |age| age["trouble"].as_str().is_some_and(|text| text.contains(why)))?;
        let asked = server.requests().len();
        wait_until("it is asked for twice more", || match server.requests().len() {
            now if now >= asked + 2 => Ok(()),
            now => Err(format!("{now} requests")),
        })?;
    }
    let status = daemon.call("status", &[])?.expect(0)?.stdout;
    assert!(status.contains("ONE one.txt: fetched ") && status.contains("    NOT REFRESHED: "), "{status}");
    wire.sender()?.send(&restricted(), 1)?;
    let events = daemon.wait_for_events(expected + 1)?;
    assert_eq!(
        events[expected]["event_type"], "alert",
        "the last good one is in force, and nothing is said twice"
    );

    server.serve("/one.txt", Page::List(MORE.into()));
    wait_for_age(&daemon, "all is well", |age| age["trouble"].is_null())?;
    assert_eq!(daemon.status()?["generation"], 2);
    let ended = daemon.stop()?.expect(0)?;
    assert!(!(ended.stdout + &ended.stderr).contains("hush"), "a token is shown");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_server_that_asks_to_be_left_alone_is_but_for_who_asks_by_hand() -> Result<()> {
    let (wire, state) = (Wire::new()?, Lists::new()?);
    let server = server(&wire)?;
    server.serve("/one.txt", Page::List(ONE.into()));
    let daemon = fetching(&wire, &server, &state, "1s")?;
    server.serve("/one.txt", Page::Later(3_600));
    wait_for_age(&daemon, "it is not refreshed", |age| {
        age["trouble"].as_str().is_some_and(|why| why.ends_with("the server answered 503"))
    })?;
    let asked = server.requests().len();
    // Without that header it would be asked again within a second and a tenth.
    thread::sleep(Duration::from_secs(3));
    assert_eq!(server.requests().len(), asked);
    server.serve("/one.txt", Page::List(MORE.into()));
    daemon.call("reload", &[])?.expect(0)?;
    assert_eq!((server.requests().len(), &daemon.status()?["generation"]), (asked + 1, &2.into()));
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_last_good_one_is_there_after_a_restart_and_a_server_that_hangs_holds_nothing_up() -> Result<()> {
    let (wire, state) = (Wire::new()?, Lists::new()?);
    let server = server(&wire)?;
    server.serve("/one.txt", Page::Status(503));
    let ended = plan(&wire, &server, &state, "1h")?.refused()?.expect(2)?;
    let shown = server.url("/one.txt");
    let sentence = format!(
        "checker: {shown}: cannot be fetched: the server answered 503; there is no earlier copy of it"
    );
    assert_eq!(ended.stderr.lines().last(), Some(sentence.as_str()));

    server.serve("/one.txt", Page::List(ONE.into()));
    fetching(&wire, &server, &state, "1h")?.stop()?.expect(0)?;
    server.serve("/one.txt", Page::Hang);
    let daemon = fetching(&wire, &server, &state, "1h")?;
    wire.sender()?.send(&restricted(), 1)?;
    assert_eq!(daemon.wait_for_events(1)?[0]["checker"]["label"], "ONE");
    let warning = daemon.process().wait_for_stderr("how old the list is", |line| {
        line.contains("the server takes too long; the version that was the newest ").then(|| line.to_owned())
    })?;
    assert!(warning.contains("seconds ago is used") && !warning.contains("hush"), "{warning}");
    // A request that is under way does not hold up the end.
    daemon.process().signal(Signal::SIGHUP)?;
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn reload_and_sighup_fetch_at_once_and_files_are_read_even_if_a_server_is_gone() -> Result<()> {
    let (wire, state) = (Wire::new()?, Lists::new()?);
    let server = server(&wire)?;
    server.serve("/one.txt", Page::List(ONE.into()));
    let daemon = plan(&wire, &server, &state, "1h")?.list("TWO", "198.51.100.128/25\n")?.start()?;
    server.serve("/one.txt", Page::List(MORE.into()));
    daemon.call("reload", &[])?.expect(0)?;
    assert_eq!(daemon.status()?["ranges_v4"], 3);
    server.serve("/one.txt", Page::List(format!("{MORE}198.18.0.0/15\n")));
    daemon.process().signal(Signal::SIGHUP)?;
    daemon
        .process()
        .wait_for_stderr("a generation", |line| line.contains("generation 3 is active").then_some(()))?;

    server.serve("/one.txt", Page::Status(502));
    daemon.lists.write("two.txt", "198.51.100.128/25\n192.88.99.0/24\n")?;
    let ended = daemon.call("reload", &[])?.expect(0)?;
    assert!(
        ended.stderr.contains("the server answered 502; the version that was the newest "),
        "{}",
        ended.stderr
    );
    let status = daemon.status()?;
    assert_eq!((&status["generation"], &status["ranges_v4"]), (&4.into(), &5.into()));

    server.serve("/one.txt", Page::Bare("<html>".into()));
    daemon.lists.write("two.txt", "198.51.100.128/25\n")?;
    let ended = daemon.call("reload", &[])?.expect(2)?;
    assert!(ended.stderr.contains("is an HTML page") && !ended.stderr.contains("hush"), "{}", ended.stderr);
    assert_eq!(daemon.status()?["ranges_v4"], 5, "all or nothing");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_list_from_a_url_can_be_loaded_later_and_is_named_without_its_secrets() -> Result<()> {
    let (wire, state) = (Wire::new()?, Lists::new()?);
    let server = server(&wire)?;
    server.serve("/one.txt", Page::List(ONE.into()));
    server.serve("/two.txt", Page::List("192.0.2.0/24\n".into()));
    let daemon = fetching(&wire, &server, &state, "1h")?;
    let two = format!("TWO={}", server.url("/two.txt?key=hush"));
    daemon.client("load", &[&two]).in_namespace(&wire.near).run()?.expect(0)?;
    wire.sender()?.send(&second(), 1)?;
    daemon.wait_for_events(1)?;
    for words in [&["--json"][..], &[]] {
        for command in ["lists", "status"] {
            let said = daemon.call(command, words)?.expect(0)?.stdout;
            assert!(said.contains(&server.url("/two.txt")) && !said.contains("hush"), "{command}: {said}");
        }
    }
    let gone = format!("GONE={}", server.url("/gone.txt"));
    let ended = daemon.client("load", &[&gone]).in_namespace(&wire.near).run()?.expect(2)?;
    assert!(
        ended.stderr.contains("/gone.txt: cannot be fetched: the server answered 404; there is no"),
        "{ended:?}"
    );
    assert_eq!(daemon.status()?["lists"], 2);
    let kept = fs::read_dir(state.folder().join("state/lists"))?.count();
    assert_eq!(kept, 4, "two lists, two files each");
    let ended = daemon.stop()?.expect(0)?;
    assert!(!(ended.stdout + &ended.stderr).contains("hush"));
    Ok(())
}
