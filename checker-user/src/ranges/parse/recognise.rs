//! Bytes → format. In this order; the first that fits:
//!
//! | what stands there | format |
//! | --- | --- |
//! | `\xab\xcd\xefMaxMind.com` in the last 128 KiB | mmdb |
//! | an HTML page, a zip or other archive, nothing | refused |
//! | *the first line that is not blank and no comment (`#`, `;`, `//`, `%`) begins with:* | |
//! | `{` or `[`: with `"nftables"` at the beginning | nft |
//! | … an object with `cidr`, or with `type` `metadata`, on one line | drop |
//! | … anything else | json |
//! | `create`, `add` | ipset |
//! | `table`, `set`, `define`, `elements`, `add element` | nft |
//! | a registry's name or a number, then a bar-separated line | rir |
//! | `network,geoname_id` | geolite2 |
//! | the class of a registry's object (`inetnum`, `route6`, `person`, …), a colon and a blank | rpsl |
//! | `001.002.003.004 - …` with commas, `name:a-b` | p2p |
//! | prefix or address and length, then an AS number, by blanks | pfx2as |
//! | two addresses or integers by comma, tab or semicolon; a header that names such columns | range-csv |
//! | prefix or address, comma, nothing or two letters | geofeed |
//! | a comment before it that says Spamhaus | drop |
//! | anything else | plain |

use super::{
    Format,
    address::{address, padded, prefix},
    lines::lines,
    range_csv,
};

const MMDB_MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// The specification puts the mark there.
const MMDB_TAIL: usize = 128 << 10;

/// What the first attribute of an object in a routing registry can be.
const CLASSES: [&str; 21] = [
    "as-block",
    "as-set",
    "aut-num",
    "domain",
    "filter-set",
    "inet-rtr",
    "inet6num",
    "inetnum",
    "irt",
    "key-cert",
    "mntner",
    "organisation",
    "peering-set",
    "person",
    "poem",
    "poetic-form",
    "role",
    "route",
    "route-set",
    "route6",
    "rtr-set",
];

/// The format of a file, unpacked and decoded.
///
/// # Errors
///
/// The end of a sentence that begins with the path: it is not a list at all.
pub fn recognise(text: &[u8]) -> Result<Format, &'static str> {
    let tail = &text[text.len().saturating_sub(MMDB_TAIL)..];
    if memchr::memmem::rfind(tail, MMDB_MARK).is_some() {
        return Ok(Format::Mmdb);
    }
    let begin = text.trim_ascii_start();
    if begin.is_empty() {
        return Err("is empty");
    }
    if is_page(begin) {
        return Err("is an HTML page, not a list; what was downloaded is an error or a login page");
    }
    for magic in [&b"PK\x03\x04"[..], b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ\0", b"BZh"] {
        if text.starts_with(magic) {
            return Err("is an archive of a kind that checker does not unpack; only gzip and zstd are");
        }
    }
    let is_comment = |line: &[u8]| matches!(line, [] | [b'#' | b';' | b'%', ..] | [b'/', b'/', ..]);
    let trimmed = || lines(text).map(|(_, line)| line.trim_ascii());
    let Some(line) = trimmed().find(|line| !is_comment(line)) else {
        return Ok(Format::Plain);
    };
    let spamhaus = |line: &[u8]| memchr::memmem::find(line, b"Spamhaus").is_some();
    let plain = || match trimmed().take_while(|line| is_comment(line)).any(spamhaus) {
        true => Format::Drop,
        false => Format::Plain,
    };
    Ok(of_line(line, begin).unwrap_or_else(plain))
}

/// The format that the first line of data shows. `begin` is the text from its first character on.
fn of_line(line: &[u8], begin: &[u8]) -> Option<Format> {
    let word = line.split(u8::is_ascii_whitespace).next()?;
    match word {
        [b'{' | b'[', ..] => return Some(of_json(line, begin)),
        b"add" if line.starts_with(b"add element") => return Some(Format::Nft),
        b"create" | b"add" => return Some(Format::Ipset),
        b"table" | b"set" | b"define" | b"elements" => return Some(Format::Nft),
        _ => {}
    }
    if is_registry(line) {
        return Some(Format::Rir);
    }
    if line.starts_with(b"network,geoname_id") {
        return Some(Format::Geolite2);
    }
    if is_object(line) {
        return Some(Format::Rpsl);
    }
    if is_p2p(line) {
        return Some(Format::P2p);
    }
    if is_origin(line) {
        return Some(Format::Pfx2as);
    }
    if range_csv::is_one(line) {
        return Some(Format::RangeCsv);
    }
    is_geofeed(line).then_some(Format::Geofeed)
}

/// A page, or the XML that object stores answer errors with.
fn is_page(begin: &[u8]) -> bool {
    [&b"<!doctype"[..], b"<html", b"<head", b"<?xml", b"<body", b"<!--"]
        .iter()
        .any(|tag| begin.get(..tag.len()).is_some_and(|text| text.eq_ignore_ascii_case(tag)))
}

fn of_json(line: &[u8], begin: &[u8]) -> Format {
    let has = |text: &[u8], word: &[u8]| memchr::memmem::find(text, word).is_some();
    if has(&begin[..begin.len().min(256)], b"\"nftables\"") {
        Format::Nft
    } else if line.ends_with(b"}") && (has(line, b"\"cidr\"") || has(line, b"\"type\":\"metadata\"")) {
        Format::Drop
    } else {
        Format::Json
    }
}

