//! 802.2 LLC, with SNAP behind it or not: how 802.3 frames carry an EtherType.

use super::{
    ether_type,
    state::{State, next},
    step::header,
};
use crate::{bytes::Bytes, outcome::Outcome};

/// LLC (3 bytes: DSAP, SSAP, control) and SNAP (5 bytes: OUI, protocol).
const LENGTH: usize = 8;
/// Unnumbered information, the one control field without a sequence number (IEEE 802.2 clause 5.4).
const UI: u8 = 0x03;

#[inline(always)]
pub(super) fn step<B: Bytes + ?Sized>(bytes: &B, state: &mut State) -> Result<(), Outcome> {
    let [dsap, ssap, control, oui @ .., type_high, type_low] = header::<LENGTH, _>(bytes, state)?;
    match (dsap, ssap, control) {
        (0xaa, 0xaa, UI) => match oui {
            // RFC 1042, and the bridge-tunnel encapsulation of IEEE 802.1H.
            [0, 0, 0] | [0, 0, 0xf8] => {
                let ether_type = u16::from_be_bytes([type_high, type_low]);
                // An EtherType below 0x0600 would be a length within a length.
                if ether_type < 0x0600 {
                    return Err(Outcome::NotIp);
                }
                ether_type::follow(state, LENGTH as u32, ether_type)
            }
            // Cisco: CDP, VTP, PVST+, UDLD.
            [0, 0, 0x0c] => Err(Outcome::LinkControl),
            _ => Err(Outcome::NotIp),
        },
        // The SAP of IP itself (RFC 1042's predecessor, RFC 948).
        (0x06, 0x06, UI) => state.go(3, next::IPV4),
        // Spanning tree (IEEE 802.1Q clause 14).
        (0x42, 0x42, UI) => Err(Outcome::LinkControl),
        _ => Err(Outcome::NotIp),
    }
}
