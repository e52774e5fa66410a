//! What the kernel's numbers mean: the label of each class, and which lists the generation is of.

use serde::{Deserialize, Serialize};

use super::{Estate, boot};
use crate::{
    alerts::facts::ListFact,
    ranges::{
        classes::{Class, Classes},
        spec::ListSpec,
    },
};

pub(super) const NAME: &str = "lists";

/// The file `lists`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deed {
    /// Which start of the machine.
    pub boot_id: String,
    /// The generation that was about to become active.
    pub generation: u64,
    /// Every class there has been, from number 1 on.
    pub classes: Vec<Class>,
    /// Where the lists come from.
    pub lists: Vec<ListSpec>,
    /// What they were.
    pub facts: Vec<ListFact>,
}

impl Deed {
    /// Of the generation that is about to become active.
    #[must_use]
    pub fn new(generation: u64, classes: &Classes, lists: Vec<ListSpec>, facts: Vec<ListFact>) -> Self {
        let classes = classes.iter().map(|(_, class)| class.clone()).collect();
        Self { boot_id: boot(), generation, classes, lists, facts }
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// One sentence; without it nobody knows what the kernel's numbers mean.
    pub fn read(estate: &Estate) -> anyhow::Result<Self> {
        estate.read(NAME)
    }

    /// Writes it.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub fn write(&self, estate: &Estate) -> anyhow::Result<()> {
        estate.write(NAME, self)
    }

    /// The classes.
    #[must_use]
    pub fn classes(&self) -> Classes {
        Classes::from(self.classes.clone())
    }
}
