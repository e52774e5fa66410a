use std::{fs, net::IpAddr};

use proptest::prelude::*;

use super::*;
use crate::{alerts::mac::Mac, assets::asset::Asset};

fn table(text: &str) -> Table {
    of_bytes(text.as_bytes()).unwrap_or_else(|refused| panic!("{text}: {}", refused.of_file("a")))
}

fn refused(text: &str) -> String {
    of_bytes(text.as_bytes()).map_or_else(|refused| refused.of_file("a"), |table| panic!("{text}: {table:?}"))
}

fn asset(table: &Table, mac: &str) -> Asset {
    let mac: Mac = crate::assets::mac::read(mac).unwrap();
    Asset::clone(table.by_mac(mac).unwrap_or_else(|| panic!("{mac} is not known")))
}

fn gpu() -> Asset {
    let allowed_cc = ["SG", "MY"].map(|code| code.parse().unwrap()).to_vec();
    Asset { name: "gpu-0142".into(), serial: Some("S123".into()), site: Some("DC 1".into()), allowed_cc }
}

#[test]
fn columns_have_many_names_and_separators() {
    for text in [
        "mac,serial,asset,site,ip,allowed_cc\n3c:ec:ef:01:02:03,S123,gpu-0142,DC 1,10.0.0.9,SG MY\n",
        "MACAddress;SN;Device;Location;IP Address;Allowed-CC\r\n3C-EC-EF-01-02-03;S123;gpu-0142;DC 1;10.0.0.9/24;SG,MY\r\n",
        "\n\n\"BMC_MAC\"\t\"Serial Number\"\t\"Name\"\t\"site\"\t\"ip\"\t\"allowed_cc\"\n\"3cec.ef01.0203\"\t\"S123\"\t\"gpu-0142\"\t\"DC 1\"\t\"10.0.0.9\"\t\"sg|my\"\n",
        "rack,mac_address,asset_tag,serial_number,location,ip,allowed_cc\n\"12, left\",3cecef010203,gpu-0142,S123,DC 1,::ffff:10.0.0.9,\"SG, MY\"\n",
    ] {
        let table = table(text);
        assert_eq!(asset(&table, "3c:ec:ef:01:02:03"), gpu(), "{text}");
        let (by_address, mac) = table.by_address(IpAddr::from([10, 0, 0, 9])).unwrap();
        assert_eq!((by_address.name.as_str(), mac.is_some()), ("gpu-0142", true));
        assert_eq!((table.machines, table.skipped), (1, 0));
    }
}

#[test]
fn marks_and_encodings_of_spreadsheets_are_read() {
    let text = "mac;asset\r\n3c:ec:ef:01:02:03;K\u{f6}ln\r\n";
    let latin1: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("assets.csv");
    for bytes in [text.as_bytes(), format!("\u{feff}{text}").as_bytes(), &latin1, &utf16] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(asset(&read(&path).unwrap(), "3c:ec:ef:01:02:03").name, "K\u{f6}ln");
    }
}

