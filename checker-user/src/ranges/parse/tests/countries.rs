//! Formats that say what country a range is of.

use super::{Asked, Format, ranges};

fn chosen(countries: &str) -> Asked<'_> {
    Asked { countries, ..Asked::default() }
}

const RIR: &str = "# comment\n\
    2|ripencc|1725400799|5|19830705|20260901|+0000\n\
    ripencc|*|ipv4|*|3|summary\n\
    ripencc|IR|ipv4|192.0.2.0|768|20120403|assigned\n\
    ripencc|RU|ipv4|198.51.100.64|192|20120403|allocated|opaque\n\
    ripencc|IR|ipv6|2001:db8::|32|20120403|allocated|opaque|x|y\n\
    ripencc|IR|asn|64500|1|20120403|allocated\n\
    ripencc|IR|ipv4|203.0.113.0|256|20120403|reserved\n\
    arin||ipv4|23.135.129.0|65280||available|\n";

#[test]
fn a_registry_counts_addresses_and_not_bits() {
    // 768 is no power of two, and 198.51.100.64 + 192 begins in the middle of a block.
    let expected = ["192.0.2.0/23:4", "192.0.4.0/24:4", "2001:db8::/32:6"];
    assert_eq!(chosen("IR").ranges(RIR.as_bytes()), expected);
    assert_eq!(chosen("RU").ranges(RIR.as_bytes()), ["198.51.100.64/26:5", "198.51.100.128/25:5"]);
    assert_eq!(chosen("IR").as_of(RIR.as_bytes()).as_deref(), Some("2026-09-01"));
}

#[test]
fn each_country_is_a_list_where_nobody_gave_a_label() {
    let asked = Asked { countries: "RU KP IR", by_country: true, ..Asked::default() };
    let expected = [
        "IR 192.0.2.0/23:4",
        "IR 192.0.4.0/24:4",
        "IR 2001:db8::/32:6",
        "RU 198.51.100.64/26:5",
        "RU 198.51.100.128/25:5",
    ];
    assert_eq!(asked.ranges(RIR.as_bytes()), expected);
    let lists = asked.of(RIR.as_bytes()).unwrap();
    assert_eq!(lists[0].warnings(), ["list: holds no range of KP"]);
}

#[test]
fn without_a_choice_it_is_refused_with_what_to_give() {
    let expected = "list: says what country each range is of (format rir, line 4); \
                    choose with --country CN,RU or --country-group D:5; nothing was loaded";
    assert_eq!(Asked::default().refusal(RIR.as_bytes()), expected);
}

#[test]
fn a_registrys_line_that_is_wrong_refuses_whatever_its_country() {
    for (line, why) in [
        ("ripencc|XX|ipv4|192.0.2.0|0|20120403|assigned", "counts more addresses than there are"),
        ("ripencc|XX|ipv4|255.255.255.0|257|20120403|assigned", "counts more addresses than there are"),
        ("ripencc|XX|ipv4|2001:db8::|256|20120403|assigned", "is no line of a delegated file"),
        ("ripencc|XX|ipv4|192.0.2.0|x|20120403|assigned", "is no line of a delegated file"),
        ("ripencc|XX|ipv4|192.0.2.0", "is no line of a delegated file"),
    ] {
        let refused = chosen("IR").refusal(format!("{RIR}{line}\n").as_bytes());
        assert_eq!(refused, format!("list:10: \"{line}\" {why}"));
    }
    let long =
        chosen("IR").refusal(format!("{RIR}ripencc|IR|ipv6|2001:db8::|129|20120403|assigned\n").as_bytes());
    assert!(long.ends_with("prefix length 129 is larger than 128"), "{long}");
    // The last address of all is one.
    let last = "ripencc|IR|ipv4|255.255.255.0|256|20120403|assigned\n";
    let ranges = Asked { format: Some(Format::Rir), ..chosen("IR") }.ranges(last.as_bytes());
    assert_eq!(ranges, ["255.255.255.0/24:1"]);
}

#[test]
fn a_choice_of_countries_does_not_thin_out_a_list_without_them() {
    let lists = chosen("IR").of(b"192.0.2.0/24\n").unwrap();
    assert_eq!(lists[0].entries.len(), 1);
    assert_eq!(lists[0].warnings(), ["list: names no countries (format plain): all of it is loaded"]);
}

