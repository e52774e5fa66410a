//! `checker explain`: every range that covers an address, and which one wins.

use anyhow::Result;
use harness::{checker::Call, lists::Lists};

use crate::transcript::{comes_to, retell};

/// Two lists that share a prefix, and exceptions from them.
fn overlapping() -> Result<Lists> {
    let lists = Lists::new()?;
    lists.write("one.txt", "203.0.113.0/24\n203.0.113.128/25\n203.0.113.0/24\n")?;
    lists.write("two.txt", "203.0.0.0/16\n203.0.113.0/24\n")?;
    lists.write("lab.txt", "203.0.113.128/25\n")?;
    lists.write(
        "checker.toml",
        "[[list]]\npath = \"one.txt\"\n[[list]]\npath = \"two.txt\"\n[[list]]\npath = \"lab.txt\"\naction = \"allow\"\n",
    )?;
    Ok(lists)
}

#[test]
fn each_range_says_why_it_wins_or_not() -> Result<()> {
    let transcript = r"
$ checker explain --config checker.toml 203.0.113.1 203.0.113.200 203.0.1.1 192.0.2.1
203.0.113.1: ALERT: Restricted Region Detected
  203.0.113.1:
    203.0.0.0/16    alert  two  two.txt:1@5eb0eb12 plain  a longer prefix wins
    203.0.113.0/24  alert  one  one.txt:1@d8350956 plain  wins: the first of the longest prefix
    203.0.113.0/24  alert  one  one.txt:3@d8350956 plain  the one named first wins
    203.0.113.0/24  alert  two  two.txt:2@5eb0eb12 plain  the one named first wins
203.0.113.200: Status: Compliant
  203.0.113.200:
    203.0.0.0/16      alert  two  two.txt:1@5eb0eb12 plain  a longer prefix wins
    203.0.113.0/24    alert  one  one.txt:1@d8350956 plain  a longer prefix wins
    203.0.113.0/24    alert  one  one.txt:3@d8350956 plain  a longer prefix wins
    203.0.113.0/24    alert  two  two.txt:2@5eb0eb12 plain  a longer prefix wins
    203.0.113.128/25  allow  lab  lab.txt:1@9f8a099b plain  wins: the strongest action of the longest prefix
    203.0.113.128/25  alert  one  one.txt:2@d8350956 plain  allow is stronger than alert
203.0.1.1: ALERT: Restricted Region Detected
  203.0.1.1:
    203.0.0.0/16  alert  two  two.txt:1@5eb0eb12 plain  wins: the only range
192.0.2.1: Status: Compliant
  192.0.2.1:
    no range covers it
? 1
";
    retell(&overlapping()?, transcript)
}

/// As the kernel program looks it up.
#[test]
fn an_ipv4_address_in_an_ipv6_one_is_explained_too() -> Result<()> {
    let lists = Lists::new()?;
    lists.write("one.txt", "203.0.113.0/24\n2001::/32\n")?;
    let carried = "203.0.113.0/24  alert  ONE  one.txt:1@";
    for (address, via) in [
        ("::ffff:203.0.113.1", "mapped"),
        ("2002:cb00:7101::1", "6to4"),
        ("64:ff9b::203.0.113.1", "nat64"),
        ("2001:db8::5efe:203.0.113.1", "isatap"),
        ("2001:0:c000:201:8000:63bf:34ff:8efe", "teredo"),
    ] {
        let call = Call::new(["explain", "-l", "ONE=one.txt", address]).in_folder(lists.folder());
        let told = call.run()?.expect(1)?.stdout;
        let heading = format!("  203.0.113.1, carried in it ({via}):\n    {carried}");
        assert!(told.contains(&heading), "{told}");
    }
    Ok(())
}

#[test]
fn as_json_it_is_a_line_an_address() -> Result<()> {
    let lists = Lists::new()?;
    lists.write("one.txt", "203.0.113.0/24\n")?;
    let call = Call::new(["explain", "--json", "-l", "ONE=one.txt"]).in_folder(lists.folder());
    let ended = call.input(b"203.0.113.1\nnonsense\n\n192.0.2.1\n").run()?;
    let expected = r#"
{"address":"203.0.113.1","restricted":true,"lookups":[{"address":"203.0.113.1","via":null,"ranges":[{"standing":"wins","prefix":"203.0.113.0/24","label":"ONE","action":"alert","list":"one.txt","sha256":"29ec405c32c931124f857343346555e0bb1d2864a8ec1aef64e28c37a91d0b8b","format":"plain","as_of":null,"line":1}]}]}
{"invalid":"nonsense"}
{"address":"192.0.2.1","restricted":false,"lookups":[{"address":"192.0.2.1","via":null,"ranges":[]}]}
? 2
"#;
    comes_to(&lists, &ended, expected)
}
