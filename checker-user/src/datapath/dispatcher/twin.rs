//! What the program that goes into the dispatcher shares with the one that the daemon has loaded: its maps, pinned for as
//! long as it takes to load the other, and its read-only data.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder},
    io,
    os::{
        fd::{AsFd as _, AsRawFd as _},
        unix::fs::DirBuilderExt as _,
    },
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use anyhow::{Context as _, ensure};
use aya::{maps::MapData, programs::ProgramInfo};

/// `BPF_MAP_LOOKUP_ELEM` of `uapi/linux/bpf.h`.
const LOOKUP: libc::c_long = 1;

/// The ring of log lines, which libbpf does not know as aya-log defines it.
const LOG: &str = "AYA_LOGS";

/// Tells apart the folders of one process.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The maps of a program and its read-only data.
pub(super) struct Twin {
    /// Where the maps are pinned; removed when this is dropped.
    pub(super) folder: PathBuf,
    /// Elements of each map.
    pub(super) maps: BTreeMap<String, u32>,
    /// What is in `.rodata`.
    pub(super) data: Vec<u8>,
}

impl Twin {
    /// Pins the maps of a program that is loaded. It takes `CAP_SYS_ADMIN`, as asking for maps by number does.
    ///
    /// # Errors
    ///
    /// What the kernel said, or that the program is the one that writes log lines.
    pub(super) fn of(program: &ProgramInfo) -> anyhow::Result<Self> {
        let folder = format!("/sys/fs/bpf/checker-join-{}-{}", process::id(), NEXT.fetch_add(1, Relaxed));
        DirBuilder::new().mode(0o700).create(&folder).with_context(|| format!("cannot make {folder}"))?;
        let mut twin = Self { folder: folder.into(), maps: BTreeMap::new(), data: Vec::new() };
        for number in program.map_ids()?.context("this kernel does not tell the maps of a program")? {
            let map = MapData::from_id(number).context("cannot ask for a map by its number")?;
            let info = map.info()?;
            let name = info.name_as_str().context("a map without a name")?.to_owned();
            ensure!(name != LOG, "--kernel-log is for a program that libxdp cannot load");
            if name == ".rodata" {
                twin.data = only_value(&map, info.value_size()).context("cannot read the read-only data")?;
            } else if !name.starts_with('.') {
                map.pin(twin.folder.join(&name)).with_context(|| format!("cannot pin {name}"))?;
                twin.maps.insert(name, info.max_entries());
            }
        }
        Ok(twin)
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        for name in self.maps.keys() {
            let _gone = fs::remove_file(self.folder.join(name));
        }
        if let Err(error) = fs::remove_dir(&self.folder) {
            tracing::warn!("cannot remove {}: {error}", self.folder.display());
        }
    }
}

/// The value of an array of one element.
fn only_value(map: &MapData, size: u32) -> io::Result<Vec<u8>> {
    let (key, mut value) = (0_u32, vec![0_u8; size as usize]);
    // The part of `union bpf_attr` for one element: map, padding, key, value, flags.
    let map = map.fd().as_fd().as_raw_fd() as u64;
    let attributes = [map, (&raw const key) as u64, value.as_mut_ptr() as u64, 0];
    // SAFETY: key and value live through the call, and the value has the size that the kernel says the map's has. The
    // first word is the descriptor and four bytes of padding, on a machine that writes the lower half first.
    let result =
        unsafe { libc::syscall(libc::SYS_bpf, LOOKUP, attributes.as_ptr(), size_of_val(&attributes)) };
    if result == 0 { Ok(value) } else { Err(io::Error::last_os_error()) }
}
