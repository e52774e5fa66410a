use proptest::prelude::*;

use super::{Filter, lex::MAX_BYTES};
use crate::alerts::line::Line;

const ALERT: &str = r#"{"timestamp":"2026-11-23T16:25:30.123456Z","event_type":"alert","in_iface":"eth1",
    "src_ip":"203.0.113.1","src_port":40000,"dest_ip":"2001:db8::9","dest_port":623,"proto":"UDP","vlan":[100,7],
    "ether":{"src_mac":"3c:ec:ef:01:02:03","dest_mac":"ff:ff:ff:ff:ff:ff"},
    "alert":{"action":"allowed","gid":1,"signature_id":1,"rev":1,"signature":"x","category":"y","severity":2},
    "checker":{"seq":17,"label":"CN","matched":"198.51.100.7","direction":"ingress","side":"src","via":"inner/6to4",
    "prefix":"198.51.100.0/24","list":"one.txt","list_sha256":"ab","line":1,"generation":4,"basis":"operator",
    "service":"ipmi-rmcp","count":3,"bytes":180,"first_seen":"2026-11-23T16:25:30.123456Z",
    "last_seen":"2026-11-23T16:25:30.123456Z","mac_source":"l2",
    "asset":{"name":"gpu-0142","serial":"S1","site":"Hall 3","allowed_cc":["US"]},"vendor":"Super Micro","mode":"native"}}"#;

const BARE: &str = r#"{"timestamp":"2026-11-23T16:25:30Z","event_type":"alert","src_ip":"203.0.113.1",
    "dest_ip":"198.51.100.9","proto":"ICMP","alert":{"action":"blocked","severity":1},
    "checker":{"label":"US","matched":"203.0.113.1","asset":null,"service":null}}"#;

const LOSS: &str =
    r#"{"timestamp":"2026-11-23T16:25:30Z","event_type":"loss","loss":{"place":"ring_full","count":5}}"#;

fn shows(filter: &str, line: &str) -> bool {
    let parsed: Filter = filter.parse().unwrap_or_else(|wrong| panic!("{wrong}"));
    let again: Filter = parsed.to_string().parse().unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(again, parsed, "printed and read again");
    parsed.shows(&serde_json::from_str(line).unwrap())
}

#[test]
fn every_field_can_be_asked_for() {
    for filter in [
        "label=CN",
        "label=cn",
        "LABEL = CN",
        "label==RU,CN",
        "label in RU, CN",
        "label not in RU,US",
        "label~c*",
        "label!~r*",
        "list=one.txt",
        "src=203.0.113.1",
        "src=203.0.113.0/24",
        "src in 203.0.113.77/24,192.0.2.0/24",
        "dst=2001:db8::/32",
        "dst=2001:DB8:0::9",
        "addr=203.0.113.1",
        "addr in 2001:db8::/64",
        "addr=198.51.100.7",
        "matched=198.51.100.7",
        "matched=::ffff:198.51.100.7",
        "port=623",
        "port=22,40000",
        "port=600-700",
        "sport>=40000",
        "sport>39999 and dport<624 and dport<=623",
        "dport!=22",
        "proto=udp",
        "service=ipmi-rmcp",
        "service~ipmi*",
        "iface=eth1",
        "vlan=7",
        "vlan=100",
        "mac=3C-EC-EF-01-02-03",
        "mac=3cec.ef01.0203",
        "mac~3c-ec-ef-*",
        "asset~gpu-*",
        "asset~'GPU-????'",
        "site='hall 3'",
        "vendor~super?micro",
        "severity=2",
        "severity<=2",
        "action=allowed",
        "via~inner*",
        "side=src",
        "direction=ingress",
        "prefix=198.51.100.0/24",
        "prefix in 198.51.0.0/16",
        "generation>3",
        "count>=3",
        "type=alert",
        "asset and service",
        "label=CN and port=623 and asset~gpu-*",
        "label=US or not (src=192.0.2.1 or dst=192.0.2.1)",
        "!label=US && (port=1 | port=623)",
    ] {
        assert!(shows(filter, ALERT), "{filter}");
        assert!(!shows(&format!("not ({filter})"), ALERT), "not {filter}");
    }
}

#[test]
fn what_a_record_does_not_have_is_like_nothing() {
    for filter in [
        "service=ssh",
        "service~*",
        "asset",
        "vlan>=0",
        "port!=1 and port",
        "mac~*",
        "count>1",
        "prefix in ::/0",
    ] {
        assert!(!shows(filter, BARE), "{filter}");
        assert!(shows(&format!("not ({filter})"), BARE), "not {filter}");
    }
    assert!(shows("service!=ssh and asset!~gpu* and count=1 and action=blocked", BARE));
}

#[test]
fn both_ends_are_meant_where_both_could_be() {
    assert!(!shows("port!=623", ALERT), "one of them is");
    assert!(!shows("vlan!=7", ALERT));
    assert!(shows("port!=22,80", ALERT));
}

#[test]
fn only_its_type_hides_a_loss() {
    for filter in
        ["label=CN", "not label=CN", "asset", "label=CN and port=1", "type=loss or label=CN", "type!=stats"]
    {
        assert!(shows(filter, LOSS), "{filter}");
    }
    for filter in
        ["type=alert", "type=alert and label=CN", "label=CN and not type=loss", "type!=loss,stats", "type~a*"]
    {
        assert!(!shows(filter, LOSS), "{filter}");
    }
}

