//! How far the ring buffer was read, which it tells itself: whoever goes on with it needs to know.

use std::{
    io,
    os::fd::{AsFd as _, AsRawFd as _},
    ptr::NonNull,
    sync::atomic::{AtomicUsize, Ordering::Acquire},
};

use aya::maps::Map;
use checker_common::alert::AlertRecord;

/// The header of a record: `BPF_RINGBUF_HDR_SZ`, `uapi/linux/bpf.h`.
const HEADER: usize = 8;

/// Records that were read out of the ring since it was made. All of them are of one size, and the ring counts its bytes
/// (`consumer_pos`, `kernel/bpf/ringbuf.c`) in a page that readers share.
pub(super) fn consumed(ring: &Map) -> io::Result<u64> {
    let Map::RingBuf(ring) = ring else { return Err(io::Error::other("not a ring")) };
    // SAFETY: no arguments.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).map_err(io::Error::other)?;
    let descriptor = ring.fd().as_fd().as_raw_fd();
    // SAFETY: a new mapping, of the page that holds the position; reading is allowed.
    let mapped =
        unsafe { libc::mmap(std::ptr::null_mut(), page, libc::PROT_READ, libc::MAP_SHARED, descriptor, 0) };
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let place = NonNull::new(mapped.cast::<AtomicUsize>()).ok_or_else(|| io::Error::other("mapped at 0"))?;
    // SAFETY: the first word of the page, which is mapped and aligned; others write it in one go.
    let position = unsafe { place.as_ref() }.load(Acquire);
    // SAFETY: mapped above, of this length, and not used any more.
    unsafe { libc::munmap(mapped, page) };
    let record = (HEADER + size_of::<AlertRecord>()).next_multiple_of(8);
    Ok((position / record) as u64)
}
