//! Logs and any other text.

use std::net::IpAddr;

use checker_user::{
    alerts::{line, write::Format},
    offline::{
        summary::Tally,
        text::{
            blocks::{Block, Blocks},
            find::find,
            hits::{Wanted, lines},
            write::Form,
        },
    },
};

use crate::judge::JUDGE;

pub(crate) fn text(text: &[u8]) {
    let mut last = 0;
    let mut addresses = 0;
    find(text, |found| {
        assert!(last <= found.start && found.start < found.end, "in order, and apart");
        last = found.end;
        addresses += 1;
        let written = str::from_utf8(&text[found.start..found.end]).expect("ASCII");
        assert_eq!(written.parse::<IpAddr>(), Ok(found.addr), "{written}");
    });
    let (judge, _) = &*JUDGE;
    let mut blocks = Blocks::new(text, false);
    let mut block = Block::default();
    let mut tally = Tally::default();
    while blocks.next(&mut block).expect("memory can be read") {
        let mut printed = Vec::new();
        lines(&block, judge, Wanted::Matching, &mut tally, |line| {
            Form::Alerts(Format::Eve).write(&line, "file", judge, &mut printed);
        });
        for line in printed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let read = serde_json::from_slice::<line::Line<'_>>(line);
            assert!(read.is_ok(), "{}", String::from_utf8_lossy(line));
        }
    }
    assert_eq!(tally.addresses, addresses, "cut into blocks or whole");
}
