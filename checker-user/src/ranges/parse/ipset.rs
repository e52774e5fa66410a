//! `ipset save`, which is what `ipset restore` takes:
//!
//! ```text
//! create r hash:net family inet hashsize 1024 maxelem 65536
//! add r 192.0.2.0/24 timeout 300 comment "somebody"
//! add r 192.0.2.64/26 nomatch
//! ```
//!
//! All sets of the file are taken. `nomatch` makes an exception: that range is allowed. Timeouts are not waited for. Sets
//! of pairs (`hash:ip,port`, `hash:net,iface`), of MAC addresses, ports and marks, and sets of sets are refused: they
//! say more, or other things, than ranges. Format: ipset(8).

use std::collections::HashMap;

use super::{
    address::{Span, number, span},
    collect::Collector,
    date,
    lines::lines,
    rejected::Reason,
};

/// Types that hold addresses and nothing beside them.
const TYPES: [&[u8]; 3] = [b"hash:ip", b"hash:net", b"bitmap:ip"];

/// What the `create` line of a set says.
#[derive(Clone, Copy)]
enum Set {
    /// Elements are ranges; a single address stands for a prefix of this length where the set has a netmask.
    Ranges(Option<u8>),
    /// Elements are something else; the set was rejected once.
    Refused,
}

/// Reads the lines of a file.
pub fn read(text: &[u8], found: &mut Collector) {
    let mut sets = HashMap::new();
    for (line, text) in lines(text) {
        let row = text.trim_ascii();
        if row.is_empty() || row.starts_with(b"#") {
            found.dated(date::of_comment(row));
            continue;
        }
        let mut words = row.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        match (words.next(), words.next(), words.next()) {
            (Some(b"create" | b"-N"), Some(name), Some(kind)) => {
                let set = set(kind, &words.collect::<Vec<_>>());
                if let Err(reason) = set {
                    found.reject(line, row, reason);
                }
                sets.insert(name, set.unwrap_or(Set::Refused));
            }
            (Some(b"add" | b"-A"), Some(name), Some(element)) => {
                // A set that is made elsewhere may be of any type; its elements show.
                match sets.get(name).copied().unwrap_or(Set::Ranges(None)) {
                    Set::Ranges(netmask) => add(line, row, element, netmask, words, found),
                    Set::Refused => {}
                }
            }
            (Some(b"COMMIT" | b"flush" | b"-F"), ..) => {}
            _ => found.reject(line, row, Reason::Why("is no line of ipset save")),
        }
    }
}

fn set(kind: &[u8], options: &[&[u8]]) -> Result<Set, Reason> {
    if !TYPES.contains(&kind) {
        return Err(Reason::Why(
            "is a set of something other than ranges; hash:ip, hash:net and bitmap:ip are read",
        ));
    }
    if options.contains(&&b"bitmask"[..]) {
        return Err(Reason::Why("has a bitmask, which is no range"));
    }
    let netmask = options.iter().position(|option| *option == b"netmask").map(|at| {
        let length = options.get(at + 1).and_then(|value| number(value));
        length.and_then(|length| u8::try_from(length).ok()).filter(|length| *length <= 128)
    });
    match netmask {
        Some(None) => Err(Reason::Why("has a netmask that is no prefix length")),
        Some(Some(length)) => Ok(Set::Ranges(Some(length))),
        None => Ok(Set::Ranges(None)),
    }
}

fn add<'a>(
    line: u32,
    row: &[u8],
    element: &[u8],
    netmask: Option<u8>,
    mut options: impl Iterator<Item = &'a [u8]>,
    found: &mut Collector,
) {
    let whole = match netmask {
        Some(length) => span(&[element, b"/", length.to_string().as_bytes()].concat()),
        None => span(element),
    };
    // What stands in a comment is no option.
    let nomatch =
        options.by_ref().take_while(|option| *option != b"comment").any(|option| option == b"nomatch");
    match whole {
        Ok(Span::Net(net)) if nomatch => found.add_exception(net, line),
        Ok(Span::Range(..)) if nomatch => {
            found.reject(line, row, Reason::Why("makes an exception of a range that is no prefix"));
        }
        Ok(span) => found.add_span(span, line),
        Err(reason) => found.reject(line, row, reason),
    }
}
