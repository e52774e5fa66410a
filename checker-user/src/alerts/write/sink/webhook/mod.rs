//! HTTP POST to a server of the user's choice, with or without a spool on disk.

pub mod endpoint;
pub(super) mod post;
mod body;
pub(super) mod direct;
pub(super) mod spool;
pub(super) mod spooled;
