//! The interfaces that are watched: attached at the start, looked after, detached on request, all detached at the end.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use aya::{
    Ebpf,
    programs::{ProgramError, ProgramInfo},
};
use rtnetlink::Handle;
use tokio::sync::Notify;

use super::{
    arrivals::Arrived,
    condition::{Condition, Hook, Link, changes},
    introduce::{announce, know, know_legs},
    look::{condition, packets, status},
    records::Records,
};
use crate::{
    alerts::{facts::HookFact, incident::Incident},
    control::status::{HookStatus, InterfaceStatus},
    datapath::{
        attach::ModeWish,
        attachment::{Attachment, again, attach, detach},
        direction::Direction,
        interface::{self, Interface},
        load,
        mode::Mode,
        pins::{self, Pins, attach::keep_again},
    },
};

/// Owns the programs and what they are attached to.
pub struct Watch {
    ebpf: Ebpf,
    watched: Vec<Watched>,
    how: How,
    /// What outlives this.
    pins: Option<Pins>,
    netlink: Handle,
    /// Fires when nothing is left to watch.
    none_left: Arc<Notify>,
}

/// How interfaces are attached to.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// What is looked at.
    pub direction: Direction,
    /// Native or generic.
    pub wish: ModeWish,
    /// Replace foreign programs.
    pub force: bool,
}

/// One interface.
struct Watched {
    attachment: Attachment,
    /// How it was when it was looked at last.
    seen: Condition,
    /// Why it could not be attached to again, as it was told.
    refusal: Option<String>,
}

