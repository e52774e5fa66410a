//! Looks after what packets meet and what should come: the kernel's maps, the age of lists, and whether packets arrive.
//! Twice a second, so that each is told within one.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use super::{
    arrivals::{Arrivals, Arrived},
    commands::Commands,
    health::too_old,
    pace::{LOOK, ticks},
};
use crate::{
    alerts::{incident::Incident, write::incident_sentence},
    control::status::ListAge,
    ranges::{label::Label, tampered::Tampered},
};

/// What is wrong at present, a sentence each, for `status` and `/healthz`.
#[derive(Debug, Default)]
pub struct Troubles {
    silent: Vec<String>,
    tampered: Option<String>,
}

impl Troubles {
    /// The sentences.
    pub fn sentences(&self) -> impl Iterator<Item = String> {
        self.silent.iter().chain(&self.tampered).cloned()
    }
}

/// Looks until the task is dropped. Packets that do not come for `silence` are told of, once some have come.
pub(super) async fn inspect(commands: Arc<Commands>, silence: Duration) {
    let (mut ages, mut arrivals, mut maps) = (Ages::default(), Arrivals::new(silence), Maps::default());
    let mut ticks = ticks(LOOK);
    loop {
        ticks.tick().await;
        let mut news = ages.look(&commands);
        let arrived = commands.watch.lock().await.arrived();
        news.extend(packets(&mut arrivals, &arrived, &commands));
        news.extend(maps.look(&commands));
        for incident in news {
            let sentence = incident_sentence(&incident);
            if incident.is_good() {
                info!("{sentence}");
            } else {
                warn!("{sentence}");
            }
            // An error says only that the daemon is at its end.
            let _untold = commands.incidents.send(incident);
        }
    }
}

/// Whether packets come.
fn packets(arrivals: &mut Arrivals, arrived: &[Arrived], commands: &Commands) -> Vec<Incident> {
    let Ok(outcomes) = commands.counters.outcomes() else { return Vec::new() };
    let news = arrivals.look(arrived, outcomes.iter().sum(), Instant::now());
    if !news.is_empty() {
        commands.troubles.lock().unwrap_or_else(PoisonError::into_inner).silent = arrivals.sentences();
    }
    news
}

/// Of the lists of the active generation.
#[derive(Default)]
struct Ages {
    generation: u64,
    lists: Vec<(PathBuf, ListAge)>,
    /// Those that are told of as stale.
    stale: BTreeMap<(Label, String), ()>,
}

impl Ages {
    fn look(&mut self, commands: &Commands) -> Vec<Incident> {
        let limit = commands.stale.and_then(|stale| SignedDuration::try_from(stale).ok());
        let (Some(limit), Some(active)) = (limit, commands.records.active()) else { return Vec::new() };
        if active.number != self.generation {
            // It goes through all ranges: not twice a second.
            let lists = active.report().into_iter();
            self.lists = lists.map(|report| (report.path.clone(), ListAge::from(report))).collect();
            self.generation = active.number;
        }
        let (mut news, mut stale) = (Vec::new(), BTreeMap::new());
        for (place, age) in &mut self.lists {
            commands.remotes.tell(place, age);
            let (label, name) = (age.label.clone(), age.name.clone());
            let Some(reason) = too_old(age, limit, Timestamp::now()) else { continue };
            if self.stale.remove(&(label.clone(), name.clone())).is_none() {
                let reason = reason.trim_start_matches("list: ").to_owned();
                news.push(Incident::ListStale { label: label.clone(), name: name.clone(), reason });
            }
            stale.insert((label, name), ());
        }
        let fresh = std::mem::replace(&mut self.stale, stale);
        news.extend(fresh.into_keys().map(|(label, name)| Incident::ListFresh { label, name }));
        news
    }
}

/// Of the maps. Samples, other ones each time; those that were wrong are looked at again until they are right.
#[derive(Default)]
struct Maps {
    round: usize,
    tampered: Option<Tampered>,
}

impl Maps {
    fn look(&mut self, commands: &Commands) -> Option<Incident> {
        // A change that is under way writes them itself.
        let tampered = commands.loader.try_lock().ok()?.inspect(self.round);
        if tampered.is_none() {
            self.round = self.round.wrapping_add(1);
        }
        let before = std::mem::replace(&mut self.tampered, tampered.clone());
        let sentence = tampered.as_ref().map(|Tampered { map, reason }| format!("maps: {map}: {reason}"));
        commands.troubles.lock().unwrap_or_else(PoisonError::into_inner).tampered = sentence;
        match (before, tampered) {
            (before, Some(now)) if before.as_ref() != Some(&now) => {
                Some(Incident::MapChanged { map: now.map, reason: now.reason })
            }
            (Some(before), None) => Some(Incident::MapRestored { map: before.map }),
            (_, _) => None,
        }
    }
}
