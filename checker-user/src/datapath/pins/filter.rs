//! A filter under clsact (before Linux 6.6) that outlives the daemon. It is no link and stays by itself; so its program is
//! pinned, and the filter is found again as the one on the interface that has this program, whatever else is there.
//!
//! What is pinned beside the program is a folder whose name says in which network namespace the filter is, and whether
//! the qdisc was made for it: the BPF file system holds no files of other kinds.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context as _, bail};
use aya::programs::{ProgramInfo, SchedClassifier};
use rtnetlink::Handle;

use super::{
    attach::same_build,
    folder::{Folder, entries},
    link::Seen,
};
use crate::datapath::{
    clsact,
    egress::Egress,
    interface::{self, Interface},
};

/// The program that is in the filter.
const PROGRAM: &str = "egress_program";

/// The one that takes its place.
const NEXT: &str = "egress_program_next";

/// `clsact_NAMESPACE_made` or `clsact_NAMESPACE_found`.
const MARK: &str = "clsact_";

/// Pins the program before it is put into a filter: so one that is there can be told from others at any moment.
pub(super) fn prepare(program: &mut SchedClassifier, folder: &Folder) -> anyhow::Result<()> {
    let path = folder.path.join(PROGRAM);
    // Of a filter that somebody took off.
    forget(folder);
    program.pin(&path).with_context(|| format!("cannot pin {}", path.display()))
}

/// There is no filter, or none any more.
pub(super) fn forget(folder: &Folder) {
    for name in entries(&folder.path).into_iter().filter(|name| is_own(name)) {
        let path = folder.path.join(name);
        let _none = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
    }
}

/// Has a filter that was attached outlive the daemon.
pub(super) fn keep(
    program: &mut SchedClassifier,
    egress: &mut Egress,
    folder: &Folder,
) -> anyhow::Result<()> {
    let filter = egress.take_filter().context("there is no filter")?;
    // One that somebody took off has left its qdisc.
    let before = mark(&folder.path).is_some_and(|mark| mark.made);
    let made = if filter.release(program)? || before { "made" } else { "found" };
    for old in entries(&folder.path).into_iter().filter(|name| name.starts_with(MARK)) {
        fs::remove_dir(folder.path.join(old))?;
    }
    let mark = folder.path.join(format!("{MARK}{}_{made}", namespace()?));
    let marked = fs::DirBuilder::new().mode(0o700).create(&mark);
    marked.with_context(|| format!("cannot make {}", mark.display()))?;
    *egress = Egress::kept(program.info()?.id());
    Ok(())
}

/// Puts the program into the filter that a daemon before has left, in one write (`cls_bpf_change`,
/// `net/sched/cls_bpf.c`). `None` where there is none any more.
pub(super) async fn adopt(
    program: &mut SchedClassifier,
    interface: &Interface,
    folder: &Folder,
    replace: bool,
    netlink: &Handle,
) -> anyhow::Result<Option<Egress>> {
    let pinned = pinned(&folder.path);
    if pinned.is_empty() {
        return Ok(None);
    }
    is_here(&folder.path, &interface.name)?;
    let numbers: Vec<_> = pinned.iter().map(|(_, program)| program.id()).collect();
    let found = clsact::find(interface.index, &numbers, netlink).await;
    let Some(place) = found.with_context(|| format!("cannot ask for the filters of {}", interface.name))?
    else {
        forget(folder);
        return Ok(None);
    };
    let (path, next) = (folder.path.join(PROGRAM), folder.path.join(NEXT));
    for (name, before) in pinned.iter().filter(|(_, program)| program.id() == place.program) {
        same_build(&interface.name, seen(before), &program.info()?, replace)?;
        if *name == NEXT {
            // That start was killed between the two.
            fs::rename(&next, &path)?;
        }
    }
    let _none = fs::remove_file(&next);
    program.pin(&next).with_context(|| format!("cannot pin {}", next.display()))?;
    clsact::replace(program, interface, &place)?;
    fs::rename(&next, &path)?;
    Ok(Some(Egress::kept(program.info()?.id())))
}

/// Whether the program in the filter that was left is of this build; see [`super::attach::check`].
pub(super) fn check(folder: &Folder, own: &ProgramInfo, replace: bool) -> anyhow::Result<()> {
    let pinned = pinned(&folder.path);
    let programs = pinned.iter().map(|(_, program)| program);
    programs
        .filter(|program| program.id() != own.id())
        .try_for_each(|before| same_build(&folder.interface, seen(before), own, replace))
}

/// Whether a filter of this folder, if there is one, can be reached from this network namespace.
///
/// # Errors
///
/// One sentence, when it is in another one.
pub(super) fn is_here(path: &Path, interface: &str) -> anyhow::Result<()> {
    let Some(mark) = mark(path) else { return Ok(()) };
    if mark.namespace != namespace()? {
        bail!(
            "what {interface} sends is judged by a filter in another network namespace: it is left alone here; \
             `nsenter --net=…` goes there"
        );
    }
    Ok(())
}

/// Takes the filter off, and the qdisc if it was made for it.
pub(super) fn take_off(folder: &Folder) {
    let numbers: Vec<_> = pinned(&folder.path).iter().map(|(_, program)| program.id()).collect();
    if numbers.is_empty() || is_here(&folder.path, &folder.interface).is_err() {
        return;
    }
    let made = mark(&folder.path).is_some_and(|mark| mark.made);
    // Whoever asks may be in a runtime already, which cannot wait for another one.
    let done = thread::scope(|scope| {
        let job = scope.spawn(|| -> anyhow::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
            runtime.block_on(async {
                let (connection, netlink, _) = rtnetlink::new_connection()?;
                tokio::spawn(connection);
                // One that is gone has no filter.
                let Ok(interface) = interface::find(&netlink, &folder.interface).await else { return Ok(()) };
                clsact::take_off(&interface, &numbers, made, &netlink).await
            })
        });
        job.join()
    });
    if let Ok(Err(error)) = done {
        tracing::warn!("{}: {error:#}", folder.interface);
    }
}

fn seen(program: &ProgramInfo) -> Seen {
    Seen { interface: None, program: program.id(), tag: program.tag() }
}

struct Mark {
    namespace: u64,
    made: bool,
}

fn mark(path: &Path) -> Option<Mark> {
    entries(path).into_iter().find_map(|name| {
        let (namespace, made) = name.strip_prefix(MARK)?.split_once('_')?;
        Some(Mark { namespace: namespace.parse().ok()?, made: made == "made" })
    })
}

/// The programs that may be in the filter, with the names of their pins.
fn pinned(path: &Path) -> Vec<(&'static str, ProgramInfo)> {
    let program = |name: &'static str| Some((name, ProgramInfo::from_pin(path.join(name)).ok()?));
    [PROGRAM, NEXT].into_iter().filter_map(program).collect()
}

fn is_own(name: &str) -> bool {
    [PROGRAM, NEXT].contains(&name) || name.starts_with(MARK)
}

/// The number of this thread's network namespace.
fn namespace() -> io::Result<u64> {
    Ok(fs::metadata(PathBuf::from("/proc/thread-self/ns/net"))?.ino())
}