const BLOCKS: &str = "network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,is_anonymous_proxy\n\
    192.0.2.0/24,10,20,,0\n198.51.100.0/24,,20,,0\n203.0.113.0/24,,,,0\n2001:db8::/32,30,,,0\n";
const LOCATIONS: &[u8] =
    b"\xef\xbb\xbfgeoname_id,locale_code,continent_code,continent_name,country_iso_code,country_name\r\n\
    10,en,AS,Asia,CN,\"China, whole\"\r\n20,en,AS,Asia,IR,Iran\r\n30,en,AS,Asia,,\r\n";

#[test]
fn geolite2_blocks_with_their_locations() {
    let asked =
        Asked { countries: "CN IR", by_country: true, locations: Some(LOCATIONS), ..Asked::default() };
    assert_eq!(asked.ranges(BLOCKS.as_bytes()), ["CN 192.0.2.0/24:2", "IR 198.51.100.0/24:3"]);
    let missing = chosen("CN").refusal(BLOCKS.as_bytes());
    assert!(missing.starts_with("list: has no Locations file beside it"), "{missing}");
    let unknown = asked.refusal(format!("{BLOCKS}192.0.2.0/24,99,,,0\n").as_bytes());
    assert_eq!(
        unknown,
        "list:6: \"192.0.2.0/24,99,,,0\" is of a place that the Locations file does not know"
    );
    let few = asked.refusal(format!("{BLOCKS}192.0.2.0/24\n").as_bytes());
    assert_eq!(few, "list:6: \"192.0.2.0/24\" has too few columns");
}

#[test]
fn rows_of_two_ends_and_a_country() {
    let ip2location = "\"3221225984\",\"3221226239\",\"CN\",\"China\"\n\"0\",\"16777215\",\"-\",\"-\"\n\
                       \"281473902969344\",\"281473902969599\",\"CN\",\"China\"\n\
                       \"42540766411282592856903984951653826560\",\"42540766411282592856903984951653826815\",\"CN\",\"China\"\n";
    // The third row is IPv4 in an IPv6 file.
    let expected = ["192.0.2.0/24:1", "192.0.2.0/24:3", "2001:db8::/120:4"];
    assert_eq!(chosen("CN").ranges(ip2location.as_bytes()), expected);

    let plain = "192.0.2.0,192.0.2.255,AU\n198.51.100.6,198.51.100.8,CN\n2001:db8::,2001:db8::ff,CN\n";
    assert_eq!(
        chosen("CN").ranges(plain.as_bytes()),
        ["198.51.100.6/31:2", "198.51.100.8/32:2", "2001:db8::/120:3"]
    );

    let iptoasn =
        "0.0.0.0\t0.255.255.255\t0\tNone\tNot routed\n192.0.2.0\t192.0.2.255\t64500\tCN\tSome, body\n";
    assert_eq!(chosen("CN").ranges(iptoasn.as_bytes()), ["192.0.2.0/24:2"]);

    let cities = "192.0.2.0,192.0.2.255,AS,CN,Beijing,Beijing,39.9,116.4\n";
    assert_eq!(chosen("CN").ranges(cities.as_bytes()), ["192.0.2.0/24:1"], "DB-IP has the continent first");

    let header = "start_ip,end_ip,country,country_name\n192.0.2.0,192.0.2.255,CN,China\n";
    assert_eq!(chosen("CN").ranges(header.as_bytes()), ["192.0.2.0/24:2"]);
    let networks = "network,country,country_code,asn\n192.0.2.0/24,China,CN,AS64500\n198.51.100.7,Iran,IR,\n";
    assert_eq!(chosen("CN").ranges(networks.as_bytes()), ["192.0.2.0/24:2"]);
}

#[test]
fn a_column_can_be_named() {
    let text = "start_ip,end_ip,owner,user\n192.0.2.0,192.0.2.255,CN,IR\n";
    let by = |field| Asked { field: Some(field), format: Some(Format::RangeCsv), ..chosen("IR") };
    assert_eq!(by("user").ranges(text.as_bytes()), ["192.0.2.0/24:2"]);
    assert_eq!(by("4").ranges(text.as_bytes()), ["192.0.2.0/24:2"]);
    assert!(by("nothing").refusal(text.as_bytes()).starts_with("list: has no column of that name"));
}

