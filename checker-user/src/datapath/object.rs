//! The two objects that `build.rs` made.

use aya::include_bytes_aligned;

/// The kernel program; loads with aya, bpftool and xdp-loader.
pub static DEFAULT: &[u8] = include_bytes_aligned!(concat!(env!("OUT_DIR"), "/checker.bpf.o"));

/// The same program with log lines for rare events. Loads with aya only: the log's ring is a legacy map, which
/// libbpf tools refuse.
pub static KERNEL_LOG: &[u8] = include_bytes_aligned!(concat!(env!("OUT_DIR"), "/checker-kernel-log.bpf.o"));

/// The programs that the bench and the index's kernel test run.
#[cfg(feature = "bench")]
pub static BENCH: &[u8] = include_bytes_aligned!(concat!(env!("OUT_DIR"), "/checker-bench.bpf.o"));
