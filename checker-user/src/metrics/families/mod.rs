//! Which metrics there are: what `status` and `lists` say, in Prometheus's terms.

mod packets;
mod account;
mod sinks;
mod evidence;
mod watching;
mod ranges;

use super::family::{Families, Labels, gauge, info};
use crate::{alerts::moment::Moment, control::status::Status, ranges::generation::ListReport};

/// Everything that is measured.
pub(super) fn families(status: &Status, lists: &[ListReport]) -> Families {
    let mut families = vec![
        info("build", "Version of the daemon.", vec![("version", status.version.clone())]),
        gauge("start_time_seconds", "When the daemon started.", one(seconds(status.started))),
    ];
    families.extend(packets::packets(&status.account));
    families.extend(account::account(&status.account));
    families.extend(sinks::sinks(&status.account));
    families.extend(status.evidence.iter().flat_map(evidence::evidence));
    families.extend(watching::watching(status));
    families.extend(ranges::ranges(status, lists));
    Families(families)
}

fn one(value: f64) -> [(Labels, f64); 1] {
    [(Labels::new(), value)]
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}

fn seconds(moment: Moment) -> f64 {
    moment.0.as_microsecond() as f64 / 1e6
}
