//! Which alerts are in none of the files: a daemon numbers its alerts from 1, so a number that is missing is an alert
//! that was lost on its way here, or filtered out, or is in a file that was not given.

use crate::alerts::moment::Moment;

/// Most runs that are kept; a log has one for each start of the daemon and each file.
const MOST: usize = 65_536;

/// Alerts in ascending order of one daemon, as far as one file has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: u64,
    last: u64,
    began: Moment,
    ended: Moment,
}

/// What is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Alerts missing within files.
    pub within: u64,
    /// In so many places.
    pub gaps: u64,
    /// Alerts missing between the end of a file and the beginning of the one that follows.
    pub between: u64,
    /// Files, or parts of such, that begin with the same alert: the same log twice.
    pub twice: u64,
}

/// Looks for gaps.
#[derive(Debug, Default)]
pub struct Gaps {
    runs: Vec<Run>,
    /// Whether the last run goes on.
    open: bool,
    within: u64,
    gaps: u64,
}

impl Gaps {
    /// The next alert of the file.
    pub(super) fn alert(&mut self, number: u64, time: Moment) {
        if self.open
            && let Some(run) = self.runs.last_mut()
            && number > run.last
        {
            let missing = number - run.last - 1;
            self.within = self.within.saturating_add(missing);
            self.gaps += u64::from(missing > 0);
            run.last = number;
            run.ended = run.ended.max(time);
        } else if self.runs.len() < MOST {
            self.runs.push(Run { first: number, last: number, began: time, ended: time });
            self.open = true;
        }
    }

    /// The file ends.
    pub(super) const fn end(&mut self) {
        self.open = false;
    }

    /// All files are read, in whatever order.
    #[must_use]
    pub fn missing(&self) -> Missing {
        let mut runs = self.runs.clone();
        runs.sort_by_key(|run| (run.began, run.first));
        let twice =
            runs.windows(2).filter(|pair| (pair[0].began, pair[0].first) == (pair[1].began, pair[1].first));
        let mut missing =
            Missing { within: self.within, gaps: self.gaps, twice: twice.count() as u64, between: 0 };
        let mut before: Option<Run> = None;
        for run in runs {
            // One that begins with 1 is a daemon that started; one that goes back is another daemon.
            if let Some(before) = before
                && run.first > before.last
                && run.began >= before.ended
                && run.first > 1
            {
                missing.between = missing.between.saturating_add(run.first - before.last - 1);
            }
            before = Some(run);
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(files: &[&[(u64, u64)]]) -> Missing {
        let mut gaps = Gaps::default();
        for file in files {
            for (number, second) in *file {
                let time = jiff::Timestamp::from_second(i64::try_from(*second).unwrap()).unwrap();
                gaps.alert(*number, Moment(time));
            }
            gaps.end();
        }
        gaps.missing()
    }

    #[test]
    fn nothing_is_missing_in_files_of_any_order() {
        assert_eq!(missing(&[&[(3, 3), (4, 4)], &[(1, 1), (2, 2)], &[(5, 5)]]), Missing::default());
        assert_eq!(missing(&[&[(7, 1), (8, 1)]]), Missing::default(), "older files need not be there");
        assert_eq!(missing(&[&[(1, 1), (2, 2), (1, 3), (2, 4)]]), Missing::default(), "it was started again");
    }

    #[test]
    fn what_is_missing_is_counted() {
        let found = missing(&[&[(9, 9)], &[(1, 1), (2, 2), (5, 5)]]);
        assert_eq!(found, Missing { within: 2, gaps: 1, between: 3, twice: 0 });
    }

    #[test]
    fn the_same_log_twice_is_seen() {
        assert_eq!(missing(&[&[(1, 1), (2, 2)], &[(1, 1), (2, 2)]]).twice, 1);
    }
}
