//! What outlives the daemon: for each interface a folder of the BPF file system with its links and all maps.
//!
//! A link is on its interface as long as somebody holds it, and a pin holds it (`bpf_obj_pin`, `kernel/bpf/inode.c`): when
//! the daemon is killed the kernel goes on judging, counting and filling the flow table. The next daemon finds the maps
//! here, loads its own program over them and puts that into the links.

mod folder;
pub mod attach;
pub mod survey;
pub(super) mod link;
mod filter;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use aya::{Ebpf, maps::MapData};
use checker_common::abi;

use self::folder::Folder;

/// Where pins are unless told otherwise.
pub const DEFAULT_PINS: &str = "/sys/fs/bpf/checker";

/// How long a daemon that is taken over from may hold its pins.
const PATIENCE: Duration = Duration::from_secs(30);

/// The maps that the daemon reads and writes; what else a program has is its own.
const MAPS: [&str; 12] = [
    abi::RANGES_V4,
    abi::RANGES_V6,
    abi::INDEX_V4,
    abi::INDEX_V6,
    abi::ACTIVE,
    abi::CLASSES,
    abi::OUTCOMES,
    abi::ACCOUNTS,
    abi::ALERTS,
    abi::FLOWS,
    abi::EVIDENCE,
    abi::EVIDENCE_LOST,
];

/// The pins of all interfaces of a daemon; all of them are of the same maps.
#[derive(Debug)]
pub struct Pins {
    folders: Vec<Folder>,
    /// Whether a program of another build may be replaced.
    replace: bool,
}

impl Pins {
    /// Opens, or makes, the folder of each interface, and holds them for this process. What is whole in them is found.
    ///
    /// # Errors
    ///
    /// One sentence: no BPF file system, another owner, another version of the maps, or another daemon that holds them.
    pub fn open(root: &Path, interfaces: &[String], replace: bool) -> anyhow::Result<Self> {
        folder::make_root(root)?;
        let patience = if replace { PATIENCE } else { Duration::ZERO };
        let mut folders: Vec<Folder> = Vec::new();
        for interface in interfaces {
            if !folders.iter().any(|folder| folder.interface == *interface) {
                folders.push(Folder::open(root, interface, patience)?);
            }
        }
        let pins = Self { folders, replace };
        let mut found = pins.folders.iter().filter(|folder| folder.found);
        if let Some(first) = found.next() {
            let id = first.identity()?;
            for other in found {
                if other.identity()? != id {
                    bail!(
                        "{} and {} were pinned by two daemons; take one of them off with `checker detach -i`",
                        first.interface,
                        other.interface
                    );
                }
            }
        }
        Ok(pins)
    }

    /// Where maps are found, if there are any; for the loader, which wants a ring for evidence or the least that there can
    /// be. The other one is not gone on with.
    pub(super) fn found_maps(&self, evidence: bool) -> Vec<(&'static str, PathBuf)> {
        let Some(found) = self.folders.iter().find(|folder| folder.found) else { return Vec::new() };
        let paths = MAPS.map(|name| (name, found.path.join(name)));
        let fits = folder::takes_evidence(&found.path) == Some(evidence);
        paths.into_iter().filter(|(name, _)| fits || *name != abi::EVIDENCE).collect()
    }

    /// Pins the maps where they are not yet; a new ring of evidence beside the one that it will take the place of.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub(super) fn keep_maps(&self, ebpf: &Ebpf, evidence: bool) -> anyhow::Result<()> {
        for folder in self.folders.iter().filter(|folder| folder.found) {
            let took = folder::takes_evidence(&folder.path);
            if took != Some(evidence) {
                let ring = ebpf.map(abi::EVIDENCE).context("no ring of evidence in the object")?;
                let next = folder.path.join(folder::NEXT_EVIDENCE);
                ring.pin(&next).with_context(|| format!("cannot pin {}", next.display()))?;
                if took == Some(true) {
                    tracing::warn!(
                        "{}: packets that the daemon before took as evidence and did not write are given up: this \
                         one has no --evidence",
                        folder.interface
                    );
                }
            }
        }
        for folder in self.folders.iter().filter(|folder| !folder.found) {
            for name in MAPS {
                let map = ebpf.map(name).with_context(|| format!("no map {name} in the object"))?;
                let path = folder.path.join(name);
                map.pin(&path).with_context(|| format!("cannot pin {}", path.display()))?;
            }
        }
        Ok(())
    }

    /// Whether there is something to go on with.
    #[must_use]
    pub fn has_found(&self) -> bool {
        self.folders.iter().any(|folder| folder.found)
    }

    /// The interfaces that are gone on with.
    #[must_use]
    pub fn found_names(&self) -> Vec<String> {
        let found = self.folders.iter().filter(|folder| folder.found);
        found.map(|folder| folder.interface.clone()).collect()
    }

    /// Whether nothing is pinned any more.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// The number that the kernel gave the maps: what is kept elsewhere about them goes by it.
    ///
    /// # Errors
    ///
    /// When there are no maps.
    pub fn identity(&self) -> anyhow::Result<u32> {
        let any = self.folders.iter().find(|folder| folder.found).or_else(|| self.folders.first());
        any.context("no interface is pinned")?.identity()
    }

    /// The generation that packets are judged by; 0 for none.
    ///
    /// # Errors
    ///
    /// When the map cannot be read.
    pub fn generation(&self) -> anyhow::Result<u64> {
        let found = self.folders.iter().find(|folder| folder.found).context("nothing is pinned")?;
        let map = aya::maps::Map::Array(MapData::from_pin(found.path.join(abi::ACTIVE))?);
        let active: aya::maps::Array<MapData, u64> = map.try_into()?;
        active.get(&0, 0).context("cannot read which generation is active")
    }

    /// The folder of an interface.
    fn folder(&mut self, interface: &str) -> anyhow::Result<&mut Folder> {
        let mut folders = self.folders.iter_mut();
        folders
            .find(|folder| folder.interface == interface)
            .with_context(|| format!("{interface} has no pins"))
    }

    /// An interface has another name: its folder too.
    pub fn rename(&mut self, from: &str, to: &str) {
        let Ok(folder) = self.folder(from) else { return };
        if let Err(error) = folder.rename(to) {
            tracing::warn!("the pins of {from} cannot be renamed to {to}: {error}");
        }
    }

    /// Takes an interface off: its links, its pins, its folder.
    pub fn remove(&mut self, interface: &str) {
        for mut folder in self.folders.extract_if(.., |folder| folder.interface == interface) {
            folder.remove();
        }
    }
}

/// Takes off what no daemon holds: the pins of one interface, or of all; gives the names, and the numbers of the maps.
///
/// # Errors
///
/// One sentence about the folder that is held, or somebody else's.
pub fn remove_all(root: &Path, interface: Option<&str>) -> anyhow::Result<Vec<(String, Option<u32>)>> {
    let mut removed = Vec::new();
    for name in folder::names(root).into_iter().filter(|name| interface.is_none_or(|wanted| wanted == name)) {
        filter::is_here(&folder::path(root, &name), &name)?;
        let mut folder = Folder::hold(root, &name, Duration::ZERO)?;
        let identity = folder.identity().ok();
        folder.remove();
        removed.push((name, identity));
    }
    Ok(removed)
}

/// Whether anything of these maps is still pinned.
#[must_use]
pub fn is_pinned(root: &Path, identity: u32) -> bool {
    folder::names(root)
        .iter()
        .any(|name| folder::identity(&folder::path(root, name)).is_ok_and(|id| id == identity))
}
