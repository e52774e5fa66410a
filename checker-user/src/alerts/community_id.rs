//! Community ID, version 1: one name for both directions of a conversation, the same in Zeek, Suricata and Arkime
//! (<https://github.com/corelight/community-id-spec>). Of the outermost addresses and ports, as they compute it.

use std::net::IpAddr;

use community_id::calculate_community_id;

/// What the parser found behind the outer addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Source and destination port.
    Ports(u16, u16),
    /// ICMP or ICMPv6 type and code.
    Icmp(u8, u8),
    /// Neither: another protocol, a later fragment, or a packet that ends too early.
    Nothing,
}

/// The protocols of which the specification hashes more than addresses: ICMP, TCP, UDP, ICMPv6, SCTP.
const WITH_MORE: [u8; 5] = [1, 6, 17, 58, 132];

/// The community id. `None` where the specification has none: for ARP, and for packets that do not carry what their
/// protocol would have hashed.
#[must_use]
pub fn community_id(
    [source, destination]: [IpAddr; 2],
    protocol: u8,
    transport: Transport,
) -> Option<String> {
    let (one, other) = match transport {
        Transport::Ports(one, other) => (Some(one), Some(other)),
        Transport::Icmp(icmp_type, code) => (Some(icmp_type.into()), Some(code.into())),
        Transport::Nothing if WITH_MORE.contains(&protocol) => return None,
        Transport::Nothing => (None, None),
    };
    calculate_community_id(0, source, destination, one, other, protocol, false).ok()
}

#[cfg(test)]
mod tests {
    use super::{Transport::*, *};

    /// Every line of `baseline/baseline_deflt.json` of the specification's repository (seed 0, base64); for ICMP with
    /// the codes of the packets in its captures, where the baseline has the type of the answer.
    const PUBLISHED: &str = "
        58 fe80::200:86ff:fe05:80da fe80::260:97ff:fe07:69ea Icmp 135 0 1:dGHyGvjMfljg6Bppwm3bg0LO8TY=
        58 fe80::260:97ff:fe07:69ea fe80::200:86ff:fe05:80da Icmp 136 0 1:dGHyGvjMfljg6Bppwm3bg0LO8TY=
        58 fe80::260:97ff:fe07:69ea fe80::200:86ff:fe05:80da Icmp 135 0 1:zavyT/cezQr1fmImYCwYnMXbgck=
        58 fe80::200:86ff:fe05:80da fe80::260:97ff:fe07:69ea Icmp 136 0 1:zavyT/cezQr1fmImYCwYnMXbgck=
        58 3ffe:501:1800:2345::2 3ffe:507:0:1:200:86ff:fe05:80da Icmp 3 0 1:2ObVBgIn28oZvibYZhZMBgh7WdQ=
        58 3ffe:501:410:0:2c0:dfff:fe47:33e 3ffe:507:0:1:200:86ff:fe05:80da Icmp 1 4 1:hLZd0XGWojozrvxqE0dWB1iM6R0=
        58 3ffe:507:0:1:200:86ff:fe05:80da 3ffe:501:0:1001::2 Icmp 128 0 1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=
        58 3ffe:501:0:1001::2 3ffe:507:0:1:200:86ff:fe05:80da Icmp 129 0 1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=
        58 fe80::200:86ff:fe05:80da ff02::2 Icmp 133 0 1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=
        58 fe80::260:97ff:fe07:69ea ff02::1 Icmp 134 0 1:pkvHqCL88/tg1k4cPigmZXUtL00=
        1 192.168.0.89 192.168.0.1 Icmp 8 0 1:X0snYXpgwiv9TZtqg64sgzUn6Dk=
        1 192.168.0.1 192.168.0.89 Icmp 0 0 1:X0snYXpgwiv9TZtqg64sgzUn6Dk=
        1 10.0.0.1 10.0.0.2 Icmp 11 0 1:YHxtAirCG//0OzkcVAukqKQN9xM=
        6 2001:470:e5bf:dead:4957:2174:e82c:4887 2607:f8b0:400c:c03::1a Ports 63943 25 1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=
        6 2607:f8b0:400c:c03::1a 2001:470:e5bf:dead:4957:2174:e82c:4887 Ports 25 63943 1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=
        132 192.168.170.8 192.168.170.56 Ports 7 7 1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=
        132 192.168.170.56 192.168.170.8 Ports 7 7 1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=
        6 128.232.110.120 66.35.250.204 Ports 34855 80 1:LQU9qZlK+B5F3KDmev6m5PMibrg=
        6 66.35.250.204 128.232.110.120 Ports 80 34855 1:LQU9qZlK+B5F3KDmev6m5PMibrg=
        17 192.168.1.52 8.8.8.8 Ports 54585 53 1:d/FP5EW3wiY1vCndhwleRRKHowQ=
        17 8.8.8.8 192.168.1.52 Ports 53 54585 1:d/FP5EW3wiY1vCndhwleRRKHowQ=
        46 10.1.12.1 10.1.12.2 Nothing 0 0 1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=
        46 10.1.12.2 10.1.12.1 Nothing 0 0 1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=
    ";

    fn of(protocol: u8, source: &str, destination: &str, transport: Transport) -> Option<String> {
        community_id([source.parse().unwrap(), destination.parse().unwrap()], protocol, transport)
    }

    #[test]
    fn the_published_ids_come_out() {
        let mut rows = 0;
        for row in PUBLISHED.lines().map(str::trim).filter(|row| !row.is_empty()) {
            let columns: Vec<_> = row.split(' ').collect();
            let [protocol, source, destination, kind, one, other, expected] = columns[..] else {
                panic!("{row}")
            };
            let (one, other): (u16, u16) = (one.parse().unwrap(), other.parse().unwrap());
            let transport = match kind {
                "Ports" => Ports(one, other),
                "Icmp" => Icmp(one.try_into().unwrap(), other.try_into().unwrap()),
                _ => Nothing,
            };
            let id = of(protocol.parse().unwrap(), source, destination, transport);
            assert_eq!(id.as_deref(), Some(expected), "{row}");
            rows += 1;
        }
        assert_eq!(rows, 23);
    }

    #[test]
    fn without_what_would_be_hashed_there_is_no_id() {
        for protocol in WITH_MORE {
            assert_eq!(of(protocol, "192.0.2.1", "192.0.2.2", Nothing), None, "{protocol}");
        }
    }
}
