//! A fetched list for a command that ends soon: the copy that a daemon keeps is used while it is young, and kept by nobody
//! else.

use anyhow::Result;
use jiff::Timestamp;

use super::{
    Remote,
    copy::About,
    round::{Outcome, Round, usable},
};
use crate::{
    age::age,
    ranges::{source::Source, spec::ListSpec},
};

/// The copy, if it was confirmed within the time after which it would be fetched again; else what the server has; else the
/// old copy, with a warning.
///
/// # Errors
///
/// One sentence: there is none to be had, or it must not be used.
pub fn obtain(spec: &ListSpec, remote: &Remote) -> Result<Source> {
    let copy = usable(spec);
    let age_of = |about: &About| Timestamp::now().duration_since(about.confirmed);
    if let Some((about, source)) = copy {
        let young = u64::try_from(age_of(&about).as_secs())
            .is_ok_and(|age| age < remote.refresh.duration().as_secs());
        if young {
            return Ok(source);
        }
        let round = Round::ask([spec]);
        if let Some(Outcome::Unreachable { why, .. }) = round.outcome(spec) {
            tracing::warn!("{why}; the copy that was fetched {} ago is used", age(age_of(&about)));
        }
        return round.source(spec);
    }
    Round::ask([spec]).source(spec)
}
