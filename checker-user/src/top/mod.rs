//! `checker top`: a running daemon on the terminal, as it is now. The state is pure: answers and keys go in, what is to be
//! seen comes out; only `run.rs` knows of a terminal, and only `poll.rs` of a socket.

mod poll;
mod rates;
mod column;
mod sieve;
mod state;
mod keys;
mod draw;
pub mod run;
#[cfg(test)]
mod tests;
