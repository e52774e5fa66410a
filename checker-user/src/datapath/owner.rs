//! Whose a program is: what the kernel says of it, and which processes hold it.

use std::{fs, path::Path};

use aya::programs::{ProgramInfo, loaded_programs};
use caps::{CapSet, Capability};

use super::{dispatcher::members::members, interface::ForeignProgram};
use crate::printable::printable;

/// Most processes that are named.
const NAMED: usize = 3;

/// `xdp_filter (id 17, native mode, tag 90f686eb86991928, loaded by uid 0), held by xdpd (pid 4711)`. What the kernel
/// keeps from a process without `CAP_SYS_ADMIN` is left out.
#[must_use]
pub fn describe(foreign: &ForeignProgram, interface: u32) -> String {
    let known = loaded_programs().flatten().find(|program| program.id() == foreign.id);
    let mut about = format!("id {}", foreign.id);
    match foreign.mode {
        Some(mode) => about += &format!(", {mode} mode"),
        None => about += ", offloaded",
    }
    if let Some(program) = &known {
        about += &format!(", tag {:016x}", program.tag());
        if let Some(uid) = program.created_by_uid() {
            about += &format!(", loaded by uid {uid}");
        }
    }
    let name = known.as_ref().and_then(ProgramInfo::name_as_str).or(foreign.name.as_deref());
    let name = name.unwrap_or("of an unknown name");
    let mut text = format!("{} ({about})", printable(name));
    if let Some(members) = members(interface, foreign.id) {
        text += &dispatcher(&members);
    }
    text + &held(&holders(foreign.id), may_look())
}

fn dispatcher(members: &[ProgramInfo]) -> String {
    let called: Vec<_> = members.iter().map(called).collect();
    let of = if called.is_empty() { String::new() } else { format!(", which calls {}", called.join(", ")) };
    format!(", the dispatcher of libxdp{of}")
}

/// `xdp_filter (id 17)`, of a program that a dispatcher calls.
#[must_use]
pub fn called(program: &ProgramInfo) -> String {
    format!("{} (id {})", printable(program.name_as_str().unwrap_or("a program")), program.id())
}

/// `name (pid 12)` of each process that has the program, or a link of it, open; root sees all, others their own.
#[must_use]
pub fn holders(program: u32) -> Vec<String> {
    holders_in("prog_id", program, Path::new("/proc"))
}

/// The same of a map.
#[must_use]
pub fn holders_of_map(map: u32) -> Vec<String> {
    holders_in("map_id", map, Path::new("/proc"))
}

/// `fdinfo` has a line for each since Linux 5.8 (`bpf_map_show_fdinfo`, `bpf_prog_show_fdinfo`, `bpf_link_show_fdinfo`,
/// `kernel/bpf/syscall.c`).
fn holders_in(key: &str, number: u32, proc: &Path) -> Vec<String> {
    let line = format!("{key}:\t{number}");
    let has = |path: &Path| {
        fs::read_to_string(path).is_ok_and(|info| info.lines().any(|found| found.trim_end() == line))
    };
    let mut holders = Vec::new();
    for process in fs::read_dir(proc).into_iter().flatten().flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let mut open = fs::read_dir(process.path().join("fdinfo")).into_iter().flatten().flatten();
        if open.any(|entry| has(&entry.path())) {
            let command = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            holders.push((pid, printable(command.trim_end()).into_owned()));
        }
    }
    holders.sort();
    holders.into_iter().map(|(pid, command)| format!("{command} (pid {pid})")).collect()
}

/// Whether processes of others can be looked into: not by a daemon in its sandbox, which would not find their programs.
fn may_look() -> bool {
    caps::has_cap(None, CapSet::Effective, Capability::CAP_SYS_PTRACE).unwrap_or(false)
}

fn held(holders: &[String], all: bool) -> String {
    let more = holders.len().saturating_sub(NAMED);
    let named = holders.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match (holders.len(), more) {
        (0, _) if all => ", held by no process".to_owned(),
        (0, _) => String::new(),
        (_, 0) => format!(", held by {named}"),
        (_, more) => format!(", held by {named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processes_that_hold_a_program_are_found_by_what_they_have_open() {
        let proc = tempfile::tempdir().unwrap();
        for (pid, command, info) in [
            ("7", "xdpd\n", "pos:\t0\nprog_type:\t6\nprog_id:\t17\n"),
            (
                "30",
                "a\x1b[2Jb\n",
                "link_type:\txdp\nlink_id:\t3\nprog_tag:\t90f6\nprog_id:\t17\nifindex:\t2\n",
            ),
            ("31", "other\n", "prog_id:\t170\n"),
            ("self", "link\n", "prog_id:\t17\n"),
        ] {
            let folder = proc.path().join(pid);
            fs::create_dir_all(folder.join("fdinfo")).unwrap();
            fs::write(folder.join("comm"), command).unwrap();
            fs::write(folder.join("fdinfo/3"), info).unwrap();
        }
        fs::create_dir(proc.path().join("99")).unwrap();
        let found = holders_in("prog_id", 17, proc.path());
        assert_eq!((found.len(), found[0].as_str()), (2, "xdpd (pid 7)"));
        assert!(found[1].ends_with(" (pid 30)") && !found[1].contains('\x1b'), "{}", found[1]);
        assert!(holders_in("map_id", 17, proc.path()).is_empty());
        assert!(holders_in("prog_id", 18, proc.path()).is_empty());
    }

    #[test]
    fn a_crowd_is_not_named_in_full() {
        let crowd: Vec<_> = (1..=5).map(|pid| format!("p (pid {pid})")).collect();
        assert_eq!(held(&[], true), ", held by no process");
        assert_eq!(held(&[], false), "", "who could not look knows of none");
        assert_eq!(held(&crowd[..1], false), ", held by p (pid 1)");
        assert_eq!(held(&crowd, true), ", held by p (pid 1), p (pid 2), p (pid 3) and 2 more");
    }
}
