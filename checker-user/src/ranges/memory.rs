//! How much memory of the kernel a generation takes.

use std::{
    fs, io,
    os::fd::{AsRawFd as _, BorrowedFd},
};

use serde::{Deserialize, Serialize};

/// Bytes of kernel memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Of both indexes.
    pub index: u64,
    /// Of both tries.
    pub tries: u64,
}

/// What a map takes, as the kernel reckons it: the line `memlock` that it shows of a map's descriptor
/// (`bpf_map_show_fdinfo`, `kernel/bpf/syscall.c`). Before Linux 6.4 it is an estimate from the map's size, and does
/// not know how large the nodes of a trie are.
///
/// # Errors
///
/// When `/proc` is not mounted or does not say.
pub(super) fn of_map(map: BorrowedFd<'_>) -> io::Result<u64> {
    let shown = fs::read_to_string(format!("/proc/self/fdinfo/{}", map.as_raw_fd()))?;
    let bytes = shown.lines().find_map(|line| line.strip_prefix("memlock:")?.trim().parse().ok());
    bytes.ok_or_else(|| io::Error::other("the kernel does not say how much memory a map takes"))
}