#[test]
fn netbox_exports_are_read() {
    // Interfaces, as the web page exports them: the machine is the device, and most interfaces have no address.
    let interfaces = table(
        "ID,Device,Name,Label,Enabled,Type,Parent,MAC Address,IP Addresses\n\
         1,gpu-0142,eth0,,True,1000BASE-T,,3C:EC:EF:01:02:03,\n2,gpu-0142,eth1,,True,1000BASE-T,,3C:EC:EF:01:02:04,\n\
         3,gpu-0142,bond0,,True,LAG,,3C:EC:EF:01:02:03,\n4,gpu-0142,lo,,True,Virtual,,,\n",
    );
    assert_eq!(asset(&interfaces, "3c:ec:ef:01:02:04").name, "gpu-0142");
    assert_eq!((interfaces.machines, interfaces.addresses(), interfaces.skipped), (1, (2, 0), 1));

    let interface = r#"{"id": 1, "name": "eth0", "device": {"id": 7, "display": "gpu-0142 (x)", "name": "gpu-0142"},
        "mac_address": "3C:EC:EF:01:02:03", "primary_mac_address": {"id": 3, "mac_address": "3C:EC:EF:01:02:03"},
        "mac_addresses": [{"mac_address": "3C:EC:EF:01:02:04"}]}"#;
    for text in
        [format!("[{interface}]"), format!("{{\"count\": 1, \"next\": null, \"results\": [{interface}]}}")]
    {
        let table = table(&text);
        assert_eq!(asset(&table, "3c:ec:ef:01:02:04").name, "gpu-0142");
        assert_eq!(table.addresses(), (2, 0));
    }

    let macs = table(
        r#"{"results": [{"id": 3, "display": "3C:EC:EF:01:02:03", "mac_address": "3C:EC:EF:01:02:03",
            "assigned_object_type": "dcim.interface", "assigned_object_id": 1,
            "assigned_object": {"name": "eth0", "device": {"name": "gpu-0142"}}},
           {"id": 4, "mac_address": "3C:EC:EF:01:02:04", "assigned_object": null}]}"#,
    );
    assert_eq!(asset(&macs, "3c:ec:ef:01:02:03").name, "gpu-0142");
    assert_eq!(
        asset(&macs, "3c:ec:ef:01:02:04").name,
        "3C:EC:EF:01:02:04",
        "nobody's, and known all the same"
    );

    let devices = table(
        r#"[{"name": "gpu-0142", "serial": "S123", "asset_tag": "A1", "site": {"id": 1, "name": "DC 1"},
             "location": {"name": "Room 2"}, "primary_ip4": {"address": "10.0.0.9/24"}, "status": {"value": "active"},
             "custom_fields": {"bmc_mac": "3cec.ef01.0203", "allowed_cc": ["SG", "MY"]}}]"#,
    );
    assert_eq!(asset(&devices, "3c:ec:ef:01:02:03"), gpu());
    assert!(devices.by_address(IpAddr::from([10, 0, 0, 9])).is_some());
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (text, expected) in [
        ("mac,asset\n3c:ec:ef:01:02,gpu\n", "a:2: \"3c:ec:ef:01:02\" is not a MAC address"),
        ("mac,asset\n\n3.00E+11,gpu\n", "a:3: \"3.00E+11\" is not a MAC address"),
        (
            "mac,asset\nff:ff:ff:ff:ff:ff,gpu\n",
            "a:2: \"ff:ff:ff:ff:ff:ff\" is a MAC address that no machine has",
        ),
        (
            "mac,asset\n3c:ec:ef:01:02:03,a\nnote,\n3CECEF010203,b\n",
            "a:3: \"note\" is not a MAC address\na:4: \"3c:ec:ef:01:02:03\" is of another machine in line 2 already\na: nothing was loaded",
        ),
        ("ip,asset\n10.0.0.9,a\n10.0.0.9,b\n", "a:3: \"10.0.0.9\" is of another machine in line 2 already"),
        ("ip,asset\n10.0.0.9/33,a\n", "a:2: \"10.0.0.9/33\" is not an IP address"),
        (
            "mac,allowed_cc\n3c:ec:ef:01:02:03,China\n",
            "a:2: \"China\" is no country code; a country code has two letters, as CN",
        ),
        (
            "mac|asset\n3c:ec:ef:01:02:03|a\n",
            "a:1: \"mac|asset\" is no header of columns that commas, semicolons or tabs separate",
        ),
        (
            "rack,asset\n1,a\n",
            "a:1: \"rack,asset\" has no column of MAC or IP addresses (mac, mac_address, bmc_mac, ip, …)",
        ),
        (
            "mac,asset\n3c:ec:ef:01:02:03,a,b\n",
            "a:2: \"b\" stands behind the last column; is a quote missing?",
        ),
        ("mac,asset\n3c:ec:ef:01:02:03,\"a\n3c:ec:ef:01:02:04,b\n", "a:2: \"\"\" is never closed"),
        ("mac,asset\n", "a: has no MAC or IP address in it"),
        ("", "a: is empty"),
        ("[]", "a: has no MAC or IP address in it"),
        ("[1]", "a:1: \"1\" is not an object"),
        (
            "{\"a\": 1}",
            "a: is JSON without a list of machines: neither a list nor an object with \"results\"",
        ),
        ("[{\"mac\":\n}]", "a: is not valid JSON at line 2, column 1"),
        ("[{\"name\": \"a\",\n \"mac\":\n \"zz\"}]", "a:3: \"zz\" is not a MAC address"),
    ] {
        assert_eq!(refused(text), expected);
    }
}

#[test]
fn the_first_ten_and_a_count() {
    let rows: String = (0..30).map(|row| format!("\x1b[{row}m,a\n")).collect();
    let why = refused(&format!("mac,asset\n{rows}"));
    assert_eq!(why.lines().count(), 11);
    assert!(why.starts_with("a:2: \"\\u{1b}[0m\" is not"), "{why}");
    assert!(why.ends_with("a: ... and 20 more; nothing was loaded"), "{why}");
}

#[test]
fn a_file_that_is_none_is_named() {
    let refused = |path: &str| read(Path::new(path)).unwrap_err().to_string();
    assert!(refused("/no/such").starts_with("/no/such: cannot be read: No such file"));
    assert_eq!(refused("/proc"), "/proc: is a directory, not an asset file");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[\\[{\"a-f0-9:,;\t\n\\]} mac]{0,200}") {
        let _ = of_bytes(text.as_bytes());
        let _ = of_bytes(format!("mac,asset,ip\n{text}").as_bytes());
        let _ = of_bytes(format!("[{{\"mac\": \"{text}\"}}]").as_bytes());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
        let _ = of_bytes(&bytes);
    }
}
