//! The XDP program → interface. Native mode first; where the driver has none, generic, and that is said everywhere.

use std::io;

use anyhow::{Context as _, bail};
use aya::programs::{ProgramError, Xdp, XdpError, XdpMode, xdp::XdpLinkId};
use clap::ValueEnum;
use rtnetlink::{
    Handle, LinkUnspec,
    packet_route::link::{LinkAttribute, LinkXdp},
};

use super::{
    interface::{ForeignProgram, Interface},
    mode::Mode,
};

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ModeWish {
    /// Native, or generic where the driver has no native mode.
    #[default]
    Auto,
    /// Native or not at all.
    Native,
    /// Generic.
    Generic,
}

/// The program on what one interface receives. Dropping the program's owner detaches it.
#[derive(Debug)]
pub struct Ingress {
    /// The mode that was obtained.
    pub mode: Mode,
    /// Why it is not native although native was tried first.
    pub fallback: Option<String>,
    /// What takes it off again; `None` when it is off, and could not be put on again.
    pub link: Option<XdpLinkId>,
    /// The kernel's number for the program.
    pub program: u32,
}

/// Attaches `program`. A foreign program on the interface is left alone, unless `force` is set.
///
/// # Errors
///
/// One sentence: a foreign program and whose it is, or what the kernel said.
pub async fn attach(
    program: &mut Xdp,
    interface: &Interface,
    wish: ModeWish,
    force: bool,
    netlink: &Handle,
) -> anyhow::Result<Ingress> {
    if let Some(foreign) = &interface.xdp {
        if !force {
            bail!(
                "{} already runs the XDP program {foreign}; it is left alone, --force would replace it",
                interface.name
            );
        }
        remove(foreign, interface, netlink).await?;
    }
    let name = &interface.name;
    let number = program.info().with_context(|| format!("cannot attach to the ingress of {name}"))?.id();
    let on = |mode, fallback, link| Ingress { mode, fallback, link: Some(link), program: number };
    let first = if wish == ModeWish::Generic { XdpMode::Skb } else { XdpMode::Driver };
    let refusal = match program.attach_to_if_index(interface.index, first) {
        Ok(link) => {
            let mode = if wish == ModeWish::Generic { Mode::Generic } else { Mode::Native };
            return Ok(on(mode, None, link));
        }
        Err(refusal) => refusal,
    };
    if wish != ModeWish::Auto || !is_about_the_driver(&refusal) {
        return Err(refusal).with_context(|| {
            format!("cannot attach to the ingress of {name} in {} mode", first_word(first))
        });
    }
    let link = program.attach_to_if_index(interface.index, XdpMode::Skb).with_context(|| {
        format!("cannot attach to the ingress of {name}, neither in native nor in generic mode")
    })?;
    Ok(on(Mode::Generic, Some(reason(&refusal)), link))
}

/// Puts the program on again where it is not any more: into the link that is held, if somebody gave that another program,
/// otherwise anew.
///
/// # Errors
///
/// As with [`attach`]; then nothing is attached.
pub async fn again(
    program: &mut Xdp,
    interface: &Interface,
    ingress: &mut Ingress,
    wish: ModeWish,
    force: bool,
    netlink: &Handle,
) -> anyhow::Result<()> {
    let held = ingress.link.take().and_then(|link| program.take_link(link).ok());
    if let Some(held) = held
        && let Ok(link) = program.attach_to_link(held)
    {
        ingress.link = Some(link);
        return Ok(());
    }
    *ingress = attach(program, interface, wish, force, netlink).await?;
    Ok(())
}

/// Only what was attached through netlink can be taken off; a BPF link belongs to the one who holds it.
async fn remove(foreign: &ForeignProgram, interface: &Interface, netlink: &Handle) -> anyhow::Result<()> {
    // uapi/linux/if_link.h: XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE; a file descriptor of -1 detaches.
    let flags = match foreign.mode {
        Some(Mode::Generic) => 1 << 1,
        Some(Mode::Native | Mode::Tcx | Mode::Clsact) | None => 1 << 2,
    };
    let detach = LinkAttribute::Xdp(vec![LinkXdp::Fd(-1), LinkXdp::Flags(flags)]);
    let message = LinkUnspec::new_with_index(interface.index).append_extra_attribute(detach).build();
    netlink.link().set(message).execute().await.with_context(|| {
        format!(
            "cannot replace the XDP program {foreign} on {}; stop the program that holds it",
            interface.name
        )
    })
}

/// Errors that another mode may not have: the driver has no XDP, or not with this MTU, queue or offload set-up.
fn is_about_the_driver(error: &ProgramError) -> bool {
    !matches!(errno(error), Some(libc::EPERM | libc::EBUSY | libc::EEXIST | libc::ENODEV))
}

fn reason(error: &ProgramError) -> String {
    match errno(error) {
        Some(libc::EOPNOTSUPP) => "the driver has no native XDP".to_owned(),
        Some(number) => format!("the driver refused native XDP: {}", io::Error::from_raw_os_error(number)),
        None => format!("native XDP failed: {error}"),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "two of many variants carry an errno")]
fn errno(error: &ProgramError) -> Option<i32> {
    match error {
        ProgramError::SyscallError(error) => error.io_error.raw_os_error(),
        ProgramError::XdpError(XdpError::NetlinkError(error)) => error.raw_os_error(),
        _ => None,
    }
}

const fn first_word(mode: XdpMode) -> &'static str {
    match mode {
        XdpMode::Skb => "generic",
        XdpMode::Default | XdpMode::Driver | XdpMode::Hardware => "native",
    }
}
