//! `--syslog`: what arrives is read by another parser; a server that vanishes costs nothing but what is counted.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket},
    os::unix::net::UnixDatagram,
};

use anyhow::{Context as _, Result, ensure};
use harness::{
    daemon::Daemon,
    lists::Lists,
    plan::Plan,
    veth::{NEAR, Wire},
    wait::{DEADLINE, wait_until},
};
use serde_json::Value;
use syslog_loose::{Message, ProcId, Protocol, SyslogFacility, SyslogSeverity, Variant, parse_message};

use crate::{ONE, log::settled, restricted, run_flows};

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn datagrams_are_what_rfc_5424_says() -> Result<()> {
    let wire = wired()?;
    let server = wire.near.enter(|| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)))??;
    server.set_read_timeout(Some(DEADLINE))?;
    let daemon = started(&wire, &format!("udp:{}", server.local_addr()?), &["--syslog-facility", "local3"])?;
    run_flows(&wire, 0..3)?;
    for number in 1..4 {
        let mut bytes = vec![0; 1 << 16];
        let length = server.recv(&mut bytes).context("no message")?;
        let text = std::str::from_utf8(&bytes[..length])?;
        let message = parse_message(text, Variant::RFC5424);
        assert_eq!(message.protocol, Protocol::RFC5424(1));
        assert_eq!(message.facility, Some(SyslogFacility::LOG_LOCAL3));
        assert_eq!(message.severity, Some(SyslogSeverity::SEV_WARNING));
        assert_eq!(message.appname, Some("checker"));
        assert_eq!(message.procid, Some(ProcId::PID(i32::try_from(daemon.process().pid())?)));
        assert_eq!(message.msgid, Some("alert"));
        assert!(message.hostname.is_some() && message.structured_data.is_empty());
        let event: Value = serde_json::from_str(message.msg)?;
        assert_eq!(event["checker"]["seq"], number);
        let time = event["timestamp"].as_str().context("no time")?;
        assert!(message.timestamp.is_some() && text.contains(&format!(">1 {time} ")), "{text}");
    }
    let sink = settled(&daemon, 3)?;
    assert_eq!(sink["written"], 3);
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_unix_socket_takes_cef() -> Result<()> {
    let folder = Lists::new()?;
    let path = folder.folder().join("log");
    let server = UnixDatagram::bind(&path)?;
    server.set_read_timeout(Some(DEADLINE))?;
    let wire = Wire::new()?;
    let daemon = started(&wire, &format!("unix:{}", path.display()), &["--syslog-format", "cef"])?;
    wire.sender()?.send(&restricted(), 1)?;
    let mut bytes = vec![0; 1 << 16];
    let length = server.recv(&mut bytes).context("no message")?;
    let text = std::str::from_utf8(&bytes[..length])?;
    let message = parse_message(text, Variant::RFC5424);
    assert_eq!(message.facility, Some(SyslogFacility::LOG_DAEMON));
    let cef = message.msg;
    let start = format!("CEF:0|checker|checker|{}|1|Restricted region: ONE|6|rt=", env!("CARGO_PKG_VERSION"));
    assert!(cef.starts_with(&start), "{cef}");
    for part in [
        " act=allowed ",
        " src=203.0.113.1 ",
        " dst=198.51.100.9 ",
        " spt=40000 ",
        " dpt=623 ",
        " proto=UDP ",
        " cnt=1 ",
        " cs1=ONE cs1Label=label ",
        " cs2=203.0.113.0/24 cs2Label=prefix ",
        " cs3=one.txt:1 cs3Label=list",
    ] {
        assert!(cef.contains(part), "no {part:?} in {cef}");
    }
    daemon.stop()?.expect(0)?;
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_server_that_vanishes_gets_everything_when_it_is_back() -> Result<()> {
    let wire = wired()?;
    let listener = wire.near.enter(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))??;
    let address = listener.local_addr()?;
    let daemon = started(&wire, &format!("tcp:{address}"), &[])?;
    run_flows(&wire, 0..10)?;
    let mut connection = BufReader::new(accept(&listener)?);
    for number in 1..11 {
        assert_eq!(seq(&read(&mut connection)?)?, number);
    }
    settled(&daemon, 10)?;
    drop((connection, listener));

    run_flows(&wire, 10..510)?;
    // The alerts, and one record that the server is away.
    daemon.wait_for_events(511).context("standard output goes on")?;
    let row = daemon.status()?["account"]["sinks"][1].clone();
    assert_eq!((&row["written"], &row["queued"]), (&10.into(), &500.into()), "{row}");
    let failing = row["failing"].as_str().context("nothing is said to fail")?;
    assert!(failing.contains("Connection refused"), "{failing}");

    let listener = wire.near.enter(|| TcpListener::bind(address))??;
    let mut connection = BufReader::new(accept(&listener)?);
    for number in 11..511 {
        assert_eq!(seq(&read(&mut connection)?)?, number, "in order, none missing");
    }
    let sink = settled(&daemon, 510)?;
    assert_eq!(sink["written"], 510);
    let ended = daemon.stop()?.expect(0)?;
    assert_eq!(ended.stderr.matches("WARN cannot write to syslog").count(), 1, "said once: {}", ended.stderr);
    Ok(())
}

