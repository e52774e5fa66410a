//! Sets of the kernel's own tools.

use super::{Asked, Format, ranges, refusal};

#[test]
fn a_saved_ipset() {
    let text = "create r hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1\n\
                add r 192.0.2.0/24 timeout 300 comment \"nomatch is no option here\"\n\
                add r 192.0.2.64/26 nomatch\n\
                create six hash:ip family inet6\nadd six 2001:db8::1\n\
                create wide hash:ip family inet netmask 24\nadd wide 198.51.100.0\n\
                create map bitmap:ip range 203.0.113.0-203.0.113.255\nadd map 203.0.113.7\nCOMMIT\n";
    let expected =
        ["192.0.2.0/24:2", "!192.0.2.64/26:3", "2001:db8::1/128:5", "198.51.100.0/24:7", "203.0.113.7/32:9"];
    assert_eq!(ranges(Format::Ipset, text), expected);
    assert_eq!(
        ranges(Format::Ipset, "add r 192.0.2.1-192.0.2.2\n").len(),
        2,
        "of a set that is made elsewhere"
    );
}

#[test]
fn ipsets_that_say_more_than_ranges_are_refused_once() {
    for kind in ["hash:ip,port", "hash:net,iface", "hash:net,net", "hash:mac", "list:set", "bitmap:port"] {
        let text = format!("create r {kind} family inet\nadd r 192.0.2.1,tcp:80\nadd r x\n");
        let refused = refusal(Format::Ipset, &text);
        assert!(
            refused
                .starts_with(&format!("list:1: \"create r {kind} family inet\" is a set of something other"))
        );
        assert_eq!(refused.lines().count(), 1, "{refused}");
    }
    let pair = refusal(Format::Ipset, "add r 192.0.2.1,tcp:80\n");
    assert_eq!(pair, "list:1: \"add r 192.0.2.1,tcp:80\" is not an address or a prefix");
    assert!(refusal(Format::Ipset, "create r hash:ip bitmask 255.0.0.255\n").contains("has a bitmask"));
    assert!(
        refusal(Format::Ipset, "add r 192.0.2.1-192.0.2.9 nomatch\n")
            .contains("makes an exception of a range")
    );
    assert!(refusal(Format::Ipset, "destroy r\n").contains("is no line of ipset save"));
}

const NFT: &str = "table inet filter {
\tset r {
\t\ttype ipv4_addr
\t\tflags interval,timeout
\t\telements = { 192.0.2.0/24, 198.51.100.1-198.51.100.2 timeout 1h expires 59m, # a, b
\t\t\t     203.0.113.7 comment \"a, } \\b\", 203.0.113.8 counter packets 0 bytes 0 }
\t}
\tset s { type ipv6_addr; elements = { 2001:db8::1,
2001:db8:1::/48 } }
\tchain input {
\t\tip saddr { 10.0.0.0/8 } drop
\t}
}
add element inet filter r { 192.0.2.1 }
define d = { 192.0.2.2, 192.0.2.3 - 192.0.2.3, }
";

#[test]
fn nftables_as_text() {
    let expected = [
        "192.0.2.0/24:5",
        "198.51.100.1/32:5",
        "198.51.100.2/32:5",
        "203.0.113.7/32:6",
        "203.0.113.8/32:6",
        "2001:db8::1/128:8",
        "2001:db8:1::/48:9",
        "192.0.2.1/32:14",
        "192.0.2.2/32:15",
        "192.0.2.3/32:15",
    ];
    assert_eq!(ranges(Format::Nft, NFT), expected);
    assert_eq!(ranges(Format::Nft, "elements = { 192.0.2.1 }"), ["192.0.2.1/32:1"]);
}

#[test]
fn elements_that_are_no_ranges_are_rejected_with_their_line() {
    let refused =
        refusal(Format::Nft, "set r {\nelements = { 192.0.2.1 . 80,\n192.0.2.1 : drop, 22, $x } }\n");
    let lines: Vec<_> = refused.lines().collect();
    assert!(lines[0].starts_with("list:2: \"192.0.2.1 . 80\" is no element that is a range"), "{refused}");
    assert!(lines[1].starts_with("list:3: \"192.0.2.1 : drop\" is no element"), "{refused}");
    assert_eq!(lines[2], "list:3: \"22\" is not an address or a prefix");
    assert_eq!(lines[3], "list:3: \"$x\" is not an address or a prefix");
    let cut = refusal(Format::Nft, "elements = { 192.0.2.1,\n192.0.2");
    assert!(cut.ends_with("is the end of a file that was cut short"), "{cut}");
}

#[test]
fn nftables_as_json() {
    let text = "{\"nftables\": [{\"metainfo\": {\"version\": \"1.0.6\"}}, {\"table\": {\"name\": \"t\"}},\n\
                {\"set\": {\"name\": \"r\", \"type\": \"ipv4_addr\", \"flags\": [\"interval\"], \"elem\": [\n\
                \"192.0.2.7\", {\"prefix\": {\"addr\": \"198.51.100.0\", \"len\": 24}},\n\
                {\"range\": [\"203.0.113.1\", \"203.0.113.2\"]},\n\
                {\"elem\": {\"val\": \"192.0.2.8\", \"timeout\": 300, \"comment\": \"10.0.0.1\"}},\n\
                {\"elem\": {\"val\": {\"prefix\": {\"addr\": \"2001:db8::\", \"len\": 32}}}}]}},\n\
                {\"rule\": {\"expr\": [{\"match\": {\"right\": \"10.0.0.2\"}}]}}]}";
    let expected = [
        "192.0.2.7/32:3",
        "198.51.100.0/24:3",
        "203.0.113.1/32:4",
        "203.0.113.2/32:4",
        "192.0.2.8/32:5",
        "2001:db8::/32:6",
    ];
    assert_eq!(ranges(Format::Nft, text), expected);
    let pair = "{\"nftables\": [{\"set\": {\"elem\": [{\"concat\": [\"192.0.2.1\", 80]}, 443]}}]}";
    let refused = refusal(Format::Nft, pair);
    assert!(refused.contains("\"concat\" is no element that is a range"), "{refused}");
    assert!(refused.contains("\"443\" is not an address"), "{refused}");
    assert!(refusal(Format::Nft, "{\"nftables\": [").starts_with("list: is not valid JSON at line 1"));
    assert_eq!(Asked::default().of(text.as_bytes()).unwrap()[0].format, Format::Nft);
}
