use super::*;
use crate::assets::read::Entry;

const GPU: Mac = Mac([0x3c, 0xec, 0xef, 0, 0, 1]);
const BMC: Mac = Mac([0x3c, 0xec, 0xef, 0, 0, 2]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 1]);
const OTHER: Mac = Mac([2, 0, 0, 0, 0, 2]);

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn table() -> Table {
    let asset = |name: &str| Asset { name: name.into(), serial: None, site: None, allowed_cc: Vec::new() };
    let entry = |name, macs: &[Mac], addresses: &[&str]| Entry {
        asset: asset(name),
        macs: macs.iter().map(|mac| (*mac, 1)).collect(),
        addresses: addresses.iter().map(|text| (ip(text), 1)).collect(),
    };
    let entries = vec![
        entry("gpu", &[GPU], &[]),
        entry("bmc", &[BMC], &["10.0.0.9"]),
        entry("app", &[], &["10.0.0.10"]),
    ];
    Table::new(entries, &mut |_, _, _| panic!("nothing is wrong"))
}

fn parties(source_mac: Mac, destination_mac: Mac, source: &str, destination: &str) -> Parties {
    Parties {
        source_mac: Some(source_mac),
        destination_mac: Some(destination_mac),
        matched: ip(source),
        source: ip(source),
        destination: ip(destination),
    }
}

fn found(parties: &Parties, learned: &[(&str, Mac, MacSource)]) -> (Option<Mac>, MacSource, Option<String>) {
    let of = |address| {
        learned.iter().find(|(text, ..)| ip(text) == address).map(|(_, mac, source)| (*mac, *source))
    };
    let machine = machine(parties, &table(), of);
    (machine.mac, machine.source, machine.asset.map(|asset| asset.name.clone()))
}

fn named(mac: Mac, source: MacSource, name: &str) -> (Option<Mac>, MacSource, Option<String>) {
    (Some(mac), source, Some(name.into()))
}

#[test]
fn the_frames_own_sender_comes_first() {
    let seen = parties(GPU, ROUTER, "10.0.0.9", "203.0.113.1");
    assert_eq!(found(&seen, &[("10.0.0.9", BMC, MacSource::Arp)]), named(GPU, MacSource::L2, "gpu"));
}

#[test]
fn behind_a_router_the_addresses_tell_the_machine() {
    let seen = parties(ROUTER, OTHER, "203.0.113.1", "10.0.0.7");
    for source in [MacSource::Dhcp, MacSource::Arp, MacSource::Nd] {
        assert_eq!(found(&seen, &[("10.0.0.7", GPU, source)]), named(GPU, source, "gpu"));
    }
    let seen = parties(ROUTER, OTHER, "2001:db8::3eec:efff:fe00:1", "2001:db8:1::1");
    assert_eq!(found(&seen, &[]), named(GPU, MacSource::Eui64, "gpu"));
}

#[test]
fn the_records_may_name_an_address_alone() {
    let seen = parties(ROUTER, OTHER, "203.0.113.1", "10.0.0.9");
    assert_eq!(found(&seen, &[]), named(BMC, MacSource::Inventory, "bmc"));
    // A stranger who claims it renames nobody.
    assert_eq!(found(&seen, &[("10.0.0.9", OTHER, MacSource::Arp)]), named(BMC, MacSource::Inventory, "bmc"));
    let seen = parties(ROUTER, OTHER, "203.0.113.1", "10.0.0.10");
    assert_eq!(found(&seen, &[]), (None, MacSource::Inventory, Some("app".into())));
}

#[test]
fn the_receiver_of_the_frame_comes_last() {
    let seen = parties(ROUTER, GPU, "203.0.113.1", "10.0.0.7");
    assert_eq!(found(&seen, &[]), named(GPU, MacSource::L2, "gpu"));
}

#[test]
fn of_strangers_it_is_the_sender() {
    let seen = parties(OTHER, ROUTER, "10.1.0.1", "203.0.113.1");
    assert_eq!(found(&seen, &[("10.1.0.1", OTHER, MacSource::Arp)]), (Some(OTHER), MacSource::L2, None));
    let seen = parties(ROUTER, OTHER, "10.1.0.1", "203.0.113.1");
    assert_eq!(found(&seen, &[("10.1.0.1", OTHER, MacSource::Dhcp)]), (Some(OTHER), MacSource::Dhcp, None));
    let seen = Parties { source_mac: None, destination_mac: None, ..seen };
    assert_eq!(found(&seen, &[]), (None, MacSource::None, None));
}
