//! Packets over time. The steps grow with the time that there is, so that neither a second nor ten years are too much.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::sum::Sum;

/// Steps in seconds, each a multiple of the one before.
const STEPS: [i64; 13] = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400];

/// Most steps that are kept.
const MOST: usize = 2048;

/// Labels that are told apart; the others are drawn as one.
pub(super) const LABELS: usize = 7;

/// What there was, and what was lost, in each step.
#[derive(Debug)]
pub struct Timeline {
    step: i64,
    steps: BTreeMap<i64, Step>,
    labels: Vec<String>,
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Packets by label, in the order of [`Timeline::labels`]; the last number is that of all others.
    pub packets: [u64; LABELS + 1],
    /// Packets of which no alert tells.
    pub lost: u64,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { step: 1, steps: BTreeMap::new(), labels: Vec::new() }
    }
}

impl Timeline {
    pub(super) fn alert(&mut self, time: Timestamp, label: &str, sum: &Sum) {
        let known = self.labels.iter().position(|known| known == label);
        let number = known.unwrap_or(self.labels.len().min(LABELS));
        if known.is_none() && number < LABELS {
            self.labels.push(label.to_owned());
        }
        let packets = &mut self.at(time).packets[number];
        *packets = packets.saturating_add(sum.packets);
    }

    pub(super) fn loss(&mut self, time: Timestamp, packets: u64) {
        let step = self.at(time);
        step.lost = step.lost.saturating_add(packets);
    }

    /// The labels that are told apart: the first ones to appear.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Equal steps from the first to the last, at most so many, and how long one is in seconds. Each is told by its
    /// beginning, in seconds since 1970.
    #[must_use]
    pub fn steps(&self, most: usize) -> (i64, Vec<(i64, Step)>) {
        let (Some((first, _)), Some((last, _))) = (self.steps.first_key_value(), self.steps.last_key_value())
        else {
            return (self.step, Vec::new());
        };
        let (first, last) = (first * self.step, last * self.step);
        // Two there are of any length, where one begins with 1970.
        let most = most.max(2);
        let mut step = self.step;
        while last.div_euclid(step) - first.div_euclid(step) >= most as i64 {
            step = longer(step);
        }
        let mut all: Vec<_> = (first.div_euclid(step)..=last.div_euclid(step))
            .map(|number| (number * step, Step::default()))
            .collect();
        for (number, part) in &self.steps {
            let at = (number * self.step).div_euclid(step) - first.div_euclid(step);
            if let Some((_, whole)) = usize::try_from(at).ok().and_then(|at| all.get_mut(at)) {
                whole.add(part);
            }
        }
        (step, all)
    }

    fn at(&mut self, time: Timestamp) -> &mut Step {
        let second = time.as_second();
        while self.steps.len() >= MOST && !self.steps.contains_key(&second.div_euclid(self.step)) {
            let (before, step) = (self.step, longer(self.step));
            for (number, part) in std::mem::take(&mut self.steps) {
                self.steps.entry((number * before).div_euclid(step)).or_default().add(&part);
            }
            self.step = step;
        }
        self.steps.entry(second.div_euclid(self.step)).or_default()
    }
}

impl Step {
    fn add(&mut self, other: &Self) {
        for (own, other) in self.packets.iter_mut().zip(other.packets) {
            *own = own.saturating_add(other);
        }
        self.lost = self.lost.saturating_add(other.lost);
    }

    /// Packets of all labels.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.packets.iter().fold(0, |sum, packets| sum.saturating_add(*packets))
    }
}

/// The next step that is a multiple of this one.
fn longer(step: i64) -> i64 {
    STEPS.into_iter().find(|longer| *longer > step).unwrap_or(step * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_lost_when_steps_grow() {
        let mut timeline = Timeline::default();
        let one = Sum { alerts: 1, packets: 3, ..Sum::default() };
        for second in 0..10_000 {
            timeline.alert(Timestamp::from_second(second * 977 - 5000).unwrap(), "CN", &one);
        }
        timeline.loss(Timestamp::MAX, 5);
        timeline.alert(Timestamp::MIN, "US", &one);
        assert!(timeline.steps.len() <= MOST);
        for most in [2, 7, 60] {
            let (_, steps) = timeline.steps(most);
            assert!(steps.len() <= most, "{}", steps.len());
            assert_eq!(steps.iter().map(|(_, step)| step.total()).sum::<u64>(), 30_003);
            assert_eq!(steps.iter().map(|(_, step)| step.lost).sum::<u64>(), 5);
        }
    }

    #[test]
    fn steps_are_round_and_empty_ones_are_there() {
        let mut timeline = Timeline::default();
        let at = |text: &str| text.parse().unwrap();
        let one = Sum { alerts: 1, packets: 1, ..Sum::default() };
        timeline.alert(at("2026-11-25T10:00:07Z"), "CN", &one);
        timeline.alert(at("2026-11-25T10:21:00Z"), "US", &one);
        let (step, steps) = timeline.steps(24);
        assert_eq!((step, steps.len()), (60, 22));
        assert_eq!(steps.iter().filter(|(_, step)| step.total() > 0).count(), 2);
    }

    #[test]
    fn labels_beyond_those_that_have_a_colour_are_one() {
        let mut timeline = Timeline::default();
        for label in 0..20 {
            timeline.alert(Timestamp::UNIX_EPOCH, &label.to_string(), &Sum { packets: 1, ..Sum::default() });
        }
        assert_eq!(timeline.labels().len(), LABELS);
        assert_eq!(timeline.steps(1).1[0].1.packets[LABELS], 20 - LABELS as u64);
    }
}
