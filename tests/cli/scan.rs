//! `checker scan`: what is printed of a log, and the exit codes.

use std::{
    fs::{self, File},
    io,
};

use anyhow::Result;
use harness::{checker::Call, lists::Lists};

use crate::transcript::{comes_to, retell};

/// The lists of all tests, and a log.
fn logs() -> Result<Lists> {
    let lists = crate::lists()?;
    lists.write(
        "a.log",
        "203.0.113.7 - - [23/Nov/2026:21:48:04 +0000] \"GET / HTTP/1.1\" 200\n\
         198.51.100.9 - - [23/Nov/2026:21:48:05 +0000] \"GET / HTTP/1.1\" 200\n\
         from [2001:db8::1]:22 to 203.0.113.130:443\n\
         nothing here\n",
    )?;
    lists.write("b.log", "198.51.100.9\r\nlast 203.0.113.7")?;
    Ok(lists)
}

#[test]
fn matching_lines_and_a_summary() -> Result<()> {
    let transcript = r#"
$ checker scan -l ONE=one.txt a.log
203.0.113.7 - - [23/Nov/2026:21:48:04 +0000] "GET / HTTP/1.1" 200
from [2001:db8::1]:22 to 203.0.113.130:443
! scanned 1 file, 4 lines, 0.0 MB: 4 addresses, 3 restricted in 2 lines
!   ONE: 3
!   most often:
!     1  203.0.113.7  ONE
!     1  203.0.113.130  ONE
!     1  2001:db8::1  ONE
? 1
$ checker scan -l ONE=lab.txt b.log
! scanned 1 file, 2 lines, 0.0 MB: 2 addresses, 0 restricted in 0 lines
? 0
"#;
    retell(&logs()?, transcript)
}

#[test]
fn options_as_grep_has_them() -> Result<()> {
    let transcript = r#"
$ checker scan -q -l ONE=one.txt -n a.log b.log
a.log:1:203.0.113.7 - - [23/Nov/2026:21:48:04 +0000] "GET / HTTP/1.1" 200
a.log:3:from [2001:db8::1]:22 to 203.0.113.130:443
b.log:2:last 203.0.113.7
? 1
$ checker scan -q -l ONE=one.txt --no-filename -o a.log b.log
203.0.113.7
2001:db8::1
203.0.113.130
203.0.113.7
? 1
$ checker scan -q -l ONE=one.txt --invert -n a.log
2:198.51.100.9 - - [23/Nov/2026:21:48:05 +0000] "GET / HTTP/1.1" 200
4:nothing here
? 1
$ checker scan -q -l ONE=one.txt -H b.log
b.log:last 203.0.113.7
? 1
$ checker scan -q -l ONE=one.txt --output count a.log b.log
a.log:2
b.log:1
? 1
$ checker scan -q -l ONE=one.txt -c --invert b.log
1
? 1
"#;
    retell(&logs()?, transcript)
}

#[test]
fn exceptions_win_where_they_are_longer() -> Result<()> {
    let transcript = r"
$ checker scan -q --config checker.toml -o a.log
203.0.113.7
2001:db8::1
? 1
";
    retell(&logs()?, transcript)
}

#[test]
fn colours_say_which_range_it_is() -> Result<()> {
    let transcript = "\
$ checker scan -q -l ONE=one.txt --color always b.log
last \u{1b}[1m\u{1b}[31m203.0.113.7\u{1b}[0m \u{1b}[2m(ONE 203.0.113.0/24, one.txt:2)\u{1b}[0m
? 1
";
    retell(&logs()?, transcript)
}

#[test]
fn piped_bytes_are_the_logs_own_and_coloured_ones_are_clean() -> Result<()> {
    let lists = logs()?;
    let line = b"\x1b]0;x\x07\xff 203.0.113.7\tend\r\n";
    fs::write(lists.folder().join("raw.log"), line)?;
    let copy = lists.folder().join("copy");
    let words = ["scan", "-q", "-l", "ONE=one.txt", "raw.log"];
    Call::new(words).in_folder(lists.folder()).stdout(File::create(&copy)?).run()?.expect(1)?;
    assert_eq!(fs::read(copy)?, line);
    let coloured = Call::new(words.iter().chain(&["--color", "always"])).in_folder(lists.folder()).run()?;
    assert!(coloured.stdout.starts_with("\\u{1b}]0;x\\u{7}\\xff \u{1b}[1m"), "{:?}", coloured.stdout);
    assert!(coloured.stdout.contains("\tend \u{1b}[2m(ONE"), "{:?}", coloured.stdout);
    Ok(())
}

#[test]
fn eve_says_why_and_where() -> Result<()> {
    let lists = logs()?;
    for output in ["eve", "json"] {
        let call = Call::new(["scan", "-q", "-l", "ONE=one.txt", "--output", output, "a.log"]);
        let ended = call.in_folder(lists.folder()).run()?.expect(1)?;
        let events: Vec<serde_json::Value> =
            ended.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        assert_eq!(events.len(), 3);
        let event = &events[1];
        assert_eq!(event["event_type"], "alert");
        assert_eq!(event["alert"]["signature"], "Restricted region: ONE");
        assert_eq!(event["log"], serde_json::json!({ "file": "a.log", "line": 3, "column": 7 }));
        let checker = &event["checker"];
        assert_eq!(checker["label"], "ONE");
        assert_eq!(checker["matched"], "2001:db8::1");
        assert_eq!(checker["prefix"], "2001:db8::/32");
        assert_eq!(checker["list"], "one.txt");
        assert_eq!(checker["list_sha256"].as_str().map(str::len), Some(64));
        assert_eq!(checker["line"], 4);
    }
    Ok(())
}

#[test]
fn options_that_do_not_go_together() -> Result<()> {
    let transcript = r"
$ checker scan -l ONE=one.txt --output eve --invert a.log
! checker: --output eve tells of restricted addresses; it takes neither --invert nor --only-matching
? 2
$ checker scan -l ONE=one.txt --follow a.log b.log
! checker: --follow takes one file
? 2
$ checker scan a.log
! checker: no list is named; give one with -l [LABEL=]PATH or --config FILE
? 2
";
    retell(&logs()?, transcript)
}

#[test]
fn a_closed_pipe_is_no_error() -> Result<()> {
    let lists = logs()?;
    let (reader, writer) = io::pipe()?;
    drop(reader);
    let call = Call::new(["scan", "-q", "-l", "ONE=one.txt", "a.log"]).in_folder(lists.folder());
    comes_to(&lists, &call.stdout(writer).run()?, "? 1\n")
}

#[test]
fn a_full_disk_is_one() -> Result<()> {
    let lists = logs()?;
    let full = File::options().write(true).open("/dev/full")?;
    let call = Call::new(["scan", "-q", "-l", "ONE=one.txt", "a.log"]).in_folder(lists.folder());
    let expected = "! checker: cannot write to standard output: No space left on device (os error 28)\n? 2\n";
    comes_to(&lists, &call.stdout(full).run()?, expected)
}
