//! Attaches so that it lasts: into the link that is pinned, without a packet in between that nobody judges, or anew into
//! one that is pinned then.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use aya::{
    Ebpf,
    programs::{
        ProgramInfo, SchedClassifier, Xdp,
        links::{FdLink, PinnedLink},
        tc::SchedClassifierLink,
        xdp::XdpLink,
    },
};
use rtnetlink::Handle;

use super::{
    Pins, filter,
    folder::{EGRESS, Folder, INGRESS},
    link::{self, Seen},
};
use crate::datapath::{
    attach::{self, Ingress, ModeWish},
    attachment::Attachment,
    direction::Direction,
    egress::{self, Egress},
    interface::Interface,
    load::{classifier, xdp},
    mode::Mode,
    promiscuous::promiscuous,
};

/// Attaches what `direction` asks for; see [`crate::datapath::attachment::attach`].
///
/// # Errors
///
/// One sentence about the hook that failed. What was pinned before stays as it was; nothing new is left.
pub async fn attach(
    ebpf: &mut Ebpf,
    interface: Interface,
    direction: Direction,
    wish: ModeWish,
    force: bool,
    netlink: &Handle,
    pins: &mut Pins,
) -> anyhow::Result<Attachment> {
    let replace = pins.replace;
    let folder = pins.folder(&interface.name)?;
    let mut attachment = Attachment { interface, ingress: None, egress: None, promiscuous: None };
    let Attachment { interface, ingress, egress, promiscuous: promiscuity } = &mut attachment;
    if direction.incoming() {
        *ingress = Some(match adopt_ingress(xdp(ebpf)?, interface, folder, replace)? {
            Some(adopted) => adopted,
            None => {
                let mut fresh = attach::attach(ebpf, interface, wish, force, netlink).await?;
                let why = match fresh.mode {
                    Mode::Native | Mode::Generic => None,
                    Mode::NativeDispatcher | Mode::GenericDispatcher => {
                        Some("there it is called by a dispatcher, which libxdp pins".to_owned())
                    }
                    Mode::Tcx | Mode::Clsact => fresh.fallback.clone(),
                };
                if let Some(why) = why {
                    attach::detach(ebpf, fresh)?;
                    bail!("--pin takes XDP for what {} receives, and {why}", interface.name);
                }
                keep_ingress(xdp(ebpf)?, &mut fresh, folder)?;
                fresh
            }
        });
    } else {
        drop_pin(folder, INGRESS);
    }
    if direction.outgoing() {
        let program = classifier(ebpf)?;
        let adopted = match adopt_egress(program, interface, folder, replace)? {
            Some(adopted) => Some(adopted),
            None => filter::adopt(program, interface, folder, replace, netlink).await?,
        };
        *egress = Some(match adopted {
            Some(adopted) => adopted,
            None => {
                filter::prepare(program, folder)?;
                let mut fresh = egress::attach(program, interface, netlink).await?;
                keep_egress(program, &mut fresh, folder)?;
                fresh
            }
        });
    } else {
        drop_pin(folder, EGRESS);
        filter::take_off(folder);
        filter::forget(folder);
    }
    if direction.mirror() {
        *promiscuity = Some(promiscuous(&interface.name, interface.index)?);
    }
    folder.complete().with_context(|| format!("cannot complete {}", folder.path.display()))?;
    Ok(attachment)
}

/// Pins what was attached again, in the place of what was taken off.
///
/// # Errors
///
/// What the kernel said.
pub fn keep_again(
    ebpf: &mut Ebpf,
    attachment: &mut Attachment,
    off: [bool; 2],
    pins: &mut Pins,
) -> anyhow::Result<()> {
    let folder = pins.folder(&attachment.interface.name)?;
    if let (true, Some(ingress)) = (off[0], &mut attachment.ingress) {
        keep_ingress(xdp(ebpf)?, ingress, folder)?;
    }
    if let (true, Some(egress)) = (off[1], &mut attachment.egress) {
        keep_egress(classifier(ebpf)?, egress, folder)?;
    }
    Ok(())
}

/// Whether the programs in the links that are pinned are of this build, or may be replaced: before anything is changed.
///
/// # Errors
///
/// One sentence about the first one that is not.
pub fn check(ebpf: &mut Ebpf, direction: Direction, pins: &Pins) -> anyhow::Result<()> {
    for folder in &pins.folders {
        let incoming = if direction.incoming() { Some(xdp(ebpf)?.info()?) } else { None };
        let outgoing = if direction.outgoing() { Some(classifier(ebpf)?.info()?) } else { None };
        if let Some(own) = &outgoing {
            filter::check(folder, own, pins.replace)?;
        }
        for (name, own) in [(INGRESS, incoming), (EGRESS, outgoing)] {
            let path = folder.path.join(name);
            if let Some(own) = own
                && path.exists()
            {
                same_build(&folder.interface, look(&path)?, &own, pins.replace)?;
            }
        }
    }
    Ok(())
}

