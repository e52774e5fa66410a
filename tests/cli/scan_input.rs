//! `checker scan`: what it can be given to read.

use std::{
    fs::{self, File},
    io::Write as _,
};

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};
use harness::{checker::Call, lists::Lists};

use crate::{
    lists,
    transcript::{comes_to, retell},
};

/// A folder of logs, packed and not.
fn folder() -> Result<Lists> {
    let lists = lists()?;
    let logs = lists.folder().join("logs");
    fs::create_dir_all(logs.join("old"))?;
    fs::write(logs.join("b.log"), "b 203.0.113.2\n")?;
    fs::write(logs.join("a.log"), "a 203.0.113.1\n")?;
    fs::write(logs.join(".hidden"), "h 203.0.113.3\n")?;
    fs::write(logs.join("old/1.gz"), gzip(b"gz 203.0.113.4\n")?)?;
    // Two members, as `cat a.gz b.gz` makes them.
    let two = [gzip(b"one 203.0.113.5\n")?, gzip(b"two 203.0.113.6\n")?].concat();
    fs::write(logs.join("old/2.gz"), two)?;
    fs::write(logs.join("old/3.zst"), zstd::encode_all(&b"zst 203.0.113.7\n"[..], 0)?)?;
    std::os::unix::fs::symlink("/dev/zero", logs.join("zero"))?;
    Ok(lists)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes)?;
    Ok(packed.finish()?)
}

#[test]
fn a_folder_is_read_in_order_and_unpacked() -> Result<()> {
    let transcript = r"
$ checker scan -q -l ONE=one.txt logs
logs/.hidden:h 203.0.113.3
logs/a.log:a 203.0.113.1
logs/b.log:b 203.0.113.2
logs/old/1.gz:gz 203.0.113.4
logs/old/2.gz:one 203.0.113.5
logs/old/2.gz:two 203.0.113.6
logs/old/3.zst:zst 203.0.113.7
? 1
";
    retell(&folder()?, transcript)
}

#[test]
fn standard_input_packed_or_not() -> Result<()> {
    let lists = folder()?;
    let packed = gzip(b"gz 203.0.113.4\n")?;
    for (input, expected) in [
        (&b"x 203.0.113.1"[..], "(standard input):x 203.0.113.1\n? 1\n"),
        (&packed, "(standard input):gz 203.0.113.4\n? 1\n"),
        (b"", "? 0\n"),
    ] {
        let call = Call::new(["scan", "-q", "-H", "-l", "ONE=one.txt", "-"]).in_folder(lists.folder());
        comes_to(&lists, &call.input(input).run()?, expected)?;
    }
    Ok(())
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_scanned() -> Result<()> {
    let lists = folder()?;
    let mut packed = gzip(b"cut 203.0.113.8\n")?;
    packed.truncate(packed.len() - 4);
    fs::write(lists.folder().join("cut.gz"), packed)?;
    let transcript = r"
$ checker scan -q -l ONE=one.txt nothing.log cut.gz logs/a.log
cut.gz:cut 203.0.113.8
logs/a.log:a 203.0.113.1
! ERROR nothing.log: cannot be read: No such file or directory (os error 2)
! ERROR cut.gz: cannot be read: unexpected end of file
? 2
";
    retell(&lists, transcript)
}

#[test]
fn a_log_is_not_its_own_output() -> Result<()> {
    let lists = folder()?;
    let path = lists.folder().join("logs/a.log");
    let output = File::options().append(true).open(&path)?;
    let call = Call::new(["scan", "-q", "-l", "ONE=one.txt", "logs/a.log"]).in_folder(lists.folder());
    let expected = "! ERROR logs/a.log: cannot be read: it is also the output\n? 2\n";
    comes_to(&lists, &call.stdout(output).run()?, expected)?;
    assert_eq!(fs::read_to_string(path)?, "a 203.0.113.1\n");
    Ok(())
}

/// No line is too long, and none is lost or counted twice where blocks meet; whatever the threads.
#[test]
fn long_lines_and_many_lines() -> Result<()> {
    let lists = lists()?;
    let all: Vec<_> = (0..400_000_u32).map(|n| format!("203.0.113.{}", n % 256)).collect();
    lists.write("long.log", &all.join(","))?;
    lists.write("many.log", &all.join("\n"))?;
    for (file, lines) in [("long.log", "1\n"), ("many.log", "400000\n")] {
        for threads in ["1", "2", "7"] {
            let call = |form| {
                Call::new(["scan", "-q", "--threads", threads, "-l", "ONE=one.txt", form, file])
                    .in_folder(lists.folder())
                    .run()?
                    .expect(1)
            };
            assert!(call("-o")?.stdout.lines().eq(all.iter()), "{file}, {threads} threads");
            assert_eq!(call("-c")?.stdout, lines, "{file}, {threads} threads");
        }
    }
    Ok(())
}
