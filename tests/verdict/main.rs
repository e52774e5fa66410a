//! The table of `cases/`, run twice: on the host (no root) and in the kernel, one frame at a time. And what only the
//! kernel can show: the account when the ring is full, the switch from one generation to the next.

#[path = "../cases/mod.rs"]
mod cases;
mod host;
mod kernel;
mod ring;
mod switch;
