//! Changes the loaded lists: reads, builds, checks, switches. On any error the last good generation stays.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Release},
    },
    time::{Instant, SystemTime},
};

use anyhow::{Context as _, bail};

use super::records::Records;
use crate::{
    control::protocol::Loaded,
    ranges::{
        compile::compile,
        generation::Generation,
        guard,
        install::{Installer, prepare},
        label::Label,
        merge::merge,
        parse::{List, parse},
        source::{ListSpec, read},
    },
};

/// Owns the tries and the list of lists.
pub struct Loader {
    installer: Installer,
    records: Arc<Records>,
    lists: Vec<Arc<List>>,
    /// Number of the last generation, whether it came to be or not.
    number: u64,
    /// The generation that the kernel judges by, once no packet can use an older one.
    settled: Arc<AtomicU64>,
    last_refusal: Option<String>,
}

impl Loader {
    /// A loader without lists.
    #[must_use]
    pub fn new(installer: Installer, records: Arc<Records>, settled: Arc<AtomicU64>) -> Self {
        Self { installer, records, lists: Vec::new(), number: 0, settled, last_refusal: None }
    }

    /// Reads `specs`; they replace all lists of the labels they name.
    ///
    /// # Errors
    ///
    /// What was wrong, with file and line; nothing was changed.
    pub fn load(&mut self, specs: &[ListSpec], force: bool) -> anyhow::Result<Loaded> {
        let started = Instant::now();
        let result = read_all(specs).and_then(|fresh| {
            let named = |list: &&Arc<List>| specs.iter().any(|spec| spec.label == list.spec.label);
            let mut lists: Vec<_> = self.lists.iter().filter(|list| !named(list)).cloned().collect();
            lists.extend(fresh.iter().cloned());
            self.install(lists, &fresh, force, started)
        });
        self.note(result)
    }

    /// Drops every list of `label`.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn unload(&mut self, label: &Label) -> anyhow::Result<Loaded> {
        let started = Instant::now();
        let lists: Vec<_> = self.lists.iter().filter(|list| list.spec.label != *label).cloned().collect();
        let result = if lists.len() == self.lists.len() {
            Err(anyhow::anyhow!("no list has the label {label}"))
        } else {
            self.install(lists, &[], true, started)
        };
        self.note(result)
    }

    /// Reads every list again.
    ///
    /// # Errors
    ///
    /// What was wrong, with file and line; nothing was changed.
    pub fn reload(&mut self, force: bool) -> anyhow::Result<Loaded> {
        let started = Instant::now();
        let specs: Vec<_> = self.lists.iter().map(|list| list.spec.clone()).collect();
        let result = read_all(&specs).and_then(|fresh| self.install(fresh.clone(), &fresh, force, started));
        self.note(result)
    }

    /// Why the last change was refused; `None` after one that worked.
    #[must_use]
    pub fn last_refusal(&self) -> Option<String> {
        self.last_refusal.clone()
    }

    /// Builds a generation of `lists` and switches to it; `fresh` are those that were read for it.
    fn install(
        &mut self,
        lists: Vec<Arc<List>>,
        fresh: &[Arc<List>],
        force: bool,
        started: Instant,
    ) -> anyhow::Result<Loaded> {
        let mut classes = self.records.lock().classes.clone();
        let compiled = compile(merge(lists.clone(), &mut classes)?);
        if !force {
            guard::check(&compiled, &guard::own_addresses())?;
        }
        let prepared = prepare(&compiled).context("the kernel refused the list")?;
        let loaded_at = SystemTime::now();
        let generation = Arc::new(Generation { number: self.number + 1, compiled, loaded_at });
        self.number = generation.number;
        self.records.announce(Arc::clone(&generation), classes.clone());
        if let Err(error) = self.installer.switch(prepared, &generation, &classes) {
            self.records.withdraw();
            // The next one must not go into the slot that packets read: slots go by odd and even numbers.
            self.number += 1;
            return Err(error).context("cannot switch to the new generation");
        }
        self.settled.store(generation.number, Release);
        self.lists = lists;
        Ok(Loaded {
            generation: generation.number,
            lists: self.lists.len(),
            ranges_v4: generation.compiled.v4.len(),
            ranges_v6: generation.compiled.v6.len(),
            warnings: warnings(fresh, self.lists.is_empty()),
            milliseconds: started.elapsed().as_secs_f64() * 1e3,
        })
    }

    fn note(&mut self, result: anyhow::Result<Loaded>) -> anyhow::Result<Loaded> {
        self.last_refusal = result.as_ref().err().map(|error| format!("{error:#}"));
        result
    }
}

fn read_all(specs: &[ListSpec]) -> anyhow::Result<Vec<Arc<List>>> {
    if specs.is_empty() {
        bail!("no list is named");
    }
    specs.iter().map(|spec| Ok(Arc::new(parse(&read(spec)?)?))).collect()
}

fn warnings(fresh: &[Arc<List>], none_left: bool) -> Vec<String> {
    let mut warnings: Vec<_> = fresh.iter().filter_map(|list| list.warning()).collect();
    if none_left {
        warnings.push("no list is loaded any more: no packet is judged".to_owned());
    }
    warnings
}
