//! VLAN tags: two bytes of tag control information, then the EtherType of what follows.

use crate::{bytes::Bytes, outcome::Outcome, packet::Tags};

/// Bytes of a tag behind its own EtherType.
const LENGTH: usize = 4;

/// Walks the tags; gives them, the EtherType behind the last one, and where that one's data starts.
#[inline(always)]
pub(super) fn parse<B: Bytes + ?Sized>(
    bytes: &B,
    mut ether_type: u16,
    mut offset: usize,
) -> Result<(Tags, u16, usize), Outcome> {
    let mut tags = Tags::default();
    for tci in &mut tags.tci {
        if !is_tag(ether_type) {
            break;
        }
        let [tci_high, tci_low, type_high, type_low] =
            bytes.get::<LENGTH>(offset).ok_or(Outcome::Truncated)?;
        *tci = [tci_high, tci_low];
        tags.count += 1;
        ether_type = u16::from_be_bytes([type_high, type_low]);
        offset += LENGTH;
    }
    if is_tag(ether_type) {
        return Err(Outcome::TooManyTags);
    }
    Ok((tags, ether_type, offset))
}

/// 802.1Q, 802.1ad, and the 0x9100 that switches wrote for stacked tags before 802.1ad.
#[inline(always)]
const fn is_tag(ether_type: u16) -> bool {
    matches!(ether_type, 0x8100 | 0x88a8 | 0x9100)
}
