//! `checker diff --against`: two versions of a list, in addresses and not in lines.

use anyhow::Result;
use harness::{checker::Call, lists::Lists};

use crate::transcript::retell;

fn versions() -> Result<Lists> {
    let lists = Lists::new()?;
    lists.write("old.txt", "203.0.113.0/24\n198.51.100.0/24\n2001:db8::/48\n2001:db8:2::1\n")?;
    lists.write(
        "same.txt",
        "2001:db8:2::1\n203.0.113.128/25\n2001:db8::/48\n203.0.113.0/25\n198.51.100.0/24\n",
    )?;
    lists.write("new.txt", "203.0.113.0/24\n198.51.100.0/25\n192.0.2.64/30\n2001:db8::/47\n")?;
    Ok(lists)
}

#[test]
fn what_comes_and_goes_and_how_much_it_is() -> Result<()> {
    let transcript = r"
$ checker diff --against ONE=old.txt ONE=same.txt
ONE: no difference
? 0
$ checker diff --against ONE=old.txt ONE=new.txt
ONE: 4 IPv4 addresses and 65536 IPv6 /64s more, 128 IPv4 addresses and 1 IPv6 addresses fewer
- 198.51.100.128/25
- 2001:db8:2::1/128
+ 192.0.2.64/30
+ 2001:db8:1::/48
? 1
";
    retell(&versions()?, transcript)
}

#[test]
fn what_would_be_refused_and_what_is_not_there() -> Result<()> {
    let lists = versions()?;
    lists.write("cut.txt", "203.0.113.0/26\n2001:db8::/48\n")?;
    lists.write("all.txt", "0.0.0.0/0\n2001:db8::/48\n2001:db8:2::1\n")?;
    let transcript = r"
$ checker diff --against ONE=old.txt ONE=cut.txt
ONE: 448 IPv4 addresses and 1 IPv6 addresses fewer
- 198.51.100.0/24
- 203.0.113.64/26
- 203.0.113.128/25
- 2001:db8:2::1/128
! would be refused: ONE would have 64 IPv4 addresses where it has 512: more than half would be lost; use --force to load it
? 1
$ checker diff --against ONE=old.txt TWO=old.txt --json -qq
[
  {
    ''label'': ''TWO'',
    ''loaded'': false,
    ''added'': {
      ''prefixes'': [
        ''198.51.100.0/24'',
        ''203.0.113.0/24'',
        ''2001:db8::/48'',
        ''2001:db8:2::1/128''
      ],
      ''ipv4'': 512,
      ''ipv6'': ''1208925819614629174706177''
    },
    ''removed'': {
      ''prefixes'': [],
      ''ipv4'': 0,
      ''ipv6'': ''0''
    },
    ''refused'': null
  }
]
? 1
$ checker diff --against ONE=old.txt missing.txt
! checker: missing.txt: cannot be read: No such file or directory (os error 2)
? 2
";
    retell(&lists, &transcript.replace("''", "\""))?;
    let told =
        Call::new(["diff", "--against", "ONE=old.txt", "ONE=all.txt"]).in_folder(lists.folder()).run()?;
    assert!(told.expect(1)?.stdout.ends_with(
        "! would be refused: all.txt:1: 0.0.0.0/0 covers every IPv4 address; use --force to load it\n"
    ));
    Ok(())
}
