//! A cable between two namespaces: what is sent at the far end arrives at the near end, and nothing else does.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{netns::Namespace, send::Sender};

/// Name of the first interface in the near namespace, where the daemon runs.
pub const NEAR: &str = "near0";
/// Name of its other end.
pub const FAR: &str = "far0";

/// Two namespaces and veth pairs between them.
#[derive(Debug)]
pub struct Wire {
    /// Where the daemon runs.
    pub near: Namespace,
    /// Where frames are sent from.
    pub far: Namespace,
}

impl Wire {
    /// Two namespaces and one pair, [`NEAR`] and [`FAR`], both up.
    ///
    /// # Errors
    ///
    /// Without root, or what `ip` said.
    pub fn new() -> Result<Self> {
        let wire = Self { near: Namespace::new("near")?, far: Namespace::new("far")? };
        wire.add_pair(NEAR, FAR)?;
        Ok(wire)
    }

    /// Adds another pair, both ends up.
    ///
    /// # Errors
    ///
    /// What `ip` said.
    pub fn add_pair(&self, near: &str, far: &str) -> Result<()> {
        let other = self.far.name();
        self.near.ip(&format!("link add {near} type veth peer name {far} netns {other}"))?;
        // No ARP and no addresses: the kernel itself has nothing to send.
        self.near.ip(&format!("link set {near} arp off up"))?;
        self.far.ip(&format!("link set {far} arp off up"))?;
        Ok(())
    }

    /// Sends at [`FAR`].
    ///
    /// # Errors
    ///
    /// When there is no socket to be had.
    pub fn sender(&self) -> Result<Sender<'_>> {
        Sender::new(&self.far, FAR)
    }

    /// The XDP program on an interface of the near namespace, by its id.
    ///
    /// # Errors
    ///
    /// What `ip` said.
    pub fn xdp_program(&self, interface: &str) -> Result<Option<u32>> {
        let shown = self.near.ip(&format!("-json link show dev {interface}"))?;
        let shown: Value = serde_json::from_str(&shown).context("`ip -json` printed no JSON")?;
        let id = shown[0]["xdp"]["prog"]["id"].as_u64();
        Ok(id.map(u32::try_from).transpose()?)
    }
}
