//! The control socket: one daemon on it, a tight mode, and nothing that a client sends brings the daemon down.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::Shutdown,
    os::unix::{
        fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
        net::UnixStream,
    },
    path::Path,
};

use anyhow::{Result, ensure};
use harness::{
    checker::NOBODY,
    daemon::{Daemon, ask},
    plan::Plan,
    veth::{NEAR, Wire},
};
use nix::{
    sys::signal::Signal,
    unistd::{Gid, Group},
};

use crate::{ONE, restricted, watched};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_second_daemon_on_the_socket_is_refused() -> Result<()> {
    let (wire, first) = watched()?;
    wire.add_pair("near1", "far1")?;
    let second = Plan::new(&wire.near)?.interface("near1").list("TWO", ONE)?;
    let ended = second.socket(&first.socket).refused()?.expect(2)?;
    let sentence = format!(
        "checker: another checker daemon listens on {}; give this one --control\n",
        first.socket.display()
    );
    assert!(ended.stderr.ends_with(&sentence), "{}", ended.stderr);
    assert_eq!(wire.xdp_program("near1")?, None);
    still_serves(&wire, &first)
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_socket_of_a_daemon_that_was_killed_is_taken_over() -> Result<()> {
    let (wire, first) = watched()?;
    let socket = first.socket.clone();
    first.process().signal(Signal::SIGKILL)?;
    let (_ended, _folder) = first.wait()?;
    assert!(fs::symlink_metadata(&socket)?.file_type().is_socket(), "it left its socket behind");

    let second = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.socket(&socket).start()?;
    second
        .process()
        .wait_for_stderr("that it takes over", |line| line.contains("taking it over").then_some(()))?;
    still_serves(&wire, &second)
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_file_where_the_socket_would_be_is_left_alone() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let path = plan.lists().write("precious", "not a socket")?;
    let folder = tempfile::tempdir()?;
    let kept = folder.path().join("precious");
    fs::hard_link(&path, &kept).or_else(|_| fs::copy(&path, &kept).map(drop))?;
    let ended = plan.socket(&kept).refused()?.expect(2)?;
    assert!(ended.stderr.contains("exists and is not a socket; it is left alone"), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(&kept)?, "not a socket");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn socket_and_folder_are_for_owner_and_group() -> Result<()> {
    let wire = Wire::new()?;
    let folder = tempfile::tempdir()?;
    let socket = folder.path().join("made/for/it/checker.sock");
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    let daemon = plan.socket(&socket).start()?;
    let mode =
        |path: &Path| Ok::<_, std::io::Error>(fs::symlink_metadata(path)?.permissions().mode() & 0o7777);
    assert_eq!(mode(&socket)?, 0o660);
    assert_eq!(mode(&folder.path().join("made/for/it"))?, 0o750);
    daemon.stop()?.expect(0)?;
    assert!(!socket.exists());
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn who_is_not_root_may_read_and_not_change() -> Result<()> {
    let (wire, daemon) = watched()?;
    let closed = daemon.client("status", &[]).as_nobody().run()?.expect(2)?;
    assert!(closed.stderr.contains("ermission denied"), "{}", closed.stderr);

    // As an administrator may do it for a group.
    fs::set_permissions(daemon.lists.folder(), fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(&daemon.socket, fs::Permissions::from_mode(0o666))?;
    daemon.client("status", &[]).as_nobody().run()?.expect(0)?;
    daemon.client("lists", &["--json"]).as_nobody().run()?.expect(0)?;
    daemon.client("tail", &["--no-follow"]).as_nobody().run()?.expect(0)?;
    for (command, words) in
        [("load", &["ONE=one.txt"][..]), ("unload", &["ONE"]), ("reload", &[]), ("detach", &[])]
    {
        let ended = daemon.client(command, words).as_nobody().run()?.expect(2)?;
        assert_eq!(ended.stderr, format!("checker: {command} is for root; uid 65534 may read only\n"));
    }
    daemon
        .process()
        .wait_for_stderr("who asked", |line| line.contains("load asked for by uid 65534").then_some(()))?;
    assert_eq!(daemon.status()?["generation"], 1);
    still_serves(&wire, &daemon)
}

/// Without root, and without any help of an administrator.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn members_of_the_group_read_and_others_do_not() -> Result<()> {
    let wire = Wire::new()?;
    let folder = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir()?;
    let socket = folder.path().join("made/checker.sock");
    let Some(group) = Group::from_gid(Gid::from_raw(NOBODY))? else { anyhow::bail!("nobody has no group") };
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.socket(&socket);
    let daemon = plan.words(&["--group", &group.name]).start()?;
    for path in [&socket, &folder.path().join("made")] {
        assert_eq!(fs::symlink_metadata(path)?.gid(), NOBODY, "{}", path.display());
    }
    for (command, words) in [("status", &["--json"][..]), ("lists", &[]), ("tail", &["--no-follow"])] {
        daemon.client(command, words).as_nobody().run()?.expect(0)?;
    }
    let ended = daemon.client("reload", &[]).as_nobody().run()?.expect(2)?;
    assert_eq!(ended.stderr, "checker: reload is for root; uid 65534 may read only\n");
    still_serves(&wire, &daemon)?;
    daemon.stop()?.expect(0)?;

    // The group counts, and not only who may open the file.
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.socket(&socket);
    let daemon = plan.words(&["--group", "root"]).start()?;
    fs::set_permissions(folder.path().join("made"), fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o666))?;
    let ended = daemon.client("status", &[]).as_nobody().run()?.expect(2)?;
    assert_eq!(ended.stderr, "checker: status is for root and the group 0; uid 65534 is not in it\n");

    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?.words(&["--group", "no-such-group"]);
    let ended = plan.refused()?.expect(2)?;
    assert_eq!(ended.stderr, "checker: there is no group no-such-group; --group names one\n");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn nonsense_is_refused_and_harms_nobody() -> Result<()> {
    let (wire, daemon) = watched()?;
    let deep = "[".repeat(60_000) + "\n";
    let huge = "x".repeat(70_000) + "\n";
    let requests = [
        ("\n", "the request is not understood"),
        ("nonsense\n", "the request is not understood"),
        ("{\"command\":\"explode\"}\n", "the request is not understood"),
        ("{\"command\":\"reload\",\"force\":false,\"more\":1}\n", "the request is not understood"),
        ("{\"command\":\"unload\",\"label\":\"a b\"}\n", "cannot be a label"),
        ("\u{0}\u{1b}[2J\n", "the request is not understood"),
        (&deep, "the request is not understood"),
        (&huge, "the request is not one line of at most 65536 bytes"),
    ];
    for (request, refusal) in requests {
        let shown: String = request.chars().take(40).collect();
        // What is not read of a huge one may break the pipe under the writer, and that is an answer too.
        let Ok(reply) = ask(&daemon.socket, request) else {
            assert!(request.len() > 65_536, "no answer to {shown:?}");
            continue;
        };
        assert_eq!(reply["reply"], "refused", "{shown:?}");
        let said = reply["content"].as_str().unwrap_or_default();
        assert!(said.contains(refusal), "{shown:?} was answered {said:?}");
    }
    for bytes in [&b"\xff\xfe\x00\n"[..], b"", b"{\"command\":"] {
        let mut stream = UnixStream::connect(&daemon.socket)?;
        stream.write_all(bytes)?;
        stream.shutdown(Shutdown::Write)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        assert!(answer.starts_with("{\"reply\":\"refused\""), "{bytes:?} was answered {answer:?}");
    }
    still_serves(&wire, &daemon)
}

/// Clients that say nothing, or half of it, are given up after a while; others are served meanwhile.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn who_does_not_finish_a_request_holds_up_nobody() -> Result<()> {
    let (wire, daemon) = watched()?;
    let mut half = UnixStream::connect(&daemon.socket)?;
    half.write_all(b"{\"command\":")?;
    let silent: Vec<_> = (0..50).map(|_| UnixStream::connect(&daemon.socket)).collect::<Result<_, _>>()?;
    still_serves(&wire, &daemon)?;
    for mut stream in silent.into_iter().chain([half]) {
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        assert!(answer.contains("no whole request within"), "{answer:?}");
    }
    Ok(())
}

fn still_serves(wire: &Wire, daemon: &Daemon) -> Result<()> {
    let before = daemon.process().stdout.lock().len();
    wire.sender()?.send(&restricted(), 1)?;
    daemon.wait_for_events(before + 1)?;
    let interface = daemon.status()?["interfaces"][0].clone();
    ensure!(interface["ingress"]["attached"] == true, "it is not attached any more: {interface}");
    Ok(())
}
