//! From a record in the ring to a line that somebody reads, one step a file.

pub mod event;
pub mod receive;
pub mod describe;
pub mod stream;
pub mod write;
