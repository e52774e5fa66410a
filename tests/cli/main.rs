//! What is typed and what is printed, word for word. Nothing here watches anything; what needs a daemon that runs is in
//! `wire/`.

mod transcript;
mod check;
mod countries;
mod explain;
mod diff;
mod convert;
mod scan;
mod scan_input;
mod scan_capture;
mod scan_forms;
mod scan_follow;
mod scan_grepcidr;
mod report;
mod lists;
mod fetch;
mod help;
mod client;
mod tail;
mod run;
mod doctor;
mod completions;

use anyhow::Result;
use harness::lists::Lists;

/// Two lists: what is restricted, and an exception from it; and a configuration that names both.
fn lists() -> Result<Lists> {
    let lists = Lists::new()?;
    lists.write("one.txt", "# restricted\n203.0.113.0/24 ; a comment\r\n\n2001:db8::/32\n")?;
    lists.write("lab.txt", "203.0.113.128/25\n")?;
    lists.write(
        "checker.toml",
        "[[list]]\npath = \"one.txt\"\nlabel = \"ONE\"\n[[list]]\npath = \"lab.txt\"\naction = \"allow\"\n",
    )?;
    Ok(lists)
}
