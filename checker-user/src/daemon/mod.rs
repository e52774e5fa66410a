//! The daemon: brings everything up in order, then one select loop over ring, signals and the output, then takes
//! everything down again and closes the account.

pub mod records;
pub mod estate;
pub mod loader;
pub mod condition;
pub mod watch;
mod lookout;
mod pace;
mod arrivals;
pub mod inspect;
pub mod account;
mod ledger;
pub mod limit;
pub mod flows;
mod list_flows;
pub mod sweep;
mod alerts;
mod before;
pub mod commands;
mod follow;
mod canary;
pub mod health;
pub mod remotes;
mod refresh;
mod assets;
pub mod settings;
mod start;
pub mod run;
mod stop;
mod take_over;
mod descriptors;
mod aside;
mod places;
mod notify;
mod signals;
mod heartbeat;