#[test]
fn rows_without_a_country_are_all_meant() {
    let text = "192.0.2.0,192.0.2.255\n198.51.100.7,198.51.100.7\n";
    assert_eq!(ranges(Format::RangeCsv, text), ["192.0.2.0/24:1", "198.51.100.7/32:2"]);
    assert_eq!(chosen("IR").ranges(text.as_bytes()).len(), 2);
    let bad = Asked::default().refusal(b"192.0.2.0,192.0.2.255\n192.0.2.9,192.0.2.1\nx,y\n192.0.2.1,5\n");
    let lines: Vec<_> = bad.lines().collect();
    assert_eq!(lines[0], "list:2: \"192.0.2.9,192.0.2.1\" ends before it begins");
    assert_eq!(lines[1], "list:3: \"x,y\" does not begin with two addresses");
    assert_eq!(lines[2], "list:4: \"192.0.2.1,5\" does not begin with two addresses");
}

/// ip-location-db#17: rows overlap, and the narrowest must win.
#[test]
fn rows_that_overlap_are_kept_apart() {
    let text = "192.0.2.0,192.0.2.255,CN\n192.0.2.64,192.0.2.127,IR\n";
    let asked = Asked { countries: "CN IR", by_country: true, ..Asked::default() };
    assert_eq!(asked.ranges(text.as_bytes()), ["CN 192.0.2.0/24:1", "IR 192.0.2.64/26:2"]);
}

#[test]
fn a_geofeed() {
    let text = "# RFC 8805, with, commas\n192.0.2.0/24,US,US-WA,Seattle,\n198.51.100.7,ir,,,\n203.0.113.0/24,,,,\n\
                2001:db8::/32,IR,,\"Some, where\", # yes\n";
    assert_eq!(chosen("IR").ranges(text.as_bytes()), ["198.51.100.7/32:3", "2001:db8::/32:5"]);
    let refused = chosen("IR").refusal(format!("{text}192.0.2.0/24,USA,,,\nexample.org,US,,,\n").as_bytes());
    let lines: Vec<_> = refused.lines().collect();
    assert_eq!(lines[0], "list:6: \"192.0.2.0/24,USA,,,\" names no country of two letters");
    assert!(lines[1].ends_with("is a host name; names are never resolved"), "{refused}");
}

const RPSL: &[u8] = b"% from a registry\n\ninetnum:        192.0.2.0 - 192.0.2.255\nnetname:        X\n\
    descr:          Soci\xe9t\xe9 # not a comment's\ncountry:        IR # Iran\ncountry:        RU\nsource:         TEST\n\n\
    person:         Somebody\ncountry:        IR\n\nINET6NUM:       2001:db8::/32\ncountry:\n+               ir\n\n\
    inetnum:        198.51.100.0 -\n                198.51.100.127\ncountry:        CN\n\n\n\
    route:          203.0.113.0/24\norigin:         AS64500\n";

#[test]
fn objects_of_a_routing_registry() {
    assert_eq!(chosen("IR").ranges(RPSL), ["192.0.2.0/24:3", "2001:db8::/32:13"]);
    assert_eq!(chosen("CN").ranges(RPSL), ["198.51.100.0/25:17"]);
    assert_eq!(chosen("IR RU").ranges(RPSL), ["192.0.2.0/24:3", "2001:db8::/32:13"], "a range of two is one");
    let apart = Asked { countries: "IR RU", by_country: true, ..Asked::default() };
    assert_eq!(apart.ranges(RPSL), ["IR 192.0.2.0/24:3", "IR 2001:db8::/32:13", "RU 192.0.2.0/24:3"]);
    let text = String::from_utf8_lossy(RPSL).into_owned();
    assert!(Asked::default().refusal(text.as_bytes()).contains("choose with --country"));
    assert_eq!(chosen("IR").ranges(text.replace('\n', "\r\n").as_bytes()).len(), 2, "CRLF");
}

#[test]
fn routes_are_of_no_country_and_all_meant() {
    let text = "route:          192.0.2.0/24\norigin:         AS64500\n\nroute6:         2001:db8::/32\n";
    assert_eq!(ranges(Format::Rpsl, text), ["192.0.2.0/24:1", "2001:db8::/32:4"]);
    let bad = Asked::default().refusal(b"route: 192.0.2.0\n\ninetnum: 192.0.2.9 - x\nnonsense\n");
    let lines: Vec<_> = bad.lines().collect();
    assert_eq!(lines[0], "list:4: \"nonsense\" is no attribute of an object");
    assert!(lines[1].starts_with("list:3: \"192.0.2.9 - x\""), "{bad}");
}
