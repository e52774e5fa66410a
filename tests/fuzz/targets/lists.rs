//! Lists, in the format that they show and in each that they can be said to have.

use std::sync::Arc;

use checker_user::ranges::{
    classes::Classes,
    compile::compile,
    convert::{Target, convert, groups},
    merge::merge,
    parse::{Format, List, parse, parse_each},
    reading::Reading,
    source::Source,
    spec::ListSpec,
};

/// Beyond so many ranges a list is read and no more is done with it.
const SMALL: usize = 4096;

macro_rules! formats {
    ($($name:ident $format:expr,)*) => {
        $(pub(crate) fn $name(file: &[u8]) { read(file, $format); })*
    };
}

formats! {
    recognised None,
    plain Some(Format::Plain),
    rir Some(Format::Rir),
    mmdb Some(Format::Mmdb),
    range_csv Some(Format::RangeCsv),
    drop Some(Format::Drop),
    json Some(Format::Json),
    geofeed Some(Format::Geofeed),
    ipset Some(Format::Ipset),
    nft Some(Format::Nft),
    rpsl Some(Format::Rpsl),
    pfx2as Some(Format::Pfx2as),
    p2p Some(Format::P2p),
}

/// Two files: blocks, a byte that neither has, locations.
pub(crate) fn geolite2(files: &[u8]) {
    let mut parts = files.splitn(2, |byte| *byte == 0);
    let blocks = parts.next().unwrap_or_default();
    each(blocks, Some(Format::Geolite2), parts.next());
}

fn read(file: &[u8], format: Option<Format>) {
    each(file, format, None);
}

/// As it is read without a word, and by countries with what is wrong left out.
fn each(file: &[u8], format: Option<Format>, locations: Option<&[u8]>) {
    let strict = Reading { format, ..Reading::default() };
    if let Some([list]) = one(file, strict, locations).as_deref() {
        means_the_same(list);
    }
    let countries = ["CN", "HK", "IR"].map(|code| code.parse().expect("a country")).to_vec();
    let lenient = Reading { format, countries, by_country: true, lenient: true, field: None };
    one(file, lenient, locations);
}

fn one(file: &[u8], reading: Reading, locations: Option<&[u8]>) -> Option<Vec<List>> {
    match parse_each(&source(file, reading), locations) {
        Ok(lists) => {
            assert!(!lists.is_empty());
            for list in &lists {
                for entry in &list.entries {
                    assert_eq!(entry.net, entry.net.trunc(), "no host bits");
                }
                list.warnings().iter().for_each(|warning| crate::assert_printable(warning));
            }
            Some(lists)
        }
        Err(refused) => {
            crate::assert_printable(&refused.to_string());
            None
        }
    }
}

/// A list looks up as it says, and written as prefixes it is the same list.
fn means_the_same(list: &List) {
    if list.entries.len() > SMALL {
        return;
    }
    let lists = vec![Arc::new(list.clone())];
    let compiled = compile(merge(lists.clone(), &mut Classes::default()).expect("one label"));
    for entry in &list.entries {
        let found = compiled.lookup(entry.net.network()).expect("each range is found");
        assert!(found.net().prefix_len() >= entry.net.prefix_len(), "by itself or a longer one");
    }
    let before = groups(&lists);
    let mut written = Vec::new();
    convert(&before, Target::Cidr, &mut written).expect("a vector takes all");
    match parse(&source(&written, Reading::default())) {
        Ok(again) => assert_eq!(groups(&[Arc::new(again)])[0].addresses, before[0].addresses),
        // All that it has are exceptions.
        Err(_) => assert!(before.iter().all(|group| group.addresses.is_empty())),
    }
}

fn source(file: &[u8], reading: Reading) -> Source {
    let spec = ListSpec { reading, .."ONE=list".parse().expect("a list") };
    Source { spec, bytes: file.to_vec(), sha256: [0; 32] }
}
