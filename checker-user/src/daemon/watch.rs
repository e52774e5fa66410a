//! The interfaces that are watched: attached at the start, detached on request, all detached at the end.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use aya::Ebpf;
use rtnetlink::Handle;
use tokio::sync::Notify;
use tracing::{info, warn};

use super::records::Records;
use crate::{
    control::protocol::InterfaceStatus,
    datapath::{
        attach::{Attachment, ModeWish, attach},
        direction::Direction,
        egress,
        interface::{self, Interface},
        load::{classifier, xdp},
        promiscuous::promiscuous,
    },
};

/// Owns the program and its links.
pub struct Watch {
    ebpf: Ebpf,
    attachments: Vec<Attachment>,
    netlink: Handle,
    /// Fires when nothing is left to watch.
    none_left: Arc<Notify>,
}

impl Watch {
    /// Attaches to every interface of `names`, or to none.
    ///
    /// # Errors
    ///
    /// One sentence about the first interface that could not be attached to.
    pub async fn start(
        mut ebpf: Ebpf,
        names: &[String],
        direction: Direction,
        wish: ModeWish,
        force: bool,
        records: &Records,
        none_left: Arc<Notify>,
    ) -> anyhow::Result<Self> {
        let (connection, netlink, _) = rtnetlink::new_connection().context("cannot open netlink")?;
        tokio::spawn(connection);
        let mut found = Vec::new();
        for (index, name) in names.iter().enumerate() {
            // The same name twice is one interface.
            if !names[..index].contains(name) {
                found.push(interface::find(&netlink, name).await?);
            }
        }
        let mut attachments = Vec::new();
        for interface in found {
            let attachment = place(&mut ebpf, interface, direction, wish, force, &netlink).await?;
            let interface = &attachment.interface;
            let known = (interface.name.clone(), attachment.mode);
            records.lock().interfaces.insert(interface.index, known);
            match &attachment.fallback {
                Some(why) => warn!("{}: generic mode, slower than native: {why}", interface.name),
                None => info!("{}: attached in {} mode", interface.name, attachment.mode),
            }
            if !interface.up {
                warn!("{} is down: attached, but there is nothing to see until it is up", interface.name);
            }
            attachments.push(attachment);
        }
        Ok(Self { ebpf, attachments, netlink, none_left })
    }

    /// Takes the program off `name`, or off every interface; gives their names.
    ///
    /// # Errors
    ///
    /// When `name` is not watched, or what the kernel said.
    pub fn detach(&mut self, name: Option<&str>) -> anyhow::Result<Vec<String>> {
        if let Some(name) = name
            && !self.attachments.iter().any(|attachment| attachment.interface.name == name)
        {
            bail!("{name} is not watched");
        }
        let mut detached = Vec::new();
        let mut kept = Vec::new();
        for attachment in self.attachments.drain(..) {
            if name.is_some_and(|name| name != attachment.interface.name) {
                kept.push(attachment);
                continue;
            }
            if let Some(link) = attachment.link
                && let Err(error) = xdp(&mut self.ebpf)?.detach(link)
            {
                // Somebody else took it off, or the interface is gone.
                warn!("{}: {error}", attachment.interface.name);
            }
            if let Some(link) = attachment.egress {
                egress::detach(classifier(&mut self.ebpf)?, &attachment.interface.name, link);
            }
            detached.push(attachment.interface.name);
        }
        self.attachments = kept;
        if self.attachments.is_empty() {
            self.none_left.notify_one();
        }
        Ok(detached)
    }

    /// What is needed to ask for [`status`], taken out so that nothing is held while netlink answers.
    #[must_use]
    pub fn snapshot(&self) -> (Handle, Vec<InterfaceStatus>) {
        let watched = self.attachments.iter().map(|attachment| InterfaceStatus {
            name: attachment.interface.name.clone(),
            index: attachment.interface.index,
            mode: attachment.mode,
            fallback: attachment.fallback.clone(),
            up: false,
            // What is on the sending side is not asked for again.
            attached: attachment.link.is_none(),
        });
        (self.netlink.clone(), watched.collect())
    }
}

/// Puts the programs on one interface.
async fn place(
    ebpf: &mut Ebpf,
    interface: Interface,
    direction: Direction,
    wish: ModeWish,
    force: bool,
    netlink: &Handle,
) -> anyhow::Result<Attachment> {
    let egress =
        if direction.outgoing() { Some(egress::attach(classifier(ebpf)?, &interface.name)?) } else { None };
    let (egress, mode) = egress.unzip();
    let mut attachment = if direction.incoming() {
        attach(xdp(ebpf)?, interface, wish, force, netlink).await?
    } else {
        let mode = mode.context("no direction")?;
        Attachment { interface, mode, fallback: None, link: None, egress: None, promiscuous: None }
    };
    attachment.egress = egress;
    if direction.mirror() {
        let Interface { name, index, .. } = &attachment.interface;
        attachment.promiscuous = Some(promiscuous(name, *index)?);
    }
    Ok(attachment)
}

/// Asks the kernel how the watched interfaces are now.
pub async fn status((netlink, mut watched): (Handle, Vec<InterfaceStatus>)) -> Vec<InterfaceStatus> {
    for interface in &mut watched {
        // An interface that is gone is neither up nor attached.
        if let Ok(now) = interface::find(&netlink, &interface.name).await {
            interface.up = now.up;
            interface.attached |= now.xdp.is_some();
        }
    }
    watched
}
