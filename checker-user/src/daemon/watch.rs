//! The interfaces that are watched: attached at the start, detached on request, all detached at the end.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use aya::{
    Ebpf,
    programs::{ProgramError, ProgramInfo},
};
use rtnetlink::Handle;
use tokio::sync::Notify;
use tracing::{info, warn};

use super::records::{Modes, Records};
use crate::{
    alerts::facts::HookFact,
    control::protocol::{HookStatus, InterfaceStatus},
    datapath::{
        attach::ModeWish,
        attachment::{Attachment, attach, detach},
        direction::Direction,
        egress,
        interface::{self, Interface},
        load,
    },
};

/// Owns the programs and what they are attached to.
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
        ebpf: Ebpf,
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
        let mut watch = Self { ebpf, attachments: Vec::new(), netlink, none_left };
        for interface in found {
            if let Err(error) = watch.add(interface, direction, wish, force, records).await {
                watch.detach(None).await?;
                return Err(error);
            }
        }
        Ok(watch)
    }

    async fn add(
        &mut self,
        interface: Interface,
        direction: Direction,
        wish: ModeWish,
        force: bool,
        records: &Records,
    ) -> anyhow::Result<()> {
        let Self { ebpf, netlink, .. } = self;
        let attachment = attach(ebpf, interface, direction, wish, force, netlink).await?;
        let Attachment { interface, ingress, egress, .. } = &attachment;
        let modes = Modes {
            ingress: ingress.as_ref().map(|ingress| ingress.mode),
            egress: egress.as_ref().map(egress::Egress::mode),
        };
        records.lock().interfaces.insert(interface.index, (interface.name.clone(), modes));
        announce(&attachment);
        self.attachments.push(attachment);
        Ok(())
    }

    /// Takes the programs off `name`, or off every interface; gives their names.
    ///
    /// # Errors
    ///
    /// When `name` is not watched, or what the kernel said.
    pub async fn detach(&mut self, name: Option<&str>) -> anyhow::Result<Vec<String>> {
        if let Some(name) = name
            && !self.attachments.iter().any(|attachment| attachment.interface.name == name)
        {
            bail!("{name} is not watched");
        }
        let goes = |attachment: &mut Attachment| name.is_none_or(|name| name == attachment.interface.name);
        let mut detached = Vec::new();
        for attachment in self.attachments.extract_if(.., goes).collect::<Vec<_>>() {
            detached.push(detach(attachment, &mut self.ebpf, &self.netlink).await?.name);
        }
        if self.attachments.is_empty() {
            self.none_left.notify_one();
        }
        Ok(detached)
    }

    /// The programs and their maps.
    pub(super) const fn ebpf(&self) -> &Ebpf {
        &self.ebpf
    }

    /// What is attached, and which program it is.
    pub async fn hooks(&mut self) -> Vec<HookFact> {
        let mut hooks = Vec::new();
        let tag = |program: Result<ProgramInfo, ProgramError>| match program {
            Ok(program) => (program.id(), format!("{:016x}", program.tag().swap_bytes())),
            Err(_) => (0, String::new()),
        };
        for attachment in &self.attachments {
            let InterfaceStatus { name, index, ingress, egress, .. } =
                status(attachment, &self.netlink).await;
            let programs = [
                (ingress, load::xdp(&mut self.ebpf).ok().map(|program| tag(program.info()))),
                (egress, load::classifier(&mut self.ebpf).ok().map(|program| tag(program.info()))),
            ];
            for (hook, program) in programs {
                let (Some(HookStatus { mode, attached, .. }), Some((program, tag))) = (hook, program) else {
                    continue;
                };
                hooks.push(HookFact { interface: name.clone(), index, mode, program, tag, attached });
            }
        }
        hooks
    }

    /// How the watched interfaces are now, asked of the kernel.
    pub async fn status(&self) -> Vec<InterfaceStatus> {
        let mut statuses = Vec::new();
        for attachment in &self.attachments {
            statuses.push(status(attachment, &self.netlink).await);
        }
        statuses
    }
}

/// Says how an interface was attached to.
fn announce(Attachment { interface, ingress, egress, promiscuous }: &Attachment) {
    let name = &interface.name;
    let hooks = [
        ingress.as_ref().map(|ingress| format!("in {} mode", ingress.mode)),
        egress.as_ref().map(|egress| format!("to its egress in {} mode", egress.mode())),
        promiscuous.as_ref().map(|_| "promiscuous".to_owned()),
    ];
    let hooks: Vec<_> = hooks.into_iter().flatten().collect();
    info!("{name}: attached {}", hooks.join(", "));
    if let Some(why) = ingress.as_ref().and_then(|ingress| ingress.fallback.as_ref()) {
        warn!("{name}: generic mode, slower than native: {why}");
    }
    if !interface.up {
        warn!("{name} is down: attached, but there is nothing to see until it is up");
    }
}

async fn status(attachment: &Attachment, netlink: &Handle) -> InterfaceStatus {
    let Attachment { interface: Interface { name, index, .. }, ingress, egress, promiscuous } = attachment;
    // An interface that is gone is neither up nor attached to.
    let now = interface::again(netlink, *index).await;
    let program = now.as_ref().and_then(|now| now.xdp.as_ref()).map(|xdp| xdp.id);
    let ingress = ingress.as_ref().map(|ingress| HookStatus {
        mode: ingress.mode,
        fallback: ingress.fallback.clone(),
        attached: program == Some(ingress.program),
    });
    let egress = match egress {
        Some(egress) => {
            let attached = match &now {
                Some(now) => egress::is_attached(now, egress, netlink).await,
                None => false,
            };
            Some(HookStatus { mode: egress.mode(), fallback: None, attached })
        }
        None => None,
    };
    InterfaceStatus {
        name: name.clone(),
        index: *index,
        ingress,
        egress,
        promiscuous: promiscuous.is_some(),
        up: now.is_some_and(|now| now.up),
    }
}
