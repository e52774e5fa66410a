//! What can be typed for `checker run` about outliving the daemon.

use std::path::PathBuf;

use clap::Args;

use crate::{daemon::settings::Pinning, datapath::pins::DEFAULT_PINS};

/// The options of [`PinOptions`] in a help text.
const PINS: &str = "When the daemon ends";

/// Pins of `checker run`.
#[derive(Debug, Args)]
pub struct PinOptions {
    /// Keep links and maps in a folder for each interface, here or in /sys/fs/bpf/checker: when the daemon ends, or is
    /// killed, the kernel goes on judging and counting, and the next `checker run --pin` goes on with it. `checker detach`
    /// takes it off.
    #[arg(help_heading = PINS, long, value_name = "FOLDER", num_args = 0..=1, require_equals = true, default_missing_value = DEFAULT_PINS)]
    pub pin: Option<PathBuf>,
    /// Take over from a daemon that runs, and put this program in the place of one of another build; no packet is left
    /// unjudged. Implies --pin.
    #[arg(help_heading = PINS, long)]
    pub replace: bool,
}

impl PinOptions {
    /// What was asked for.
    #[must_use]
    pub fn pinning(self) -> Option<Pinning> {
        let Self { pin, replace } = self;
        let root = pin.or_else(|| replace.then(|| DEFAULT_PINS.into()))?;
        Some(Pinning { root, replace })
    }
}
