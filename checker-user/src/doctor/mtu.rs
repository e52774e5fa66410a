//! Packets that do not fit into one buffer of the driver.

use super::{driver::XdpFeatures, finding::Finding, link::Link};

/// Drivers with a page a packet have room for so many bytes: 4096, less 256 in front (`XDP_PACKET_HEADROOM`), 320 behind
/// (`skb_shared_info`) and the Ethernet header with two tags.
const ONE_PAGE: u32 = 4096 - 256 - 320 - 22;

/// checker's program takes packets in several buffers (`xdp.frags`); whether the driver makes such is another matter.
pub(super) fn check(link: &Link, features: Option<XdpFeatures>) -> Finding {
    const NAME: &str = "mtu";
    let mtu = link.mtu;
    if mtu <= ONE_PAGE {
        return Finding::ok(NAME, format!("{mtu}: a packet fits into one page"));
    }
    match features {
        Some(features) if features.native() && !features.several_buffers() => Finding::warning(
            NAME,
            format!(
                "{mtu}: {} makes no packets of several buffers for XDP, so native mode may be refused",
                link.driven_by()
            ),
            format!("ip link set {} mtu {ONE_PAGE}, or let it be generic mode", link.interface.name),
        ),
        Some(_) | None => {
            Finding::ok(NAME, format!("{mtu}: larger packets come in several buffers (xdp.frags)"))
        }
    }
}
