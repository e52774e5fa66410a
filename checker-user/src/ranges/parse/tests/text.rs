//! Formats of lines and JSON that name no countries.

use super::{Asked, Format, ranges, refusal};

#[test]
fn drop_as_json_lines() {
    let text = "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"apnic\"}\n\
                {\"cidr\":\"2001:db8::/32\",\"sblid\":\"SBL2\",\"rir\":\"ripencc\"}\n\
                {\"type\":\"metadata\",\"timestamp\":1726131845,\"size\":2,\"records\":2}\n";
    assert_eq!(ranges(Format::Drop, text), ["192.0.2.0/24:1", "2001:db8::/32:2"]);
    assert_eq!(Asked::default().as_of(text.as_bytes()).as_deref(), Some("2024-09-12"));
    let asn = refusal(Format::Drop, "{\"asn\":64500,\"rir\":\"arin\"}\n{}\n{\"cidr\":\n");
    let lines: Vec<_> = asn.lines().collect();
    assert!(lines[0].ends_with("is an AS number, not a range"), "{asn}");
    assert!(lines[1].ends_with("has no cidr"), "{asn}");
    assert!(
        lines[2].starts_with("list:3: ") && lines[2].ends_with("is no JSON object of a DROP list"),
        "{asn}"
    );
}

#[test]
fn drop_as_text() {
    let text = "; Spamhaus DROP List 2024/09/12 - (c) 2024 The Spamhaus Project\n; Expires: x\n192.0.2.0/24 ; SBL1\n";
    assert_eq!(ranges(Format::Drop, text), ["192.0.2.0/24:3"]);
    assert_eq!(Asked::default().as_of(text.as_bytes()).as_deref(), Some("2024-09-12"));
}

#[test]
fn ranges_of_aws_google_and_azure() {
    let aws = "{\n  \"syncToken\": \"1726131845\",\n  \"createDate\": \"2024-09-12-17-03-14\",\n  \"prefixes\": [\n    {\n      \
               \"ip_prefix\": \"192.0.2.0/24\",\n      \"region\": \"cn-north-1\"\n    }\n  ],\n  \"ipv6_prefixes\": [\n    \
               {\"ipv6_prefix\": \"2001:db8::/32\"}\n  ]\n}\n";
    assert_eq!(ranges(Format::Json, aws), ["192.0.2.0/24:6", "2001:db8::/32:11"]);
    assert_eq!(Asked::default().as_of(aws.as_bytes()).as_deref(), Some("2024-09-12"));

    let google = "{\"creationTime\": \"2024-09-12T17:03:14.0\", \"prefixes\": [{\"ipv4Prefix\": \"192.0.2.0/24\", \
                  \"scope\": \"us\"}, {\"ipv6Prefix\": \"2001:db8::/32\"}]}";
    assert_eq!(ranges(Format::Json, google), ["192.0.2.0/24:1", "2001:db8::/32:1"]);
    assert_eq!(Asked::default().as_of(google.as_bytes()).as_deref(), Some("2024-09-12"));

    let azure = "{\"changeNumber\": 1, \"values\": [{\"name\": \"AzureCloud\", \"properties\": {\"addressPrefixes\": \
                 [\"192.0.2.0/24\",\n\"2001:db8::/32\"]}}]}";
    assert_eq!(ranges(Format::Json, azure), ["192.0.2.0/24:1", "2001:db8::/32:2"]);
}

#[test]
fn any_other_json() {
    assert_eq!(ranges(Format::Json, "[\"192.0.2.1-192.0.2.2\"]"), ["192.0.2.1/32:1", "192.0.2.2/32:1"]);
    let escaped = "[\"x\",\n\"192.0.2.0\\/24\",\n\"198.51.100.7\"]";
    assert_eq!(ranges(Format::Json, escaped), ["192.0.2.0/24:1", "198.51.100.7/32:3"]);
    assert_eq!(ranges(Format::Json, "{\"a\":\"192.0.2.1\"}\n{\"a\":\"192.0.2.2\"}\n").len(), 2, "JSON lines");
    assert_eq!(refusal(Format::Json, "{\"a\": 1}"), "list: holds no range; nothing was loaded");
    let cut = refusal(Format::Json, "{\"prefixes\": [\"192.0.2.0/24\",\n");
    assert_eq!(cut, "list: is not valid JSON at line 2, column 0; nothing was loaded");
    let deep = "[".repeat(100_000);
    assert!(refusal(Format::Json, &deep).starts_with("list: is not valid JSON at line 1, column 128"));
}

#[test]
fn prefix_and_origin() {
    let text = "192.0.2.0\t24\t64500\n198.51.100.0\t24\t64500_64501,64502\n2001:db8::/32 AS64500\n";
    assert_eq!(ranges(Format::Pfx2as, text), ["192.0.2.0/24:1", "198.51.100.0/24:2", "2001:db8::/32:3"]);
    let bad = refusal(Format::Pfx2as, "192.0.2.0\t33\t64500\n192.0.2.0/24\n");
    let expected = "list:1: \"192.0.2.0\\t33\\t64500\": prefix length 33 is larger than 32\n\
                    list:2: \"192.0.2.0/24\" is not a prefix and the number of an AS\nlist: nothing was loaded";
    assert_eq!(bad, expected);
}

#[test]
fn peer_to_peer_lists() {
    let emule =
        "# x\n192.000.002.000 - 192.000.002.255 , 000 , Some, body\n010.0.0.0 - 010.0.0.1 , 200 , let pass\n";
    assert_eq!(ranges(Format::P2p, emule), ["192.0.2.0/24:2"]);
    let guardian = "Some: body, or - other:192.0.2.0-192.0.2.255\n\u{e9}:198.51.100.7-198.51.100.7\n";
    assert_eq!(ranges(Format::P2p, guardian), ["192.0.2.0/24:1", "198.51.100.7/32:2"]);
    let bad = refusal(Format::P2p, "a:192.0.2.9-192.0.2.1\nb:192.0.2.1\n");
    assert!(bad.contains("list:1: \"a:192.0.2.9-192.0.2.1\" ends before it begins"), "{bad}");
    assert!(bad.contains("list:2: \"b:192.0.2.1\" is neither"), "{bad}");
}

/// numa#337 and others: an error page wipes the list and reports success.
#[test]
fn a_page_is_refused_whatever_it_is_said_to_be_named() {
    let page = "\r\n<!DOCTYPE html>\n<html><body>404 Not Found 192.0.2.1</body></html>\n";
    let expected = "list: is an HTML page, not a list; what was downloaded is an error or a login page; nothing was loaded";
    assert_eq!(Asked::default().refusal(page.as_bytes()), expected);
    assert_eq!(Asked { lenient: true, ..Asked::default() }.refusal(page.as_bytes()), expected);
}
