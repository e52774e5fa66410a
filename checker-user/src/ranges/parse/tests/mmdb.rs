//! `MaxMind` DB: databases made here, of the layouts that people have.

use std::net::Ipv6Addr;

use super::{Asked, Format};

/// A value of the data section.
enum Value<'a> {
    Text(&'a str),
    Map(&'a [(&'a str, Value<'a>)]),
    Yes,
}

/// A database of IPv6 addresses with records of 24 bits.
struct Database {
    /// A child is a node, `None`, or the offset of a record.
    nodes: Vec<[Child; 2]>,
    data: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Child {
    None,
    Node(usize),
    Record(usize),
}

impl Database {
    fn new() -> Self {
        Self { nodes: vec![[Child::None; 2]], data: Vec::new() }
    }

    fn record(&mut self, value: &Value<'_>) -> usize {
        let offset = self.data.len();
        write(value, &mut self.data);
        offset
    }

    fn put(&mut self, prefix: &str, child: Child) {
        let (addr, len) = prefix.split_once('/').unwrap();
        let bits = addr.parse::<Ipv6Addr>().unwrap().to_bits();
        let len: u32 = len.parse().unwrap();
        let mut node = 0;
        for depth in 0..len {
            let side = (bits >> (127 - depth) & 1) as usize;
            if depth + 1 == len {
                self.nodes[node][side] = child;
            } else if let Child::Node(next) = self.nodes[node][side] {
                node = next;
            } else {
                self.nodes.push([Child::None; 2]);
                let next = self.nodes.len() - 1;
                self.nodes[node][side] = Child::Node(next);
                node = next;
            }
        }
    }

    /// The node below which a prefix hangs.
    fn node(&self, prefix: &str) -> usize {
        let (addr, len) = prefix.split_once('/').unwrap();
        let bits = addr.parse::<Ipv6Addr>().unwrap().to_bits();
        (0..len.parse().unwrap()).fold(0, |node, depth: u32| {
            match self.nodes[node][(bits >> (127 - depth) & 1) as usize] {
                Child::Node(next) => next,
                Child::None | Child::Record(_) => panic!("{prefix} has no node"),
            }
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let count = self.nodes.len();
        let mut bytes = Vec::new();
        for child in self.nodes.iter().flatten() {
            let pointer = match *child {
                Child::None => count,
                Child::Node(node) => node,
                Child::Record(offset) => count + 16 + offset,
            };
            bytes.extend(&(pointer as u32).to_be_bytes()[1..]);
        }
        bytes.extend([0; 16]);
        bytes.extend(&self.data);
        bytes.extend(b"\xab\xcd\xefMaxMind.com");
        bytes.push(0xe9);
        for (key, number) in [
            ("binary_format_major_version", 2),
            ("binary_format_minor_version", 0),
            ("build_epoch", 1_726_131_845),
            ("ip_version", 6),
            ("node_count", count as u32),
            ("record_size", 24),
        ] {
            write(&Value::Text(key), &mut bytes);
            // An unsigned integer of 16, 32 or 64 bits; the reader takes what fits.
            match key {
                "build_epoch" => bytes.extend([0x08, 0x02]),
                "node_count" => bytes.push(0xc4),
                _ => bytes.push(0xa2),
            }
            let number = number.to_be_bytes();
            match key {
                "build_epoch" => bytes.extend([&[0; 4], &number[..]].concat()),
                "node_count" => bytes.extend(number),
                _ => bytes.extend(&number[2..]),
            }
        }
        write(&Value::Text("database_type"), &mut bytes);
        write(&Value::Text("Test"), &mut bytes);
        write(&Value::Text("description"), &mut bytes);
        write(&Value::Map(&[("en", Value::Text("Test"))]), &mut bytes);
        write(&Value::Text("languages"), &mut bytes);
        bytes.extend([0x00, 0x04]);
        bytes
    }
}

fn write(value: &Value<'_>, into: &mut Vec<u8>) {
    match value {
        Value::Text(text) if text.len() < 29 => {
            into.push(0x40 | text.len() as u8);
            into.extend(text.as_bytes());
        }
        Value::Text(text) => panic!("{text} is too long"),
        Value::Yes => into.extend([0x01, 0x07]),
        Value::Map(members) => {
            into.push(0xe0 | members.len() as u8);
            for (key, value) in *members {
                write(&Value::Text(key), into);
                write(value, into);
            }
        }
    }
}

/// Ranges by prefix, without the offset.
fn prefixes(asked: &Asked<'_>, bytes: &[u8]) -> Vec<String> {
    let ranges = asked.ranges(bytes);
    ranges.iter().map(|range| range.rsplit_once(':').unwrap().0.to_owned()).collect()
}

fn of(countries: &str) -> Asked<'_> {
    Asked { countries, ..Asked::default() }
}

#[test]
fn the_layouts_of_maxmind_and_ipinfo() {
    let mut database = Database::new();
    let maxmind =
        database.record(&Value::Map(&[("country", Value::Map(&[("iso_code", Value::Text("IR"))]))]));
    let registered = database
        .record(&Value::Map(&[("registered_country", Value::Map(&[("iso_code", Value::Text("IR"))]))]));
    let lite = database
        .record(&Value::Map(&[("country", Value::Text("Iran")), ("country_code", Value::Text("IR"))]));
    let flat = database.record(&Value::Map(&[("country", Value::Text("IR"))]));
    let other = database.record(&Value::Map(&[("country", Value::Text("US"))]));
    let none = database.record(&Value::Map(&[("asn", Value::Text("AS64500"))]));
    for (prefix, record) in [
        ("::c000:200/120", maxmind),
        ("::c633:6400/121", registered),
        ("::cb00:7100/120", lite),
        ("2001:db8::/32", flat),
        ("2001:db9::/32", other),
        ("2001:dba::/32", none),
    ] {
        database.put(prefix, Child::Record(record));
    }
    let bytes = database.bytes();
    let expected = ["192.0.2.0/24", "198.51.100.0/25", "203.0.113.0/24", "2001:db8::/32"];
    assert_eq!(prefixes(&of("IR"), &bytes), expected);
    assert_eq!(prefixes(&of("US"), &bytes), ["2001:db9::/32"]);
    assert_eq!(of("IR").as_of(&bytes).as_deref(), Some("2024-09-12"));
    assert_eq!(of("IR").of(&bytes).unwrap()[0].format, Format::Mmdb);
    assert!(
        Asked::default().refusal(&bytes).contains("says what country each range is of (format mmdb); choose")
    );
    // The place of a range is that of its record in the file.
    let place = of("US").of(&bytes).unwrap()[0].entries[0].line as usize;
    assert_eq!(&bytes[place..place + 12], b"\xe1\x47country\x42US");
}

#[test]
fn an_aliased_subtree_is_read_once() {
    let mut database = Database::new();
    let record = database.record(&Value::Map(&[("country", Value::Text("IR"))]));
    database.put("::c000:200/120", Child::Record(record));
    let v4 = Child::Node(database.node("::/96"));
    for alias in ["::ffff:0:0/96", "2002::/16", "2001::/32"] {
        database.put(alias, v4);
    }
    assert_eq!(prefixes(&of("IR"), &database.bytes()), ["192.0.2.0/24"]);
}

#[test]
fn a_field_can_be_named() {
    let mut database = Database::new();
    let record = database.record(&Value::Map(&[
        ("owner", Value::Map(&[("cc", Value::Text("IR"))])),
        ("is_proxy", Value::Yes),
    ]));
    database.put("::c000:200/120", Child::Record(record));
    let bytes = database.bytes();
    assert_eq!(prefixes(&Asked { field: Some("owner.cc"), ..of("IR") }, &bytes), ["192.0.2.0/24"]);
    assert_eq!(prefixes(&Asked { field: Some("is_proxy"), ..Asked::default() }, &bytes), ["192.0.2.0/24"]);
    let none = Asked { field: Some("owner.\u{1b}"), ..of("IR") }.refusal(&bytes);
    assert_eq!(none, "list: has no record with owner.\\u{1b}; say where with --field; nothing was loaded");
    assert!(of("IR").refusal(&bytes).starts_with("list: has no record with country.iso_code, "));
}

/// A tree whose nodes all lead to the next one twice has more leaves than anybody can walk.
#[test]
fn a_graph_that_is_no_tree_is_refused() {
    for end in [Child::None, Child::Record(0)] {
        let mut database = Database::new();
        database.record(&Value::Map(&[("country", Value::Text("IR"))]));
        database.nodes = (1..100).map(|next| [Child::Node(next); 2]).collect();
        database.nodes.push([end; 2]);
        let refused = of("IR").refusal(&database.bytes());
        assert_eq!(refused, "list: is a damaged MMDB file: its tree is none; nothing was loaded");
    }
    let mut database = Database::new();
    database.nodes = vec![[Child::Node(0); 2]];
    assert!(of("IR").refusal(&database.bytes()).starts_with("list: is a damaged MMDB file: "));
}

#[test]
fn what_was_cut_short_or_bent_does_no_harm() {
    let mut database = Database::new();
    let record = database.record(&Value::Map(&[("country", Value::Text("IR"))]));
    database.put("::c000:200/120", Child::Record(record));
    let bytes = database.bytes();
    let asked = Asked { format: Some(Format::Mmdb), ..of("IR") };
    for end in 0..bytes.len() {
        let _ = asked.of(&bytes[..end]);
        for byte in [0, 1, 0x7f, 0xff] {
            let mut bent = bytes.clone();
            bent[end] = byte;
            let _ = asked.of(&bent);
        }
    }
    assert!(asked.refusal(b"nonsense").starts_with("list: is no MMDB file that can be read: "));
}
