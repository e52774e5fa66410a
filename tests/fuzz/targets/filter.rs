//! The language of `--filter`.

use checker_user::alerts::{filter::Filter, line::Line};

/// One record of each kind.
const RECORDS: [&str; 3] = [
    r#"{"timestamp":"2026-11-23T16:25:30.123456Z","event_type":"alert","in_iface":"eth1","src_ip":"203.0.113.1","src_port":40000,"dest_ip":"198.51.100.9","dest_port":623,"proto":"UDP","vlan":[100],"ether":{"src_mac":"3c:ec:ef:01:02:03","dest_mac":"ff:ff:ff:ff:ff:ff"},"alert":{"action":"allowed","severity":2},"checker":{"seq":17,"label":"ONE","matched":"203.0.113.1","side":"src","prefix":"203.0.113.0/24","list":"one.txt","generation":4,"service":"ipmi-rmcp","count":3,"bytes":180,"asset":{"name":"gpu-0142","site":"DC 1"}}}"#,
    r#"{"timestamp":"2026-11-23T16:25:30Z","event_type":"loss","loss":{"place":"ring_full","count":3}}"#,
    r#"{"timestamp":"2026-11-23T16:25:30Z","event_type":"integrity","integrity":{"what":"started"}}"#,
];

pub(crate) fn filter(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    match text.parse::<Filter>() {
        Ok(filter) => {
            let printed = filter.to_string();
            match printed.parse::<Filter>() {
                Ok(again) => assert_eq!(again, filter, "{printed}"),
                Err(wrong) => panic!("{printed}: {wrong}"),
            }
            for record in RECORDS {
                let record: Line<'_> = serde_json::from_str(record).expect("a record");
                let _either = filter.shows(&record);
            }
        }
        Err(wrong) => crate::assert_printable(&wrong.to_string()),
    }
}
