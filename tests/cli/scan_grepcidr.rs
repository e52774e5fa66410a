//! `checker scan` beside grepcidr: the same lines, but for those where the rules differ on purpose.

use std::{
    net::Ipv4Addr,
    process::{Command, Stdio},
};

use anyhow::{Result, ensure};
use harness::{checker::Call, lists::Lists, require};

const LINES: usize = 20_000;

/// What may stand before and behind an address, for both.
const BEFORE: [&str; 12] = ["", " ", "[", "\"", "=", "(", "src=", "http://", "_", "-", "key:", "12:34:56 "];
const BEHIND: [&str; 12] = ["", " ", "]", "\"", ",", ")", ";", ":443", "/24", "/x?y", "-", " - - [x]"];

/// What is no address, for both.
const DECOYS: [&str; 8] = [
    "1.2.3.4.5",
    "999.1.1.1",
    "12:34:56",
    "3c:ec:ef:01:02:03",
    "1.2.3",
    "4.3.2.1.in-addr.arpa",
    "203.0.113.256",
    "0.203.0.113.7",
];

fn text(random: &mut fastrand::Rng) -> String {
    let mut text = String::new();
    for _ in 0..LINES {
        for _ in 0..random.usize(0..4) {
            if random.u8(0..4) == 0 {
                text += DECOYS[random.usize(..DECOYS.len())];
            } else {
                // Few distinct addresses, so that many are in the list.
                let address = Ipv4Addr::from_bits(random.u32(..) & 0x0f0f_0f0f);
                text += BEFORE[random.usize(..BEFORE.len())];
                text += &address.to_string();
                text += BEHIND[random.usize(..BEHIND.len())];
            }
            text += " and ";
        }
        text.push('\n');
    }
    text
}

fn grepcidr(lists: &Lists, words: &[&str]) -> Result<String> {
    let mut command = Command::new(require::tool("grepcidr")?);
    let output = command.args(words).current_dir(lists.folder()).stdin(Stdio::null()).output()?;
    ensure!(output.status.code().is_some_and(|code| code < 2), "grepcidr: {}", output.status);
    Ok(String::from_utf8(output.stdout)?)
}

fn checker(lists: &Lists, words: &[&str]) -> Result<String> {
    let words = ["scan", "-q", "-l", "ONE=list.txt"].iter().chain(words);
    let ended = Call::new(words).in_folder(lists.folder()).run()?;
    ensure!(ended.code().is_some_and(|code| code < 2), "{}", ended.stderr);
    Ok(ended.stdout)
}

#[test]
fn the_same_lines() -> Result<()> {
    let mut random = fastrand::Rng::with_seed(1);
    let lists = Lists::new()?;
    let mut nets = String::new();
    for _ in 0..500 {
        let address = Ipv4Addr::from_bits(random.u32(..) & 0x0f0f_0f0f);
        nets += &format!("{}\n", ipnet::Ipv4Net::new(address, random.u8(18..=32))?.trunc());
    }
    lists.write("list.txt", &nets)?;
    lists.write("a.log", &text(&mut random))?;
    let matching = checker(&lists, &["a.log"])?;
    let found = matching.lines().count();
    ensure!((LINES / 100..LINES).contains(&found), "{found} of {LINES} lines show nothing");
    ensure!(matching == grepcidr(&lists, &["-f", "list.txt", "a.log"])?, "other lines match");
    let others = checker(&lists, &["--invert", "a.log"])?;
    ensure!(others == grepcidr(&lists, &["-i", "-f", "list.txt", "a.log"])?, "other lines do not match");
    Ok(())
}

/// `docs/scan.md` names them; if grepcidr comes to agree, it should no longer.
#[test]
fn other_lines_on_purpose() -> Result<()> {
    let lists = Lists::new()?;
    lists.write("list.txt", "203.0.113.0/24\n")?;
    for (line, ours, theirs) in [
        ("Connection closed by 203.0.113.7.", true, false),
        ("v203.0.113.7", false, true),
        ("eth203.0.113.7", false, true),
        ("from ::ffff:203.0.113.7", true, true),
        ("203.0.113.7", true, true),
    ] {
        lists.write("a.log", &format!("{line}\n"))?;
        assert_eq!(!checker(&lists, &["a.log"])?.is_empty(), ours, "checker: {line}");
        assert_eq!(!grepcidr(&lists, &["-f", "list.txt", "a.log"])?.is_empty(), theirs, "grepcidr: {line}");
    }
    Ok(())
}
