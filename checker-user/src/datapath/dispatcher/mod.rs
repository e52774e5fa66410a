//! libxdp's dispatcher: an XDP program that calls others, one after the other, so that several share an interface.
//!
//! It is joined through libxdp itself, by `xdp-loader` (package xdp-tools), which loads an object of checker's as one more
//! program to be called. The object is the daemon's own, changed so that it finds the daemon's maps and settings: so the
//! program judges by the daemon's tables from its first packet on.

pub mod members;
pub mod join;
mod twin;
mod object;
mod btf;
mod guard;
mod tool;

/// Whether a dispatcher could be joined: `xdp-loader` is installed.
#[must_use]
pub fn is_joinable() -> bool {
    tool::find().is_some()
}
