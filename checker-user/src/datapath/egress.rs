//! The classifier → what an interface sends: by TCX, or under a clsact qdisc where the kernel has no TCX.

use std::os::fd::OwnedFd;

use anyhow::Context as _;
use aya::programs::{
    LinkOrder, SchedClassifier, TcAttachType,
    tc::{SchedClassifierLinkId, TcAttachOptions},
};
use rtnetlink::Handle;
use tracing::warn;

use super::{
    behind::lacks_tcx,
    clsact::{self, Filter},
    interface::{ForeignProgram, Interface},
    mode::Mode,
    pins::link::look,
    tcx,
};

/// The program on what one interface sends.
#[derive(Debug)]
pub struct Egress {
    /// The kernel's number for the program.
    program: u32,
    mode: Mode,
    /// The kernel's number for the link, by TCX: somebody else may put another program into it.
    link: Option<u32>,
    /// `None` when it is off, and could not be put on again.
    hold: Option<Hold>,
    /// The link that is pinned, to look at.
    pinned: Option<OwnedFd>,
}

/// What keeps the program there.
#[derive(Debug)]
enum Hold {
    Tcx(SchedClassifierLinkId),
    Clsact(Filter),
    /// A filter that outlives the program's owner: pins take it off.
    Kept,
}

impl Egress {
    /// The mode that was obtained.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// By TCX: the program of this number, in this link, which is also `pinned`.
    pub(super) const fn of(program: u32, link: SchedClassifierLinkId, pinned: OwnedFd) -> Self {
        Self { program, mode: Mode::Tcx, link: None, hold: Some(Hold::Tcx(link)), pinned: Some(pinned) }
    }

    /// In a filter that outlives the program's owner: the program of this number.
    pub(super) const fn kept(program: u32) -> Self {
        Self { program, mode: Mode::Clsact, link: None, hold: Some(Hold::Kept), pinned: None }
    }

    /// The filter, if it is one that this holds; it is then the caller's.
    pub(super) fn take_filter(&mut self) -> Option<Filter> {
        match self.hold.take() {
            Some(Hold::Clsact(filter)) => Some(filter),
            other => {
                self.hold = other;
                None
            }
        }
    }

    /// The link, if it is held by TCX; it is then the caller's.
    pub(super) fn take_link(&mut self) -> Option<SchedClassifierLinkId> {
        match self.hold.take() {
            Some(Hold::Tcx(link)) => Some(link),
            other => {
                self.hold = other;
                None
            }
        }
    }
}

/// Attaches `program` to what the interface sends.
///
/// # Errors
///
/// What the kernel said.
pub async fn attach(
    program: &mut SchedClassifier,
    interface: &Interface,
    netlink: &Handle,
) -> anyhow::Result<Egress> {
    let hook = || format!("cannot attach to the egress of {}", interface.name);
    let number = program.info().with_context(hook)?.id();
    let tcx = TcAttachOptions::TcxOrder(LinkOrder::default());
    let (mode, hold) = match program.attach_with_options(&interface.name, TcAttachType::Egress, tcx) {
        Ok(link) => (Mode::Tcx, Hold::Tcx(link)),
        Err(error) if lacks_tcx(&error) => {
            (Mode::Clsact, Hold::Clsact(clsact::attach(program, interface, netlink).await?))
        }
        Err(error) => return Err(error).with_context(|| hook() + " by TCX"),
    };
    let link =
        (mode == Mode::Tcx).then(|| tcx::link_of(interface.index, tcx::Hook::Egress, number)).flatten();
    Ok(Egress { program: number, mode, link, hold: Some(hold), pinned: None })
}

/// Puts the program on again where it is not any more: into the link that is held, if somebody gave that another program,
/// otherwise anew.
///
/// # Errors
///
/// What the kernel said; then nothing is attached.
pub async fn again(
    program: &mut SchedClassifier,
    interface: &Interface,
    egress: &mut Egress,
    netlink: &Handle,
) -> anyhow::Result<()> {
    match egress.hold.take() {
        Some(Hold::Tcx(link)) => {
            let held = program.take_link(link).ok();
            if let Some(held) = held
                && let Ok(link) = program.attach_to_link(held)
            {
                egress.hold = Some(Hold::Tcx(link));
                return Ok(());
            }
        }
        Some(Hold::Clsact(filter)) => clsact::detach(program, interface, filter, netlink).await,
        Some(Hold::Kept) | None => {}
    }
    *egress = attach(program, interface, netlink).await?;
    Ok(())
}

/// Takes the program off again.
pub async fn detach(program: &mut SchedClassifier, interface: &Interface, egress: Egress, netlink: &Handle) {
    match egress.hold {
        Some(Hold::Tcx(link)) => {
            if let Err(error) = program.detach(link) {
                // Somebody else took it off, or the interface is gone.
                warn!("{}: {error}", interface.name);
            }
        }
        Some(Hold::Clsact(filter)) => clsact::detach(program, interface, filter, netlink).await,
        Some(Hold::Kept) | None => {}
    }
}

/// Whether the program is on what the interface sends now.
pub async fn is_attached(interface: &Interface, egress: &Egress, netlink: &Handle) -> bool {
    let program = egress.program;
    if let Some(link) = &egress.pinned {
        // Asking the hook takes `CAP_NET_ADMIN`, which the daemon may have given up.
        return look(link)
            .is_ok_and(|seen| seen.interface == Some(interface.index) && seen.program == program);
    }
    match egress.mode {
        Mode::Tcx => tcx::programs(interface.index, tcx::Hook::Egress)
            .is_ok_and(|programs| programs.contains(&program)),
        Mode::Clsact => clsact::is_attached(interface.index, program, netlink).await,
        Mode::Native | Mode::Generic | Mode::NativeDispatcher | Mode::GenericDispatcher => false,
    }
}

/// The program that somebody else put into the link.
#[must_use]
pub fn replaced_by(interface: &Interface, egress: &Egress) -> Option<ForeignProgram> {
    if let Some(link) = &egress.pinned {
        let seen = look(link).ok()?;
        let other = seen.interface == Some(interface.index) && seen.program != egress.program;
        return other.then_some(ForeignProgram { id: seen.program, name: None, mode: Some(Mode::Tcx) });
    }
    tcx::replaced_by(interface.index, tcx::Hook::Egress, egress.link?, egress.program)
}

#[cfg(test)]
mod tests {
    use std::io;

    use aya::{programs::ProgramError, sys::SyscallError};

    use crate::datapath::behind::lacks_tcx;

    fn refusal(errno: i32) -> ProgramError {
        let io_error = io::Error::from_raw_os_error(errno);
        ProgramError::SyscallError(SyscallError { call: "bpf_link_create", io_error })
    }

    #[test]
    fn clsact_is_tried_where_the_kernel_does_not_know_tcx_and_nowhere_else() {
        assert!(lacks_tcx(&refusal(libc::EINVAL)));
        for errno in [libc::EPERM, libc::ENODEV, libc::ENOMEM, libc::EBUSY, libc::ERANGE] {
            assert!(!lacks_tcx(&refusal(errno)), "{errno}");
        }
        assert!(!lacks_tcx(&ProgramError::NotLoaded));
    }
}
