//! Changes the loaded lists: reads, builds, checks, switches. On any error the last good generation stays.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Release},
    },
    time::{Instant, SystemTime},
};

use anyhow::{Context as _, anyhow, bail};

use super::records::Records;
use crate::{
    control::protocol::Loaded,
    ranges::{
        classes::Classes,
        compile::{Compiled, compile},
        generation::Generation,
        guard,
        install::{Installer, Prepared, prepare},
        label::Label,
        merge::merge,
        parse::{List, parse},
        source::{ListSpec, read},
    },
};

/// A set of lists, read, checked and built, that no packet is judged by yet.
pub struct Built {
    lists: Vec<Arc<List>>,
    compiled: Compiled,
    prepared: Prepared,
    classes: Classes,
    forced: Vec<ListSpec>,
    warnings: Vec<String>,
    started: Instant,
}

/// Builds the first set. Needs no program in the kernel, so both can come up at the same time.
///
/// # Errors
///
/// What was wrong, with file and line.
pub fn first(specs: &[ListSpec], force: bool) -> anyhow::Result<Built> {
    let started = Instant::now();
    let fresh = read_all(specs)?;
    let forced = if force { specs.to_vec() } else { Vec::new() };
    build(fresh.clone(), &fresh, Classes::default(), forced, started)
}

/// Owns the tries and the list of lists.
pub struct Loader {
    installer: Installer,
    records: Arc<Records>,
    lists: Vec<Arc<List>>,
    /// Lists that were loaded with `--force`; the guards have had their say about them.
    forced: Vec<ListSpec>,
    /// Number of the active generation.
    number: u64,
    /// The generation that the kernel judges by, once no packet can use an older one.
    settled: Arc<AtomicU64>,
    last_refusal: Option<String>,
}

impl Loader {
    /// A loader without lists.
    #[must_use]
    pub fn new(installer: Installer, records: Arc<Records>, settled: Arc<AtomicU64>) -> Self {
        Self {
            installer,
            records,
            lists: Vec::new(),
            forced: Vec::new(),
            number: 0,
            settled,
            last_refusal: None,
        }
    }

    /// Reads `specs`; they replace all lists of the labels they name. A label that is loaded keeps its action: who
    /// loads a new list for a label that drops does not mean it to stop dropping.
    ///
    /// # Errors
    ///
    /// What was wrong, with file and line; nothing was changed.
    pub fn load(&mut self, specs: &[ListSpec], force: bool) -> anyhow::Result<Loaded> {
        let started = Instant::now();
        let mut specs = specs.to_vec();
        for spec in &mut specs {
            if let Some(list) = self.lists.iter().find(|list| list.spec.label == spec.label) {
                spec.action = list.spec.action;
            }
        }
        let result = read_all(&specs).and_then(|fresh| {
            let named = |list: &&Arc<List>| specs.iter().any(|spec| spec.label == list.spec.label);
            let mut lists: Vec<_> = self.lists.iter().filter(|list| !named(list)).cloned().collect();
            lists.extend(fresh.iter().cloned());
            self.change(lists, &fresh, force, started)
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
            Err(anyhow!("no list has the label {label}"))
        } else {
            self.change(lists, &[], true, started)
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
        let result = read_all(&specs).and_then(|fresh| self.change(fresh.clone(), &fresh, force, started));
        self.note(result)
    }

    /// Makes `built` the generation that packets are judged by.
    ///
    /// # Errors
    ///
    /// What the kernel said; the last generation is then still the active one.
    pub fn activate(&mut self, built: Built) -> anyhow::Result<Loaded> {
        let Built { lists, compiled, prepared, classes, forced, warnings, started } = built;
        let loaded_at = SystemTime::now();
        let generation = Arc::new(Generation { number: self.number + 1, compiled, loaded_at });
        self.records.announce(Arc::clone(&generation), classes.clone());
        if let Err(error) = self.installer.switch(prepared, &generation, &classes) {
            self.records.withdraw();
            return Err(error).context("cannot switch to the new generation");
        }
        // Not before: the number also says which slot is not in use.
        self.number = generation.number;
        self.records.activate(generation.number);
        let milliseconds = started.elapsed().as_secs_f64() * 1e3;
        if let Err(error) = self.installer.settle(&generation) {
            tracing::warn!("the memory of the last generation is still in use: {error:#}");
        }
        self.settled.store(generation.number, Release);
        self.lists = lists;
        self.forced = forced;
        Ok(Loaded {
            generation: generation.number,
            lists: self.lists.len(),
            ranges_v4: generation.compiled.v4.len(),
            ranges_v6: generation.compiled.v6.len(),
            warnings,
            milliseconds,
        })
    }

    /// Why the last change was refused; `None` after one that worked.
    #[must_use]
    pub fn last_refusal(&self) -> Option<String> {
        self.last_refusal.clone()
    }

    fn change(
        &mut self,
        lists: Vec<Arc<List>>,
        fresh: &[Arc<List>],
        force: bool,
        started: Instant,
    ) -> anyhow::Result<Loaded> {
        let classes = self.records.lock().classes.clone();
        let mut forced = self.forced.clone();
        if force {
            forced.extend(fresh.iter().map(|list| list.spec.clone()));
        }
        self.activate(build(lists, fresh, classes, forced, started)?)
    }

    fn note(&mut self, result: anyhow::Result<Loaded>) -> anyhow::Result<Loaded> {
        self.last_refusal = result.as_ref().err().map(|error| format!("{error:#}"));
        result
    }
}

/// Builds a set of `lists`, of which `fresh` were read for it.
fn build(
    lists: Vec<Arc<List>>,
    fresh: &[Arc<List>],
    mut classes: Classes,
    mut forced: Vec<ListSpec>,
    started: Instant,
) -> anyhow::Result<Built> {
    let compiled = compile(merge(lists.clone(), &mut classes)?);
    forced.retain(|spec| lists.iter().any(|list| list.spec == *spec));
    guard::check(&compiled, &guard::own_addresses(), &forced)?;
    let prepared = prepare(&compiled).context("the kernel refused the list")?;
    let mut warnings: Vec<_> = fresh.iter().filter_map(|list| list.warning()).collect();
    if lists.is_empty() {
        warnings.push("no list is loaded any more: no packet is judged".to_owned());
    }
    Ok(Built { lists, compiled, prepared, classes, forced, warnings, started })
}

fn read_all(specs: &[ListSpec]) -> anyhow::Result<Vec<Arc<List>>> {
    if specs.is_empty() {
        bail!("no list is named");
    }
    specs.iter().map(|spec| Ok(Arc::new(parse(&read(spec)?)?))).collect()
}
