//! Many elements of a map in one `bpf(2)` call: the border that aya has no wrapper for.

use std::{
    io,
    mem::MaybeUninit,
    os::fd::{AsRawFd as _, BorrowedFd},
};

use aya::Pod;

/// `BPF_MAP_LOOKUP_AND_DELETE_ELEM` of `uapi/linux/bpf.h`.
const TAKE: libc::c_long = 21;
/// `BPF_MAP_LOOKUP_BATCH` of `uapi/linux/bpf.h`.
const LOOKUP: libc::c_long = 24;
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

/// The part of `union bpf_attr` for one element.
#[repr(C)]
struct Element {
    map: u32,
    padding: u32,
    key: u64,
    value: u64,
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

/// Reads about `room` elements of a hash map into `keys` and `values`, from the place on that the call before gave; none
/// is the beginning. Gives the next place, none at the end. All elements of one bucket come together, so that each one
/// that is there all along comes exactly once.
///
/// # Errors
///
/// What `bpf(2)` said.
pub fn lookup<K: Pod, V: Pod>(
    map: BorrowedFd<'_>,
    from: Option<u32>,
    mut room: usize,
    keys: &mut Vec<K>,
    values: &mut Vec<V>,
) -> io::Result<Option<u32>> {
    keys.clear();
    values.clear();
    loop {
        keys.reserve(room);
        values.reserve(room);
        let (place, mut next) = (from.unwrap_or_default(), 0_u32);
        let mut attributes = Attributes {
            in_batch: from.map_or(0, |_| &raw const place as u64),
            out_batch: &raw mut next as u64,
            keys: keys.as_mut_ptr() as u64,
            values: values.as_mut_ptr() as u64,
            count: u32::try_from(room).unwrap_or(u32::MAX),
            map: map.as_raw_fd() as u32,
            element_flags: 0,
            flags: 0,
        };
        // SAFETY: `attributes` lives through the call and has the layout and size of the union's member, and so do the
        // places of hash maps, which are `u32` (`__htab_map_lookup_and_delete_batch`, `kernel/bpf/hashtab.c`). The
        // kernel writes at most `count` keys and values, for which there is room.
        let result =
            unsafe { libc::syscall(libc::SYS_bpf, LOOKUP, &raw mut attributes, size_of::<Attributes>()) };
        let error = if result == 0 { None } else { Some(io::Error::last_os_error()) };
        match error.as_ref().and_then(io::Error::raw_os_error) {
            // One bucket holds more.
            Some(libc::ENOSPC) => room *= 2,
            None | Some(libc::ENOENT) => {
                let count = room.min(attributes.count as usize);
                // SAFETY: the kernel has written so many, there is room for them, and any bytes are a valid `Pod`.
                unsafe {
                    keys.set_len(count);
                    values.set_len(count);
                }
                return Ok(if error.is_none() { Some(next) } else { None });
            }
            Some(_) => return Err(error.unwrap_or_else(|| io::ErrorKind::Other.into())),
        }
    }
}

/// Takes one element out of a hash map; `None` if there is none of that key.
///
/// # Errors
///
/// What `bpf(2)` said.
pub fn take<K: Pod, V: Pod>(map: BorrowedFd<'_>, key: &K) -> io::Result<Option<V>> {
    let mut value = MaybeUninit::<V>::uninit();
    let mut element = Element {
        map: map.as_raw_fd() as u32,
        padding: 0,
        key: std::ptr::from_ref(key) as u64,
        value: value.as_mut_ptr() as u64,
        flags: 0,
    };
    // SAFETY: `element` lives through the call and has the layout and size of the union's member. The kernel reads a
    // key and writes a value of the sizes that the map was made with, which are those of `K` and `V`.
    let result = unsafe { libc::syscall(libc::SYS_bpf, TAKE, &raw mut element, size_of::<Element>()) };
    if result == 0 {
        // SAFETY: written by the kernel, and any bytes are a valid `Pod`.
        return Ok(Some(unsafe { value.assume_init() }));
    }
    match io::Error::last_os_error() {
        error if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
        error => Err(error),
    }
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
