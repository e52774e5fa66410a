//! Help, version, and what was mistyped.

use anyhow::Result;
use harness::{checker::Call, lists::Lists};

use crate::transcript::retell;

#[test]
fn the_version() -> Result<()> {
    retell(&Lists::new()?, concat!("$ checker --version\nchecker ", env!("CARGO_PKG_VERSION"), "\n? 0\n"))
}

/// The names are fixed: scripts and packages rely on them.
#[test]
fn every_command_is_in_the_help_and_has_its_own() -> Result<()> {
    let help = Call::new(["--help"]).run()?.expect(0)?.stdout;
    let offline = ["check", "scan", "groups", "log", "completions", "man"];
    for command in ["run", "tail", "load", "unload", "reload", "lists", "status", "top", "detach", "doctor"]
        .iter()
        .chain(&offline)
    {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        let own = Call::new([*command, "--help"]).run()?.expect(0)?.stdout;
        assert!(own.contains(&format!("Usage: checker {command}")), "{own}");
        if !offline.contains(command) {
            assert!(own.contains("[default: /run/checker/checker.sock]"), "{own}");
        }
    }
    assert!(help.contains("Exit codes: 0 done, nothing restricted;"), "{help}");
    Ok(())
}

#[test]
fn nothing_typed_is_answered_with_help_and_is_an_error() -> Result<()> {
    let nothing = Call::new([""; 0]).run()?.expect(2)?;
    assert_eq!(nothing.stderr, Call::new(["-h"]).run()?.expect(0)?.stdout);
    assert_eq!(nothing.stdout, "");
    Ok(())
}

#[test]
fn what_is_mistyped() -> Result<()> {
    let transcript = r"
$ checker watch
! error: unrecognized subcommand 'watch'
!
!   tip: a similar subcommand exists: 'detach'
!
! Usage: checker [OPTIONS] <COMMAND>
!
! For more information, try '--help'.
? 2
$ checker check --fast
! error: unexpected argument '--fast' found
!
!   tip: to pass '--fast' as a value, use '-- --fast'
!
! Usage: checker check [OPTIONS] [ADDR]...
!
! For more information, try '--help'.
? 2
$ checker run
! error: the following required arguments were not provided:
!   --interface <IFACE>
!
! Usage: checker run --interface <IFACE>
!
! For more information, try '--help'.
? 2
";
    retell(&Lists::new()?, transcript)
}
