//! Changes the loaded lists: reads, builds, checks, switches. On any error the last good generation stays.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Release},
    },
    time::{Instant, SystemTime},
};

use anyhow::{Context as _, anyhow, ensure};

use super::{
    estate::{Estate, deed::Deed},
    records::Records,
};
use crate::{
    alerts::facts::ListFact,
    control::protocol::Loaded,
    ranges::{
        canary::Canary,
        classes::Classes,
        compile::{Compiled, compile},
        gather::gather_by,
        generation::Generation,
        guard,
        install::{Installer, Prepared, prepare},
        label::Label,
        memory::Memory,
        merge::merge,
        parse::List,
        remote::round::{Round, usable},
        shrunk,
        source::{Source, read},
        spec::ListSpec,
        stamp::Stamp,
        tampered::Tampered,
    },
};

/// Why no lists are loaded by a daemon without capabilities, and what to do.
pub(super) const FIXED: &str = "this daemon has given up all capabilities (--sandbox no-capabilities), and new tables take \
                                CAP_BPF; `checker run --replace` loads lists and leaves no packet unjudged";

/// A set of lists, read, checked and built, that no packet is judged by yet.
pub struct Built {
    lists: Vec<Arc<List>>,
    compiled: Compiled,
    prepared: Prepared,
    classes: Classes,
    forced: Vec<ListSpec>,
    warnings: Vec<String>,
    /// What was fetched for it.
    pub(super) round: Round,
    started: Instant,
}

