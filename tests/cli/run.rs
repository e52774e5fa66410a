//! `checker run` where it cannot: it says what is missing before it touches anything.

use std::{fs, os::unix::fs::PermissionsExt as _};

use anyhow::Result;
use harness::lists::Lists;

use crate::{
    lists,
    transcript::{retell, retell_as_nobody, retell_in_namespace},
};

#[test]
fn no_list_is_named() -> Result<()> {
    let transcript = r"
$ checker run -i lo --control checker.sock
! checker: no list is named; give one with -l [LABEL=]PATH or --config FILE
? 2
";
    let lists = lists()?;
    retell(&lists, transcript)?;
    assert_untouched(&lists);
    Ok(())
}

#[test]
#[ignore = "needs root: becomes another user"]
fn who_is_not_root_is_told_the_capability() -> Result<()> {
    let lists = lists()?;
    fs::set_permissions(lists.folder(), fs::Permissions::from_mode(0o777))?;
    let transcript = r"
$ checker run -i lo -l ONE=one.txt --control checker.sock
! checker: the capability CAP_BPF is missing (to load a BPF program); run as root, or grant it to this program
? 2
";
    retell_as_nobody(&lists, transcript)?;
    assert_untouched(&lists);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn bad_lists_and_interfaces() -> Result<()> {
    let lists = lists()?;
    lists.write("bad.txt", "203.0.113.0/24\nnonsense\n")?;
    lists.write("empty.txt", "; nothing\n")?;
    lists.write("all.txt", "203.0.113.0/24\n0.0.0.0/0\n")?;
    lists.write("all6.txt", "::/0\n")?;
    let transcript = r#"
$ checker run -i lo -l ONE=one.txt -l BAD=bad.txt --control checker.sock
! checker: FOLDER/bad.txt:2: "nonsense" is not an address or a prefix
? 2
$ checker run -i lo -l empty.txt --control checker.sock
! checker: FOLDER/empty.txt: holds no range; nothing was loaded
? 2
$ checker run -i lo -l all.txt --control checker.sock
! checker: FOLDER/all.txt:2: 0.0.0.0/0 covers every IPv4 address; use --force to load it
? 2
$ checker run -i lo -l all6.txt --control checker.sock
! checker: FOLDER/all6.txt:1: ::/0 covers every IPv6 address; use --force to load it
? 2
$ checker run -i lo -i nope0 -l ONE=one.txt --control checker.sock
! checker: there is no interface nope0
? 2
$ checker run -i lo -l ONE=one.txt --control one.txt
! checker: one.txt exists and is not a socket; it is left alone
? 2
"#;
    retell_in_namespace(&lists, transcript)?;
    assert_untouched(&lists);
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn directions_that_make_no_sense() -> Result<()> {
    let lists = lists()?;
    let transcript = r"
$ checker run -i lo -l ONE=one.txt --direction egress --mode native --control checker.sock
! checker: --mode is about what an interface receives; --direction egress looks at what it sends only
? 2
$ checker run -i nope0 -l ONE=one.txt --direction mirror --control checker.sock
! checker: there is no interface nope0
? 2
$ checker run -i lo -l ONE=one.txt --direction both --mode native --control checker.sock
! checker: cannot attach to the ingress of lo in native mode: `bpf_link_create` failed: Operation not supported (os error 95)
? 2
$ checker run -i lo -l ONE=one.txt --nat64 64:ff9b::/95 --control checker.sock
! checker: --nat64 64:ff9b::/95: a NAT64 prefix has 32, 40, 48, 56, 64 or 96 bits (RFC 6052)
? 2
";
    retell_in_namespace(&lists, transcript)?;
    assert_untouched(&lists);
    Ok(())
}

fn assert_untouched(lists: &Lists) {
    assert!(!lists.folder().join("checker.sock").exists(), "a daemon that did not start leaves no socket");
}
