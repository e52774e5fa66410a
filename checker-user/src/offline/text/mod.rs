//! Addresses in any text: logs above all. `docs/scan.md` has the exact rules of what counts as one.

pub mod blocks;
pub mod mask;
pub mod find;
pub mod ipv4;
pub mod ipv6;
pub mod hits;
pub mod write;
pub mod workers;