/// A server whose application hangs, as far as its kernel takes no more.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_server_that_reads_nothing_holds_up_nobody() -> Result<()> {
    const MANY: u64 = 20_000;
    let wire = wired()?;
    let listener = wire.near.enter(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))??;
    let folder = Lists::new()?;
    let log = folder.folder().join("eve.json");
    let words = ["--log", log.to_str().context("a path that is no text")?];
    let daemon = started(&wire, &format!("tcp:{}", listener.local_addr()?), &words)?;
    run_flows(&wire, 0..u32::try_from(MANY)?)?;
    // Standard output first, then the log, then syslog.
    settled(&daemon, MANY)?;
    let sinks = daemon.status()?["account"]["sinks"].clone();
    assert_eq!(sinks[1]["written"], MANY, "{sinks}");
    assert!(sinks[2]["written"].as_u64() < Some(MANY) && sinks[2]["queued"].as_u64() > Some(0), "{sinks}");
    let ended = daemon.stop()?.expect(0)?;
    let line = ended.stderr.lines().find(|line| line.starts_with("sink     syslog ")).context("no line")?;
    let numbers: Vec<u64> = line.split([' ', ';']).filter_map(|word| word.parse().ok()).take(4).collect();
    let [given, written, aggregated, lost] = numbers[..] else { anyhow::bail!("not four numbers: {line}") };
    assert_eq!((given, written + aggregated + lost), (MANY, MANY), "{line}");
    assert!(lost > 0, "{line}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn nobody_at_a_udp_port_is_noticed_and_waited_for() -> Result<()> {
    let wire = wired()?;
    let server = wire.near.enter(|| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)))??;
    let address = server.local_addr()?;
    drop(server);
    let daemon = started(&wire, &format!("udp:{address}"), &[])?;
    run_flows(&wire, 0..4)?;
    let row = wait_until("it is said to fail", || -> Result<Value> {
        let row = daemon.status()?["account"]["sinks"][1].clone();
        ensure!(row["failing"].as_str().is_some_and(|why| why.contains("Connection refused")), "{row}");
        Ok(row)
    })?;
    assert!(row["queued"].as_u64() > Some(0), "alerts wait once it is known: {row}");
    let server = wire.near.enter(|| UdpSocket::bind(address))??;
    server.set_read_timeout(Some(DEADLINE))?;
    let mut bytes = vec![0; 1 << 16];
    let length = server.recv(&mut bytes).context("nothing came when somebody was there again")?;
    assert!(seq(std::str::from_utf8(&bytes[..length])?).is_ok());
    settled(&daemon, 4)?;
    daemon.stop()?.expect(0)?;
    Ok(())
}

/// A cable, and a loopback interface in the daemon's namespace that is up.
fn wired() -> Result<Wire> {
    let wire = Wire::new()?;
    wire.near.ip("link set lo up")?;
    Ok(wire)
}

fn started(wire: &Wire, target: &str, words: &[&str]) -> Result<Daemon> {
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", ONE)?;
    plan.words(&["--syslog", target]).words(words).start()
}

fn accept(listener: &TcpListener) -> Result<TcpStream> {
    listener.set_nonblocking(true)?;
    let (connection, _) = wait_until("somebody connects", || listener.accept())?;
    connection.set_nonblocking(false)?;
    connection.set_read_timeout(Some(DEADLINE))?;
    Ok(connection)
}

/// One message behind its length: octet counting.
fn read(connection: &mut BufReader<TcpStream>) -> Result<String> {
    let mut length = Vec::new();
    connection.read_until(b' ', &mut length).context("no length")?;
    let length: usize = std::str::from_utf8(&length)?.trim_end().parse().context("no length")?;
    let mut message = vec![0; length];
    connection.read_exact(&mut message).context("half a message")?;
    Ok(String::from_utf8(message)?)
}

fn seq(text: &str) -> Result<u64> {
    let message: Message<&str> = parse_message(text, Variant::RFC5424);
    ensure!(message.protocol == Protocol::RFC5424(1), "not RFC 5424: {text}");
    let event: Value = serde_json::from_str(message.msg)?;
    event["checker"]["seq"].as_u64().with_context(|| format!("no number in {text}"))
}
