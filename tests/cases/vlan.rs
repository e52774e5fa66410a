//! VLAN tags: up to four of them, of any of the three types that switches write.

use checker_common::outcome::Outcome::{Alerted, NotIp, TooManyTags, Truncated};
use harness::frame::{DOT1AD, DOT1Q, Frame, QINQ_OLD};

use super::{Case, Look::Incoming, ONE, arp, cut, restricted, restricted_v6, with_byte};

/// Bytes of the Ethernet header; here the first tag starts.
const ETHERNET: usize = 14;
/// Bytes of a tag.
const TAG: usize = 4;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        tagged(
            "a source is found behind an 802.1Q tag",
            restricted().tag(DOT1Q, 100).bytes(),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 100",
        ),
        tagged(
            "a source is found behind an 802.1ad tag",
            restricted().tag(DOT1AD, 4094).bytes(),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 4094",
        ),
        tagged(
            "a source is found behind a service tag and a customer tag, and both are told, the outer first",
            restricted().tag(DOT1AD, 100).tag(DOT1Q, 200).bytes(),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 100 200",
        ),
        tagged(
            "a source is found behind the 0x9100 that older switches write",
            restricted().tag(QINQ_OLD, 100).tag(DOT1Q, 200).bytes(),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 100 200",
        ),
        tagged(
            "a source is found behind two tags of one type",
            restricted().tag(DOT1Q, 1).tag(DOT1Q, 2).bytes(),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 1 2",
        ),
        tagged(
            "a priority tag is a tag whose VLAN is 0",
            restricted().tag(DOT1Q, 0).bytes(),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 0",
        ),
        tagged(
            "priority and drop bits are not part of the VLAN id",
            with_byte(restricted().tag(DOT1Q, 100), ETHERNET, 0xf0),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 100",
        ),
        Case {
            meets: "ONE 2001:db8::/32",
            ..tagged(
                "an IPv6 source is found behind two tags",
                restricted_v6().tag(DOT1AD, 100).tag(DOT1Q, 200).bytes(),
                "[2001:db8::1]:40000 > [3fff::9]:623 protocol 17 vlan 100 200",
            )
        },
        tagged(
            "a source is found behind three tags",
            restricted().tag(DOT1AD, 1).tag(DOT1Q, 2).tag(DOT1Q, 3).bytes(),
            "203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 1 2 3",
        ),
        tagged("a source is found behind four tags", tags(4).bytes(), FOUR_TAGS),
        unread("five tags are one more than is read, and are counted as such", tags(5).bytes(), TooManyTags),
        unread(
            "a frame that ends behind the type of a fifth tag has too many tags",
            cut(tags(5), ETHERNET + 4 * TAG),
            TooManyTags,
        ),
        unread(
            "a tag that is cut off is truncated",
            cut(restricted().tag(DOT1Q, 100), ETHERNET + TAG - 1),
            Truncated,
        ),
        unread(
            "a second tag that is cut off is truncated",
            cut(restricted().tag(DOT1AD, 100).tag(DOT1Q, 200), ETHERNET + 2 * TAG - 1),
            Truncated,
        ),
        unread(
            "a frame that ends behind its tags is truncated",
            cut(restricted().tag(DOT1AD, 100).tag(DOT1Q, 200), ETHERNET + 2 * TAG),
            Truncated,
        ),
        unread(
            "an address that is cut off behind a tag is truncated",
            cut(restricted().tag(DOT1Q, 100), ETHERNET + TAG + 19),
            Truncated,
        ),
        tagged(
            "a sender of ARP is found behind a tag",
            arp().tag(DOT1Q, 100).bytes(),
            "203.0.113.1 > 198.51.100.9 ARP vlan 100",
        ),
        unread(
            "IPX behind a tag is not IP",
            Frame::other(0x8137, vec![0; 46]).tag(DOT1Q, 100).bytes(),
            NotIp,
        ),
    ]
}

/// What is read of `tags(4)`.
const FOUR_TAGS: &str = "203.0.113.1:40000 > 198.51.100.9:623 protocol 17 vlan 1 2 3 4";

fn tags(count: u16) -> Frame {
    (1..=count).fold(restricted(), |frame, vlan| frame.tag(DOT1Q, vlan))
}

fn tagged(says: &'static str, frame: Vec<u8>, reads: &'static str) -> Case {
    Case {
        look: Incoming,
        says,
        frame,
        lists: vec![ONE],
        outcome: Alerted,
        reads,
        meets: "ONE 203.0.113.0/24",
    }
}

fn unread(says: &'static str, frame: Vec<u8>, outcome: checker_common::outcome::Outcome) -> Case {
    Case { look: Incoming, says, frame, lists: vec![ONE], outcome, reads: "", meets: "" }
}
