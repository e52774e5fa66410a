//! The sets of the kernel: what ipset and nft print of them is read, and says the same of every address.

use std::{
    net::{IpAddr, Ipv4Addr},
    process::{Command, Stdio},
    sync::Arc,
};

use anyhow::{Context as _, Result, ensure};
use checker_user::ranges::{
    action::Action,
    classes::Classes,
    compile::{Compiled, compile},
    merge::merge,
    parse::{Format, parse},
    source::Source,
};
use harness::{netns::Namespace, require};

/// What a program prints in a namespace, for a text on its standard input.
fn told(namespace: &Namespace, program: &str, arguments: &[&str], input: &str) -> Result<(bool, String)> {
    use std::io::Write as _;
    let mut command = Command::new(require::tool(program)?);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = namespace.enter(|| command.spawn())??;
    child.stdin.take().context("no pipe")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    let text = if output.status.success() { output.stdout } else { output.stderr };
    Ok((output.status.success(), String::from_utf8(text)?))
}

fn done(namespace: &Namespace, program: &str, arguments: &[&str], input: &str) -> Result<String> {
    let (well, text) = told(namespace, program, arguments, input)?;
    ensure!(well, "{program}: {text}");
    Ok(text)
}

fn compiled(text: &str, format: Format) -> Result<Compiled> {
    let source = Source { spec: "ONE=one".parse()?, bytes: text.into(), sha256: [0; 32] };
    let list = parse(&source)?;
    assert_eq!(list.format, format, "{text}");
    Ok(compile(merge(vec![Arc::new(list)], &mut Classes::default())?))
}

/// Whether an address is in the list, and in no exception.
fn holds(compiled: &Compiled, addr: IpAddr) -> bool {
    compiled.lookup(addr).is_some_and(|range| range.action != Action::Allow)
}

#[test]
#[ignore = "needs root: sets of the kernel"]
fn ipset_says_the_same_of_every_address() -> Result<()> {
    let namespace = Namespace::new("ipset")?;
    let text = "create r hash:net family inet comment\n\
                add r 192.0.2.0/25 comment \"nomatch\"\nadd r 192.0.2.64/27 nomatch\nadd r 192.0.2.72/30\n\
                add r 192.0.2.200-192.0.2.213\n";
    done(&namespace, "ipset", &["restore"], text)?;
    let saved = done(&namespace, "ipset", &["save"], "")?;
    let (given, read) = (compiled(text, Format::Ipset)?, compiled(&saved, Format::Ipset)?);
    for host in 0..=255 {
        let addr = Ipv4Addr::new(192, 0, 2, host);
        let (inside, _) = told(&namespace, "ipset", &["test", "r", &addr.to_string()], "")?;
        assert_eq!(holds(&given, addr.into()), inside, "{addr} in what was given");
        assert_eq!(holds(&read, addr.into()), inside, "{addr} in what was saved:\n{saved}");
    }
    Ok(())
}

#[test]
#[ignore = "needs root: sets of the kernel"]
fn nft_says_the_same_of_every_address() -> Result<()> {
    let namespace = Namespace::new("nft")?;
    let text = "table inet t {\n set r {\n  type ipv4_addr\n  flags interval, timeout\n  elements = { 192.0.2.0/25,\n\
                192.0.2.200-192.0.2.213 timeout 1h, 192.0.2.220 comment \"a, b }\" }\n }\n\
                set s { type ipv6_addr; elements = { 2001:db8::1 } }\n chain c { ip saddr { 192.0.2.255 } drop; }\n}\n";
    done(&namespace, "nft", &["-f", "-"], text)?;
    let listed = done(&namespace, "nft", &["list", "ruleset"], "")?;
    let json = done(&namespace, "nft", &["-j", "list", "ruleset"], "")?;
    let sets = [text, &listed, &json].map(|text| compiled(text, Format::Nft));
    for set in sets {
        let set = set?;
        for host in 0..=255 {
            let addr = Ipv4Addr::new(192, 0, 2, host).to_string();
            let element = format!("{{ {addr} }}");
            let (inside, _) = told(&namespace, "nft", &["get", "element", "inet", "t", "r", &element], "")?;
            assert_eq!(holds(&set, addr.parse()?), inside, "{addr}\n{listed}\n{json}");
        }
        assert!(holds(&set, "2001:db8::1".parse()?));
    }
    Ok(())
}
