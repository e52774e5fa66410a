//! What the kernel says of an interface (rtnetlink), before anything is done to it.

use std::fmt;

use anyhow::{Context as _, anyhow, bail};
use aya::programs::loaded_programs;
use futures_util::TryStreamExt as _;
use rtnetlink::{
    Handle,
    packet_core::{NetlinkMessage, NetlinkPayload},
    packet_route::{
        RouteNetlinkMessage,
        link::{
            InfoKind, LinkAttribute, LinkFlags, LinkInfo, LinkLayerType, LinkMessage, LinkXdp, XdpAttached,
        },
    },
};

use super::mode::Mode;

/// One interface.
#[derive(Clone, Debug)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its index.
    pub index: u32,
    /// Whether it is administratively up and has a carrier.
    pub up: bool,
    /// Packets that it has counted: received, sent.
    pub counted: (u64, u64),
    /// Whether it is a bond: XDP says of a packet which leg it came in by (`bond_xdp_set`,
    /// `drivers/net/bonding/bond_main.c`, has the legs run the program).
    pub bond: bool,
    /// The XDP program that is attached to it, if there is one.
    pub xdp: Option<ForeignProgram>,
}

/// An XDP program on an interface.
#[derive(Clone, Debug)]
pub struct ForeignProgram {
    /// The kernel's number for it.
    pub id: u32,
    /// Its name, where the kernel tells it and somebody asked.
    pub name: Option<String>,
    /// How it is attached; `None` for hardware offload.
    pub mode: Option<Mode>,
}

/// Asks for the interface called `name` in this network namespace.
///
/// # Errors
///
/// "there is no interface …", that its packets are not Ethernet frames, or what netlink said.
pub async fn find(netlink: &Handle, name: &str) -> anyhow::Result<Interface> {
    let mut answers = netlink.link().get().match_name(name.to_owned()).execute();
    let answer = match answers.try_next().await {
        Ok(Some(answer)) => answer,
        Ok(None) => return Err(unknown(name)),
        Err(rtnetlink::Error::NetlinkError(error)) if error.raw_code() == -libc::ENODEV => {
            return Err(unknown(name));
        }
        Err(error) => return Err(error).with_context(|| format!("cannot ask for interface {name}")),
    };
    let framing = answer.header.link_layer_type;
    if !has_ethernet_header(framing) {
        bail!(
            "the packets of {name} have no Ethernet header (it is of type {framing}); \
             checker watches Ethernet interfaces only"
        );
    }
    let found = read(&answer, name);
    Ok(Interface { xdp: found.xdp.map(ForeignProgram::named), ..found })
}

/// Asks again for an interface that was found, which may have another name by now; `None` when it is gone.
pub async fn again(netlink: &Handle, index: u32) -> Option<Interface> {
    let answer = netlink.link().get().match_index(index).execute().try_next().await.ok()??;
    named(&answer)
}

/// The indexes of the legs of a bond; none when the kernel does not say.
pub async fn legs(netlink: &Handle, bond: u32) -> Vec<u32> {
    let mut request = netlink.link().get();
    // The kernel leaves out the others (`link_master_filtered`, `net/core/rtnetlink.c`).
    request.message_mut().attributes.push(LinkAttribute::Controller(bond));
    let answers: Vec<_> = request.execute().try_collect().await.unwrap_or_default();
    let is_leg = |answer: &&LinkMessage| answer.attributes.contains(&LinkAttribute::Controller(bond));
    answers.iter().filter(is_leg).map(|answer| answer.header.index).collect()
}

/// An interface that the kernel tells of by itself, when something about it has changed.
#[must_use]
pub fn told(message: &NetlinkMessage<RouteNetlinkMessage>) -> Option<Interface> {
    let NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewLink(link)) = &message.payload else {
        return None;
    };
    named(link)
}

fn named(answer: &LinkMessage) -> Option<Interface> {
    let name = answer.attributes.iter().find_map(|attribute| {
        if let LinkAttribute::IfName(name) = attribute { Some(name.as_str()) } else { None }
    });
    Some(read(answer, name?))
}

fn read(answer: &LinkMessage, name: &str) -> Interface {
    let xdp = answer
        .attributes
        .iter()
        .find_map(|attribute| if let LinkAttribute::Xdp(xdp) = attribute { program(xdp) } else { None });
    let up = answer.header.flags.contains(LinkFlags::Up | LinkFlags::Running);
    let stats = |attribute: &LinkAttribute| {
        if let LinkAttribute::Stats64(stats) = attribute {
            Some((stats.rx_packets, stats.tx_packets))
        } else {
            None
        }
    };
    let counted = answer.attributes.iter().find_map(stats).unwrap_or_default();
    let is_bond = |info: &LinkInfo| *info == LinkInfo::Kind(InfoKind::Bond);
    let bond = answer
        .attributes
        .iter()
        .any(|attribute| matches!(attribute, LinkAttribute::LinkInfo(infos) if infos.iter().any(is_bond)));
    Interface { name: name.to_owned(), index: answer.header.index, up, counted, bond, xdp }
}

impl ForeignProgram {
    /// With its name. All programs are gone through for it, which is not for what is asked twice a second.
    #[must_use]
    pub fn named(self) -> Self {
        Self { name: name(self.id), ..self }
    }
}

/// Loopback writes one too (`loopback_setup`, `drivers/net/loopback.c`).
const fn has_ethernet_header(framing: LinkLayerType) -> bool {
    matches!(framing, LinkLayerType::Ether | LinkLayerType::Loopback)
}

fn unknown(name: &str) -> anyhow::Error {
    anyhow!("there is no interface {name}")
}

fn program(attributes: &[LinkXdp]) -> Option<ForeignProgram> {
    let mut mode = None;
    let mut program = None;
    for attribute in attributes {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a non-exhaustive enum of which three are of use")]
        match attribute {
            LinkXdp::Attached(XdpAttached::Driver) => mode = Some(Mode::Native),
            LinkXdp::Attached(XdpAttached::SocketBuffer) => mode = Some(Mode::Generic),
            LinkXdp::ProgId(id) => program = Some(*id),
            _ => {}
        }
    }
    program.map(|id| ForeignProgram { id, name: None, mode })
}

/// Its name, where the kernel tells it. Needs `CAP_SYS_ADMIN`; without it the program is known by its number only.
fn name(id: u32) -> Option<String> {
    loaded_programs().flatten().find(|program| program.id() == id)?.name_as_str().map(str::to_owned)
}

impl fmt::Display for ForeignProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("of an unknown name");
        write!(f, "{name} (id {}", self.id)?;
        match self.mode {
            Some(mode) => write!(f, ", {mode} mode)"),
            None => write!(f, ", offloaded)"),
        }
    }
}
