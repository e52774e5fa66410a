//! What the hardware does to packets before a program sees them.

use super::{
    finding::Finding,
    generic_netlink::{ask as ask_kernel, attribute, each, nest},
    link::Link,
};

/// `ETHTOOL_MSG_FEATURES_GET` and attributes of it and of its answer, `uapi/linux/ethtool_netlink.h`.
const FEATURES_GET: u8 = 11;
const HEADER: u16 = 1;
const HEADER_INDEX: u16 = 1;
const ACTIVE: u16 = 4;
const BITS: u16 = 3;
const BIT_NAME: u16 = 2;

/// Names of features that are on, as `ethtool -k` shows them.
pub(super) type Offloads = Vec<String>;

/// Asks ethtool's family (Linux 5.7) for the interface of this index; none where it does not answer.
pub(super) fn ask(index: u32) -> Option<Offloads> {
    let header = nest(HEADER, &attribute(HEADER_INDEX, &index.to_ne_bytes()));
    let answer = ask_kernel("ethtool", FEATURES_GET, &header).ok()?;
    let bits = each(answer.get(&ACTIVE)?).find_map(|(kind, bits)| (kind == BITS).then_some(bits))?;
    let name = |bit| each(bit).find_map(|(kind, name)| (kind == BIT_NAME).then(|| text(name)));
    Some(each(bits).filter_map(|(_, bit)| name(bit)).collect())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

/// One finding for VLAN tags, one for packets that are put together.
pub(super) fn check(link: &Link) -> [Finding; 2] {
    let name = &link.interface.name;
    let Some(offloads) = &link.offloads else {
        let not_known = "not known: the kernel does not tell";
        return [Finding::ok(VLAN, not_known), Finding::ok(MERGED, not_known)];
    };
    [vlan(name, offloads), merged(name, offloads)]
}

const VLAN: &str = "rx-vlan";
const MERGED: &str = "lro, gro-hw";

/// A tag that the hardware takes off is beside the packet, where XDP does not look: addresses are found, the VLAN is not.
fn vlan(name: &str, offloads: &[String]) -> Finding {
    if !offloads.iter().any(|offload| offload == "rx-vlan-hw-parse") {
        return Finding::ok(VLAN, "tags stay in packets");
    }
    Finding::warning(
        VLAN,
        "the interface takes VLAN tags off: packets are judged, but alerts do not name their VLAN",
        format!("ethtool -K {name} rxvlan off"),
    )
}

/// Packets that are merged are counted as one, and several drivers refuse native XDP while they do it. Generic mode has
/// the kernel switch both off (`generic_xdp_install`, `net/core/dev.c`).
fn merged(name: &str, offloads: &[String]) -> Finding {
    let on = |(feature, _): &&(&str, &str)| offloads.iter().any(|offload| offload == feature);
    let found: Vec<_> = [("rx-lro", "lro"), ("rx-gro-hw", "rx-gro-hw")].iter().filter(on).copied().collect();
    if found.is_empty() {
        return Finding::ok(MERGED, "packets come as they were sent");
    }
    let [features, switches] = [0, 1].map(|which| {
        let names = found.iter().map(|(feature, switch)| if which == 0 { feature } else { switch });
        names.map(|name| (*name).to_owned()).collect::<Vec<_>>()
    });
    Finding::warning(
        MERGED,
        format!(
            "the interface merges packets ({}): the driver may refuse native XDP, and counts are of merged packets",
            features.join(", ")
        ),
        format!("ethtool -K {name} {} off", switches.join(" off ")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn tags_that_are_taken_off_and_packets_that_are_merged_are_warned_about() {
        let on = ["rx-checksum", "rx-vlan-hw-parse", "rx-lro", "rx-gro-hw"].map(str::to_owned);
        assert_eq!(vlan("eth0", &on).remedy.as_deref(), Some("ethtool -K eth0 rxvlan off"));
        assert_eq!(merged("eth0", &on).remedy.as_deref(), Some("ethtool -K eth0 lro off rx-gro-hw off"));
        assert_eq!(vlan("eth0", &on[..1]).state, State::Ok);
        assert_eq!(merged("eth0", &on[..2]).state, State::Ok);
    }
}