/// By the tags of the programs, as the link shows them: asking for the program itself takes `CAP_SYS_ADMIN`.
pub(super) fn same_build(
    interface: &str,
    running: Seen,
    own: &ProgramInfo,
    replace: bool,
) -> anyhow::Result<()> {
    if running.tag != own.tag() && !replace {
        bail!(
            "{interface} is judged by a program of another build (id {}); `checker run --replace` puts this one's \
             in its place without a packet unjudged",
            running.program
        );
    }
    Ok(())
}

fn look(path: &Path) -> anyhow::Result<Seen> {
    let looked = link::get(path).and_then(|link| link::look(&link));
    looked.with_context(|| format!("cannot look at {}", path.display()))
}

/// Puts the program into the link that is pinned: one write, `bpf_xdp_link_update` (`net/core/dev.c`, since Linux 5.9).
fn adopt_ingress(
    program: &mut Xdp,
    interface: &Interface,
    folder: &Folder,
    replace: bool,
) -> anyhow::Result<Option<Ingress>> {
    let number = program.info()?;
    let Some(link) = pinned(&folder.path.join(INGRESS), interface, &number, replace)? else {
        return Ok(None);
    };
    let link = program.attach_to_link(XdpLink::try_from(link)?).with_context(|| {
        format!("cannot put the program into the link that is pinned for the ingress of {}", interface.name)
    })?;
    let mode = interface.xdp.as_ref().and_then(|xdp| xdp.mode).unwrap_or(Mode::Native);
    Ok(Some(Ingress::of(mode, number.id(), link)))
}

/// The same for what goes out: `tcx_link_update` (`kernel/bpf/tcx.c`, since Linux 6.6).
fn adopt_egress(
    program: &mut SchedClassifier,
    interface: &Interface,
    folder: &Folder,
    replace: bool,
) -> anyhow::Result<Option<Egress>> {
    let number = program.info()?;
    let Some(link) = pinned(&folder.path.join(EGRESS), interface, &number, replace)? else {
        return Ok(None);
    };
    let link = program.attach_to_link(SchedClassifierLink::try_from(link)?).with_context(|| {
        format!("cannot put the program into the link that is pinned for the egress of {}", interface.name)
    })?;
    let path = folder.path.join(EGRESS);
    Ok(Some(Egress::of(number.id(), link, link::get(&path)?)))
}

/// The pinned link, if it is on the interface. One that was taken off is removed.
fn pinned(
    path: &Path,
    interface: &Interface,
    own: &ProgramInfo,
    replace: bool,
) -> anyhow::Result<Option<FdLink>> {
    if !path.exists() {
        return Ok(None);
    }
    let shown = path.display();
    let seen = look(path)?;
    let Some(index) = seen.interface else {
        fs::remove_file(path).with_context(|| format!("cannot remove {shown}"))?;
        return Ok(None);
    };
    if index != interface.index {
        bail!(
            "{shown} is on another interface (index {index}), of another network namespace perhaps; \
             it is left alone, --pin=FOLDER takes another folder"
        );
    }
    same_build(&interface.name, seen, own, replace)?;
    Ok(Some(PinnedLink::from_pin(path)?.into()))
}

fn keep_ingress(program: &mut Xdp, ingress: &mut Ingress, folder: &Folder) -> anyhow::Result<()> {
    let link = ingress.take_link().context("nothing is attached by XDP")?;
    let link: FdLink = program.take_link(link)?.try_into().context("the kernel gave no link to pin")?;
    let link = pin(link, &folder.path.join(INGRESS))?;
    // It has this program already: nothing is done but that the program owns it again.
    let fallback = ingress.fallback.take();
    *ingress = Ingress::of(ingress.mode, ingress.program, program.attach_to_link(XdpLink::try_from(link)?)?);
    ingress.fallback = fallback;
    Ok(())
}

fn keep_egress(program: &mut SchedClassifier, egress: &mut Egress, folder: &Folder) -> anyhow::Result<()> {
    if egress.mode() == Mode::Clsact {
        return filter::keep(program, egress, folder);
    }
    filter::forget(folder);
    let link = egress.take_link().context("nothing is attached by TCX")?;
    let link: FdLink = program.take_link(link)?.try_into().context("the kernel gave no link to pin")?;
    let path = folder.path.join(EGRESS);
    let link = pin(link, &path)?;
    let link = program.attach_to_link(SchedClassifierLink::try_from(link)?)?;
    *egress = Egress::of(program.info()?.id(), link, link::get(&path)?);
    Ok(())
}

fn pin(link: FdLink, path: &Path) -> anyhow::Result<FdLink> {
    // Of one that was taken off.
    let _none = fs::remove_file(path);
    Ok(link.pin(path).with_context(|| format!("cannot pin {}", path.display()))?.into())
}

/// What is not looked at any more.
fn drop_pin(folder: &Folder, name: &str) {
    let path = folder.path.join(name);
    link::take_off(&path);
    let _none = fs::remove_file(path);
}
