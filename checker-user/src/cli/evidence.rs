//! The evidence of `checker run`, as options.

use std::path::PathBuf;

use anyhow::ensure;
use clap::{Args, builder::RangedU64ValueParser};

use crate::evidence::spec::EvidenceSpec;

const HEADING: &str = "Packets as evidence";

/// The options.
#[derive(Debug, Args)]
pub struct EvidenceOptions {
    /// Keep the first packet of each restricted flow, up to 512 bytes of it, in this folder as pcapng.
    #[arg(help_heading = HEADING, long, value_name = "DIR")]
    pub evidence: Option<PathBuf>,
    /// How large one file gets, in MiB.
    #[arg(help_heading = HEADING, long, value_name = "MIB", default_value_t = 16, value_parser = RangedU64ValueParser::<u64>::new().range(1..=4096), requires = "evidence")]
    pub evidence_size: u64,
    /// How large all of them get together, in MiB; then the oldest are removed.
    #[arg(help_heading = HEADING, long, value_name = "MIB", default_value_t = 256, requires = "evidence")]
    pub evidence_limit: u64,
}

impl EvidenceOptions {
    /// What was asked for.
    ///
    /// # Errors
    ///
    /// One sentence, when a file would have to give way before the next one is whole.
    pub fn spec(&self) -> anyhow::Result<Option<EvidenceSpec>> {
        let Self { evidence, evidence_size, evidence_limit } = self;
        let Some(folder) = evidence.clone() else { return Ok(None) };
        ensure!(
            *evidence_limit >= 2 * evidence_size,
            "--evidence-limit {evidence_limit} is too small: it must be twice --evidence-size {evidence_size} at least"
        );
        let bytes = |mebibytes: u64| mebibytes.saturating_mul(1 << 20);
        Ok(Some(EvidenceSpec { folder, file: bytes(*evidence_size), total: bytes(*evidence_limit) }))
    }
}
