//! The kernel program, one step a file, in the order in which a packet takes them.
#![no_std]
#![cfg_attr(target_arch = "bpf", feature(asm_experimental_arch))]

pub mod settings;
pub mod classify;
pub mod hook;
mod frame;
mod walk;
mod lookup;
mod decide;
mod judge;
mod report;
mod flow;
mod evidence;
mod count;

// What the bench asks beside the whole path; not in the object that checker loads.
#[cfg(feature = "bench")]
pub mod bench;
