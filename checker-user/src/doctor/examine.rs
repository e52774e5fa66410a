//! All checks, one after the other.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rtnetlink::Handle;

use super::{
    bpffs, btf, clock, conntrack, disk, driver, finding::Finding, jit, kernel, kernel::Release, link, lists,
    memory, mtu, offloads, pins, privileges, tc, tries, xdp,
};
use crate::datapath::pins::survey::survey;

/// What is to be looked at.
#[derive(Clone, Debug)]
pub struct Patient {
    /// Interfaces, beside the machine.
    pub interfaces: Vec<String>,
    /// Where logs are written, or would be.
    pub log: PathBuf,
    /// Where daemons leave pins.
    pub pins: PathBuf,
    /// Where the daemon keeps what it needs again.
    pub state: PathBuf,
    /// Where a daemon listens, if one does.
    pub socket: PathBuf,
    /// How old a list may be.
    pub stale: Duration,
}

/// Looks at the machine, then at each interface.
pub async fn examine(patient: &Patient) -> Vec<Finding> {
    let release = Release::running();
    let mut findings = vec![
        kernel::check(&release),
        tries::check(&release),
        btf::check(),
        jit::check(),
        privileges::check(),
        memory::check(&release),
        bpffs::check(),
        conntrack::check(),
        clock::check(),
        disk::check("log disk", &patient.log),
        disk::check("state disk", &patient.state),
    ];
    let pinned = survey(&patient.pins);
    findings.push(pins::check(&patient.pins, &pinned));
    findings.extend(lists::check(&patient.socket, patient.stale, &pinned, &patient.state));
    if patient.interfaces.is_empty() {
        return findings;
    }
    match rtnetlink::new_connection() {
        Ok((connection, netlink, _)) => {
            tokio::spawn(connection);
            for name in &patient.interfaces {
                let found = interface(name, &release, &netlink, &patient.pins).await;
                findings.extend(found.into_iter().map(|finding| finding.of(name)));
            }
        }
        Err(error) => findings.push(Finding::prevents(
            "netlink",
            format!("cannot be opened: {error}"),
            "allow AF_NETLINK sockets",
        )),
    }
    findings
}

async fn interface(name: &str, release: &Release, netlink: &Handle, pins: &Path) -> Vec<Finding> {
    let link = match link::ask(netlink, name).await {
        Ok(link) => link,
        Err(error) => {
            let remedy =
                "name one that ip link shows, with Ethernet frames; under a tunnel, the one that carries it";
            return vec![Finding::prevents("link", format!("{error:#}"), remedy)];
        }
    };
    let features = driver::ask(link.interface.index);
    let mut findings = vec![
        link::check(&link),
        driver::check(&link, features),
        mtu::check(&link, features),
        xdp::check(&link, release, pins),
        tc::check(&link, release, netlink).await,
    ];
    findings.extend(offloads::check(&link));
    findings
}
