//! What a record refers to: generations that may still have records in the ring, every class, every interface.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    alerts::{alert::Way, describe::Context},
    datapath::mode::Mode,
    ranges::{classes::Classes, generation::Generation},
};

/// Shared by the loader, which adds, and the alert path, which reads.
#[derive(Debug, Default)]
pub struct Records(Mutex<Known>);

/// What is known at the moment.
#[derive(Debug, Default)]
pub struct Known {
    /// Oldest first; the last one may be about to become active.
    generations: Vec<Arc<Generation>>,
    /// Number of the one that packets are judged by.
    active: u64,
    /// Every class there has been.
    pub classes: Classes,
    /// Interfaces by index.
    pub interfaces: BTreeMap<u32, (String, Modes)>,
    /// The bond of each leg, by index: alerts name the bond.
    pub bonds: BTreeMap<u32, u32>,
}

/// In which mode an interface is watched, each way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Modes {
    /// What comes in.
    pub ingress: Option<Mode>,
    /// What goes out.
    pub egress: Option<Mode>,
}

impl Records {
    /// The knowledge, locked.
    pub fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a generation known: before the switch, so that its first record finds it.
    pub fn announce(&self, generation: Arc<Generation>, classes: Classes) {
        let mut known = self.lock();
        known.generations.push(generation);
        known.classes = classes;
    }

    /// The kernel judges by this generation now.
    pub fn activate(&self, number: u64) {
        self.lock().active = number;
    }

    /// Takes the last generation back: its switch failed.
    pub fn withdraw(&self) {
        self.lock().generations.pop();
    }

    /// The active generation.
    #[must_use]
    pub fn active(&self) -> Option<Arc<Generation>> {
        let known = self.lock();
        known.generation(known.active)
    }

    /// Forgets generations before `number`. For when that one is active, no packet can use an older one any
    /// more, and the ring was empty since: no record of an older one can come.
    pub fn forget_before(&self, number: u64) {
        self.lock().generations.retain(|generation| generation.number >= number);
    }
}

impl Context for Known {
    fn generation(&self, number: u64) -> Option<Arc<Generation>> {
        self.generations.iter().rev().find(|generation| generation.number == number).cloned()
    }

    fn interface(&self, index: u32, way: Way) -> (String, Option<Mode>) {
        let watched = self.bonds.get(&index).unwrap_or(&index);
        let Some((name, modes)) = self.interfaces.get(watched) else { return (format!("if{index}"), None) };
        let mode = match way {
            Way::Ingress => modes.ingress,
            Way::Egress => modes.egress,
        };
        (name.clone(), mode)
    }

    fn classes(&self) -> &Classes {
        &self.classes
    }
}
