//! The programs on one interface, as the direction asks for: all of them or none.

use std::os::fd::OwnedFd;

use aya::Ebpf;
use rtnetlink::Handle;
use tracing::warn;

use super::{
    attach::{self, Ingress, ModeWish},
    direction::Direction,
    egress::{self, Egress},
    interface::Interface,
    load::classifier,
    promiscuous::promiscuous,
};

/// What is attached to one interface.
#[derive(Debug)]
pub struct Attachment {
    /// The interface.
    pub interface: Interface,
    /// On what it receives.
    pub ingress: Option<Ingress>,
    /// On what it sends.
    pub egress: Option<Egress>,
    /// Held as long as the interface is to take packets that are for others.
    pub promiscuous: Option<OwnedFd>,
}

/// Attaches what `direction` asks for: first to what comes in, where another program may be in the way.
///
/// # Errors
///
/// One sentence about the hook that failed; then nothing is left on the other.
pub async fn attach(
    ebpf: &mut Ebpf,
    interface: Interface,
    direction: Direction,
    wish: ModeWish,
    force: bool,
    netlink: &Handle,
) -> anyhow::Result<Attachment> {
    let mut attachment = Attachment { interface, ingress: None, egress: None, promiscuous: None };
    match fill(&mut attachment, ebpf, direction, wish, force, netlink).await {
        Ok(()) => Ok(attachment),
        Err(error) => {
            detach(attachment, ebpf, netlink).await?;
            Err(error)
        }
    }
}

async fn fill(
    attachment: &mut Attachment,
    ebpf: &mut Ebpf,
    direction: Direction,
    wish: ModeWish,
    force: bool,
    netlink: &Handle,
) -> anyhow::Result<()> {
    let Attachment { interface, ingress, egress, promiscuous: promiscuity } = attachment;
    if direction.incoming() {
        *ingress = Some(attach::attach(ebpf, interface, wish, force, netlink).await?);
    }
    if direction.outgoing() {
        *egress = Some(egress::attach(classifier(ebpf)?, interface, netlink).await?);
    }
    if direction.mirror() {
        *promiscuity = Some(promiscuous(&interface.name, interface.index)?);
    }
    Ok(())
}

/// Puts on again what is off of it: `[ingress, egress]` says what.
///
/// # Errors
///
/// One sentence about the hook that failed; it stays off.
pub async fn again(
    attachment: &mut Attachment,
    off: [bool; 2],
    ebpf: &mut Ebpf,
    wish: ModeWish,
    force: bool,
    netlink: &Handle,
) -> anyhow::Result<()> {
    let Attachment { interface, ingress, egress, promiscuous: _stays } = attachment;
    if let (true, Some(ingress)) = (off[0], ingress) {
        // As it is now: another program may be there.
        let now = super::interface::find(netlink, &interface.name).await?;
        attach::again(ebpf, &now, ingress, wish, force, netlink).await?;
    }
    if let (true, Some(egress)) = (off[1], egress) {
        egress::again(classifier(ebpf)?, interface, egress, netlink).await?;
    }
    Ok(())
}

/// Takes all of it off again; gives the interface.
///
/// # Errors
///
/// When the object lacks a program, which the build rules out. What was off already is no error.
pub async fn detach(attachment: Attachment, ebpf: &mut Ebpf, netlink: &Handle) -> anyhow::Result<Interface> {
    let Attachment { interface, ingress, egress, promiscuous: _closed } = attachment;
    if let Some(ingress) = ingress
        && let Err(error) = attach::detach(ebpf, ingress)
    {
        // Somebody else took it off, or the interface is gone.
        warn!("{}: {error:#}", interface.name);
    }
    if let Some(egress) = egress {
        egress::detach(classifier(ebpf)?, &interface, egress, netlink).await;
    }
    Ok(interface)
}
