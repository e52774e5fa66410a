//! The daemon: brings everything up in order, then one select loop over ring, signals and the output, then takes
//! everything down again and closes the account.

pub mod records;
pub mod loader;
pub mod watch;
pub mod account;
pub mod commands;
pub mod run;
