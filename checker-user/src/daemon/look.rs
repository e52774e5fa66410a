//! What the kernel says now of an interface that is watched: for who looks after it, and for `checker status`.

use rtnetlink::Handle;

use super::condition::{Condition, Hook, Link};
use crate::{
    control::status::{HookStatus, InterfaceStatus},
    datapath::{
        attach::{is_attached, replaced_by},
        attachment::Attachment,
        dispatcher::members::members,
        egress,
        interface::{self, ForeignProgram, Interface},
    },
};

/// How the interface of `attachment` is now; `before`, it had this name.
pub(super) async fn condition(attachment: &Attachment, before: &Condition, netlink: &Handle) -> Condition {
    let Attachment { interface: Interface { index, .. }, ingress, egress, .. } = attachment;
    let now = interface::again(netlink, *index).await;
    let replaced =
        |by: Option<ForeignProgram>| by.map_or(Hook::Off, |other| Hook::Replaced(other.named().to_string()));
    let hook_in = ingress.as_ref().map(|ingress| match &now {
        Some(now) if is_attached(now, ingress) => Hook::There,
        // A dispatcher that calls it no more is no replacement.
        Some(now) => replaced(replaced_by(now, ingress).filter(|other| members(*index, other.id).is_none())),
        None => Hook::Off,
    });
    let hook_out = match (egress, &now) {
        (Some(egress), Some(now)) if egress::is_attached(now, egress, netlink).await => Some(Hook::There),
        (Some(egress), Some(now)) => Some(replaced(egress::replaced_by(now, egress))),
        (Some(_), None) => Some(Hook::Off),
        (None, _) => None,
    };
    let link = match &now {
        Some(now) if now.up => Link::Up,
        Some(_) => Link::Down,
        None => match interface::find(netlink, &before.name).await {
            Ok(another) => Link::Another(another.index),
            Err(_) => Link::Gone,
        },
    };
    let packets = now.as_ref().map_or(before.packets, |now| packets(now, ingress.is_some()));
    let name = now.map_or_else(|| before.name.clone(), |now| now.name);
    Condition { name, index: *index, link, packets, ingress: hook_in, egress: hook_out }
}

/// What the interface has counted: what it received, where that is looked at, otherwise what it sent.
pub(super) const fn packets(interface: &Interface, incoming: bool) -> u64 {
    if incoming { interface.counted.0 } else { interface.counted.1 }
}

/// What `checker status` says of it.
pub(super) async fn status(attachment: &Attachment, netlink: &Handle) -> InterfaceStatus {
    let Attachment { interface: Interface { name, index, .. }, ingress, egress, promiscuous } = attachment;
    // An interface that is gone is neither up nor attached to.
    let now = interface::again(netlink, *index).await;
    let ingress = ingress.as_ref().map(|ingress| HookStatus {
        mode: ingress.mode,
        fallback: ingress.fallback.clone(),
        attached: now.as_ref().is_some_and(|now| is_attached(now, ingress)),
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