#[test]
fn and_binds_more_closely_than_or() {
    let printed = |filter: &str| filter.parse::<Filter>().unwrap().to_string();
    assert_eq!(printed("label=a or label=b and port=1"), "label=a or (label=b and port=1)");
    assert_eq!(printed("(label=a OR label=b)AND port=1"), "(label=a or label=b) and port=1");
    assert_eq!(printed("not label=a and port=1"), "not label=a and port=1");
    assert_eq!(printed("not(label=a and port=1)"), "not (label=a and port=1)");
    assert_eq!(printed("src not in 10.1.2.3/8"), "not src in 10.0.0.0/8");
    assert_eq!(printed(r#"label='a "b\'c\\' or label=and"#), r#"label="a \"b'c\\" or label=and"#);
}

#[test]
fn mistakes_point_at_their_column() {
    for (filter, column, sentence) in [
        ("", 1, "expected a field, as in label=CN"),
        ("lable=CN", 1, "there is no field \"lable\"; did you mean label?"),
        ("label=CN and prot=UDP", 14, "there is no field \"prot\"; did you mean proto?"),
        ("xyzzy=1", 1, "there is no field \"xyzzy\""),
        ("label=CN port=1", 10, "expected \"and\", \"or\" or a sign such as ="),
        ("label=", 7, "expected a value of label; what is no word stands in quotation marks"),
        ("port=623,", 10, "expected a value of port, or several as in 623,443"),
        (
            "port=ssh",
            6,
            "\"ssh\" is no number from 0 to 65535 (a range is written 1-9); names are for service",
        ),
        ("vlan=4096", 6, "\"4096\" is no number from 0 to 4095 (a range is written 1-9)"),
        ("count>-1", 7, "\"-1\" is no number (a range is written 1-9)"),
        ("port<1-9", 6, "< takes one number"),
        ("port<1,2", 8, "< takes one number"),
        ("src=10.0.0.300", 5, "\"10.0.0.300\" is neither an address nor a prefix"),
        ("src~10.*", 4, "src cannot be compared so, but with =, !=, in"),
        ("label<5", 6, "label cannot be compared so, but with =, !=, ~, !~, in"),
        ("type=lost", 6, "\"lost\" is no type; it is one of alert, loss, stats, integrity"),
        ("mac=3c:ec", 5, "\"3c:ec\" is no MAC address"),
        ("(label=CN", 1, "this parenthesis is not closed"),
        ("label=CN)", 9, "no parenthesis is open here"),
        ("label='CN", 7, "this quotation is not closed"),
        ("label not CN", 7, "expected \"in\" behind this \"not\""),
        ("label=CN and", 13, "expected a field, as in label=CN"),
        ("label=ü and lable=1", 13, "there is no field \"lable\"; did you mean label?"),
    ] {
        let wrong = filter.parse::<Filter>().unwrap_err().to_string();
        let mark = " ".repeat(column - 1);
        assert_eq!(wrong, format!("the filter, column {column}: {sentence}\n  {filter}\n  {mark}^"));
    }
}

#[test]
fn nothing_in_a_mistake_steers_the_terminal() {
    let wrong = "label='\x1b[2J' \u{7}".parse::<Filter>().unwrap_err().to_string();
    assert_eq!(
        wrong,
        "the filter, column 19: a control character can stand in quotation marks only\n  \
         label='\\u{1b}[2J' \\u{7}\n                    ^"
    );
}

#[test]
fn length_and_depth_have_a_bound() {
    let deep = |depth| format!("{}label=a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(deep(64).parse::<Filter>().is_ok());
    assert!(deep(65).parse::<Filter>().unwrap_err().to_string().contains("column 66: more than 64 "));
    assert!(format!("{}label", "not ".repeat(65)).parse::<Filter>().is_err());
    let long = format!("label={}", "x".repeat(MAX_BYTES));
    assert_eq!(
        long.parse::<Filter>().unwrap_err().to_string(),
        "the filter, column 4097: a filter has at most 4096 bytes"
    );
}

/// Text that gets far into the parser.
fn likely() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "label",
        "port",
        "src",
        "prefix",
        "mac",
        "type",
        "asset",
        "and",
        "or",
        "not",
        "in",
        "(",
        ")",
        "=",
        "!=",
        "~",
        "!~",
        "<",
        ">=",
        ",",
        "623",
        "1-9",
        "203.0.113.0/24",
        "::1",
        "3c:ec:ef:01:02:03",
        "gpu-*",
        "\"a b\"",
        "'\\''",
        "alert",
    ]);
    prop::collection::vec(word, 0..24).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _either = text.parse::<Filter>().map_err(|wrong| wrong.to_string());
    }

    #[test]
    fn what_is_read_is_printed_so_that_it_is_read_the_same(text in likely()) {
        if let Ok(filter) = text.parse::<Filter>() {
            let printed = filter.to_string();
            prop_assert_eq!(printed.parse::<Filter>().unwrap(), filter, "{}", printed);
        }
    }

    #[test]
    fn any_value_can_be_quoted(value in any::<String>().prop_filter("short", |value| value.len() < 1000)) {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
        let filter: Filter = format!("label=\"{escaped}\" or asset~\"{escaped}\"").parse().unwrap();
        prop_assert_eq!(filter.to_string().parse::<Filter>().unwrap(), filter);
    }

    #[test]
    fn a_loss_is_shown_whatever_is_asked_of_alerts(text in likely()) {
        if let Ok(filter) = text.parse::<Filter>() && !text.contains("type") {
            let line: Line<'_> = serde_json::from_str(LOSS).unwrap();
            prop_assert!(filter.shows(&line));
        }
    }
}
