//! A log that shows what was done to it: lines in a file, a Merkle tree over them beside it (RFC 6962, C2SP `tlog`), and
//! signed checkpoints (C2SP `tlog-checkpoint`) among the lines. `docs/sealed-log.md` says what that proves.

pub mod key;
pub mod seal;
pub mod storage;
pub mod frontier;
pub mod tree;
pub mod tail;
pub mod log;
pub mod recover;
pub mod files;
pub mod verify;
pub mod prove;

#[cfg(test)]
mod tests;
