//! Many elements of a map in one `bpf(2)` call: the border that aya has no wrapper for.

use std::{
    io,
    os::fd::{AsRawFd as _, BorrowedFd},
};

use aya::Pod;

/// `BPF_MAP_UPDATE_BATCH` of `uapi/linux/bpf.h`.
const UPDATE: libc::c_long = 26;
/// `BPF_MAP_DELETE_BATCH` of `uapi/linux/bpf.h`.
const DELETE: libc::c_long = 27;

/// The `batch` member of `union bpf_attr`.
#[repr(C)]
struct Attributes {
    in_batch: u64,
    out_batch: u64,
    keys: u64,
    values: u64,
    count: u32,
    map: u32,
    element_flags: u64,
    flags: u64,
}

/// What a call got done before it ended, well or not.
#[derive(Debug)]
pub struct Done {
    /// So many elements from the first on.
    pub count: usize,
    /// Why not all of them.
    pub error: Option<io::Error>,
}

/// Sets `keys[i]` to `values[i]`.
#[must_use]
pub fn update<K: Pod, V: Pod>(map: BorrowedFd<'_>, keys: &[K], values: &[V]) -> Done {
    debug_assert_eq!(keys.len(), values.len());
    let count = keys.len().min(values.len());
    call(UPDATE, map, keys.as_ptr() as u64, values.as_ptr() as u64, count)
}

/// Deletes the elements of `keys`; stops at one that is not there.
#[must_use]
pub fn delete<K: Pod>(map: BorrowedFd<'_>, keys: &[K]) -> Done {
    call(DELETE, map, keys.as_ptr() as u64, 0, keys.len())
}

fn call(command: libc::c_long, map: BorrowedFd<'_>, keys: u64, values: u64, count: usize) -> Done {
    let map = map.as_raw_fd() as u32;
    // A larger batch is no quicker, and this one is far from the limit of `count`.
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let mut attributes =
        Attributes { in_batch: 0, out_batch: 0, keys, values, count, map, element_flags: 0, flags: 0 };
    // SAFETY: `attributes` lives through the call and has the layout and size of the union's member. The kernel
    // reads `count` keys and values, which the callers' slices have, and writes `count` of the attributes only.
    let result =
        unsafe { libc::syscall(libc::SYS_bpf, command, &raw mut attributes, size_of::<Attributes>()) };
    if result == 0 {
        return Done { count: count as usize, error: None };
    }
    let error = io::Error::last_os_error();
    // The kernel counts what it did (`generic_map_update_batch`, `kernel/bpf/syscall.c`), unless it did not begin:
    // then the count is as we wrote it.
    let count = if attributes.count < count { attributes.count } else { 0 };
    Done { count: count as usize, error: Some(error) }
}
