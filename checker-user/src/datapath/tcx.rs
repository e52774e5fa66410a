//! Which programs are at a TCX hook (Linux 6.6), by their numbers: the border that aya has no wrapper for. Its own asks for
//! more than numbers, and that takes `CAP_SYS_ADMIN`, which a daemon that watches has given up.

use std::io;

use super::{interface::ForeignProgram, mode::Mode};

/// `BPF_PROG_QUERY` of `uapi/linux/bpf.h`.
const QUERY: libc::c_long = 16;

/// Most programs at one hook: `bpf_mprog_max`, `include/linux/bpf_mprog.h`.
const MOST: usize = 64;

/// A hook, as `enum bpf_attach_type` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Hook {
    /// On what comes in.
    Ingress = 46,
    /// On what goes out.
    Egress = 47,
}

/// The `query` member of `union bpf_attr`.
#[repr(C)]
struct Attributes {
    index: u32,
    hook: u32,
    query_flags: u32,
    attach_flags: u32,
    programs: u64,
    count: u32,
    padding: u32,
    program_flags: u64,
    links: u64,
    link_flags: u64,
    revision: u64,
}

/// Numbers of the programs, in the order in which packets meet them. It takes `CAP_NET_ADMIN`.
///
/// # Errors
///
/// What `bpf(2)` said; `EINVAL` where the kernel has no TCX.
pub(crate) fn programs(index: u32, hook: Hook) -> io::Result<Vec<u32>> {
    Ok(links(index, hook)?.into_iter().map(|(program, _)| program).collect())
}

/// The number of the link that has this program there.
pub(super) fn link_of(index: u32, hook: Hook, program: u32) -> Option<u32> {
    let links = links(index, hook).ok()?;
    links.into_iter().find(|(found, _)| *found == program).map(|(_, link)| link)
}

/// The program that this link has there now instead of `own`.
pub(super) fn replaced_by(index: u32, hook: Hook, link: u32, own: u32) -> Option<ForeignProgram> {
    let mut links = links(index, hook).ok()?.into_iter();
    let (id, _) = links.find(|(program, found)| *found == link && *program != own)?;
    Some(ForeignProgram { id, name: None, mode: Some(Mode::Tcx) })
}

/// Each program with the number of its link, which is 0 for one that no link holds.
fn links(index: u32, hook: Hook) -> io::Result<Vec<(u32, u32)>> {
    let (mut programs, mut links) = (vec![0_u32; MOST], vec![0_u32; MOST]);
    let mut attributes = Attributes {
        index,
        hook: hook as u32,
        query_flags: 0,
        attach_flags: 0,
        programs: programs.as_mut_ptr() as u64,
        count: MOST as u32,
        padding: 0,
        program_flags: 0,
        links: links.as_mut_ptr() as u64,
        link_flags: 0,
        revision: 0,
    };
    // SAFETY: `attributes` lives through the call and has the layout and size of the union's member; the kernel writes at
    // most `count` numbers to `programs` and to `links`, which have room for them.
    let result = unsafe { libc::syscall(libc::SYS_bpf, QUERY, &raw mut attributes, size_of::<Attributes>()) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(programs.into_iter().zip(links).take(attributes.count as usize).collect())
}
