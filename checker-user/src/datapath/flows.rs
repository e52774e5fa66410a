//! The kernel's flow table, read while it grows.

use std::{io, os::fd::AsFd as _};

use aya::maps::{HashMap, IterableMap as _, MapData};
use checker_common::flow::{FlowKey, FlowValue};

use crate::ranges::batch;

/// Flows that are read at once: about a millisecond's work to read and to tell of.
const CHUNK: usize = 1024;

/// The table. Whoever reads all of it goes from chunk to chunk, and lets others have their turn between two.
pub struct FlowTable(HashMap<MapData, FlowKey, FlowValue>);

/// A part of the table, and where the next one is.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Known by.
    pub keys: Vec<FlowKey>,
    /// One for each key.
    pub values: Vec<FlowValue>,
    place: Option<u32>,
}

impl FlowTable {
    /// Takes the map.
    #[must_use]
    pub const fn new(map: HashMap<MapData, FlowKey, FlowValue>) -> Self {
        Self(map)
    }

    /// Reads the chunk behind `chunk` into it, the first one into a new one; whether another one follows.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said.
    pub fn read(&self, chunk: &mut Chunk) -> io::Result<bool> {
        let map = self.0.map().fd().as_fd();
        chunk.place = batch::lookup(map, chunk.place, CHUNK, &mut chunk.keys, &mut chunk.values)?;
        Ok(chunk.place.is_some())
    }

    /// Takes a flow out of the table, with all that it has counted by then; its next packet begins a new one.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said.
    pub fn take(&self, key: &FlowKey) -> io::Result<Option<FlowValue>> {
        batch::take(self.0.map().fd().as_fd(), key)
    }
}
