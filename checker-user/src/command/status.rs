//! `checker status`: is it watching, with what, how much of the traffic did it judge, does the account close.

use std::fmt::Write as _;

use anyhow::bail;
use jiff::Timestamp;

use super::{account, print};
use crate::{
    age::age,
    alerts::moment::Moment,
    assets::machines::AssetsStatus,
    cli::control::Query,
    control::{
        client,
        protocol::{Reply, Request},
        status::{CanaryState, CanaryStatus, HookStatus, InterfaceStatus, ListAge, Status},
    },
    evidence::status::EvidenceStatus,
    exit_code::ExitCode,
    printable::printable,
    ranges::memory::Memory,
};

/// Prints how the daemon is.
///
/// # Errors
///
/// No daemon.
pub fn status(arguments: &Query) -> anyhow::Result<ExitCode> {
    let Reply::Status(status) = client::ask(&arguments.control.socket, &Request::Status)? else {
        bail!("the daemon answered something else; is it another version?")
    };
    if arguments.json {
        print::json(&status)?;
    } else {
        print::text(&text(&status))?;
    }
    Ok(ExitCode::Clean)
}

fn text(status: &Status) -> String {
    let mut text = format!("checker {}, pid {}, since {}\n", status.version, status.pid, status.started);
    for interface in &status.interfaces {
        let _infallible = writeln!(text, "{}", line(interface));
    }
    let Status { generation, loaded, lists, ranges_v4, ranges_v6, .. } = status;
    let _infallible = writeln!(
        text,
        "generation {generation}, loaded {loaded}: {lists} lists, {ranges_v4} IPv4 and {ranges_v6} IPv6 ranges"
    );
    for age in &status.ages {
        let _infallible = writeln!(text, "  {}", aged(age, Timestamp::now()));
    }
    if let Some(Memory { index, tries }) = status.memory {
        let _infallible =
            writeln!(text, "kernel memory: indexes {} KiB, tries {} KiB", index >> 10, tries.div_ceil(1024));
    }
    if let Some(refusal) = &status.last_refusal {
        let _infallible = writeln!(text, "the last change was refused: {}", printable(refusal));
    }
    let _infallible = writeln!(text, "canary: {}", canary(&status.canary, Timestamp::now()));
    for reason in &status.unhealthy {
        let _infallible = writeln!(text, "NOT HEALTHY: {}", printable(reason));
    }
    if let Some(assets) = &status.assets {
        text += &known(assets, Timestamp::now());
    }
    let _infallible = writeln!(text, "addresses learned: {}", status.learned);
    let _infallible = writeln!(text, "readers of tail: {}", status.readers);
    let _infallible = writeln!(text, "sandbox: {}", printable(&status.sandbox));
    if let Some(evidence) = &status.evidence {
        text += &kept(evidence);
    }
    text + &account::text(&status.account)
}

/// `ONE one.txt: written 3 days ago, of 2026-07-08`.
fn aged(list: &ListAge, now: Timestamp) -> String {
    let ListAge { label, name, url, modified, fetched, confirmed, trouble, as_of } = list;
    let ago = |moment: &Moment| format!("{} ago", age(now.duration_since(moment.0)));
    let written = match (url, fetched, confirmed, modified) {
        (Some(url), Some(fetched), Some(confirmed), _) => {
            format!("fetched {}, confirmed {}, from {url}", ago(fetched), ago(confirmed))
        }
        (Some(url), ..) => format!("fetched from {url}"),
        (None, .., Some(modified)) => format!("written {}", ago(modified)),
        (None, .., None) => "from a pipe".to_owned(),
    };
    let as_of = as_of.as_ref().map(|day| format!(", of {day}")).unwrap_or_default();
    let trouble = trouble.as_ref().map(|why| format!("\n    NOT REFRESHED: {}", why.replace('\n', "; ")));
    let remarks = as_of + &trouble.unwrap_or_default();
    let remarks: Vec<_> = remarks.split('\n').map(printable).collect();
    format!("{label} {name}: {}{}", printable(&written), remarks.join("\n"))
}

/// `found 12 seconds ago, looked for 3 times`.
fn canary(status: &CanaryStatus, now: Timestamp) -> String {
    let CanaryStatus { state, reason, at, looks, failures } = status;
    let word = match state {
        CanaryState::Found => "found",
        CanaryState::Absent => "none",
        CanaryState::Missed => "NOT FOUND",
        CanaryState::NotRun => "NOT LOOKED FOR",
    };
    let reason = reason.as_ref().map(|reason| format!(": {}", printable(reason))).unwrap_or_default();
    let ago = age(now.duration_since(at.0));
    format!("{word}{reason}, {ago} ago; looked for {looks} times, failed {failures}")
}

/// `assets assets.csv: 3 machines by 4 MAC and 2 IP addresses, written 3 days ago`, and what is wrong with a later version.
fn known(assets: &AssetsStatus, now: Timestamp) -> String {
    let AssetsStatus { path, machines, mac_addresses, ip_addresses, skipped, modified, last_refusal, .. } =
        assets;
    let written = modified.map_or_else(
        || "from a pipe".to_owned(),
        |modified| format!("written {} ago", age(now.duration_since(modified.0))),
    );
    let mut text =
        format!("assets {path}: {machines} machines by {mac_addresses} MAC and {ip_addresses} IP addresses");
    if *skipped > 0 {
        text += &format!(" ({skipped} entries without any)");
    }
    text += &format!(", {written}\n");
    if let Some(refusal) = last_refusal {
        let lines: Vec<_> = refusal.lines().map(printable).collect();
        text += &format!("  a later version was refused: {}\n", lines.join("; "));
    }
    text
}

/// `evidence DIR: 17 packets written, 0 lost; 2 files, 40 KiB`.
fn kept(status: &EvidenceStatus) -> String {
    let EvidenceStatus { folder, written, lost, files, bytes, removed, failing } = status;
    let mut text =
        format!("evidence {}: {written} packets written, {} lost", printable(folder), lost.total());
    if lost.total() > 0 {
        text += &format!(" (no room {}, write failed {})", lost.no_room, lost.failed);
    }
    text += &format!("; {files} files, {} KiB", bytes.div_ceil(1024));
    if *removed > 0 {
        text += &format!("; {removed} older ones removed");
    }
    if let Some(why) = failing {
        text += &format!("\n  NOT WRITTEN: {}", printable(why));
    }
    text + "\n"
}

/// `near0 (index 2): native mode, egress in tcx mode, up`.
fn line(interface: &InterfaceStatus) -> String {
    let InterfaceStatus { name, index, ingress, egress, promiscuous, up } = interface;
    let mut line = format!("{} (index {index}): ", printable(name));
    if let Some(hook) = ingress {
        line += &format!("{} mode, {}", hook.mode, remarks(hook));
    }
    if let Some(hook) = egress {
        line += &format!("egress in {} mode, {}", hook.mode, remarks(hook));
    }
    if *promiscuous {
        line += "promiscuous, ";
    }
    line + if *up { "up" } else { "DOWN" }
}

/// What is not as it was asked for.
fn remarks(hook: &HookStatus) -> String {
    let mut remarks = String::new();
    if let Some(why) = &hook.fallback {
        remarks += &format!("because {why}, ");
    }
    if !hook.attached {
        remarks += "NOT ATTACHED: checker's program is not on it any more, ";
    }
    remarks
}
