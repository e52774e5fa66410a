//! A daemon that runs: whether it is well, and how old its lists are.

use std::{path::Path, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::finding::Finding;
use crate::{
    age::age,
    control::{
        client,
        protocol::{Reply, Request},
        status::{ListAge, Status},
    },
};

const DAEMON: &str = "daemon";
const LISTS: &str = "lists";

/// Asks the daemon at `socket`. None may be there: that is no fault.
pub(super) fn check(socket: &Path, stale: Duration) -> Vec<Finding> {
    match client::ask(socket, &Request::Status) {
        Ok(Reply::Status(status)) => vec![daemon(&status), lists(&status.ages, stale, Timestamp::now())],
        Ok(_) => vec![Finding::warning(DAEMON, "it answers something else", "start one of this version")],
        Err(error) => vec![Finding::ok(DAEMON, format!("not asked: {error:#}"))],
    }
}

fn daemon(status: &Status) -> Finding {
    if status.unhealthy.is_empty() {
        return Finding::ok(DAEMON, format!("pid {}, version {}, is healthy", status.pid, status.version));
    }
    Finding::warning(DAEMON, status.unhealthy.join("; "), "checker status, and the daemon's log")
}

fn lists(ages: &[ListAge], stale: Duration, now: Timestamp) -> Finding {
    let stale = SignedDuration::try_from(stale).unwrap_or(SignedDuration::MAX);
    let aged = ages.iter().filter_map(|list| {
        let at = list.confirmed.or(list.fetched).or(list.modified)?;
        Some((now.duration_since(at.0), list))
    });
    let mut aged: Vec<_> = aged.collect();
    aged.sort_by_key(|(old, _)| std::cmp::Reverse(*old));
    let Some((oldest, _)) = aged.first() else {
        return Finding::ok(LISTS, "none whose age is known");
    };
    let old: Vec<_> = aged.iter().filter(|(old, _)| *old > stale).collect();
    if old.is_empty() {
        return Finding::ok(LISTS, format!("{}, the oldest of {} ago", ages.len(), age(*oldest)));
    }
    let told = old.iter().map(|(old, list)| format!("{} {} ({})", list.label, list.name, age(*old)));
    Finding::warning(
        LISTS,
        format!("old: {}", told.collect::<Vec<_>>().join(", ")),
        "get newer ones; a list with a URL is fetched by the daemon",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{alerts::moment::Moment, doctor::finding::State};

    fn list(name: &str, days: i64, now: Timestamp) -> ListAge {
        let modified = Moment(now - SignedDuration::from_hours(24 * days));
        ListAge {
            label: "ONE".parse().unwrap(),
            name: name.to_owned(),
            url: None,
            modified: Some(modified),
            fetched: None,
            confirmed: None,
            trouble: None,
            as_of: None,
        }
    }

    #[test]
    fn old_lists_are_named_the_oldest_first() {
        let now = Timestamp::now();
        let month = Duration::from_secs(30 * 86_400);
        let ages = [list("new.txt", 3, now), list("old.txt", 40, now), list("older.txt", 400, now)];
        let finding = lists(&ages, month, now);
        assert_eq!(
            (finding.state, finding.said.as_str()),
            (State::Warning, "old: ONE older.txt (400 days), ONE old.txt (40 days)")
        );
        assert_eq!(lists(&ages[..1], month, now).said, "1, the oldest of 3 days ago");
        assert_eq!(lists(&[], month, now).state, State::Ok);
    }
}
