//! From a record in the ring to a line that somebody reads, one step a file.

pub mod event;
pub mod alert;
pub mod incident;
pub mod moment;
pub mod mac;
pub mod facts;
pub mod line;
pub mod receive;
pub mod protocol;
pub mod service;
pub mod community_id;
pub mod describe;
pub mod stream;
pub mod when;
pub mod filter;
pub mod write;
