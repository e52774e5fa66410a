//! What is known of each list that is fetched: how old it is, what is wrong with it, when it is due again.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{sync::Notify, time::Instant};

use crate::{
    alerts::moment::Moment,
    control::status::ListAge,
    ranges::{
        remote::{
            copy,
            interval::Interval,
            round::{Outcome, Round},
        },
        spec::ListSpec,
    },
};

/// After the first failure; each more doubles it.
const FIRST_RETRY: Duration = Duration::from_secs(30);

/// The longest wait after failures, if the list is not due sooner anyway.
const LAST_RETRY: Duration = Duration::from_secs(3600);

/// Every fetched list that is loaded.
pub struct Remotes {
    /// The folder that copies are kept in.
    pub(super) state: PathBuf,
    /// Fires when there may be another one to wait for.
    pub(super) changed: Notify,
    known: Mutex<BTreeMap<PathBuf, Known>>,
}

/// One of them.
struct Known {
    due: Instant,
    failures: u32,
    trouble: Option<String>,
    fetched: Timestamp,
    confirmed: Timestamp,
}

impl Remotes {
    /// None yet.
    #[must_use]
    pub fn new(state: PathBuf) -> Self {
        Self { state, changed: Notify::new(), known: Mutex::default() }
    }

    /// Remembers what came of a round; `refused` is why the lists that came were not loaded, if they were not. Gives what
    /// is wrong and was not before.
    pub fn note(&self, round: &Round, refused: Option<&str>) -> Vec<String> {
        let mut known = self.lock();
        let mut news = Vec::new();
        for (place, remote, outcome) in round.outcomes() {
            let one = known.entry(place.to_owned()).or_insert_with(|| Known::of(place));
            let (trouble, wait) = match outcome {
                Outcome::Unreachable { why, retry_after } => {
                    one.failures = one.failures.saturating_add(1);
                    let wait = jittered(retry(one.failures, remote.refresh));
                    (Some(why.clone()), retry_after.map_or(wait, |asked| wait.max(asked)))
                }
                Outcome::Refused(why) => (Some(why.clone()), jittered(remote.refresh.duration())),
                Outcome::NotModified | Outcome::Body(_) => {
                    one.failures = 0;
                    (refused.map(str::to_owned), jittered(remote.refresh.duration()))
                }
            };
            one.due = Instant::now() + wait;
            match (&trouble, &one.trouble) {
                (Some(why), before) if before.as_ref() != Some(why) => news.push(why.clone()),
                (None, Some(_)) => tracing::info!("{}: fetched again", remote.url),
                _ => {}
            }
            if trouble.is_none() {
                let Known { fetched, confirmed, .. } = Known::of(place);
                (one.fetched, one.confirmed) = (fetched, confirmed);
            }
            one.trouble = trouble;
        }
        news
    }

    /// Which of `specs` are to be fetched now; if none, when the next one is. What is not among them is forgotten, and
    /// what was not known is due at once.
    pub fn due(&self, specs: &[ListSpec]) -> (Vec<ListSpec>, Option<Instant>) {
        let mut known = self.lock();
        known.retain(|place, _| specs.iter().any(|spec| spec.path == *place));
        let now = Instant::now();
        let mut next: Option<Instant> = None;
        let due = specs.iter().filter(|spec| {
            let due = known.entry(spec.path.clone()).or_insert_with(|| Known::of(&spec.path)).due;
            next = Some(next.map_or(due, |next| next.min(due)));
            due <= now
        });
        let due: Vec<_> = due.cloned().collect();
        (due, next)
    }

    /// Adds to the age of a list what only its fetching tells.
    pub fn tell(&self, place: &Path, age: &mut ListAge) {
        if let Some(Known { trouble, fetched, confirmed, .. }) = self.lock().get(place) {
            age.fetched = Some(Moment(*fetched));
            age.confirmed = Some(Moment(*confirmed));
            age.trouble.clone_from(trouble);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// As its copy says it, and due at once.
    fn of(place: &Path) -> Self {
        let now = Timestamp::now();
        let (fetched, confirmed) =
            copy::about(place).map_or((now, now), |about| (about.fetched, about.confirmed));
        Self { due: Instant::now(), failures: 0, trouble: None, fetched, confirmed }
    }
}

fn retry(failures: u32, refresh: Interval) -> Duration {
    let doubled = FIRST_RETRY.saturating_mul(1 << (failures - 1).min(16));
    doubled.min(LAST_RETRY).min(refresh.duration())
}

/// Up to a tenth more or less: machines that started together do not ask together for ever.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(0.9 + 0.2 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_retried_sooner_than_the_list_is_due_but_less_and_less_often() {
        let day = Interval::from_seconds(86_400);
        let waits: Vec<_> = (1..=9).map(|failures| retry(failures, day).as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(retry(u32::MAX, day).as_secs(), 3600);
        assert_eq!(retry(5, Interval::from_seconds(10)).as_secs(), 10);
    }

    #[test]
    fn jitter_is_a_tenth() {
        for _ in 0..1_000 {
            let wait = jittered(Duration::from_secs(1_000)).as_secs_f64();
            assert!((900.0..=1_100.0).contains(&wait), "{wait}");
        }
    }
}
