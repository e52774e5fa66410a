//! Lists from URLs, without a daemon: from a server on the loopback that does what servers do.

use std::{fs, os::unix::fs::PermissionsExt as _};

use anyhow::Result;
use harness::{
    checker::Call,
    http::{Page, Server},
    lists::Lists,
    process::Ended,
};

const ONE: &str = "203.0.113.0/24\n198.51.100.0/24\n2001:db8::/32\n";

/// Runs a command in the folder of `lists`, with its state in there.
fn call(lists: &Lists, words: &str) -> Result<Ended> {
    let state = lists.folder().join("state");
    let words = words.split_whitespace().map(Into::into);
    let words: Vec<std::ffi::OsString> = words.chain(["--state".into(), state.into()]).collect();
    Call::new(words).in_folder(lists.folder()).run()
}

/// What `lists fetch` says of one URL, without the URL.
fn fetched(lists: &Lists, server: &Server, path: &str, code: i32) -> Result<String> {
    let url = server.url(path);
    let ended = call(lists, &format!("lists fetch -l ONE={url}"))?.expect(code)?;
    let shown = url.split('?').next().unwrap_or_default().to_owned();
    Ok(ended.stdout.replace(&format!("{shown}: "), "").trim_end().to_owned())
}

#[test]
fn a_list_is_fetched_once_and_then_asked_about() -> Result<()> {
    let (lists, server) = (Lists::new()?, Server::new()?);
    server.serve("/one.txt", Page::List(ONE.into()));
    let said = fetched(&lists, &server, "/one.txt", 0)?;
    assert!(said.starts_with("fetched, 45 bytes, 3 ranges, sha256 "), "{said}");
    let said = fetched(&lists, &server, "/one.txt", 0)?;
    assert!(said.starts_with("not modified, 3 ranges, sha256 "), "{said}");
    let [first, second] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
    let (first, second) = (first.to_lowercase(), second.to_lowercase());
    assert!(first.contains("user-agent: checker/") && !first.contains("if-none-match"), "{first}");
    assert!(
        second.contains("if-none-match: \"45-") && second.contains("if-modified-since: wed, 25 nov"),
        "{second}"
    );
    for entry in fs::read_dir(lists.folder().join("state/lists"))? {
        assert_eq!(entry?.metadata()?.permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::metadata(lists.folder().join("state"))?.permissions().mode() & 0o777, 0o700);
    Ok(())
}

#[test]
fn what_is_no_good_is_refused_and_the_copy_stays() -> Result<()> {
    let (lists, server) = (Lists::new()?, Server::new()?);
    server.serve("/one.txt", Page::List(ONE.into()));
    fetched(&lists, &server, "/one.txt", 0)?;
    let page = "<!DOCTYPE html><html>203.0.113.1</html>";
    for (answer, why) in [
        (Page::Status(404), "cannot be fetched: the server answered 404"),
        (Page::Status(500), "cannot be fetched: the server answered 500"),
        (Page::Status(304), "not modified"),
        (Page::Bare(page.into()), "is an HTML page, not a list"),
        (Page::Bare(String::new()), "is empty; nothing was loaded"),
        (Page::Bare("203.0.113.0/24\n".into()), "more than half would be lost; use --force to load it"),
        (Page::Bare(format!("{ONE}0.0.0.0/0\n")), ":4: 0.0.0.0/0 covers every IPv4 address; use --force"),
        (Page::Bare(format!("{ONE}nonsense\n")), ":4: \"nonsense\" is not an address or a prefix"),
        (Page::Length(513 << 20), "cannot be fetched: it is larger than 512 MiB"),
        (Page::Cut(ONE.into()), "cannot be fetched: "),
        (Page::Nonsense, "cannot be fetched: what the server answers is no HTTP"),
        (Page::To(server.url("/one.txt")), "cannot be fetched: it is redirected too often"),
        (Page::To("ftp://h.example/x".into()), "cannot be fetched: "),
    ] {
        server.serve("/one.txt", answer.clone());
        let said = fetched(&lists, &server, "/one.txt", if why == "not modified" { 0 } else { 2 })?;
        assert!(said.contains(why), "{answer:?}: {said}");
        let refused = said.starts_with("refused: ");
        assert!(refused || why == "not modified", "{said}");
        assert_eq!(said.lines().count(), 1, "one sentence: {said}");
    }
    // What was kept is what it was, and commands that end soon use it without asking.
    let asked = server.requests().len();
    let url = server.url("/one.txt");
    let check = call(&lists, &format!("check -l ONE={url} 198.51.100.1"))?.expect(1)?;
    assert_eq!(
        check.stdout,
        "198.51.100.1: ALERT: Restricted Region Detected (ONE 198.51.100.0/24, one.txt:2)\n"
    );
    assert_eq!(server.requests().len(), asked);
    Ok(())
}

/// Half a gibibyte over the loopback, so apart from the others.
#[test]
#[ignore = "sends half a gibibyte over the loopback"]
fn a_body_without_an_end_is_cut_off() -> Result<()> {
    let (lists, server) = (Lists::new()?, Server::new()?);
    server.serve("/one.txt", Page::Endless);
    let said = fetched(&lists, &server, "/one.txt", 2)?;
    assert_eq!(said, "refused: cannot be fetched: it is larger than 512 MiB");
    Ok(())
}

#[test]
fn a_redirect_is_followed_and_the_name_stays() -> Result<()> {
    let (lists, server) = (Lists::new()?, Server::new()?);
    server.serve("/there", Page::List(ONE.into()));
    server.serve("/one.txt", Page::To(server.url("/there")));
    let url = server.url("/one.txt");
    let check = call(&lists, &format!("check -l {url} 203.0.113.1"))?.expect(1)?;
    assert_eq!(
        check.stdout,
        "203.0.113.1: ALERT: Restricted Region Detected (one 203.0.113.0/24, one.txt:1)\n"
    );
    assert!(!lists.folder().join("state").exists(), "a command that ends soon keeps nothing");
    Ok(())
}

#[test]
fn a_server_that_hangs_is_not_waited_for_longer_than_was_said() -> Result<()> {
    let (lists, server) = (Lists::new()?, Server::new()?);
    server.serve("/one.txt", Page::Hang);
    let url = server.url("/one.txt");
    lists.write("checker.toml", &format!("[[list]]\nurl = \"{url}\"\ntimeout = \"1s\"\n"))?;
    let ended = call(&lists, "lists fetch --config checker.toml")?.expect(2)?;
    assert_eq!(ended.stdout, format!("{url}: refused: cannot be fetched: the server takes too long\n"));
    Ok(())
}

#[test]
fn a_pin_is_compared() -> Result<()> {
    let (lists, server) = (Lists::new()?, Server::new()?);
    server.serve("/one.txt", Page::List("203.0.113.0/24\n".into()));
    let url = server.url("/one.txt");
    let zeros = "0".repeat(64);
    lists.write("checker.toml", &format!("[[list]]\nurl = \"{url}\"\nsha256 = \"{zeros}\"\n"))?;
    let ended = call(&lists, "lists fetch --config checker.toml")?.expect(2)?;
    let sha256 = ended.stdout.split("its sha256 is ").nth(1).and_then(|rest| rest.split(',').next());
    let sha256 = sha256.unwrap_or_default().to_owned();
    let expected =
        format!("{url}: refused: is not the list that is pinned: its sha256 is {sha256}, not {zeros}\n");
    assert_eq!(ended.stdout, expected);
    assert!(!ended.stderr.contains("plain http"), "it is pinned: {}", ended.stderr);
    lists.write("checker.toml", &format!("[[list]]\nurl = \"{url}\"\nsha256 = \"{sha256}\"\n"))?;
    call(&lists, "lists fetch --config checker.toml")?.expect(0)?;
    Ok(())
}

#[test]
fn secrets_of_a_url_are_not_shown() -> Result<()> {
    let (lists, server) = (Lists::new()?, Server::new()?);
    server.serve("/one.txt", Page::List(ONE.into()));
    let url = server.url("/one.txt?token=hush").replace("http://", "http://user:sesame@");
    for (path, page) in [("/one.txt", Page::List(ONE.into())), ("/one.txt", Page::Status(403))] {
        server.serve(path, page);
        for command in ["lists fetch", "check 203.0.113.1", "explain 203.0.113.1", "convert"] {
            let ended = call(&lists, &format!("{command} -vv -l ONE={url}"))?;
            let said = ended.stdout + &ended.stderr;
            let shown =
                ["hush", "sesame", "dXNlcjpzZXNhbWU"].into_iter().find(|secret| said.contains(secret));
            assert_eq!(shown, None, "{command}: {said}");
            assert!(said.contains("one.txt"), "{command}: {said}");
        }
    }
    let asked = &server.requests()[0];
    assert!(asked.contains("/one.txt?token=hush") && asked.contains("Basic dXNlcjpzZXNhbWU="), "{asked}");
    Ok(())
}

#[test]
fn over_tls_the_authority_must_be_trusted_and_http_is_no_way_out() -> Result<()> {
    let lists = Lists::new()?;
    let ca = lists.folder().join("ca.pem");
    let (server, plain) = (Server::with_tls(&ca)?, Server::new()?);
    server.serve("/one.txt", Page::List(ONE.into()));
    server.serve("/two.txt", Page::To(plain.url("/two.txt")));
    plain.serve("/two.txt", Page::List(ONE.into()));
    let fetch = |path: &str, trusted: bool| -> Result<Ended> {
        let state = lists.folder().join("state");
        let words =
            ["lists", "fetch", "-l", &format!("ONE={}", server.url(path))].map(std::ffi::OsString::from);
        let call =
            Call::new(words.into_iter().chain(["--state".into(), state.into()])).in_folder(lists.folder());
        if trusted { call.env("SSL_CERT_FILE", &ca).run() } else { call.run() }
    };
    let ended = fetch("/one.txt", false)?.expect(2)?;
    assert!(
        ended.stdout.contains("refused: cannot be fetched: invalid peer certificate: UnknownIssuer"),
        "{}",
        ended.stdout
    );
    let ended = fetch("/one.txt", true)?.expect(0)?;
    assert!(ended.stdout.contains(": fetched, 45 bytes, 3 ranges") && ended.stderr.is_empty(), "{ended:?}");
    let ended = fetch("/two.txt", true)?.expect(2)?;
    assert!(ended.stdout.contains("it is redirected from https to plain http"), "{}", ended.stdout);
    assert!(plain.requests().is_empty());
    Ok(())
}

#[test]
fn nobody_answers_and_nothing_is_fetched() -> Result<()> {
    let lists = Lists::new()?;
    lists.write("one.txt", ONE)?;
    let ended = call(&lists, "lists fetch -l ONE=one.txt")?.expect(2)?;
    assert_eq!(ended.stderr, "checker: none of these lists has a URL\n");
    let url = "http://127.0.0.1:1/one.txt";
    let ended = call(&lists, &format!("check -l ONE={url} 203.0.113.1"))?.expect(2)?;
    let expected = format!(
        " WARN {url}: plain http without a sha256 pin: anybody on the way can change the list\n\
         checker: {url}: cannot be fetched: Connection refused (os error 111); there is no earlier copy of it\n"
    );
    assert_eq!(ended.stderr, expected);
    let ended = call(&lists, "check -l ONE=ftp://h.example/one.txt 203.0.113.1")?.expect(2)?;
    assert!(
        ended.stderr.contains("a list is fetched from http:// or https:// URLs only"),
        "{}",
        ended.stderr
    );
    Ok(())
}

#[test]
fn an_old_copy_is_better_than_none() -> Result<()> {
    let (lists, server) = (Lists::new()?, Server::new()?);
    server.serve("/one.txt", Page::List(ONE.into()));
    fetched(&lists, &server, "/one.txt", 0)?;
    server.serve("/one.txt", Page::Status(500));
    // As if it were from last year.
    for entry in fs::read_dir(lists.folder().join("state/lists"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let mut about: serde_json::Value = serde_json::from_slice(&fs::read(&path)?)?;
            about["confirmed"] = "2025-11-25T10:00:00Z".into();
            fs::write(&path, about.to_string())?;
        }
    }
    let url = server.url("/one.txt");
    let ended = call(&lists, &format!("check -l ONE={url} 203.0.113.1"))?.expect(1)?;
    let warning = "the server answered 500; the copy that was fetched ";
    assert!(ended.stderr.contains(warning) && ended.stderr.contains(" days ago is used"), "{}", ended.stderr);
    Ok(())
}
