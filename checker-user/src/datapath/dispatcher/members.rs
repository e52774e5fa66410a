//! The programs that a dispatcher calls, by what libxdp pins.

use std::{fs, path::Path};

use aya::programs::ProgramInfo;

/// Where libxdp pins what it needs again (`lib/libxdp/README.org`, "Pinning in bpffs").
const PINS: &str = "/sys/fs/bpf/xdp";

/// The programs that the dispatcher of this number calls on an interface, as far as they can be asked for; `None` when
/// the program of this number is no dispatcher, or its pins are elsewhere (`LIBXDP_BPFFS`).
#[must_use]
pub fn members(interface: u32, dispatcher: u32) -> Option<Vec<ProgramInfo>> {
    let folder = Path::new(PINS).join(format!("dispatch-{interface}-{dispatcher}"));
    let pins = fs::read_dir(folder).ok()?.flatten();
    let programs = pins.filter(|pin| pin.file_name().to_string_lossy().ends_with("-prog"));
    Some(programs.filter_map(|pin| ProgramInfo::from_pin(pin.path()).ok()).collect())
}

/// Whether a dispatcher calls a program.
#[must_use]
pub fn calls(interface: u32, dispatcher: u32, program: u32) -> bool {
    members(interface, dispatcher).is_some_and(|members| members.iter().any(|found| found.id() == program))
}
