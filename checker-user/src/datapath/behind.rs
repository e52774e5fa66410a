//! The classifier → what an interface receives, by TCX, where XDP is another program's. Behind XDP: what that program
//! drops or sends elsewhere is not seen here.

use anyhow::Context as _;
use aya::{
    Ebpf,
    programs::{
        LinkOrder, ProgramError, TcAttachType,
        tc::{SchedClassifierLinkId, TcAttachOptions},
    },
};

use super::{
    interface::{ForeignProgram, Interface},
    load::receiving,
    tcx::{self, Hook},
};

/// The program there: what takes it off again, and the kernel's number for it.
#[derive(Debug)]
pub struct Received {
    pub(super) link: SchedClassifierLinkId,
    pub(super) program: u32,
    /// The kernel's number for the link: somebody else may put another program into it.
    number: Option<u32>,
}

/// Loads the program, if it is not yet: most interfaces have XDP to themselves. A daemon in its sandbox may not any more.
///
/// # Errors
///
/// What the kernel said.
pub fn prepare(ebpf: &mut Ebpf) -> anyhow::Result<()> {
    let program = receiving(ebpf)?;
    if program.fd().is_err() {
        program.load().context("the kernel refused the program for incoming packets behind XDP")?;
    }
    Ok(())
}

/// Attaches to what the interface receives, before all others that TCX has there. `None` where the kernel has no TCX,
/// which is there since Linux 6.6.
///
/// # Errors
///
/// What the kernel said.
pub fn attach(ebpf: &mut Ebpf, interface: &Interface) -> anyhow::Result<Option<Received>> {
    prepare(ebpf)?;
    let program = receiving(ebpf)?;
    let hook = || format!("cannot attach to the ingress of {} by TCX", interface.name);
    let number = program.info().with_context(hook)?.id();
    let order = TcAttachOptions::TcxOrder(LinkOrder::first());
    match program.attach_with_options(&interface.name, TcAttachType::Ingress, order) {
        Ok(link) => {
            let program = number;
            let number = tcx::link_of(interface.index, Hook::Ingress, program);
            Ok(Some(Received { link, program, number }))
        }
        Err(error) if lacks_tcx(&error) => Ok(None),
        Err(error) => Err(error).with_context(hook),
    }
}

/// Whether the kernel has no TCX. Before 6.6 it knows no such attachment (`attach_type_to_prog_type`,
/// `kernel/bpf/syscall.c`); built without it, it refuses in the same way (`include/net/tcx.h`). Any other refusal would
/// meet clsact too.
pub(super) fn lacks_tcx(error: &ProgramError) -> bool {
    matches!(error, ProgramError::SyscallError(error) if error.io_error.raw_os_error() == Some(libc::EINVAL))
}

/// Puts the program into the link again, which somebody gave another one.
///
/// # Errors
///
/// When the link was taken off: it is given up then.
pub(super) fn again(ebpf: &mut Ebpf, received: Received) -> anyhow::Result<Received> {
    let program = receiving(ebpf)?;
    let held = program.take_link(received.link)?;
    Ok(Received { link: program.attach_to_link(held)?, ..received })
}

/// The program that somebody else put into the link.
pub(super) fn replaced_by(interface: &Interface, received: &Received) -> Option<ForeignProgram> {
    tcx::replaced_by(interface.index, Hook::Ingress, received.number?, received.program)
}

/// Takes it off again.
///
/// # Errors
///
/// When it was off already, or the interface is gone.
pub fn detach(ebpf: &mut Ebpf, received: Received) -> anyhow::Result<()> {
    Ok(receiving(ebpf)?.detach(received.link)?)
}

/// Whether it is there now.
#[must_use]
pub fn is_attached(interface: &Interface, program: u32) -> bool {
    tcx::programs(interface.index, Hook::Ingress).is_ok_and(|programs| programs.contains(&program))
}
