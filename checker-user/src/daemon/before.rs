//! What a daemon before this one left in the kernel and beside its pins, and what happened in between.

use std::path::Path;

use anyhow::Context as _;

use super::{
    estate::{Estate, books::Books, deed::Deed},
    loader::{Built, Loader},
};
use crate::{
    alerts::incident::Incident,
    datapath::{counters::Counters, pins::Pins},
    ranges::{classes::Classes, spec::ListSpec},
};

/// What is gone on with.
pub(super) struct Before {
    deed: Deed,
    pub(super) books: Books,
    /// The generation that the kernel judges by.
    active: u64,
    interfaces: Vec<String>,
}

impl Before {
    /// Reads it, if anything is pinned.
    ///
    /// # Errors
    ///
    /// When something is pinned and nobody knows what it means.
    pub(super) fn find(pins: Option<&Pins>, state: &Path) -> anyhow::Result<Option<Self>> {
        let Some(pins) = pins.filter(|pins| pins.has_found()) else { return Ok(None) };
        let estate = Estate::of(state, pins.identity()?);
        let deed = Deed::read(&estate).context(
            "what is pinned cannot be gone on with, since its labels are not known; --state names the folder of the \
             daemon that pinned it, `checker detach` takes it off",
        )?;
        estate.tidy();
        let books = Books::read(&estate, &deed.classes());
        let (active, interfaces) = (pins.generation()?, pins.found_names());
        Ok(Some(Self { deed, books, active, interfaces }))
    }

    /// The classes that the kernel's maps know.
    pub(super) fn classes(&self) -> Classes {
        self.deed.classes()
    }

    /// The lists that it had.
    pub(super) fn lists(&self) -> Vec<ListSpec> {
        self.deed.lists.clone()
    }

    /// Has the loader go on with its generation.
    pub(super) fn hand_over(&self, loader: &mut Loader, built: &Built) {
        loader.adopt(&self.deed, self.active, built);
    }

    /// What happened while nobody watched.
    pub(super) fn tell(&self, counters: &Counters) -> anyhow::Result<Incident> {
        let seen: u64 = counters.outcomes()?.iter().sum();
        Ok(Incident::Adopted {
            interfaces: self.interfaces.clone(),
            generation: self.active,
            since: self.books.saved,
            seen: seen.saturating_sub(self.books.seen),
            matched: self.books.matched_since(counters)?,
        })
    }
}
