//! Which programs are at a TCX hook (Linux 6.6), by their numbers: the border that aya has no wrapper for. Its own asks for
//! more than numbers, and that takes `CAP_SYS_ADMIN`, which a daemon that watches has given up.

use std::io;

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
    let mut programs = vec![0_u32; MOST];
    let mut attributes = Attributes {
        index,
        hook: hook as u32,
        query_flags: 0,
        attach_flags: 0,
        programs: programs.as_mut_ptr() as u64,
        count: MOST as u32,
        padding: 0,
        program_flags: 0,
        links: 0,
        link_flags: 0,
        revision: 0,
    };
    // SAFETY: `attributes` lives through the call and has the layout and size of the union's member; the kernel writes at
    // most `count` numbers to `programs`, which has room for them.
    let result = unsafe { libc::syscall(libc::SYS_bpf, QUERY, &raw mut attributes, size_of::<Attributes>()) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    programs.truncate(attributes.count as usize);
    Ok(programs)
}
