//! A pinned link: which interface it is on, and taking it off.

use std::{
    ffi::CString,
    fs, io,
    os::{
        fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd},
        unix::ffi::OsStrExt as _,
    },
    path::Path,
};

/// `BPF_OBJ_GET` of `uapi/linux/bpf.h`.
const GET: libc::c_long = 7;
/// `BPF_LINK_DETACH`, since Linux 5.9.
const DETACH: libc::c_long = 34;

/// The part of `union bpf_attr` for `BPF_OBJ_GET`.
#[repr(C)]
struct Get {
    path: u64,
    file: u32,
    flags: u32,
}

/// A link as it is now.
#[derive(Clone, Copy, Debug)]
pub(in crate::datapath) struct Seen {
    /// The index of the interface that it is on; `None` when it was taken off, or the interface is gone.
    pub(in crate::datapath) interface: Option<u32>,
    /// The number of the program that is in it.
    pub(in crate::datapath) program: u32,
    /// Its tag, of its instructions.
    pub(super) tag: u64,
}

/// Looks at a link. As the kernel shows it of the descriptor (`bpf_link_show_fdinfo`, `kernel/bpf/syscall.c`;
/// `bpf_xdp_link_show_fdinfo`, `net/core/dev.c`; `tcx_link_fdinfo`, `kernel/bpf/tcx.c`), which takes no capability.
pub(in crate::datapath) fn look(link: &OwnedFd) -> io::Result<Seen> {
    let shown = fs::read_to_string(format!("/proc/self/fdinfo/{}", link.as_raw_fd()))?;
    let number = |name| shown.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    Ok(Seen {
        interface: number("ifindex:").filter(|index| *index != 0),
        program: number("prog_id:").unwrap_or_default(),
        tag: shown
            .lines()
            .find_map(|line| u64::from_str_radix(line.strip_prefix("prog_tag:")?.trim(), 16).ok())
            .unwrap_or_default(),
    })
}

/// Takes the link off its interface at once, whoever else holds it, and removes the pin. Without this it would be taken
/// off some time after the pin is gone (`bpf_link_put`, `kernel/bpf/syscall.c`).
pub(super) fn take_off(path: &Path) {
    let Ok(link) = get(path) else { return };
    let attributes = link.as_raw_fd() as u32;
    // SAFETY: the kernel reads the descriptor, the only attribute of this command, and nothing else.
    let result =
        unsafe { libc::syscall(libc::SYS_bpf, DETACH, &raw const attributes, size_of_val(&attributes)) };
    if result != 0 {
        tracing::warn!("cannot detach {}: {}", path.display(), io::Error::last_os_error());
    }
}

/// Opens the link that is pinned there.
pub(super) fn get(path: &Path) -> io::Result<OwnedFd> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    let mut attributes = Get { path: name.as_ptr() as u64, file: 0, flags: 0 };
    // SAFETY: `attributes` has the layout of the union's member, and the name that it points to lives through the call.
    let got = unsafe { libc::syscall(libc::SYS_bpf, GET, &raw mut attributes, size_of::<Get>()) };
    match RawFd::try_from(got) {
        // SAFETY: a fresh descriptor that nothing else owns.
        Ok(got) if got >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(got) }),
        Ok(_) | Err(_) => Err(io::Error::last_os_error()),
    }
}
