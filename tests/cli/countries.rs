//! Lists that name countries: what must be chosen, what is said of it, and what comes of it.

use std::fs;

use anyhow::Result;
use harness::{checker::Call, lists::Lists};

use crate::transcript::retell;

const RIR: &str = "2|ripencc|20260901|3|19830705|20260901|+0000
ripencc|IR|ipv4|192.0.2.0|768|20120403|assigned
ripencc|CN|ipv4|198.51.100.0|256|20120403|allocated
ripencc|HK|ipv4|203.0.113.0|256|20120403|allocated
";

fn registry() -> Result<Lists> {
    let lists = Lists::new()?;
    lists.write("delegated", RIR)?;
    // A table that will not be old while this test is run.
    let table = "source = \"our lawyers\"\nas_of = \"2999-01-01\"\n\
                 [group.\"X:1\"]\nmeaning = \"ours\"\nmembers = \"IR KP\"\n\
                 [group.\"X:2\"]\nmeaning = \"theirs\"\nmembers = \"CU\"\n";
    lists.write("table.toml", table)?;
    Ok(lists)
}

#[test]
fn countries_must_be_chosen() -> Result<()> {
    let transcript = r#"
$ checker check -l delegated 192.0.2.1
! checker: delegated: says what country each range is of (format rir, line 2); choose with --country CN,RU or --country-group D:5; nothing was loaded
? 2
$ checker check -l delegated --country IR 192.0.4.255 192.0.5.0
192.0.4.255: ALERT: Restricted Region Detected (IR 192.0.4.0/24, delegated:2)
192.0.5.0: Status: Compliant
? 1
$ checker check -l MINE=delegated --country IR,CN 198.51.100.1
198.51.100.1: ALERT: Restricted Region Detected (MINE 198.51.100.0/24, delegated:3)
!  INFO CN brings HK; --no-hk leaves it out
? 1
$ checker check -l delegated --country CN --no-hk 203.0.113.1
203.0.113.1: Status: Compliant
? 0
$ checker check -l delegated --groups table.toml --country-group X:2 203.0.113.1
!  INFO X:2 is 1 country as of 2999-01-01 (our lawyers). Facts, not legal advice.
! checker: delegated: holds no range of CU
! no list holds any range; nothing was loaded
? 2
$ checker check -l delegated --country-group D:9 203.0.113.1
! checker: there is no country group "D:9"; there are D:1, D:2, D:3, D:4, D:5, E:1, E:2
? 2
"#;
    retell(&registry()?, transcript)
}

#[test]
fn a_configuration_says_it_for_each_list() -> Result<()> {
    let lists = registry()?;
    let text = "groups = \"table.toml\"\n[[list]]\npath = \"delegated\"\nformat = \"rir\"\ncountry_group = [\"X:1\"]\n\
                [[list]]\nlabel = \"MINE\"\npath = \"mine\"\nlenient = true\naction = \"allow\"\n";
    lists.write("checker.toml", text)?;
    lists.write("mine", "192.0.2.128/25\nnonsense\n")?;
    let transcript = r#"
$ checker check --config checker.toml 192.0.2.1 192.0.2.200
192.0.2.1: ALERT: Restricted Region Detected (IR 192.0.2.0/23, delegated:2)
192.0.2.200: Status: Compliant (MINE 192.0.2.128/25, mine:1)
!  INFO X:1 is 2 countries as of 2999-01-01 (our lawyers). Facts, not legal advice.
!  WARN delegated: holds no range of KP
!  WARN mine:2: "nonsense" is not an address or a prefix; left out
? 1
"#;
    retell(&lists, transcript)
}

#[test]
fn a_geolite2_folder_is_one_list_of_three_files() -> Result<()> {
    let lists = Lists::new()?;
    let folder = lists.folder().join("GeoLite2-Country-CSV_20260901");
    fs::create_dir(&folder)?;
    let header = "network,geoname_id,registered_country_geoname_id\n";
    fs::write(folder.join("GeoLite2-Country-Blocks-IPv4.csv"), format!("{header}192.0.2.0/24,1,1\n"))?;
    fs::write(folder.join("GeoLite2-Country-Blocks-IPv6.csv"), format!("{header}2001:db8::/32,,1\n"))?;
    let locations = folder.join("GeoLite2-Country-Locations-en.csv");
    fs::write(&locations, "geoname_id,locale_code,country_iso_code\n1,en,IR\n")?;
    let transcript = r"
$ checker check -l GeoLite2-Country-CSV_20260901 --country IR 192.0.2.1 2001:db8::1
192.0.2.1: ALERT: Restricted Region Detected (IR 192.0.2.0/24, GeoLite2-Country-Blocks-IPv4.csv:2)
2001:db8::1: ALERT: Restricted Region Detected (IR 2001:db8::/32, GeoLite2-Country-Blocks-IPv6.csv:2)
? 1
$ checker check -l G=GeoLite2-Country-CSV_20260901/GeoLite2-Country-Blocks-IPv4.csv --country IR 192.0.2.1
192.0.2.1: ALERT: Restricted Region Detected (G 192.0.2.0/24, GeoLite2-Country-Blocks-IPv4.csv:2)
? 1
";
    retell(&lists, transcript)?;
    fs::remove_file(locations)?;
    let words = ["check", "-l", "GeoLite2-Country-CSV_20260901", "--country", "IR", "192.0.2.1"];
    let ended = Call::new(words).in_folder(lists.folder()).run()?.expect(2)?;
    assert!(
        ended.stderr.contains("GeoLite2-Country-Locations-en.csv: cannot be read: No such file"),
        "{ended:?}"
    );
    Ok(())
}

#[test]
fn groups_are_shown_with_their_source() -> Result<()> {
    let lists = registry()?;
    let shown = Call::new(["groups", "show", "E:1", "-qq"]).run()?.expect(0)?.stdout;
    let begins =
        "E:1  terrorist supporting (3): IR KP SY\nas of 2026-07-08, from Supplement No. 1 to 15 CFR Part 740";
    assert!(shown.starts_with(begins), "{shown}");
    assert!(shown.ends_with("\nFacts, not legal advice.\n"), "{shown}");

    let words = ["groups", "show", "X:1", "--json", "--groups", "table.toml", "-qq"];
    let json = Call::new(words).in_folder(lists.folder()).run()?.expect(0)?.stdout;
    let json: serde_json::Value = serde_json::from_str(&json)?;
    assert_eq!((&json["as_of"], &json["source"]), (&"2999-01-01".into(), &"our lawyers".into()));
    assert_eq!(json["members"], serde_json::json!(["IR", "KP"]));
    assert_eq!(json["sha256"].as_str().map(str::len), Some(64));
    Ok(())
}
