//! IANA protocol numbers and the names that Suricata has for them.

use std::borrow::Cow;

const NAMES: [(u8, &str); 9] = [
    (6, "TCP"),
    (17, "UDP"),
    (1, "ICMP"),
    (58, "IPv6-ICMP"),
    (2, "IGMP"),
    (47, "GRE"),
    (50, "ESP"),
    (51, "AH"),
    (132, "SCTP"),
];

/// The name of ARP, which is no protocol of IP.
pub const ARP: &str = "ARP";

/// The name, or the number in its place.
#[must_use]
pub fn name(number: u8) -> Cow<'static, str> {
    NAMES
        .into_iter()
        .find_map(|(known, name)| (known == number).then_some(name))
        .map_or_else(|| number.to_string().into(), Cow::Borrowed)
}

/// The number that [`name`] stands for. `None` for ARP.
#[must_use]
pub fn number(name: &str) -> Option<u8> {
    NAMES
        .into_iter()
        .find_map(|(number, known)| (known == name).then_some(number))
        .or_else(|| name.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_from_its_name() {
        for protocol in 0..=u8::MAX {
            assert_eq!(number(&name(protocol)), Some(protocol));
        }
        assert_eq!(number(ARP), None);
    }
}
