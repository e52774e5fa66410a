//! A program that is on an interface already, and whose it is.

use aya::programs::loaded_programs;
use checker_common::abi;

use super::{finding::Finding, holders::holders, link::Link};
use crate::datapath::interface::ForeignProgram;

const NAME: &str = "xdp";

/// The program of libxdp that calls others (`xdp-dispatcher.c`, xdp-tools).
const DISPATCHER: &str = "xdp_dispatcher";

pub(super) fn check(link: &Link) -> Finding {
    let Some(program) = &link.interface.xdp else {
        return Finding::ok(NAME, "no program is on it");
    };
    judge(program, loaded_by(program.id), &holders(program.id))
}

fn judge(program: &ForeignProgram, uid: Option<u32>, holders: &[String]) -> Finding {
    let name = program.name.as_deref();
    if name == Some(abi::PROGRAM) && holders.iter().any(|holder| holder.starts_with("checker (")) {
        return Finding::ok(NAME, format!("checker's own: {program}, held by {}", holders.join(", ")));
    }
    let by = uid.map(|uid| format!(", loaded by uid {uid}")).unwrap_or_default();
    if name == Some(DISPATCHER) {
        return Finding::prevents(
            NAME,
            format!("programs of libxdp are on it: {program}{by}"),
            "xdp-loader status shows them; xdp-loader unload takes them off",
        );
    }
    if holders.is_empty() {
        return Finding::prevents(
            NAME,
            format!("another program is on it: {program}{by}; no process holds it"),
            "ip link set DEV xdp off, or checker run --force, takes it off; a pinned link is to be removed",
        );
    }
    Finding::prevents(
        NAME,
        format!("another program is on it: {program}{by}, held by {}", holders.join(", ")),
        "stop who holds it, or watch --direction egress only",
    )
}

/// Which user loaded it; `CAP_SYS_ADMIN` may ask.
fn loaded_by(id: u32) -> Option<u32> {
    loaded_programs().flatten().find(|program| program.id() == id)?.created_by_uid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{datapath::mode::Mode, doctor::finding::State};

    fn program(name: &str) -> ForeignProgram {
        ForeignProgram { id: 7, name: Some(name.to_owned()), mode: Some(Mode::Native) }
    }

    #[test]
    fn only_a_checker_that_runs_is_no_obstacle() {
        let own = judge(&program(abi::PROGRAM), Some(0), &["checker (pid 3)".to_owned()]);
        assert_eq!(own.state, State::Ok);
        for (name, holders) in [
            (abi::PROGRAM, vec![]),
            (DISPATCHER, vec![]),
            ("drop_all", vec!["cilium-agent (pid 9)".to_owned()]),
        ] {
            let finding = judge(&program(name), Some(0), &holders);
            assert_eq!(finding.state, State::Prevents, "{name}");
            assert!(finding.said.contains(name) && finding.said.contains("uid 0"), "{}", finding.said);
            assert!(holders.iter().all(|holder| finding.said.contains(holder)), "{}", finding.said);
        }
    }
}
