//! The classifier → interface, for outgoing packets: by TCX, or under a clsact qdisc where the kernel has no TCX.

use anyhow::Context as _;
use aya::programs::{
    LinkOrder, SchedClassifier, TcAttachType,
    tc::{self, NlOptions, SchedClassifierLinkId, TcAttachOptions},
};
use tracing::warn;

use super::attach::Mode;

/// Attaches `program` to what the interface sends.
///
/// # Errors
///
/// What the kernel said to the second attempt.
pub fn attach(program: &mut SchedClassifier, name: &str) -> anyhow::Result<(SchedClassifierLinkId, Mode)> {
    // TCX is there since Linux 6.6 (kernel/bpf/tcx.c).
    let tcx = TcAttachOptions::TcxOrder(LinkOrder::default());
    if let Ok(link) = program.attach_with_options(name, TcAttachType::Egress, tcx) {
        return Ok((link, Mode::Tcx));
    }
    // Where there is one already, that is refused, and all is well.
    if let Err(error) = tc::qdisc_add_clsact(name) {
        tracing::debug!("{name}: no new clsact qdisc: {error}");
    }
    let netlink = TcAttachOptions::Netlink(NlOptions::default());
    let link = program
        .attach_with_options(name, TcAttachType::Egress, netlink)
        .with_context(|| format!("cannot attach to what {name} sends, neither by TCX nor by clsact"))?;
    Ok((link, Mode::Clsact))
}

/// Takes the program off again.
pub fn detach(program: &mut SchedClassifier, name: &str, link: SchedClassifierLinkId) {
    if let Err(error) = program.detach(link) {
        // Somebody else took it off, or the interface is gone.
        warn!("{name}: {error}");
    }
}
