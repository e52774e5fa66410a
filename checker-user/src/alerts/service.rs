//! Port → the service that usually stands behind it, above all those of management controllers. A guess: nothing of
//! the payload is looked at.
//!
//! Sources: IANA "Service Name and Transport Protocol Port Number Registry" where nothing else is said; for
//! controllers `OpenBMC` "Network Security Considerations" (2200), the Oracle ILOM administration guide, appendix B
//! (5120 to 5123, 7578: virtual media and console of the AMI family), Dell's table of iDRAC ports (3668, 5900, 5901)
//! and the HPE `OneView` manual (2162, 17988, 17990).

/// TCP, UDP.
const TCP: u8 = 6;
const UDP: u8 = 17;

/// The service of a packet with these ports: that of the lower port which is known, or of the other one.
#[must_use]
pub fn service(protocol: u8, (one, other): (u16, u16)) -> Option<&'static str> {
    let of = |port| known(protocol, port);
    of(one.min(other)).or_else(|| of(one.max(other)))
}

const fn known(protocol: u8, port: u16) -> Option<&'static str> {
    Some(match (protocol, port) {
        // DMTF DSP0136: RMCP and IPMI over it, plain and secure.
        (UDP, 623 | 664) => "ipmi-rmcp",
        // DMTF DSP0266; the web pages of the controller as well.
        (TCP, 443) => "redfish-https",
        (TCP, 80) => "http",
        (TCP, 22) => "ssh",
        (TCP, 2200) => "openbmc-sol",
        (TCP, 23) => "telnet",
        (TCP | UDP, 161) => "snmp",
        // Platform event traps (IPMI PET) among them.
        (TCP | UDP, 162) | (UDP, 2162) => "snmp-trap",
        (TCP, 5900 | 5901 | 5121 | 7578) => "kvm",
        (TCP, 3668 | 5120 | 5123) => "vmedia",
        (TCP, 17_988) => "ilo-vmedia",
        (TCP, 17_990) => "ilo-console",
        (TCP, 5985 | 5986) => "wsman",
        (UDP, 1900) => "ssdp",
        // Supermicro's UPnP, which gave passwords away; also the first of the ephemeral ports (RFC 6335).
        (TCP, 49_152) => "upnp-smc",
        (UDP, 5353) => "mdns",
        (UDP, 5355) => "llmnr",
        (TCP | UDP, 427) => "slp",
        (TCP | UDP, 514 | 6514) => "syslog",
        // RFC 2131 and, for IPv6, RFC 8415.
        (UDP, 67 | 68 | 546 | 547) => "dhcp",
        (TCP | UDP, 53) => "dns",
        (UDP, 123) => "ntp",
        (TCP, 25) => "smtp",
        (TCP | UDP, 389) | (TCP, 636) => "ldap",
        (UDP, 69) => "tftp",
        (TCP, 445) => "smb",
        (TCP | UDP, 2049) => "nfs",
        (UDP, 1812) => "radius",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_port_tells_the_service() {
        assert_eq!(service(UDP, (40_000, 623)), Some("ipmi-rmcp"));
        assert_eq!(service(UDP, (623, 40_000)), Some("ipmi-rmcp"));
        assert_eq!(service(TCP, (443, 51_000)), Some("redfish-https"));
        assert_eq!(service(UDP, (40_000, 40_001)), None);
    }

    #[test]
    fn of_two_known_ports_the_lower_is_the_server() {
        assert_eq!(service(TCP, (22, 49_152)), Some("ssh"));
        assert_eq!(service(TCP, (49_152, 22)), Some("ssh"));
        assert_eq!(service(TCP, (49_152, 50_000)), Some("upnp-smc"));
    }

    #[test]
    fn the_protocol_counts() {
        assert_eq!(service(TCP, (40_000, 623)), None);
        assert_eq!(service(UDP, (40_000, 22)), None);
        // SCTP.
        assert_eq!(service(132, (40_000, 22)), None);
    }

    #[test]
    fn every_service_of_the_issue_has_a_port() {
        let all: Vec<_> =
            (0..=u16::MAX).flat_map(|port| [known(TCP, port), known(UDP, port)]).flatten().collect();
        for name in ["ipmi-rmcp", "redfish-https", "ssh", "snmp", "kvm", "vmedia", "syslog", "dhcp"] {
            assert!(all.contains(&name), "{name}");
        }
    }
}
