//! `checker doctor`: what on this machine or an interface keeps checker from watching, or from watching well; a file a
//! check, each with its remedy. Nothing is changed, loaded or attached.

pub mod finding;
pub mod examine;
pub mod draw;

mod kernel;
mod tries;
mod btf;
mod jit;
mod privileges;
mod memory;
mod bpffs;
mod conntrack;
mod clock;
mod disk;
mod lists;
mod pins;

mod generic_netlink;
mod link;
mod offloads;
mod driver;
mod mtu;
mod xdp;
mod tc;
