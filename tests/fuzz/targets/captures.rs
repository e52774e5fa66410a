//! pcap and pcapng, as `checker scan` reads them.

use checker_user::{
    alerts::{line::Line, write::Format},
    offline::capture::{Captures, Failure, account::Account},
};

use crate::judge::{ALL, JUDGE};

pub(crate) fn captures(file: &[u8]) {
    let (judge, classes) = &*JUDGE;
    for format in [Format::Eve, Format::Human] {
        let account = Account::default();
        let mut scanner = Captures { judge, classes, view: ALL, format: Some(format), account };
        let mut printed = Vec::new();
        let ended = scanner.scan("file", file, false, |bytes| {
            printed.extend_from_slice(bytes);
            Ok(())
        });
        assert!(!matches!(ended, Err(Failure::Write(_))), "nothing fails to be written");
        let lines = printed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        if format == Format::Eve {
            let read = lines.map(serde_json::from_slice::<Line<'_>>).collect::<Result<Vec<_>, _>>();
            let read = read.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&printed)));
            assert_eq!(read.len() as u64, scanner.account.restricted(), "an alert for each packet");
        }
        let packets: u64 = scanner.account.outcomes.iter().sum();
        assert!(packets <= scanner.account.packets, "each packet has one outcome at most");
        crate::assert_printable(&scanner.account.text(classes));
    }
}
