//! checker's program → a dispatcher, first of those that it calls.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use aya::{Ebpf, maps::MapInfo, programs::ProgramInfo};
use checker_common::abi;
use rtnetlink::Handle;
use tempfile::NamedTempFile;
use tracing::{info, warn};

use super::{guard::Guard, members::members, object, tool, twin::Twin};
use crate::{
    datapath::{
        interface::{self, ForeignProgram, Interface},
        load::xdp,
        mode::Mode,
        object::DEFAULT,
        owner,
    },
    printable::printable,
};

/// Before all others: the least that `xdp-loader` takes. The usual is 50.
const PRIORITY: &str = "1";

/// The program in a dispatcher.
#[derive(Debug)]
pub struct Member {
    /// The kernel's number for it.
    pub program: u32,
    /// Its tag.
    pub tag: u64,
    guard: Guard,
}

/// Joins the dispatcher that is on the interface.
///
/// # Errors
///
/// One sentence: that `xdp-loader` is not installed, what it said, or what the kernel said.
pub async fn join(
    ebpf: &mut Ebpf,
    interface: &Interface,
    dispatcher: &ForeignProgram,
    netlink: &Handle,
) -> anyhow::Result<Member> {
    let Some(tool) = tool::find() else {
        bail!("xdp-loader is not installed: package xdp-tools has it");
    };
    let name = interface.name.as_str();
    let mode = match dispatcher.mode {
        Some(Mode::Generic) => "skb",
        Some(Mode::Native) => "native",
        other => bail!("a dispatcher in mode {other:?} cannot be joined"),
    };
    for stale in members(interface.index, dispatcher.id).unwrap_or_default() {
        if stale.name_as_str() == Some(abi::PROGRAM) && is_left_behind(&stale) {
            warn!(
                "{name}: a program (id {}) of a daemon that was killed is taken out of the dispatcher",
                stale.id()
            );
            tool::run(&tool, &["unload", name, "--id", &stale.id().to_string()])?;
        }
    }
    let own = xdp(ebpf)?.info()?;
    let twin = Twin::of(&own)?;
    let mut file = NamedTempFile::with_suffix(".bpf.o").context("cannot make a file for the object")?;
    file.write_all(&object::prepare(DEFAULT, &twin.maps, &twin.data)?).context("cannot write the object")?;
    let (path, pins) = (file.path().to_string_lossy(), twin.folder.to_string_lossy());
    let words = ["load", "-m", mode, "-P", PRIORITY, "-n", abi::PROGRAM, "-p", &pins, name, &path];
    tool::run(&tool, &words)?;
    // libxdp has put another dispatcher in the place of the one that was there.
    let now = interface::again(netlink, interface.index).await.and_then(|now| now.xdp);
    let number = now.map(|now| now.id).context("there is no program on it")?;
    let members = members(interface.index, number).unwrap_or_default();
    let active = map_of(&own, abi::ACTIVE);
    let is_ours = |member: &&ProgramInfo| map_of(member, abi::ACTIVE).is_some_and(|map| Some(map) == active);
    let ours =
        members.iter().find(is_ours).context("xdp-loader loaded it, and it is not in the dispatcher")?;
    let guard = Guard::start(&tool, name, ours.id())?;
    let others = members.iter().filter(|member| member.id() != ours.id());
    let others: Vec<_> = others.map(owner::called).collect();
    let beside = if others.is_empty() { String::new() } else { format!(", beside {}", others.join(", ")) };
    info!("{name}: joined the dispatcher of libxdp (id {number}){beside}");
    Ok(Member { program: ours.id(), tag: ours.tag(), guard })
}

impl Member {
    /// The interface has another name.
    pub fn rename(&mut self, interface: &str) {
        if let Err(error) = self.guard.rename(interface) {
            warn!(
                "{}: who shall take the program out does not hear of the name: {error}",
                printable(interface)
            );
        }
    }

    /// Takes the program out of the dispatcher.
    ///
    /// # Errors
    ///
    /// What `xdp-loader` said.
    pub fn leave(self) -> anyhow::Result<()> {
        self.guard.take_out()
    }
}

/// Whether no process has the tables of a program.
fn is_left_behind(program: &ProgramInfo) -> bool {
    map_of(program, abi::ACTIVE).is_some_and(|map| owner::holders_of_map(map).is_empty())
}

/// The number of a program's map.
fn map_of(program: &ProgramInfo, name: &str) -> Option<u32> {
    let maps = program.map_ids().ok()??;
    maps.into_iter().find(|id| MapInfo::from_id(*id).is_ok_and(|info| info.name_as_str() == Some(name)))
}
