//! The Elastic Common Schema, version 9 (<https://www.elastic.co/docs/reference/ecs>), with nested objects and
//! checker's own data under `checker`.

mod head;
mod rule;
mod alert;
mod other;
mod write;

pub(crate) use head::{Head, head};
pub(crate) use rule::{Related, Rule, related, rule};
pub(super) use write::write;
