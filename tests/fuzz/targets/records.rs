//! Logs of alerts, as `checker report` reads them.

use checker_user::{
    offline::input::Target,
    report::{
        html::page,
        json::json,
        read::{Wanted, read},
        text::text,
    },
};
use indicatif::ProgressBar;

use crate::scratch;

pub(crate) fn records(log: &[u8]) {
    let target = Target::File(scratch::file("log", log));
    let wanted = Wanted::default();
    let (reading, tally) = read(&[target], &wanted, &ProgressBar::hidden());
    assert!(reading.bad <= reading.lines);
    reading.named.iter().for_each(|named| crate::assert_printable(named));
    crate::assert_printable(&text(&reading, &tally, 10));
    serde_json::to_string(&json(&reading, &tally, 10)).expect("JSON");
    assert!(page(&reading, &tally, &wanted, 10).ends_with("</html>"));
}
