//! `checker check`: the three sentences and the exit codes.

use std::{fs::File, io};

use anyhow::Result;
use harness::checker::Call;

use crate::{
    lists,
    transcript::{comes_to, retell},
};

#[test]
fn the_three_sentences_and_their_exit_codes() -> Result<()> {
    let transcript = r"
$ checker check -l ONE=one.txt 203.0.113.1 2001:db8::1
203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:2)
2001:db8::1: ALERT: Restricted Region Detected (ONE 2001:db8::/32, one.txt:4)
? 1
$ checker check -l ONE=one.txt 198.51.100.9 3fff::9
198.51.100.9: Status: Compliant
3fff::9: Status: Compliant
? 0
$ checker check -l ONE=one.txt 999.1.1.1
999.1.1.1: Invalid IP
? 2
";
    retell(&lists()?, transcript)
}

#[test]
fn every_finding_is_printed_and_the_worst_gives_the_exit_code() -> Result<()> {
    let transcript = r"
$ checker check -l ONE=one.txt 198.51.100.9 203.0.113.1
198.51.100.9: Status: Compliant
203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:2)
? 1
$ checker check -l ONE=one.txt nonsense 203.0.113.1 203.0.113.0/24
nonsense: Invalid IP
203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:2)
203.0.113.0/24: Invalid IP
? 2
";
    retell(&lists()?, transcript)
}

#[test]
fn first_and_last_address_of_a_range_and_their_neighbours() -> Result<()> {
    let transcript = r"
$ checker check -l one.txt 203.0.112.255 203.0.113.0 203.0.113.255 203.0.114.0
203.0.112.255: Status: Compliant
203.0.113.0: ALERT: Restricted Region Detected (one 203.0.113.0/24, one.txt:2)
203.0.113.255: ALERT: Restricted Region Detected (one 203.0.113.0/24, one.txt:2)
203.0.114.0: Status: Compliant
? 1
";
    retell(&lists()?, transcript)
}

#[test]
fn lists_of_a_configuration_with_an_exception() -> Result<()> {
    let transcript = r"
$ checker check --config checker.toml 203.0.113.127 203.0.113.128 ::ffff:203.0.113.1
203.0.113.127: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:2)
203.0.113.128: Status: Compliant (lab 203.0.113.128/25, lab.txt:1)
::ffff:203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:2)
? 1
";
    retell(&lists()?, transcript)
}

#[test]
fn addresses_from_standard_input() -> Result<()> {
    let lists = lists()?;
    let call = Call::new(["check", "-l", "ONE=one.txt"]).in_folder(lists.folder());
    let ended = call.input(b"198.51.100.9\r\n\n203.0.113.1\n 203.0.113.1\n2001:db8::1").run()?;
    let expected = r"
198.51.100.9: Status: Compliant
203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:2)
 203.0.113.1: Invalid IP
2001:db8::1: ALERT: Restricted Region Detected (ONE 2001:db8::/32, one.txt:4)
? 2
";
    comes_to(&lists, &ended, expected)
}

#[test]
fn nothing_to_judge_is_nothing_restricted() -> Result<()> {
    retell(&lists()?, "$ checker check -l ONE=one.txt\n? 0\n")
}

#[test]
fn what_is_typed_cannot_steer_the_terminal() -> Result<()> {
    let lists = lists()?;
    let call = Call::new(["check", "-l", "ONE=one.txt", "\u{1b}[2J\u{202e}1\n2"]).in_folder(lists.folder());
    comes_to(&lists, &call.run()?, "\\u{1b}[2J\\u{202e}1\\n2: Invalid IP\n? 2\n")
}

#[test]
fn colours_come_on_request_only() -> Result<()> {
    let transcript = "\
$ checker check -l ONE=one.txt 203.0.113.1
203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:2)
? 1
$ checker check -l ONE=one.txt 203.0.113.1 --color always
203.0.113.1: \u{1b}[1m\u{1b}[31mALERT: Restricted Region Detected\u{1b}[0m (ONE 203.0.113.0/24, one.txt:2)
? 1
";
    retell(&lists()?, transcript)
}

#[test]
fn a_closed_pipe_is_no_error() -> Result<()> {
    let lists = lists()?;
    let (reader, writer) = io::pipe()?;
    drop(reader);
    let call = Call::new(["check", "-l", "ONE=one.txt", "198.51.100.9"]).in_folder(lists.folder());
    comes_to(&lists, &call.stdout(writer).run()?, "? 0\n")
}

#[test]
fn a_full_disk_is_one() -> Result<()> {
    let lists = lists()?;
    let full = File::options().write(true).open("/dev/full")?;
    let call = Call::new(["check", "-l", "ONE=one.txt", "198.51.100.9"]).in_folder(lists.folder());
    let expected = "! checker: cannot write to standard output: No space left on device (os error 28)\n? 2\n";
    comes_to(&lists, &call.stdout(full).run()?, expected)
}
