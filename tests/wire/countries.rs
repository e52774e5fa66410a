//! A file of several countries in a running daemon: each country is a list of its own, now and when it is read again.

use anyhow::Result;

use crate::watched;

const HEADER: &str = "2|ripencc|20260901|2|19830705|20260901|+0000\n";
const IRAN: &str = "ripencc|IR|ipv4|192.0.2.0|768|20120403|assigned\n";
const KOREA: &str = "ripencc|KP|ipv4|198.51.100.0|256|20120403|assigned\n";

fn line(json: &serde_json::Value, at: usize) -> String {
    let list = &json[at];
    let as_of = list["as_of"].as_str().unwrap_or("-");
    format!("{} {} {} {as_of}", list["label"], list["ranges_v4"], list["format"]).replace('"', "")
}

#[test]
#[ignore = "needs root: namespaces, XDP"]
fn countries_stay_apart_and_come_back_when_they_are_read_again() -> Result<()> {
    let (_wire, daemon) = watched()?;
    daemon.lists.write("rir", &[HEADER, IRAN].concat())?;
    let loaded = daemon.call("load", &["rir", "--country", "IR,KP,SY"])?.expect(0)?;
    assert!(loaded.stderr.contains("rir: holds no range of KP, SY"), "{}", loaded.stderr);
    let shown = || -> Result<Vec<String>> {
        let json = serde_json::from_str(&daemon.call("lists", &["--json"])?.expect(0)?.stdout)?;
        let serde_json::Value::Array(lists) = &json else { anyhow::bail!("{json}") };
        Ok((0..lists.len()).map(|at| line(&json, at)).collect())
    };
    let expected = ["ONE 1 plain -", "IR 2 rir 2026-09-01", "KP 0 rir 2026-09-01", "SY 0 rir 2026-09-01"];
    assert_eq!(shown()?, expected);
    let printed = daemon.call("lists", &[])?.expect(0)?.stdout;
    assert!(
        printed.lines().nth(1).is_some_and(|line| line.contains("  rir        2026-09-01  ")),
        "{printed}"
    );

    daemon.call("unload", &["SY"])?.expect(0)?;
    daemon.lists.write("rir", &[HEADER, KOREA].concat())?;
    daemon.call("reload", &["--force"])?.expect(0)?;
    assert_eq!(shown()?, ["ONE 1 plain -", "IR 0 rir 2026-09-01", "KP 1 rir 2026-09-01"]);

    daemon.lists.write("rir", "<html>\n")?;
    let refused = daemon.call("reload", &[])?.expect(2)?.stderr;
    assert!(refused.contains("is an HTML page, not a list"), "{refused}");
    assert_eq!(shown()?.len(), 3, "the last good generation stays");
    Ok(())
}
