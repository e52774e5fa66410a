//! Somebody else who may do what checker may: puts a program of its own into a link that checker holds.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use anyhow::{Context as _, Result};
use aya::{
    Ebpf,
    programs::{
        SchedClassifier, Xdp,
        links::{FdLink, PinnedLink},
        tc::SchedClassifierLink,
        xdp::XdpLink,
    },
};
use checker_common::abi;
use checker_user::datapath::object;

use crate::bpftool::pin_link_of;

/// Tells apart the pins of one process.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Both programs of the default object, with maps of their own: no list, nothing is told.
pub struct Stranger {
    ebpf: Ebpf,
}

impl Stranger {
    /// Loads them.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn load() -> Result<Self> {
        let mut ebpf = Ebpf::load(object::DEFAULT)?;
        xdp(&mut ebpf)?.load()?;
        classifier(&mut ebpf)?.load()?;
        Ok(Self { ebpf })
    }

    /// Pins the program for what goes out, for tc; gives the pin.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn pin_egress(&mut self) -> Result<Pin> {
        let pin = Pin(place());
        classifier(&mut self.ebpf)?.pin(&pin.0)?;
        Ok(pin)
    }

    /// Puts the XDP program into the link that is pinned there; gives its id.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn take_over_pinned(&mut self, path: &Path) -> Result<u32> {
        let link = PinnedLink::from_pin(path).with_context(|| format!("no link at {}", path.display()))?;
        let program = xdp(&mut self.ebpf)?;
        program.attach_to_link(XdpLink::try_from(FdLink::from(link))?)?;
        Ok(program.info()?.id())
    }

    /// Puts the XDP program into the link of that program, which nobody pinned; gives its id.
    ///
    /// # Errors
    ///
    /// When the program has not exactly one link, or what the kernel said.
    pub fn take_over_ingress(&mut self, other: u32) -> Result<u32> {
        let program = xdp(&mut self.ebpf)?;
        program.attach_to_link(XdpLink::try_from(link_of(other)?)?)?;
        Ok(program.info()?.id())
    }

    /// The same with the program for what goes out.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn take_over_egress(&mut self, other: u32) -> Result<u32> {
        let program = classifier(&mut self.ebpf)?;
        program.attach_to_link(SchedClassifierLink::try_from(link_of(other)?)?)?;
        Ok(program.info()?.id())
    }
}

/// A pin; dropping it removes it.
#[derive(Debug)]
pub struct Pin(PathBuf);

impl Pin {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        // There is nobody to tell; `cargo xtask test` looks for pins that stayed.
        let _removed = fs::remove_file(&self.0);
    }
}

fn place() -> PathBuf {
    let number = NEXT.fetch_add(1, Relaxed);
    format!("/sys/fs/bpf/checker-test-stranger-{}-{number}", process::id()).into()
}

/// A link that is held by another process, by the number of its program: bpftool gets it by its own number.
fn link_of(program: u32) -> Result<FdLink> {
    let path = place();
    pin_link_of(program, &path)?;
    Ok(PinnedLink::from_pin(&path)?.unpin()?)
}

fn xdp(ebpf: &mut Ebpf) -> Result<&mut Xdp> {
    Ok(ebpf.program_mut(abi::PROGRAM).context("no XDP program")?.try_into()?)
}

fn classifier(ebpf: &mut Ebpf) -> Result<&mut SchedClassifier> {
    Ok(ebpf.program_mut(abi::EGRESS_PROGRAM).context("no classifier")?.try_into()?)
}
