//! The kernel side as the daemon sees it, in the order in which it comes up: what the machine must have, the
//! object, its maps, the interface, the link, the counters.

pub mod preflight;
pub mod object;
pub mod direction;
pub mod load;
pub mod interface;
pub mod attach;
pub mod egress;
pub mod promiscuous;
pub mod counters;
pub mod kernel_log;
