//! The system calls that a daemon makes while it runs; the kernel refuses the others with `EPERM` (seccomp).
//!
//! Refused, not killed: a watcher that a library's new call ends is worse than one that goes on without it. What is left
//! out is what an intruder wants: to run programs, to look into other processes, to mount, to load modules or BPF
//! programs, to open packet sockets.

use std::collections::BTreeMap;

use anyhow::Context as _;
use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// Files, folders, pipes and what tells of changes.
const FILES: &[c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_preadv,
    libc::SYS_pwritev,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_lseek,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fcntl,
    libc::SYS_flock,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_sync_file_range,
    libc::SYS_ftruncate,
    libc::SYS_truncate,
    libc::SYS_fallocate,
    libc::SYS_fadvise64,
    libc::SYS_getdents64,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_unlinkat,
    libc::SYS_mkdirat,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_readlinkat,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_umask,
    libc::SYS_getcwd,
    libc::SYS_copy_file_range,
    libc::SYS_sendfile,
    libc::SYS_splice,
    libc::SYS_ioctl,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_pipe2,
    libc::SYS_inotify_init1,
    libc::SYS_inotify_add_watch,
    libc::SYS_inotify_rm_watch,
];

/// The older forms of these, which newer architectures do not have.
#[cfg(target_arch = "x86_64")]
const OLDER: &[c_long] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_rename,
    libc::SYS_unlink,
    libc::SYS_rmdir,
    libc::SYS_mkdir,
    libc::SYS_link,
    libc::SYS_readlink,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_dup2,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_epoll_wait,
    libc::SYS_arch_prctl,
    libc::SYS_time,
    libc::SYS_getrlimit,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[c_long] = &[];

/// Memory, threads, signals, identity.
const PROCESS: &[c_long] = &[
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_membarrier,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_get_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_setaffinity,
    libc::SYS_getcpu,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_tgkill,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_prctl,
    libc::SYS_prlimit64,
    libc::SYS_getrusage,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getgroups,
    libc::SYS_capget,
    libc::SYS_getrandom,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_restart_syscall,
    libc::SYS_signalfd4,
];

/// Clocks, and waiting for one thing or another.
const WAITING: &[c_long] = &[
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    libc::SYS_timerfd_gettime,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_eventfd2,
];

/// Sockets, once they are there.
const SOCKETS: &[c_long] = &[
    libc::SYS_socketpair,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_connect,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_sendto,
    libc::SYS_recvfrom,
    libc::SYS_sendmsg,
    libc::SYS_recvmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvmmsg,
    libc::SYS_shutdown,
];

/// Families of new sockets: clients, servers, netlink. Packet sockets only where they are to be opened again.
const FAMILIES: [libc::c_int; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Commands of `bpf(2)`, `uapi/linux/bpf.h`: maps one by one and in batches, pins, running a program that is loaded, looking
/// at what is there, links. No `BPF_PROG_LOAD`.
const BPF: [u32; 23] = [0, 1, 2, 3, 4, 6, 7, 10, 11, 12, 13, 14, 15, 16, 21, 22, 24, 25, 26, 27, 28, 29, 34];

/// The filter; with `packets`, packet sockets may be opened too.
pub(super) fn filter(packets: bool) -> anyhow::Result<BpfProgram> {
    let arch = std::env::consts::ARCH.try_into().context("no filter for this kind of processor")?;
    let mut rules = BTreeMap::new();
    for call in [FILES, OLDER, PROCESS, WAITING, SOCKETS].concat() {
        rules.insert(call, Vec::new());
    }
    let packets = packets.then_some(libc::AF_PACKET);
    let families = FAMILIES.into_iter().chain(packets).map(libc::c_int::cast_unsigned);
    rules.insert(libc::SYS_socket, any_of(families)?);
    rules.insert(libc::SYS_bpf, any_of(BPF)?);
    let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let filter = SeccompFilter::new(rules, refuse, SeccompAction::Allow, arch)?;
    Ok(filter.try_into()?)
}

/// One of these as the first argument.
fn any_of(values: impl IntoIterator<Item = u32>) -> anyhow::Result<Vec<SeccompRule>> {
    let rule = |value: u32| {
        let is = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value.into())?;
        SeccompRule::new(vec![is])
    };
    Ok(values.into_iter().map(rule).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use std::{fs, io, process::Command, thread};

    use super::*;

    /// On a thread of its own: the filter stays until it ends.
    fn under_the_filter<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> T {
        let confined = thread::spawn(move || {
            seccompiler::apply_filter(&filter(false).unwrap()).unwrap();
            job()
        });
        confined.join().unwrap()
    }

    fn refused<T>(done: io::Result<T>) -> bool {
        done.is_err_and(|error| error.raw_os_error() == Some(libc::EPERM))
    }

    #[test]
    fn programs_packet_sockets_and_loading_are_refused() {
        let (run, packet, load, file) = under_the_filter(|| {
            // SAFETY: no pointers.
            let packet = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW, 0) };
            let packet = if packet < 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
            // SAFETY: BPF_PROG_LOAD of nothing; the filter answers before the kernel reads it.
            let load = unsafe { libc::syscall(libc::SYS_bpf, 5, std::ptr::null::<u8>(), 0) };
            let load = if load < 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
            (Command::new("true").status(), packet, load, fs::read("/proc/self/status"))
        });
        assert!(refused(run) && refused(packet) && refused(load));
        assert!(file.is_ok());
    }

    #[test]
    fn what_the_daemon_does_is_allowed() {
        let done = under_the_filter(|| -> io::Result<()> {
            let folder = tempfile::tempdir()?;
            fs::write(folder.path().join("a"), "b")?;
            fs::rename(folder.path().join("a"), folder.path().join("c"))?;
            thread::spawn(|| ()).join().map_err(|_| io::ErrorKind::Other)?;
            std::net::UdpSocket::bind("127.0.0.1:0")?;
            // SAFETY: BPF_MAP_LOOKUP_ELEM of nothing: the kernel refuses the size.
            unsafe { libc::syscall(libc::SYS_bpf, 1, std::ptr::null::<u8>(), 0) };
            Ok(())
        });
        assert!(done.is_ok(), "{done:?}");
    }
}
