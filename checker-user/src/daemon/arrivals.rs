//! Whether packets come, on each interface by the count of its driver, and whether the program sees any of them. Pure.
//!
//! An interface counts what it receives and sends anyhow, and rtnetlink tells it with the rest (`IFLA_STATS64`,
//! `rtnl_fill_stats`, `net/core/rtnetlink.c`): a count of its own for each would cost the kernel program time.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::alerts::{incident::Incident, write::incident_sentence};

/// What an interface has counted, on the way that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrived {
    /// Its index.
    pub(super) index: u32,
    /// Its name.
    pub(super) interface: String,
    /// Packets when it was attached to.
    pub(super) first: u64,
    /// Packets now.
    pub(super) now: u64,
}

/// Of all interfaces, and of the program on them.
pub(super) struct Arrivals {
    silence: Duration,
    interfaces: BTreeMap<u32, Counted>,
    program: Counted,
}

#[derive(Default)]
struct Counted {
    packets: u64,
    /// When one came last, if any ever did.
    last: Option<Instant>,
    /// The silence that was told of.
    told: Option<Incident>,
}

impl Arrivals {
    /// Packets that do not come for `silence` are told of, where some have come.
    pub(super) fn new(silence: Duration) -> Self {
        Self { silence, interfaces: BTreeMap::new(), program: Counted::default() }
    }

    /// What is news by `now`: of each interface, and of the program, which has seen `seen` packets. `seen` was read after
    /// the interfaces, so that it has all of theirs.
    pub(super) fn look(&mut self, arrived: &[Arrived], seen: u64, now: Instant) -> Vec<Incident> {
        self.interfaces.retain(|index, _| arrived.iter().any(|other| other.index == *index));
        let (mut news, mut came) = (Vec::new(), false);
        for Arrived { index, interface, first, now: packets } in arrived {
            let new = || Counted { packets: *first, ..Counted::default() };
            let counted = self.interfaces.entry(*index).or_insert_with(new);
            let name = || Some(interface.clone());
            if counted.packets != *packets {
                came = true;
                news.extend(counted.heard(*packets, now, name()));
            } else {
                news.extend(counted.silent(self.silence, now, name()));
            }
        }
        if self.program.packets != seen {
            news.extend(self.program.heard(seen, now, None));
        } else if came {
            // Where none comes at all, the interfaces say it.
            news.extend(self.program.silent(self.silence, now, None));
        }
        news
    }

    /// What is wrong at present, a sentence each.
    pub(super) fn sentences(&self) -> Vec<String> {
        let told =
            self.interfaces.values().chain([&self.program]).filter_map(|counted| counted.told.as_ref());
        told.map(|incident| format!("packets: {}", incident_sentence(incident))).collect()
    }
}

impl Counted {
    fn heard(&mut self, packets: u64, now: Instant, interface: Option<String>) -> Option<Incident> {
        let seconds = self.last.map_or(0, |last| now.duration_since(last).as_secs());
        (self.packets, self.last) = (packets, Some(now));
        self.told.take().map(|_| Incident::Heard { interface, seconds })
    }

    fn silent(&mut self, silence: Duration, now: Instant, interface: Option<String>) -> Option<Incident> {
        let since = now.duration_since(self.last?);
        if self.told.is_some() || since < silence {
            return None;
        }
        self.told = Some(Incident::Silent { interface, seconds: since.as_secs() });
        self.told.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(index: u32, first: u64, now: u64) -> Arrived {
        Arrived { index, interface: format!("eth{index}"), first, now }
    }

    fn told(news: &[Incident]) -> Vec<(String, Option<String>, u64)> {
        let told = |incident: &Incident| {
            let told = serde_json::to_value(incident).unwrap();
            let text = |key: &str| told[key].as_str().map(str::to_owned);
            (text("what").unwrap(), text("interface"), told["seconds"].as_u64().unwrap())
        };
        news.iter().map(told).collect()
    }

    #[test]
    fn silence_is_told_once_of_the_interface_that_is_mute_and_only_where_packets_came_before() {
        let began = Instant::now();
        let mut arrivals = Arrivals::new(Duration::from_secs(10));
        let mut look = |seconds, one, two| {
            let both = [arrived(1, 7, 7 + one), arrived(2, 0, two)];
            let news = arrivals.look(&both, one + two, began + Duration::from_secs(seconds));
            (told(&news), arrivals.sentences())
        };
        let nothing = || (Vec::new(), Vec::new());
        assert_eq!(look(0, 0, 0), nothing());
        assert_eq!(look(1000, 0, 0), nothing(), "nothing ever came");
        assert_eq!(look(1001, 5, 0), nothing());
        assert_eq!(look(1010, 5, 1), nothing());
        let (news, sentences) = look(1012, 5, 2);
        assert_eq!(news, [("silent".to_owned(), Some("eth1".to_owned()), 11)]);
        assert_eq!(sentences, ["packets: no packet has come on eth1 for 11 s, where some came before"]);
        let (news, sentences) = look(1020, 5, 3);
        assert_eq!((news, sentences.len()), (Vec::new(), 1), "once");
        assert_eq!(look(1031, 6, 4), (vec![("heard".to_owned(), Some("eth1".to_owned()), 30)], Vec::new()));
        assert_eq!(look(1032, 6, 5), nothing());
        let (news, sentences) = look(1050, 6, 5);
        assert_eq!((news.len(), sentences.len()), (2, 2), "each is told of; the program has nothing to see");
    }

    #[test]
    fn packets_that_come_and_do_not_reach_the_program_are_told_of() {
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let mut arrivals = Arrivals::new(Duration::from_secs(10));
        assert!(arrivals.look(&[arrived(1, 0, 1)], 1, at(0)).is_empty());
        assert!(arrivals.look(&[arrived(1, 0, 2)], 1, at(9)).is_empty());
        assert_eq!(told(&arrivals.look(&[arrived(1, 0, 3)], 1, at(10))), [("silent".to_owned(), None, 10)]);
        assert_eq!(
            arrivals.sentences(),
            ["packets: no packet has reached checker's program for 10 s, although some came"]
        );
        assert_eq!(told(&arrivals.look(&[arrived(1, 0, 4)], 2, at(11))), [("heard".to_owned(), None, 11)]);
    }

    #[test]
    fn another_interface_begins_anew() {
        let began = Instant::now();
        let mut arrivals = Arrivals::new(Duration::from_secs(10));
        assert!(arrivals.look(&[arrived(1, 0, 1)], 1, began).is_empty());
        let later = began + Duration::from_secs(20);
        assert!(arrivals.look(&[arrived(2, 0, 0)], 1, later).is_empty());
        assert!(arrivals.sentences().is_empty());
    }
}
