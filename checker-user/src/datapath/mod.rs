//! The kernel side as the daemon sees it, in the order in which it comes up: what the machine must have, the
//! object, its maps, the interface, the hooks on it, the counters.

pub mod preflight;
pub mod object;
pub mod direction;
pub mod ring;
pub mod load;
pub mod mode;
pub mod interface;
pub mod owner;
pub mod dispatcher;
pub mod attach;
pub mod behind;
pub mod clsact;
pub(crate) mod tcx;
pub mod egress;
pub mod promiscuous;
pub mod attachment;
pub mod pins;
pub mod counters;
pub mod flows;
pub mod canary;
pub mod kernel_log;
