//! What a daemon has in the kernel, so that a test can say that it is gone: its program, its maps, its links.
//!
//! Asked for by id: other tests have daemons of their own meanwhile, with programs of the same name.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use aya::{
    maps::loaded_maps,
    programs::{loaded_links, loaded_programs},
};

use crate::wait::wait_until;

/// What belongs to one program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traces {
    program: u32,
    maps: BTreeSet<u32>,
    links: BTreeSet<u32>,
}

impl Traces {
    /// What belongs to the program of that id now.
    ///
    /// # Errors
    ///
    /// When there is no such program.
    pub fn of(program: u32) -> Result<Self> {
        let info = loaded_programs().flatten().find(|info| info.id() == program);
        let info = info.with_context(|| format!("no program has the id {program}"))?;
        ensure!(info.name_as_str() == Some("checker"), "program {program} is not checker's");
        let maps = info.map_ids()?.context("this kernel does not tell the maps of a program")?;
        ensure!(!maps.is_empty(), "program {program} has no maps");
        let links = loaded_links().flatten().filter(|link| link.program_id() == program);
        Ok(Self { program, maps: maps.into_iter().collect(), links: links.map(|link| link.id()).collect() })
    }

    /// How many links there were.
    #[must_use]
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// Waits until none of it is left: the kernel frees programs and maps a little later than their last user ends.
    ///
    /// # Errors
    ///
    /// When something stays.
    pub fn wait_until_gone(&self) -> Result<()> {
        wait_until("program, maps and links of the daemon are gone", || {
            let programs = loaded_programs().flatten().filter(|program| program.id() == self.program).count();
            let maps = loaded_maps().flatten().filter(|map| self.maps.contains(&map.id())).count();
            let links = loaded_links().flatten().filter(|link| self.links.contains(&link.id())).count();
            if programs + maps + links == 0 {
                return Ok(());
            }
            Err(format!("there are still {programs} program, {maps} maps, {links} links"))
        })
    }
}
