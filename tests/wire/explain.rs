//! What the daemon says of the lists that it has loaded: `explain` and `diff` without a list on the command line.

use anyhow::Result;
use harness::plan::Plan;
use harness::veth::{NEAR, Wire};

use crate::watched;

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_daemon_explains_an_address_by_what_it_has_loaded() -> Result<()> {
    let (_wire, daemon) = watched()?;
    daemon.lists.write("one.txt", "198.51.100.0/24\n")?;
    let explained = daemon.call("explain", &["203.0.113.1", "198.51.100.1"])?.expect(1)?.stdout;
    let lines: Vec<_> = explained.lines().collect();
    assert_eq!(lines[0], "203.0.113.1: ALERT: Restricted Region Detected");
    assert!(lines[2].starts_with("    203.0.113.0/24  alert  ONE  one.txt:1@"), "{explained}");
    assert_eq!(lines[3], "198.51.100.1: Status: Compliant", "the file is another one by now");
    Ok(())
}

/// As the kernel program looks it up: behind the prefix that the daemon was given.
#[test]
#[ignore = "needs root: namespaces, XDP"]
fn the_daemon_knows_its_nat64_prefix() -> Result<()> {
    let wire = Wire::new()?;
    let plan = Plan::new(&wire.near)?.interface(NEAR).list("ONE", "203.0.113.0/24\n")?;
    let daemon = plan.words(&["--nat64", "2001:db8:64::/96"]).start()?;
    let explained = daemon.call("explain", &["2001:db8:64::203.0.113.1"])?.expect(1)?.stdout;
    assert!(explained.contains("  203.0.113.1, carried in it (nat64):\n"), "{explained}");
    Ok(())
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn a_file_is_compared_with_what_is_loaded() -> Result<()> {
    let (_wire, daemon) = watched()?;
    let same = daemon
        .lists
        .write("same.txt", "2001:db8::/33\n203.0.113.0/25\n203.0.113.128/25\n2001:db8:8000::/33\n")?;
    assert!(same.exists());
    assert_eq!(daemon.call("diff", &["ONE=same.txt"])?.expect(0)?.stdout, "ONE: no difference\n");
    daemon.lists.write("less.txt", "203.0.113.0/26\n192.0.2.0/24\n")?;
    let expected = "\
ONE: 256 IPv4 addresses more, 192 IPv4 addresses and 4294967296 IPv6 /64s fewer
- 203.0.113.64/26
- 203.0.113.128/25
- 2001:db8::/32
+ 192.0.2.0/24
! would be refused: ONE would have 0 IPv6 /64s where it has 4294967296: more than half would be lost; use --force to load it
";
    assert_eq!(daemon.call("diff", &["ONE=less.txt"])?.expect(1)?.stdout, expected);
    let other = daemon.call("diff", &["TWO=less.txt"])?.expect(1)?.stdout;
    assert!(other.starts_with("TWO is not loaded: 320 IPv4 addresses more\n"), "{other}");
    Ok(())
}
