//! Action → outcome. The answer to a doubt is pass, and count.

use checker_common::{action::Action, outcome::Outcome};

/// The outcome of a packet whose address lies in a range; `None` stands for a class that the table does not have.
#[inline(always)]
pub(crate) const fn decide(action: Option<Action>) -> Outcome {
    match action {
        Some(Action::Allow) => Outcome::Allowed,
        Some(Action::Alert) => Outcome::Alerted,
        Some(Action::Drop) => Outcome::Dropped,
        None => Outcome::UnknownClass,
    }
}
