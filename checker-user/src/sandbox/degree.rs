//! How much of what it could do the daemon gives up.

use clap::ValueEnum;

/// What `checker run --sandbox` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sandbox {
    /// Two capabilities, few system calls and a few folders stay.
    On,
    /// The same without any capability, so that the lists stay as they are; for --pin.
    NoCapabilities,
    /// Nothing is given up.
    Off,
}
