//! One file for each command: what it reads, does and prints.

pub mod run;
pub mod tail;
pub mod change;
pub mod lists;
pub mod status;
pub mod detach;
pub mod check;
pub mod account;
mod dispatch;
mod print;

pub use dispatch::carry_out;
