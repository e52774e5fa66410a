//! Judges what did not come as a packet, with the same lists and the same table as the kernel's.

pub mod addresses;
