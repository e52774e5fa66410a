//! Events → lines, in each form: as the published schemas have it, whichever fields an event has, and safe to show.

#![recursion_limit = "256"]

mod events;
mod schema;
mod human;
mod ocsf;
mod ecs;
