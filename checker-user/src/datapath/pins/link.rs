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

/// The index of the interface that the link is on; `None` when it was taken off, or the interface is gone. As the kernel
/// shows it of the link's descriptor (`bpf_xdp_link_show_fdinfo`, `net/core/dev.c`; `tcx_link_fdinfo`,
/// `kernel/bpf/tcx.c`).
pub(super) fn interface(path: &Path) -> io::Result<Option<u32>> {
    let link = get(path)?;
    let shown = fs::read_to_string(format!("/proc/self/fdinfo/{}", link.as_raw_fd()))?;
    let index = shown.lines().find_map(|line| line.strip_prefix("ifindex:")?.trim().parse().ok());
    Ok(index.filter(|index| *index != 0))
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

fn get(path: &Path) -> io::Result<OwnedFd> {
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
