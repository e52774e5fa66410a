//! What is on an interface's egress, and how: TCX, or a filter under a clsact qdisc where the kernel has no TCX.

use anyhow::{Context as _, Result};
use aya::{
    programs::{ProgramInfo, SchedClassifier, TcAttachType},
    util::KernelVersion,
};
use serde_json::Value;

use crate::{bpftool::detach_link_of, veth::Wire};

/// Whether this kernel has TCX.
///
/// # Errors
///
/// When the kernel does not tell its version.
pub fn has_tcx() -> Result<bool> {
    Ok(KernelVersion::current()? >= KernelVersion::new(6, 6, 0))
}

/// The mode that the daemon must come to on this kernel.
///
/// # Errors
///
/// As [`has_tcx`].
pub fn mode() -> Result<&'static str> {
    Ok(if has_tcx()? { "tcx" } else { "clsact" })
}

impl Wire {
    /// The programs on what an interface of the near namespace sends, by their ids.
    ///
    /// # Errors
    ///
    /// What the kernel said, or `tc`.
    pub fn egress_programs(&self, interface: &str) -> Result<Vec<u32>> {
        if has_tcx()? {
            let query = || SchedClassifier::query_tcx(interface, TcAttachType::Egress);
            let (_, programs) = self.near.enter(query)??;
            return Ok(programs.iter().map(ProgramInfo::id).collect());
        }
        let shown = self.near.tc(&format!("-json filter show dev {interface} egress"))?;
        let filters: Vec<Value> = serde_json::from_str(&shown).context("`tc -json` printed no JSON")?;
        let ids = filters.iter().filter_map(|filter| filter["options"]["prog"]["id"].as_u64());
        Ok(ids.map(u32::try_from).collect::<Result<_, _>>()?)
    }

    /// Takes the one program on what an interface sends off, as an administrator would.
    ///
    /// # Errors
    ///
    /// What `tc` or bpftool said.
    pub fn take_off_egress(&self, interface: &str) -> Result<()> {
        if has_tcx()? {
            let programs = self.egress_programs(interface)?;
            return detach_link_of(*programs.first().context("nothing is on the egress")?);
        }
        self.near.tc(&format!("filter del dev {interface} egress"))?;
        Ok(())
    }
}