/// `2|ripencc|…` or `ripencc|IR|ipv4|…`.
fn is_registry(line: &[u8]) -> bool {
    let mut fields = line.split(|byte| *byte == b'|');
    let first = fields.next().unwrap_or_default();
    let named = [&b"afrinic"[..], b"apnic", b"arin", b"iana", b"lacnic", b"ripencc"].contains(&first);
    let version = !first.is_empty() && first.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    (named || version) && fields.count() >= 4
}

/// `inetnum:        192.0.2.0 - 192.0.2.255`, or an object of any other class that registries have.
fn is_object(line: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', line) else { return false };
    line.get(colon + 1).is_some_and(u8::is_ascii_whitespace)
        && CLASSES.iter().any(|class| class.as_bytes().eq_ignore_ascii_case(&line[..colon]))
}

fn is_p2p(line: &[u8]) -> bool {
    let between = |text: &[u8]| {
        let dash = memchr::memchr(b'-', text).unwrap_or(text.len());
        let ends = [&text[..dash], text.get(dash + 1..).unwrap_or_default()];
        ends.iter().all(|end| padded(end.trim_ascii()).is_some())
    };
    let comma = memchr::memchr(b',', line);
    let colon = memchr::memrchr(b':', line);
    comma.is_some_and(|comma| between(&line[..comma]))
        || colon.is_some_and(|colon| between(&line[colon + 1..]))
}

fn is_origin(line: &[u8]) -> bool {
    let words: Vec<_> = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).take(4).collect();
    let number = |word: &[u8]| {
        let digits = word.strip_prefix(b"AS").unwrap_or(word);
        digits.first().is_some_and(u8::is_ascii_digit)
            && digits.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b','))
    };
    match words[..] {
        [net, asn] => prefix(net).is_ok() && number(asn),
        [addr, len, asn] => address(addr).is_some() && len.len() <= 3 && number(len) && number(asn),
        _ => false,
    }
}

fn is_geofeed(line: &[u8]) -> bool {
    let mut fields = line.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let net = fields.next().is_some_and(|field| prefix(field).is_ok());
    net && fields
        .next()
        .is_some_and(|code| code.is_empty() || code.len() == 2 && code.iter().all(u8::is_ascii_alphabetic))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_line_of_data_tells() {
        for (format, text) in [
            (Format::Plain, "# x\n\n192.0.2.0/24\n"),
            (Format::Plain, "192.0.2.1-192.0.2.9"),
            (Format::Plain, "192.0.2.1 - 192.0.2.9 # a, b"),
            (Format::Plain, "2001:db8::1"),
            (Format::Plain, "dead::/16"),
            (Format::Plain, "# nothing"),
            (Format::Plain, "nonsense, and more"),
            (Format::Rir, "2|ripencc|20260901|1|19830705|20260901|+0000"),
            (Format::Rir, "# x\nripencc|IR|ipv4|192.0.2.0|256|20120403|assigned"),
            (Format::Rir, "2.3|arin|1725400799|1|19700101|20260901|-0400"),
            (Format::Geolite2, "network,geoname_id,registered_country_geoname_id\n"),
            (Format::RangeCsv, "\"0\",\"16777215\",\"-\",\"-\""),
            (Format::RangeCsv, "192.0.2.0,192.0.2.255,AU"),
            (Format::RangeCsv, "192.0.2.0\t192.0.2.255\t13335\tUS\tX"),
            (Format::RangeCsv, "2001:db8::,2001:db8::ff,AU"),
            (Format::RangeCsv, "start_ip,end_ip,country\n"),
            (Format::RangeCsv, "network,country,country_code\n"),
            (Format::Drop, "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"apnic\"}\n"),
            (Format::Drop, "; Spamhaus DROP List 2024/09/12\n192.0.2.0/24 ; SBL1\n"),
            (Format::Json, "{\n  \"prefixes\": []\n}"),
            (Format::Json, "[\"192.0.2.0/24\"]"),
            (Format::Geofeed, "192.0.2.0/24,US,US-WA,Seattle,"),
            (Format::Geofeed, "# RFC8805\n192.0.2.0/24,,,,"),
            (Format::Ipset, "create r hash:net family inet"),
            (Format::Ipset, "add r 192.0.2.0/24"),
            (Format::Nft, "table inet filter {"),
            (Format::Nft, "add element inet filter r { 192.0.2.0/24 }"),
            (Format::Nft, "{\"nftables\": [{\"metainfo\": {}}]}"),
            (Format::Rpsl, "% comment\n\ninetnum:        192.0.2.0 - 192.0.2.255"),
            (Format::Rpsl, "route6: 2001:db8::/32"),
            (Format::Pfx2as, "192.0.2.0\t24\t64500"),
            (Format::Pfx2as, "192.0.2.0/24 64500_64501"),
            (Format::Pfx2as, "2001:db8::/32\tAS64500"),
            (Format::P2p, "192.000.002.000 - 192.000.002.255 , 000 , Somebody"),
            (Format::P2p, "Some: body:192.0.2.0-192.0.2.255"),
        ] {
            assert_eq!(recognise(text.as_bytes()), Ok(format), "{text}");
        }
    }

    #[test]
    fn what_is_no_list_is_said() {
        for (text, expected) in [
            (&b""[..], "is empty"),
            (b" \r\n", "is empty"),
            (b"\n<!DOCTYPE html><html>404", "is an HTML page"),
            (b"<html>", "is an HTML page"),
            (b"<?xml version=\"1.0\"?><Error>", "is an HTML page"),
            (b"PK\x03\x04", "is an archive"),
        ] {
            let why = recognise(text).unwrap_err();
            assert!(why.starts_with(expected), "{why}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>(), text in "[0-9a-f.:|,{}\"/#; \t\n-]{0,60}") {
            let _ = (recognise(&bytes), recognise(text.as_bytes()));
        }
    }
}
