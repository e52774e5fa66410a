//! What it watches for.

use std::collections::BTreeMap;

use super::{one, seconds, truth};
use crate::{
    alerts::moment::Moment,
    control::status::{ListAge, Status},
    metrics::family::{Family, Labels, gauge},
    ranges::{generation::ListReport, label::Label, memory::Memory},
};

pub(super) fn ranges(status: &Status, lists: &[ListReport]) -> Vec<Family> {
    // Files of the same name under the same label are one series: the sum, and the oldest of them.
    let mut entries: BTreeMap<Labels, f64> = BTreeMap::new();
    for list in lists {
        let labels = named(&list.label, &list.name);
        for (family, ranges) in [("ipv4", list.ranges_v4), ("ipv6", list.ranges_v6)] {
            let mut labels = labels.clone();
            labels.push(("family", family.to_owned()));
            *entries.entry(labels).or_default() += ranges as f64;
        }
    }
    let written = oldest(&status.ages, |age| age.modified);
    let confirmed = oldest(&status.ages, |age| age.confirmed);
    let mut troubled: BTreeMap<Labels, f64> = BTreeMap::new();
    for age in status.ages.iter().filter(|age| age.url.is_some()) {
        let troubled = troubled.entry(named(&age.label, &age.name)).or_default();
        *troubled = troubled.max(truth(age.trouble.is_some()));
    }
    let loaded: BTreeMap<Labels, f64> =
        lists.iter().map(|list| (named(&list.label, &list.name), seconds(status.loaded))).collect();
    let memory = status.memory.iter().flat_map(|Memory { index, tries }| {
        [("index", index), ("tries", tries)]
            .map(|(kind, bytes)| (vec![("kind", kind.to_owned())], *bytes as f64))
    });
    vec![
        gauge(
            "generation",
            "Number of the set of lists that packets are judged by.",
            one(status.generation as f64),
        ),
        gauge("generation_loaded_timestamp_seconds", "When that became so.", one(seconds(status.loaded))),
        gauge(
            "lists_refused",
            "Whether the last change of lists was refused.",
            one(truth(status.last_refusal.is_some())),
        ),
        gauge("list_entries", "Ranges in a list.", entries),
        gauge(
            "list_loaded_timestamp_seconds",
            "When the set that holds a list became the active one.",
            loaded,
        ),
        gauge("list_modified_timestamp_seconds", "When a list's file was written last.", written),
        gauge(
            "list_confirmed_timestamp_seconds",
            "When the server of a list last said that it is the newest.",
            confirmed,
        ),
        gauge("list_fetch_failing", "Whether there may be a newer list that was not fetched.", troubled),
        gauge("kernel_memory_bytes", "What that set takes in the kernel.", memory),
    ]
}

/// Of lists of the same name under the same label, the oldest.
fn oldest(ages: &[ListAge], when: fn(&ListAge) -> Option<Moment>) -> BTreeMap<Labels, f64> {
    let mut oldest: BTreeMap<Labels, f64> = BTreeMap::new();
    for age in ages {
        if let Some(when) = when(age) {
            let oldest = oldest.entry(named(&age.label, &age.name)).or_insert(f64::INFINITY);
            *oldest = oldest.min(seconds(when));
        }
    }
    oldest
}

fn named(label: &Label, name: &str) -> Labels {
    vec![("label", label.as_str().to_owned()), ("list", name.to_owned())]
}
