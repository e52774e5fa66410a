//! What `checker top` knows and shows: changed by answers of the daemon and by keys, and by nothing else.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    column::Column,
    poll::Answer,
    rates::{FlowKey, Rates},
    sieve::Sieve,
};
use crate::control::{flow::FlowRow, status::Status};

/// What is in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Front {
    /// The table of flows.
    Table,
    /// One flow.
    Details,
    /// The keys.
    Help,
    /// The filter is being typed; what it was before.
    Filter(String),
}

/// The whole state.
#[derive(Clone, Debug)]
pub(super) struct Top {
    /// The last answer; old when `trouble` says so.
    pub(super) status: Option<Status>,
    /// The flows of that answer.
    pub(super) flows: Vec<FlowRow>,
    /// Why there is no newer answer.
    pub(super) trouble: Option<String>,
    pub(super) rates: Rates,
    /// The time of day of the last answer.
    pub(super) now: Timestamp,
    pub(super) paused: bool,
    pub(super) front: Front,
    pub(super) sort: Column,
    pub(super) falling: bool,
    pub(super) filter: String,
    /// What that means.
    pub(super) sieve: Sieve,
    /// Indexes into `flows`: those that the filter takes, as they are sorted.
    pub(super) shown: Vec<usize>,
    /// The chosen flow, which stays chosen wherever it goes.
    selected: Option<FlowKey>,
    /// First line of the table that is seen.
    pub(super) offset: usize,
    /// Lines that the table has.
    pub(super) page: usize,
}

impl Default for Top {
    fn default() -> Self {
        Self {
            status: None,
            flows: Vec::new(),
            trouble: None,
            rates: Rates::default(),
            now: Timestamp::UNIX_EPOCH,
            paused: false,
            front: Front::Table,
            sort: Column::Packets,
            falling: true,
            filter: String::new(),
            sieve: Sieve::All,
            shown: Vec::new(),
            selected: None,
            offset: 0,
            page: 10,
        }
    }
}

impl Top {
    /// Takes in what the daemon said, or that it said nothing; `at` is the time since any fixed moment.
    pub(super) fn take(&mut self, answer: Answer, at: Duration, now: Timestamp) {
        if self.paused {
            return;
        }
        let (status, flows) = match answer {
            Ok(said) => said,
            Err(trouble) => {
                self.trouble = Some(trouble);
                return;
            }
        };
        // Another daemon counts from zero.
        if self.status.as_ref().is_none_or(|old| (old.pid, old.started) != (status.pid, status.started)) {
            self.rates = Rates::default();
        }
        self.rates.add(at, &status.account, &flows);
        self.trouble = None;
        self.now = now;
        self.status = Some(*status);
        self.flows = flows;
        self.arrange();
    }

    /// Shows only what `filter` asks for.
    pub(super) fn sift(&mut self) {
        self.sieve = Sieve::of(&self.filter);
        self.arrange();
    }

    /// Filters and sorts.
    pub(super) fn arrange(&mut self) {
        let Self { flows, sieve, rates, sort, falling, .. } = self;
        let mut shown: Vec<usize> = (0..flows.len()).filter(|index| sieve.takes(&flows[*index])).collect();
        shown.sort_by(|one, other| {
            let (one, other) = (&flows[*one], &flows[*other]);
            let order = sort.compare(one, other, rates);
            let order = if *falling { order.reverse() } else { order };
            // Equal ones keep their places from answer to answer.
            order.then_with(|| FlowKey::from(one).cmp(&FlowKey::from(other)))
        });
        self.shown = shown;
        self.follow();
    }

    /// The line of the chosen flow; the first one if it is gone or none was chosen.
    pub(super) fn line(&self) -> usize {
        let chosen = |selected: &FlowKey| {
            self.shown.iter().position(|index| FlowKey::from(&self.flows[*index]) == *selected)
        };
        self.selected.as_ref().and_then(chosen).unwrap_or(0)
    }

    /// The chosen flow.
    pub(super) fn chosen(&self) -> Option<&FlowRow> {
        self.shown.get(self.line()).map(|index| &self.flows[*index])
    }

    /// Chooses by so many lines down, or up.
    pub(super) fn step(&mut self, by: isize) {
        let last = self.shown.len().saturating_sub(1);
        let line = self.line().saturating_add_signed(by).min(last);
        self.selected = self.shown.get(line).map(|index| FlowKey::from(&self.flows[*index]));
        self.follow();
    }

    /// Sorts by a column; by the same one the other way round.
    pub(super) fn sort_by(&mut self, column: Column) {
        self.falling = if column == self.sort { !self.falling } else { column.falls() };
        self.sort = column;
        self.arrange();
    }

    /// Sorts by the next column to the right, or to the left.
    pub(super) fn sort_beside(&mut self, right: bool) {
        let at = Column::ALL.iter().position(|column| *column == self.sort).unwrap_or(0);
        let step = if right { 1 } else { Column::ALL.len() - 1 };
        self.sort_by(Column::ALL[(at + step) % Column::ALL.len()]);
    }

    /// Says how many lines the table has; keeps the chosen flow among them.
    pub(super) fn fit(&mut self, page: usize) {
        self.page = page.max(1);
        self.follow();
    }

    fn follow(&mut self) {
        let line = self.line();
        let last = self.shown.len().saturating_sub(self.page);
        self.offset = self.offset.clamp((line + 1).saturating_sub(self.page), line).min(last);
    }
}
