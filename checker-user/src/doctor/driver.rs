//! Whether the driver runs XDP programs itself.

use super::{
    finding::Finding,
    generic_netlink::{ask as ask_kernel, attribute},
    link::Link,
};

const NAME: &str = "driver";

/// What a driver says it can do with XDP programs (`enum netdev_xdp_act`, `uapi/linux/netdev.h`, Linux 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct XdpFeatures(pub(super) u64);

/// `NETDEV_CMD_DEV_GET` and its attributes.
const DEVICE_GET: u8 = 1;
const INDEX: u16 = 1;
const FEATURES: u16 = 3;

/// Asks the family `netdev` for the interface of this index; none where the kernel has no such family.
pub(super) fn ask(index: u32) -> Option<XdpFeatures> {
    let answer = ask_kernel("netdev", DEVICE_GET, &attribute(INDEX, &index.to_ne_bytes())).ok()?;
    Some(XdpFeatures(u64::from_ne_bytes(answer.get(&FEATURES)?.as_slice().try_into().ok()?)))
}

impl XdpFeatures {
    /// `NETDEV_XDP_ACT_BASIC`.
    pub(super) const fn native(self) -> bool {
        self.0 & 1 != 0
    }

    /// `NETDEV_XDP_ACT_RX_SG`.
    pub(super) const fn several_buffers(self) -> bool {
        self.0 & 32 != 0
    }
}

pub(super) fn check(link: &Link, features: Option<XdpFeatures>) -> Finding {
    let by = link.driven_by();
    match features {
        Some(features) if features.native() => {
            let buffers = if features.several_buffers() { ", packets of several buffers too" } else { "" };
            Finding::ok(NAME, format!("{by}: native mode{buffers}"))
        }
        Some(_) => Finding::warning(
            NAME,
            format!("{by}: no native XDP now, so generic mode, which costs more a packet"),
            "nothing, if the interface keeps up; otherwise a NIC whose driver has it, or its set-up (queues, LRO)",
        ),
        None => Finding::ok(
            NAME,
            format!("{by}: the kernel does not tell (before Linux 6.3); checker run tries native mode first"),
        ),
    }
}
