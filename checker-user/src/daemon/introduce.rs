//! An interface that is attached to → what alerts and the log say of it.

use rtnetlink::Handle;
use tracing::{info, warn};

use super::records::{Modes, Records};
use crate::datapath::{
    attachment::Attachment,
    egress::Egress,
    interface::{self, Interface},
    mode::Mode,
};

/// Has alerts name the interface.
pub(super) fn know(Attachment { interface, ingress, egress, .. }: &Attachment, records: &Records) {
    let modes = Modes {
        ingress: ingress.as_ref().map(|ingress| ingress.mode),
        egress: egress.as_ref().map(Egress::mode),
    };
    records.lock().interfaces.insert(interface.index, (interface.name.clone(), modes));
}

/// Has alerts name a bond where the kernel names the leg. Legs come and go.
pub(super) async fn know_legs(interface: &Interface, records: &Records, netlink: &Handle) {
    if interface.bond {
        let legs = interface::legs(netlink, interface.index).await;
        let mut known = records.lock();
        known.bonds.retain(|_, bond| *bond != interface.index);
        known.bonds.extend(legs.into_iter().map(|leg| (leg, interface.index)));
    }
}

/// Says how an interface was attached to.
pub(super) fn announce(Attachment { interface, ingress, egress, promiscuous }: &Attachment) {
    let name = &interface.name;
    let hooks = [
        ingress.as_ref().map(|ingress| format!("in {} mode", ingress.mode)),
        egress.as_ref().map(|egress| format!("to its egress in {} mode", egress.mode())),
        promiscuous.as_ref().map(|_| "promiscuous".to_owned()),
    ];
    let hooks: Vec<_> = hooks.into_iter().flatten().collect();
    info!("{name}: attached {}", hooks.join(", "));
    if let Some(why) = ingress.as_ref().and_then(|ingress| ingress.fallback.as_ref()) {
        match ingress.as_ref().map(|ingress| ingress.mode) {
            Some(Mode::Tcx) => {
                warn!("{name}: {why}; it is left alone, and what it drops or redirects is not seen");
            }
            Some(_) | None => {
                warn!("{name}: generic mode, slower than native: {why}");
            }
        }
    }
    if !interface.up {
        warn!("{name} is down: attached, but there is nothing to see until it is up");
    }
}
