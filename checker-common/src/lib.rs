//! Both sides of the border between kernel and user space.
//!
//! Compiled twice: into the BPF object, and into everything that runs on the host (loader, tests, scanner).
//! So there is one parser, one list of outcomes and one layout of the alert record.
//!
//! **Byte order.** Addresses, ports and tags stay as they stand in the packet: big-endian byte arrays. Numbers
//! that the kernel program makes itself (time, generation, lengths) are big-endian byte arrays as well.
//!
//! **Layout.** Records that cross the border have private fields, alignment 1 and so no implicit padding, and
//! their size is asserted at compile time.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod abi;
pub mod outcome;
pub mod action;
pub mod bytes;
pub mod packet;
pub mod parse;
pub mod nat64;
pub mod embedded;
pub mod candidate;
pub mod index;
pub mod account;
pub mod alert;
pub mod evidence;
pub mod flow;
