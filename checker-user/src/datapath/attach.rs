//! The XDP program → interface. Native mode first; where the driver has none, generic, and that is said everywhere.

use std::io;

use anyhow::{Context as _, bail};
use aya::{
    Ebpf,
    programs::{ProgramError, XdpError, XdpMode, xdp::XdpLinkId},
};
use clap::ValueEnum;
use rtnetlink::{
    Handle, LinkUnspec,
    packet_route::link::{LinkAttribute, LinkXdp},
};

use super::{
    behind::{self, Received},
    dispatcher::{
        join::{Member, join},
        members::{calls, members},
    },
    interface::{ForeignProgram, Interface},
    load::xdp,
    mode::Mode,
    owner,
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

/// The program on what one interface receives. Dropping the programs' owner detaches it.
#[derive(Debug)]
pub struct Ingress {
    /// The mode that was obtained.
    pub mode: Mode,
    /// Why it is not native although native was to be tried first.
    pub fallback: Option<String>,
    /// The kernel's number for the program.
    pub program: u32,
    /// `None` when it is off, and could not be put on again.
    hold: Option<Hold>,
}

impl Ingress {
    /// By XDP: the program of this number, in this link.
    pub(super) const fn of(mode: Mode, program: u32, link: XdpLinkId) -> Self {
        Self { mode, fallback: None, program, hold: Some(Hold::Xdp(link)) }
    }

    /// The link, if it is held by XDP; it is then the caller's.
    pub(super) fn take_link(&mut self) -> Option<XdpLinkId> {
        match self.hold.take() {
            Some(Hold::Xdp(link)) => Some(link),
            other => {
                self.hold = other;
                None
            }
        }
    }

    /// The interface has another name.
    pub fn rename(&mut self, interface: &str) {
        if let Some(Hold::Dispatcher(member)) = &mut self.hold {
            member.rename(interface);
        }
    }

    /// The program's tag where it is in a dispatcher: that is another one than the one that was loaded here.
    #[must_use]
    pub const fn member_tag(&self) -> Option<u64> {
        match &self.hold {
            Some(Hold::Dispatcher(member)) => Some(member.tag),
            Some(Hold::Xdp(_) | Hold::Tcx(_)) | None => None,
        }
    }
}

/// What takes it off again.
#[derive(Debug)]
enum Hold {
    Xdp(XdpLinkId),
    Dispatcher(Member),
    Tcx(Received),
}

/// Attaches to what `interface` receives. A foreign XDP program there is left alone, unless `force` is set: libxdp's
/// dispatcher is joined; behind any other TCX has to do, if the user did not ask for a mode of XDP.
///
/// # Errors
///
/// One sentence: a foreign program and whose it is, or what the kernel said.
pub async fn attach(
    ebpf: &mut Ebpf,
    interface: &Interface,
    wish: ModeWish,
    force: bool,
    netlink: &Handle,
) -> anyhow::Result<Ingress> {
    if let Some(foreign) = &interface.xdp {
        if !force {
            return beside(ebpf, interface, foreign, wish, netlink).await;
        }
        remove(foreign, interface, netlink).await?;
    }
    let name = &interface.name;
    let program = xdp(ebpf)?;
    let number = program.info().with_context(|| format!("cannot attach to the ingress of {name}"))?.id();
    let on = |mode, fallback, link| Ingress { mode, fallback, program: number, hold: Some(Hold::Xdp(link)) };
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
/// otherwise anew, in the place where it was.
///
/// # Errors
///
/// As with [`attach`]; then nothing is attached.
pub async fn again(
    ebpf: &mut Ebpf,
    interface: &Interface,
    ingress: &mut Ingress,
    wish: ModeWish,
    force: bool,
    netlink: &Handle,
) -> anyhow::Result<()> {
    match ingress.hold.take() {
        Some(Hold::Xdp(link)) => {
            let program = xdp(ebpf)?;
            let held = program.take_link(link).ok();
            if let Some(held) = held
                && let Ok(link) = program.attach_to_link(held)
            {
                ingress.hold = Some(Hold::Xdp(link));
                return Ok(());
            }
        }
        Some(Hold::Tcx(received)) => {
            if let Ok(received) = behind::again(ebpf, received) {
                ingress.hold = Some(Hold::Tcx(received));
                return Ok(());
            }
        }
        member @ (Some(Hold::Dispatcher(_)) | None) => ingress.hold = member,
    }
    if matches!(ingress.mode, Mode::Native | Mode::Generic)
        && !force
        && let Some(foreign) = &interface.xdp
    {
        bail!(
            "{} already runs the XDP program {}; it is left alone, --force would replace it",
            interface.name,
            // Without who holds it: that may change from look to look, and this is told once.
            foreign.clone().named()
        );
    }
    *ingress = attach(ebpf, interface, wish, force, netlink).await?;
    Ok(())
}

/// In the dispatcher, or by TCX beside a foreign XDP program.
async fn beside(
    ebpf: &mut Ebpf,
    interface: &Interface,
    foreign: &ForeignProgram,
    wish: ModeWish,
    netlink: &Handle,
) -> anyhow::Result<Ingress> {
    let mut refusal = String::new();
    let joinable = match (foreign.mode, wish) {
        (Some(Mode::Native), ModeWish::Auto | ModeWish::Native) => Some(Mode::NativeDispatcher),
        (Some(Mode::Generic), ModeWish::Auto | ModeWish::Generic) => Some(Mode::GenericDispatcher),
        _ => None,
    };
    if let Some(mode) = joinable
        && members(interface.index, foreign.id).is_some()
    {
        match join(ebpf, interface, foreign, netlink).await {
            Ok(member) => {
                let program = member.program;
                return Ok(Ingress { mode, fallback: None, program, hold: Some(Hold::Dispatcher(member)) });
            }
            Err(error) => refusal = format!("; it cannot be joined: {error:#}"),
        }
    }
    let owner = owner::describe(foreign, interface.index);
    let taken = format!("{} already runs the XDP program {owner}{refusal}; it is left alone", interface.name);
    if wish != ModeWish::Auto {
        bail!("{taken}, --force would replace it, --mode auto would look at what it lets through");
    }
    match behind::attach(ebpf, interface)? {
        Some(received) => Ok(Ingress {
            mode: Mode::Tcx,
            fallback: Some(format!("XDP is taken by {owner}{refusal}")),
            program: received.program,
            hold: Some(Hold::Tcx(received)),
        }),
        None => {
            bail!("{taken}, --force would replace it; Linux 6.6 or newer could look at what it lets through")
        }
    }
}

/// Takes the program off again.
///
/// # Errors
///
/// When it was off already, or the interface is gone.
pub fn detach(ebpf: &mut Ebpf, ingress: Ingress) -> anyhow::Result<()> {
    match ingress.hold {
        Some(Hold::Xdp(link)) => Ok(xdp(ebpf)?.detach(link)?),
        Some(Hold::Dispatcher(member)) => member.leave(),
        Some(Hold::Tcx(received)) => behind::detach(ebpf, received),
        None => Ok(()),
    }
}

/// Whether the program is on what the interface receives, as the kernel says `now`.
#[must_use]
pub fn is_attached(now: &Interface, ingress: &Ingress) -> bool {
    let xdp = now.xdp.as_ref();
    match ingress.mode {
        Mode::Tcx | Mode::Clsact => behind::is_attached(now, ingress.program),
        Mode::NativeDispatcher | Mode::GenericDispatcher => {
            xdp.is_some_and(|xdp| calls(now.index, xdp.id, ingress.program))
        }
        Mode::Native | Mode::Generic => xdp.is_some_and(|xdp| xdp.id == ingress.program),
    }
}

/// The program that somebody else put in its place, as the kernel says `now`.
#[must_use]
pub fn replaced_by(now: &Interface, ingress: &Ingress) -> Option<ForeignProgram> {
    match &ingress.hold {
        Some(Hold::Tcx(received)) => behind::replaced_by(now, received),
        // Beside TCX there is one in XDP: it is why TCX was taken.
        Some(Hold::Xdp(_) | Hold::Dispatcher(_)) | None if ingress.mode != Mode::Tcx => now.xdp.clone(),
        Some(Hold::Xdp(_) | Hold::Dispatcher(_)) | None => None,
    }
}

/// Only what was attached through netlink can be taken off; a BPF link belongs to the one who holds it.
async fn remove(foreign: &ForeignProgram, interface: &Interface, netlink: &Handle) -> anyhow::Result<()> {
    // uapi/linux/if_link.h: XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE; a file descriptor of -1 detaches.
    let flags = match foreign.mode {
        Some(Mode::Generic) => 1 << 1,
        Some(_) | None => 1 << 2,
    };
    let detach = LinkAttribute::Xdp(vec![LinkXdp::Fd(-1), LinkXdp::Flags(flags)]);
    let message = LinkUnspec::new_with_index(interface.index).append_extra_attribute(detach).build();
    netlink.link().set(message).execute().await.with_context(|| {
        format!(
            "cannot replace the XDP program {} on {}; stop the program that holds it",
            owner::describe(foreign, interface.index),
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
