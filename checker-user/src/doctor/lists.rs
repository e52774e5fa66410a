//! A daemon that runs: whether it is well, and how old its lists are. Where none does, those of what one has left pinned.

use std::{fs, path::Path, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::finding::Finding;
use crate::{
    age::age,
    alerts::moment::Moment,
    control::{
        client,
        protocol::{Reply, Request},
        status::{ListAge, Status},
    },
    daemon::estate::{Estate, deed::Deed},
    datapath::pins::survey::{Survey, Whose},
    printable::printable,
    ranges::{remote::copy, spec::ListSpec},
};

const DAEMON: &str = "daemon";
const LISTS: &str = "lists";

/// Asks the daemon at `socket`. None may be there: that is no fault, and then what is pinned has lists, if the state folder
/// knows of it.
pub(super) fn check(socket: &Path, stale: Duration, pinned: &[Survey], state: &Path) -> Vec<Finding> {
    match client::ask(socket, &Request::Status) {
        Ok(Reply::Status(status)) => vec![daemon(&status), lists(&status.ages, stale, Timestamp::now())],
        Ok(_) => vec![Finding::warning(DAEMON, "it answers something else", "start one of this version")],
        Err(error) => {
            let mut findings = vec![Finding::ok(DAEMON, format!("not asked: {error:#}"))];
            let left = pinned.iter().find_map(|survey| match survey.whose {
                Whose::Left(maps) => Deed::read(&Estate::of(state, maps)).ok(),
                Whose::Held | Whose::Refused(_) => None,
            });
            if let Some(deed) = left {
                let ages: Vec<_> = deed.lists.iter().map(aged).collect();
                findings.push(lists(&ages, stale, Timestamp::now()));
            }
            findings
        }
    }
}

/// How old the file of a list is now, or what was fetched of it.
fn aged(list: &ListSpec) -> ListAge {
    let fetched = list.remote.as_ref().and_then(|_| copy::about(&list.path));
    let written = fs::metadata(&list.path).and_then(|about| about.modified()).ok();
    let modified = written.and_then(|written| Timestamp::try_from(written).ok()).map(Moment);
    let name = list.path.file_name().unwrap_or_default().to_string_lossy();
    ListAge {
        label: list.label.clone(),
        name: printable(&name).into_owned(),
        url: list.remote.as_ref().map(|remote| remote.url.to_string()),
        modified: modified.filter(|_| list.remote.is_none()),
        fetched: fetched.as_ref().map(|about| Moment(about.fetched)),
        confirmed: fetched.map(|about| Moment(about.confirmed)),
        trouble: None,
        as_of: None,
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
    use crate::doctor::finding::State;

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
