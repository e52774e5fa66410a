//! `checker tail`: the alerts of a running daemon, as they come.

mod follow;
mod ends;
mod past;
mod summary;

pub use follow::tail;
