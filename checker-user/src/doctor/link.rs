//! What the kernel says of an interface, asked once for all checks of it.

use std::{fs, path::Path};

use anyhow::Context as _;
use futures_util::TryStreamExt as _;
use rtnetlink::{
    Handle,
    packet_route::link::{LinkAttribute, LinkInfo, LinkMessage},
};

use super::{
    finding::Finding,
    offloads::{self, Offloads},
};
use crate::datapath::interface::{self, Interface};

/// An interface.
pub(super) struct Link {
    pub(super) interface: Interface,
    pub(super) mtu: u32,
    /// `veth`, `bond`; none for hardware.
    pub(super) kind: Option<String>,
    /// The driver of hardware.
    pub(super) driver: Option<String>,
    /// The bond or bridge that it is a port of.
    pub(super) controller: Option<String>,
    /// What the hardware does to packets; none where it cannot be asked.
    pub(super) offloads: Option<Offloads>,
}

/// Asks for it.
///
/// # Errors
///
/// What keeps checker from watching it: there is none of that name, or its packets are no Ethernet frames.
pub(super) async fn ask(netlink: &Handle, name: &str) -> anyhow::Result<Link> {
    let interface = interface::find(netlink, name).await?;
    let answer = again(netlink, interface.index).await?;
    let mut link = Link { interface, mtu: 0, kind: None, driver: None, controller: None, offloads: None };
    link.offloads = offloads::ask(link.interface.index);
    let (mut bus, mut device) = (None, None);
    for attribute in answer.attributes {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a non-exhaustive enum of which five are of use")]
        match attribute {
            LinkAttribute::Mtu(mtu) => link.mtu = mtu,
            LinkAttribute::ParentDevBusName(name) => bus = Some(name),
            LinkAttribute::ParentDevName(name) => device = Some(name),
            LinkAttribute::Controller(index) => {
                link.controller = interface::again(netlink, index).await.map(|found| found.name);
            }
            LinkAttribute::LinkInfo(infos) => {
                link.kind = infos.into_iter().find_map(|info| {
                    if let LinkInfo::Kind(kind) = info { Some(kind.to_string()) } else { None }
                });
            }
            _ => {}
        }
    }
    link.driver = bus.zip(device).and_then(|(bus, device)| driver(&bus, &device));
    Ok(link)
}

async fn again(netlink: &Handle, index: u32) -> anyhow::Result<LinkMessage> {
    let answer = netlink.link().get().match_index(index).execute().try_next().await?;
    answer.context("it is gone")
}

/// By the bus, since `/sys/class/net` shows the interfaces of another network namespace where `/sys` was mounted in one.
fn driver(bus: &str, device: &str) -> Option<String> {
    let path = Path::new("/sys/bus").join(bus).join("devices").join(device).join("driver");
    Some(fs::read_link(path).ok()?.file_name()?.to_string_lossy().into_owned())
}

impl Link {
    /// What drives it, for people.
    pub(super) fn driven_by(&self) -> &str {
        self.driver.as_deref().or(self.kind.as_deref()).unwrap_or("the kernel")
    }
}

/// Whether anything can come.
pub(super) fn check(link: &Link) -> Finding {
    const NAME: &str = "link";
    let name = &link.interface.name;
    let port = link.controller.as_ref().map(|controller| format!(", a port of {controller}"));
    let port = port.unwrap_or_default();
    if !link.interface.up {
        return Finding::warning(
            NAME,
            format!("down{port}: nothing comes until it is up"),
            format!("ip link set {name} up, and look for the cable"),
        );
    }
    Finding::ok(NAME, format!("up{port}"))
}
