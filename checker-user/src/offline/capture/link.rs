//! Link type → what the parser sees. It begins at an Ethernet header, as the kernel program does; where a capture has
//! another header, one of Ethernet takes its place, so that there is no second way through the parser.
//!
//! Numbers and forms: <https://www.tcpdump.org/linktypes.html>.

use checker_common::bytes::Bytes;

/// What the parser sees of a packet.
pub(super) enum Seen<'a> {
    /// The frame as it was captured.
    Frame(&'a [u8]),
    /// What stood behind another header.
    Behind(Behind<'a>),
}

/// A packet behind an Ethernet header that was made for it.
pub(super) struct Behind<'a> {
    header: [u8; 14],
    rest: &'a [u8],
    /// Which hardware addresses in the header are the packet's.
    pub(super) source: bool,
}

impl Bytes for Behind<'_> {
    /// No header of a packet begins in the one of Ethernet and ends behind it.
    #[inline]
    fn get<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        match offset.checked_sub(self.header.len()) {
            Some(behind) => Bytes::get(self.rest, behind),
            None => Bytes::get(self.header.as_slice(), offset),
        }
    }
}

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
/// 802.2 LLC: a length of it in the place of a type.
const LLC: u16 = 0;
/// Reserved by RFC 1701, so never a protocol: the parser says that it is not IP.
const NOT_IP: u16 = 0xffff;

/// What the parser is to see; `None` for a link type that is not known.
#[inline]
pub(super) fn seen(link: u16, bytes: &[u8]) -> Option<Seen<'_>> {
    if link == 1 {
        return Some(Seen::Frame(bytes));
    }
    let (ether_type, length, source) = match link {
        // What a BSD wrote: its own address family, in its own byte order or, for 108, in that of the network.
        0 | 108 => (family(bytes), 4, None),
        // IP of either version. 12 and 14 are what systems wrote for it that took the number of their own.
        12 | 14 | 101 => {
            (if bytes.first().is_some_and(|first| first >> 4 == 6) { IPV6 } else { IPV4 }, 0, None)
        }
        113 => cooked(bytes, 14, 2, 4),
        276 => cooked(bytes, 0, 8, 11),
        228 => (IPV4, 0, None),
        229 => (IPV6, 0, None),
        _ => return None,
    };
    let mut header = [0; 14];
    header[12..].copy_from_slice(&ether_type.to_be_bytes());
    if let Some(mac) = source {
        header[6..12].copy_from_slice(mac);
    }
    // A frame that ends within its own header has no other either.
    let rest = bytes.get(length..).unwrap_or_default();
    Some(Seen::Behind(Behind { header, rest, source: source.is_some() }))
}

/// The EtherType of an address family: `AF_INET` is 2 everywhere, `AF_INET6` is 24, 28 or 30.
fn family(bytes: &[u8]) -> u16 {
    let Some(family) = bytes.first_chunk() else { return IPV4 };
    // In which order tells the size: there are fewer than 65 536 families.
    let family = u32::from_le_bytes(*family);
    match if family > 0xffff { family.swap_bytes() } else { family } {
        2 => IPV4,
        24 | 28 | 30 => IPV6,
        _ => NOT_IP,
    }
}

/// EtherType, length and sender of Linux' cooked headers (`LINKTYPE_LINUX_SLL`, `LINKTYPE_LINUX_SLL2`): the protocol,
/// the ARPHRD type and the length of the sender's address stand at different places, its address 2 bytes behind.
fn cooked(bytes: &[u8], protocol: usize, hardware: usize, address: usize) -> (u16, usize, Option<&[u8]>) {
    let (length, address_length, address_at) = if protocol == 0 { (20, 1, 12) } else { (16, 2, 6) };
    let Some(header) = bytes.get(..length) else { return (IPV4, length, None) };
    let pair = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    let six = if address_length == 1 { u16::from(header[address]) == 6 } else { pair(address) == 6 };
    let ether_type = match (pair(hardware), pair(protocol)) {
        // Frame relay, 802.11 with radio information, netlink: the protocol means something else.
        (770 | 803 | 824, _) => NOT_IP,
        // Without and with an LLC header.
        (_, 1 | 4) => LLC,
        (_, ..0x0600) => NOT_IP,
        (_, ether_type) => ether_type,
    };
    (ether_type, length, six.then(|| &header[address_at..address_at + 6]))
}

/// What a link type is called, for those that are met most often among the ones that are not read.
pub(super) const fn name(link: u16) -> Option<&'static str> {
    Some(match link {
        3 => "AX25",
        6 => "IEEE802_5",
        7 => "ARCNET_BSD",
        8 => "SLIP",
        9 => "PPP",
        10 => "FDDI",
        50 => "PPP_HDLC",
        51 => "PPP_ETHER",
        104 => "C_HDLC",
        105 => "IEEE802_11",
        107 => "FRELAY",
        117 => "PFLOG",
        119 => "IEEE802_11_PRISM",
        127 => "IEEE802_11_RADIOTAP",
        143 => "DOCSIS",
        163 => "IEEE802_11_AVS",
        187 => "BLUETOOTH_HCI_H4",
        189 => "USB_LINUX",
        192 => "PPI",
        195 => "IEEE802_15_4_WITHFCS",
        201 => "BLUETOOTH_HCI_H4_WITH_PHDR",
        220 => "USB_LINUX_MMAPPED",
        226 => "IPNET",
        227 => "CAN_SOCKETCAN",
        239 => "NFLOG",
        247 => "INFINIBAND",
        249 => "USBPCAP",
        251 => "BLUETOOTH_LE_LL",
        252 => "WIRESHARK_UPPER_PDU",
        253 => "NETLINK",
        274 => "ETHERNET_MPACKET",
        _ => return None,
    })
}