/// What a look at all interfaces came to.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// What the stream is to tell.
    pub(super) news: Vec<Incident>,
    /// What was attached to again: name, index, programs.
    pub(super) attached: Vec<(String, u32, Vec<HookFact>)>,
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
        how: How,
        pins: Option<Pins>,
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
        let mut watch = Self { ebpf, watched: Vec::new(), how, pins, netlink, none_left };
        for interface in found {
            if let Err(error) = watch.add(interface, records).await {
                // What was pinned before goes on; what is new is not whole, and goes with this.
                if watch.pins.is_none() {
                    watch.detach(None).await?;
                }
                return Err(error);
            }
        }
        Ok(watch)
    }

    async fn add(&mut self, interface: Interface, records: &Records) -> anyhow::Result<()> {
        let Self { ebpf, netlink, how, pins, .. } = self;
        let attachment = put_on(ebpf, interface, *how, pins.as_mut(), netlink).await?;
        know(&attachment, records);
        know_legs(&attachment.interface, records, netlink).await;
        announce(&attachment);
        let Attachment { interface, ingress, egress, .. } = &attachment;
        let seen = Condition {
            name: interface.name.clone(),
            index: interface.index,
            link: if interface.up { Link::Up } else { Link::Down },
            packets: packets(interface, ingress.is_some()),
            ingress: ingress.as_ref().map(|_| Hook::There),
            egress: egress.as_ref().map(|_| Hook::There),
        };
        self.watched.push(Watched { attachment, seen, refusal: None });
        Ok(())
    }

    /// What the kernel tells of a link by itself: whether it is up, which may be otherwise before anybody looks.
    pub(super) fn hear(&mut self, told: &Interface) -> Vec<Incident> {
        let same = |watched: &&mut Watched| watched.seen.index == told.index;
        let Some(watched) = self.watched.iter_mut().find(same) else { return Vec::new() };
        if !matches!(watched.seen.link, Link::Up | Link::Down) {
            return Vec::new();
        }
        let link = if told.up { Link::Up } else { Link::Down };
        let now = Condition { link, ..watched.seen.clone() };
        let news = changes(&watched.seen, &now);
        watched.seen = now;
        news
    }

    /// Looks at every interface; what is not where it was put is put there again if `reattach` says so.
    pub(super) async fn look(&mut self, records: &Records, reattach: bool) -> Looked {
        let mut looked = Looked::default();
        for place in 0..self.watched.len() {
            let Watched { attachment, seen, .. } = &mut self.watched[place];
            let now = condition(attachment, seen, &self.netlink).await;
            know_legs(&attachment.interface, records, &self.netlink).await;
            looked.news.extend(changes(seen, &now));
            if seen.name != now.name {
                attachment.interface.name.clone_from(&now.name);
                attachment.ingress.iter_mut().for_each(|ingress| ingress.rename(&now.name));
                if let Some(pins) = &mut self.pins {
                    pins.rename(&seen.name, &now.name);
                }
                if let Some((name, _)) = records.lock().interfaces.get_mut(&now.index) {
                    name.clone_from(&now.name);
                }
            }
            let wanting = now.wants_attaching();
            *seen = now;
            if wanting && reattach {
                self.put_right(place, records, &mut looked).await;
            }
        }
        looked
    }

    /// Attaches anew to an interface on which something is missing.
    async fn put_right(&mut self, place: usize, records: &Records, looked: &mut Looked) {
        let seen = self.watched[place].seen.clone();
        let refused = match self.attach_again(place, records).await {
            Ok(()) => None,
            Err(error) => Some(format!("{error:#}")),
        };
        let Watched { attachment, seen: now, refusal } = &mut self.watched[place];
        *now = condition(attachment, &seen, &self.netlink).await;
        looked.news.extend(changes(&seen, now));
        if let Some(reason) = &refused {
            if refusal.as_ref() != Some(reason) {
                let (interface, reason) = (seen.name, reason.clone());
                looked.news.push(Incident::ReattachFailed { interface, reason });
            }
        } else {
            let (name, index) = (now.name.clone(), now.index);
            let hooks = self.hooks().await.into_iter().filter(|hook| hook.index == index).collect();
            looked.attached.push((name, index, hooks));
        }
        self.watched[place].refusal = refused;
    }

    /// Where there is another interface in the place of the one that is gone, all of it; otherwise what is missing.
    async fn attach_again(&mut self, place: usize, records: &Records) -> anyhow::Result<()> {
        let Self { ebpf, watched, netlink, how, pins, .. } = self;
        let Watched { attachment, seen, .. } = &mut watched[place];
        if !matches!(seen.link, Link::Another(_)) {
            let off = [&seen.ingress, &seen.egress].map(|hook| *hook != Some(Hook::There));
            again(attachment, off, ebpf, how.wish, how.force, netlink).await?;
            // It may be in another place than before.
            know(attachment, records);
            return match pins {
                Some(pins) => keep_again(ebpf, attachment, off, pins),
                None => Ok(()),
            };
        }
        let interface = interface::find(netlink, &seen.name).await?;
        let fresh = put_on(ebpf, interface, *how, pins.as_mut(), netlink).await?;
        let gone = std::mem::replace(attachment, fresh);
        know(attachment, records);
        announce(attachment);
        detach(gone, ebpf, netlink).await?;
        Ok(())
    }

    /// Takes the programs off `name`, or off every interface; gives their names.
    ///
    /// # Errors
    ///
    /// When `name` is not watched, or what the kernel said.
    pub async fn detach(&mut self, name: Option<&str>) -> anyhow::Result<Vec<String>> {
        if let Some(name) = name
            && !self.watched.iter().any(|watched| watched.attachment.interface.name == name)
        {
            bail!("{name} is not watched");
        }
        let goes = |watched: &mut Watched| name.is_none_or(|name| name == watched.attachment.interface.name);
        let mut detached = Vec::new();
        for Watched { attachment, .. } in self.watched.extract_if(.., goes).collect::<Vec<_>>() {
            if let Some(pins) = &mut self.pins {
                pins.remove(&attachment.interface.name);
            }
            detached.push(detach(attachment, &mut self.ebpf, &self.netlink).await?.name);
        }
        if self.watched.is_empty() {
            self.none_left.notify_one();
        }
        Ok(detached)
    }

    /// What the interfaces that are there had counted by the last look.
    pub(super) fn arrived(&self) -> Vec<Arrived> {
        let there = self.watched.iter().filter(|watched| matches!(watched.seen.link, Link::Up | Link::Down));
        let arrived = |Watched { attachment, seen, .. }: &Watched| Arrived {
            index: seen.index,
            interface: seen.name.clone(),
            first: packets(&attachment.interface, attachment.ingress.is_some()),
            now: seen.packets,
        };
        there.map(arrived).collect()
    }

    /// Whether something goes on when this is dropped.
    pub(super) fn is_pinned(&self) -> bool {
        self.pins.as_ref().is_some_and(|pins| !pins.is_empty())
    }

    /// The programs and their maps.
    pub(super) const fn ebpf(&self) -> &Ebpf {
        &self.ebpf
    }

    /// What is attached, and which program it is.
    pub async fn hooks(&mut self) -> Vec<HookFact> {
        let mut hooks = Vec::new();
        let tag = |program: Result<ProgramInfo, ProgramError>| match program {
            Ok(program) => (program.id(), format!("{:016x}", program.tag())),
            Err(_) => (0, String::new()),
        };
        for Watched { attachment, .. } in &self.watched {
            let InterfaceStatus { name, index, ingress, egress, .. } =
                status(attachment, &self.netlink).await;
            let behind = ingress.as_ref().is_some_and(|hook| hook.mode == Mode::Tcx);
            let member = attachment
                .ingress
                .as_ref()
                .and_then(|ingress| Some((ingress.program, format!("{:016x}", ingress.member_tag()?))));
            let receiving = member.or_else(|| {
                let info = if behind {
                    load::receiving(&mut self.ebpf).ok()?.info()
                } else {
                    load::xdp(&mut self.ebpf).ok()?.info()
                };
                Some(tag(info))
            });
            let programs = [
                (ingress, receiving),
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
        for Watched { attachment, .. } in &self.watched {
            statuses.push(status(attachment, &self.netlink).await);
        }
        statuses
    }
}

/// Attaches, so that it lasts if there are pins.
async fn put_on(
    ebpf: &mut Ebpf,
    interface: Interface,
    How { direction, wish, force }: How,
    pins: Option<&mut Pins>,
    netlink: &Handle,
) -> anyhow::Result<Attachment> {
    match pins {
        Some(pins) => pins::attach::attach(ebpf, interface, direction, wish, force, netlink, pins).await,
        None => attach(ebpf, interface, direction, wish, force, netlink).await,
    }
}