/// Builds the first set. Needs no program in the kernel, so both can come up at the same time.
///
/// A list that is fetched and has a copy is read from there: whatever its server does, watching begins at once.
///
/// # Errors
///
/// What was wrong, with file and line.
/// `classes` are those that the kernel's maps know already.
pub fn first(specs: &[ListSpec], force: bool, classes: Classes) -> anyhow::Result<Built> {
    let started = Instant::now();
    let round = Round::ask(specs.iter().filter(|spec| usable(spec).is_none()));
    let fresh = shared(gather_by(specs, |spec| source(spec, &round))?);
    let forced = if force { fresh.iter().map(|list| list.spec.clone()).collect() } else { Vec::new() };
    build(fresh.clone(), &fresh, classes, forced, round, started)
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
    /// Where the next daemon is told of it, when the maps are pinned.
    estate: Option<Estate>,
    last_refusal: Option<String>,
    /// Whether the lists stay as they are.
    fixed: bool,
    /// The versions of files that were read and not loaded.
    refused: HashMap<PathBuf, Option<Stamp>>,
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
            estate: None,
            last_refusal: None,
            fixed: false,
            refused: HashMap::new(),
        }
    }

    /// Has the next daemon told of each generation, before it becomes active.
    pub(super) fn leave_to_the_next(&mut self, estate: Estate) {
        self.estate = Some(estate);
    }

    /// Refuses all changes from now on: maps are made by who holds `CAP_BPF`, and this process does not any more.
    pub(super) const fn fix(&mut self) {
        self.fixed = true;
    }

    /// The kernel judges by a generation of a daemon before, until the next one becomes active. When `built` is of the
    /// same lists, what that one reported can be explained.
    pub(super) fn adopt(&mut self, deed: &Deed, active: u64, built: &Built) {
        self.number = if active > 0 { active } else { deed.generation };
        self.installer.adopt();
        let compiled = built.compiled.clone();
        let generation = Generation { number: active, compiled, loaded_at: SystemTime::now() };
        let facts = generation.report().into_iter().map(ListFact::from);
        if active > 0 && deed.generation == active && facts.eq(deed.facts.iter().cloned()) {
            self.records.announce(Arc::new(generation), built.classes.clone());
            self.records.activate(active);
        }
    }

    /// Reads files; see [`Self::load_from`].
    ///
    /// # Errors
    ///
    /// What was wrong, with file and line; nothing was changed.
    pub fn load(&mut self, specs: &[ListSpec], force: bool) -> anyhow::Result<Loaded> {
        self.load_from(specs, force, &Round::default())
    }

    /// Reads `specs`; they replace all lists of the labels they name. A label that is loaded keeps its action and its
    /// severity: who loads a new list for a label that drops does not mean it to stop dropping. `round` is what was
    /// fetched for them.
    ///
    /// # Errors
    ///
    /// What was wrong, with file and line; nothing was changed.
    pub fn load_from(&mut self, specs: &[ListSpec], force: bool, round: &Round) -> anyhow::Result<Loaded> {
        let started = Instant::now();
        let result = self.read(specs, round).and_then(|mut fresh| {
            for list in &mut fresh {
                if let Some(loaded) = self.lists.iter().find(|loaded| loaded.spec.label == list.spec.label) {
                    list.spec.action = loaded.spec.action;
                    list.spec.severity = loaded.spec.severity;
                }
            }
            let fresh = shared(fresh);
            let named = |list: &&Arc<List>| fresh.iter().any(|new| new.spec.label == list.spec.label);
            let mut lists: Vec<_> = self.lists.iter().filter(|list| !named(list)).cloned().collect();
            lists.extend(fresh.iter().cloned());
            self.change(lists, &fresh, force, round, started)
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
        let result = if self.fixed {
            Err(anyhow!(FIXED))
        } else if lists.len() == self.lists.len() {
            Err(anyhow!("no list has the label {label}"))
        } else {
            self.change(lists, &[], true, &Round::default(), started)
        };
        self.note(result)
    }

    /// Reads every list again. Of those that are fetched, it takes what the round brought; the others stay as they are.
    ///
    /// # Errors
    ///
    /// What was wrong, with file and line; nothing was changed.
    pub fn reload(&mut self, force: bool, round: &Round) -> anyhow::Result<Loaded> {
        self.again(force, round, |spec| spec.remote.is_none() || round.answers(spec))
    }

    /// Takes what the round brought; all other lists stay as they are.
    ///
    /// # Errors
    ///
    /// What was wrong, with file and line; nothing was changed.
    pub fn refresh(&mut self, round: &Round) -> anyhow::Result<Loaded> {
        self.again(false, round, |spec| round.answers(spec))
    }

    fn again(
        &mut self,
        force: bool,
        round: &Round,
        wanted: impl Fn(&ListSpec) -> bool,
    ) -> anyhow::Result<Loaded> {
        let started = Instant::now();
        let (again, stay): (Vec<_>, Vec<_>) = self.lists.iter().cloned().partition(|list| wanted(&list.spec));
        let specs: Vec<_> = again.iter().map(|list| list.spec.clone()).collect();
        let result = if specs.is_empty() && !stay.is_empty() {
            Err(anyhow!("{}", round.warnings().join("\n")))
        } else {
            self.read(&specs, round).and_then(|fresh| {
                let fresh = shared(fresh);
                let lists = in_place(&self.lists, &stay, &fresh);
                self.change(lists, &fresh, force, round, started)
            })
        };
        self.note(result)
    }

    /// Makes `built` the generation that packets are judged by.
    ///
    /// # Errors
    ///
    /// What the kernel said; the last generation is then still the active one.
    pub fn activate(&mut self, built: Built) -> anyhow::Result<Loaded> {
        let Built { lists, compiled, prepared, classes, forced, mut warnings, round, started } = built;
        let loaded_at = SystemTime::now();
        let generation = Arc::new(Generation { number: self.number + 1, compiled, loaded_at });
        if let Some(estate) = &self.estate {
            let specs = lists.iter().map(|list| list.spec.clone()).collect();
            let facts = generation.report().into_iter().map(ListFact::from).collect();
            Deed::new(generation.number, &classes, specs, facts).write(estate)?;
        }
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
        // Not before: what is kept is good.
        warnings.extend(round.keep());
        warnings.extend(round.warnings());
        Ok(Loaded {
            generation: generation.number,
            lists: self.lists.len(),
            ranges_v4: generation.compiled.v4.len(),
            ranges_v6: generation.compiled.v6.len(),
            warnings,
            milliseconds,
        })
    }

    /// Whether a file of a list is another one than the one that was read last, even if that one was refused.
    #[must_use]
    pub fn files_changed(&self) -> bool {
        self.lists.iter().any(|list| {
            let path = &list.spec.path;
            // A file that is gone is not to be read again; the list stays.
            let seen = self.refused.get(path).copied().unwrap_or(list.stamp);
            Stamp::of(path).is_some_and(|now| seen != Some(now))
        })
    }

    /// Reads lists, and remembers which versions of their files these are in case they are refused.
    fn read(&mut self, specs: &[ListSpec], round: &Round) -> anyhow::Result<Vec<List>> {
        self.refused.extend(specs.iter().map(|spec| (spec.path.clone(), Stamp::of(&spec.path))));
        ensure!(!self.fixed, FIXED);
        gather_by(specs, |spec| source(spec, round))
    }

    /// What the program must find as long as no other generation is made active.
    #[must_use]
    pub fn canary(&self) -> Canary {
        self.installer.canary()
    }

    /// A map that is not as it was written; other samples each round.
    #[must_use]
    pub(super) fn inspect(&self, round: usize) -> Option<Tampered> {
        let active = self.records.active().filter(|active| active.number == self.number)?;
        let classes = self.records.lock().classes.clone();
        self.installer.inspect(&active, &classes, round)
    }

    /// What the active generation takes; `None` where the kernel does not say.
    #[must_use]
    pub fn memory(&self) -> Option<Memory> {
        self.installer.memory().ok()
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
        round: &Round,
        started: Instant,
    ) -> anyhow::Result<Loaded> {
        if !force {
            // Of a label that is touched, all lists count.
            let touched = |list: &&Arc<List>| fresh.iter().any(|new| new.spec.label == list.spec.label);
            let touched: Vec<_> = lists.iter().filter(touched).cloned().collect();
            shrunk::check(&self.lists, &touched)?;
        }
        let classes = self.records.lock().classes.clone();
        let mut forced = self.forced.clone();
        if force {
            forced.extend(fresh.iter().map(|list| list.spec.clone()));
        }
        let loaded = self.activate(build(lists, fresh, classes, forced, round.clone(), started)?)?;
        self.refused.retain(|path, _| !fresh.iter().any(|list| list.spec.path == *path));
        Ok(loaded)
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
    round: Round,
    started: Instant,
) -> anyhow::Result<Built> {
    let compiled = compile(merge(lists.clone(), &mut classes)?);
    forced.retain(|spec| lists.iter().any(|list| list.spec == *spec));
    guard::check(&compiled, &guard::own_addresses(), &forced)?;
    let prepared = prepare(&compiled).context("the kernel refused the list")?;
    let mut warnings: Vec<_> = fresh.iter().flat_map(|list| list.warnings()).collect();
    if lists.is_empty() {
        warnings.push("no list is loaded any more: no packet is judged".to_owned());
    }
    Ok(Built { lists, compiled, prepared, classes, forced, warnings, round, started })
}

/// Where the bytes of a list come from: its file, or what was fetched and its copy.
fn source(spec: &ListSpec, round: &Round) -> anyhow::Result<Source> {
    if spec.remote.is_some() { round.source(spec) } else { read(spec) }
}

/// The lists in the order that they had, since it decides between equals: those that stay, and fresh ones in the place of
/// the others.
fn in_place(before: &[Arc<List>], stay: &[Arc<List>], fresh: &[Arc<List>]) -> Vec<Arc<List>> {
    let mut fresh: Vec<_> = fresh.to_vec();
    let mut lists = Vec::with_capacity(before.len());
    for list in before {
        if stay.iter().any(|staying| Arc::ptr_eq(staying, list)) {
            lists.push(Arc::clone(list));
        } else if let Some(at) = fresh.iter().position(|new| new.spec == list.spec) {
            lists.push(fresh.remove(at));
        }
    }
    lists.extend(fresh);
    lists
}

fn shared(lists: Vec<List>) -> Vec<Arc<List>> {
    lists.into_iter().map(Arc::new).collect()
}
