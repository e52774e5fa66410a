//! Each parser that reads bytes of others, as a function that must come back whatever the bytes are.
//!
//! The same functions run under libFuzzer (`cargo xtask fuzz`), which looks for bytes that they do not come back from, and
//! in `regressions.rs`, over all bytes that it ever found and over the corpora. A target also states what must hold of
//! what was read, where there is something: a parser that answers nonsense is found as well as one that panics.
//!
//! No parser has `unsafe` in it, so what is looked for is panics, overflow, endless loops and memory: `limit` fails an
//! allocation that no small input can be worth.

mod limit;
// Where a target needs something around the parser.
mod scratch;
mod judge;
// One file for each kind of input.
mod frames;
mod learn;
mod captures;
mod lists;
mod text;
mod records;
mod control;
mod config;
mod groups;
mod assets;
mod filter;
mod notes;
mod sealed;

/// A parser under test.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called, and its folders under `corpus` and `regressions`.
    pub name: &'static str,
    /// Reads bytes, and panics where something is wrong with the reader.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "frames", run: frames::frames },
    Target { name: "learn", run: learn::learn },
    Target { name: "captures", run: captures::captures },
    Target { name: "list", run: lists::recognised },
    Target { name: "list-plain", run: lists::plain },
    Target { name: "list-rir", run: lists::rir },
    Target { name: "list-mmdb", run: lists::mmdb },
    Target { name: "list-geolite2", run: lists::geolite2 },
    Target { name: "list-range-csv", run: lists::range_csv },
    Target { name: "list-drop", run: lists::drop },
    Target { name: "list-json", run: lists::json },
    Target { name: "list-geofeed", run: lists::geofeed },
    Target { name: "list-ipset", run: lists::ipset },
    Target { name: "list-nft", run: lists::nft },
    Target { name: "list-rpsl", run: lists::rpsl },
    Target { name: "list-pfx2as", run: lists::pfx2as },
    Target { name: "list-p2p", run: lists::p2p },
    Target { name: "groups", run: groups::groups },
    Target { name: "text", run: text::text },
    Target { name: "records", run: records::records },
    Target { name: "control", run: control::control },
    Target { name: "config", run: config::config },
    Target { name: "assets", run: assets::assets },
    Target { name: "filter", run: filter::filter },
    Target { name: "notes", run: notes::notes },
    Target { name: "sealed", run: sealed::sealed },
];

/// The one of this name.
#[must_use]
pub fn named(name: &str) -> Option<Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}

/// What is shown to somebody must steer no terminal.
fn assert_printable(shown: &str) {
    let control = shown.chars().find(|&c| c.is_control() && c != '\n');
    assert_eq!(control, None, "{shown:?}");
}
