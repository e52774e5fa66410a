//! Lists that are refused: with file, line and text, and nothing is judged by half of one.

use std::{fs, os::unix::fs::PermissionsExt as _};

use anyhow::Result;
use harness::{checker::Call, lists::Lists};

use crate::transcript::{comes_to, retell, retell_as_nobody};

/// A folder with one list of this text.
fn one(text: &str) -> Result<Lists> {
    let lists = Lists::new()?;
    lists.write("one.txt", text)?;
    Ok(lists)
}

#[test]
fn a_line_that_is_no_prefix() -> Result<()> {
    let transcript = r#"
$ checker check -l ONE=one.txt 203.0.113.1
! checker: one.txt:3: "203.0.113.0/33": prefix length 33 is larger than 32
? 2
"#;
    retell(&one("203.0.113.0/24\n\n203.0.113.0/33 # too long\n")?, transcript)
}

#[test]
fn several_such_lines() -> Result<()> {
    let text = "203.0.113.0/255.0.255.0\n203.0.113.9-203.0.113.1\nexample.org\n10.0.0.01\n\u{1b}[2J\n";
    let transcript = r#"
$ checker check -l ONE=one.txt 203.0.113.1
! checker: one.txt:1: "203.0.113.0/255.0.255.0" has a netmask with holes
! one.txt:2: "203.0.113.9-203.0.113.1" ends before it begins
! one.txt:3: "example.org" is a host name; names are never resolved
! one.txt:4: "10.0.0.01" is not an address or a prefix
! one.txt:5: "\u{1b}[2J" is not an address or a prefix
! one.txt: nothing was loaded
? 2
"#;
    retell(&one(text)?, transcript)
}

#[test]
fn too_many_such_lines_to_show() -> Result<()> {
    let lists = one(&"nonsense\n".repeat(1_000))?;
    let ended = Call::new(["check", "-l", "ONE=one.txt", "203.0.113.1"]).in_folder(lists.folder()).run()?;
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(lines.len(), 11, "{lines:?}");
    assert_eq!(lines[10], "one.txt: ... and 990 more; nothing was loaded");
    Ok(())
}

#[test]
fn a_list_without_a_range() -> Result<()> {
    let transcript = r"
$ checker check -l ONE=one.txt 203.0.113.1
! checker: one.txt: is empty; nothing was loaded
? 2
";
    retell(&one("")?, transcript)?;
    retell(&one("# nothing yet\n")?, &transcript.replace("is empty", "holds no range"))
}

#[test]
fn an_error_page_is_not_a_list() -> Result<()> {
    let transcript = r"
$ checker check -l ONE=one.txt 203.0.113.1
! checker: one.txt: is an HTML page, not a list; what was downloaded is an error or a login page; nothing was loaded
? 2
";
    retell(&one("<!DOCTYPE html>\n<html>203.0.113.1</html>\n")?, transcript)
}

#[test]
fn a_list_in_utf_16() -> Result<()> {
    let lists = Lists::new()?;
    let units = "# PowerShell\r\n203.0.113.0/24\r\n".encode_utf16();
    let text: Vec<u8> = [0xff, 0xfe].into_iter().chain(units.flat_map(u16::to_le_bytes)).collect();
    fs::write(lists.folder().join("one.txt"), text)?;
    let transcript = r"
$ checker check -l ONE=one.txt 203.0.113.1
203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:2)
? 1
";
    retell(&lists, transcript)
}

#[test]
fn host_bits_are_masked_with_a_warning() -> Result<()> {
    let transcript = r"
$ checker check -l ONE=one.txt 203.0.113.1
203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:1)
!  WARN one.txt: host bits were set in 1 range; masked
? 1
$ checker check -l ONE=one.txt 203.0.113.1 -qq
203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:1)
? 1
";
    retell(&one("203.0.113.77/24\n")?, transcript)
}

#[test]
fn what_is_no_file() -> Result<()> {
    let transcript = r"
$ checker check -l ONE=missing.txt 203.0.113.1
! checker: missing.txt: cannot be read: No such file or directory (os error 2)
? 2
$ checker check -l ONE=. 203.0.113.1
! checker: .: is a directory, not a list
? 2
$ checker check -l ONE=/dev/zero 203.0.113.1
! checker: /dev/zero: is neither a file nor a pipe
? 2
$ checker check 203.0.113.1
! checker: no list is named; give one with -l [LABEL=]PATH or --config FILE
? 2
$ checker check --config missing.toml 203.0.113.1
! checker: missing.toml: cannot be read: No such file or directory (os error 2)
? 2
";
    retell(&Lists::new()?, transcript)
}

#[test]
#[ignore = "needs root: becomes another user"]
fn a_list_that_may_not_be_read() -> Result<()> {
    let lists = one("203.0.113.0/24\n")?;
    fs::set_permissions(lists.folder(), fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(lists.folder().join("one.txt"), fs::Permissions::from_mode(0o600))?;
    let transcript = r"
$ checker check -l ONE=one.txt 203.0.113.1
! checker: one.txt: cannot be read: Permission denied (os error 13)
? 2
";
    retell_as_nobody(&lists, transcript)
}

#[test]
fn a_label_that_is_none() -> Result<()> {
    let lists = one("203.0.113.0/24\n")?;
    let ended = Call::new(["check", "-l", "a b=one.txt", "203.0.113.1"]).in_folder(lists.folder()).run()?;
    let expected = r#"
! error: invalid value 'a b=one.txt' for '--list <[LABEL=]PATH>': "a b" cannot be a label: a label has 1 to 64 bytes, all printable, and no blank, "=" or "/"
!
! For more information, try '--help'.
? 2
"#;
    comes_to(&lists, &ended, expected)
}

#[test]
fn a_configuration_with_a_fault() -> Result<()> {
    let lists = one("203.0.113.0/24\n")?;
    lists.write("key.toml", "[[list]]\npath = \"one.txt\"\nlable = \"ONE\"\n")?;
    lists.write("action.toml", "[[list]]\npath = \"one.txt\"\n\naction = \"explode\"\n")?;
    lists.write("empty.toml", "# no list yet\n")?;
    let transcript = r"
$ checker check --config key.toml 203.0.113.1
! checker: key.toml:3: unknown field `lable`, expected one of `label`, `path`, `url`, `refresh`, `timeout`, `sha256`, `action`, `severity`, `format`, `field`, `country`, `country_group`, `hk`, `lenient`
? 2
$ checker check --config action.toml 203.0.113.1
! checker: action.toml:4: unknown variant `explode`, expected one of `alert`, `drop`, `allow`
? 2
$ checker check --config empty.toml 203.0.113.1
! checker: no list is named; give one with -l [LABEL=]PATH or --config FILE
? 2
";
    retell(&lists, transcript)
}

/// The guard is for what watches; one address may be judged by any list.
#[test]
fn a_list_of_everything_may_judge_an_address() -> Result<()> {
    let transcript = r"
$ checker check -l ONE=one.txt 203.0.113.1
203.0.113.1: ALERT: Restricted Region Detected (ONE 0.0.0.0/0, one.txt:1)
? 1
";
    retell(&one("0.0.0.0/0\n")?, transcript)
}
