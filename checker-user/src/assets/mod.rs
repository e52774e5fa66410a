//! Machines by their addresses: what the user's records say, what the network shows, and which of them an alert is about.

pub mod asset;
pub mod mac;
pub mod read;
pub mod table;
pub mod learn;
pub mod vendor;
pub mod machine;
pub mod severity;
pub mod machines;
