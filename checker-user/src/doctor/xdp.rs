//! A program that is on an interface already, and whose it is.

use std::path::Path;

use checker_common::abi;

use super::{finding::Finding, kernel::Release, link::Link};
use crate::datapath::{dispatcher, interface::Interface, owner, pins::survey};

const NAME: &str = "xdp";

pub(super) fn check(link: &Link, release: &Release, pins: &Path) -> Finding {
    let Interface { name, index, xdp, .. } = &link.interface;
    let Some(program) = xdp else {
        return Finding::ok(NAME, "no program is on it");
    };
    let owner = owner::describe(program, *index);
    if survey::receiving(pins, name, *index) == Some(program.id) && owner.ends_with(", held by no process") {
        return Finding::ok(
            NAME,
            format!("checker's own, pinned: {owner}; checker run --pin goes on with it"),
        );
    }
    if dispatcher::members::members(*index, program.id).is_some() {
        return join(&owner, dispatcher::is_joinable());
    }
    judge(&owner, release)
}

/// It is libxdp's dispatcher.
fn join(owner: &str, joinable: bool) -> Finding {
    if joinable {
        Finding::ok(NAME, format!("checker joins what is on it: {owner}"))
    } else {
        let said = format!("another program is on it: {owner}; checker cannot join it without xdp-loader");
        Finding::warning(NAME, said, "install xdp-tools")
    }
}

fn judge(owner: &str, release: &Release) -> Finding {
    if owner.starts_with(&format!("{} (", abi::PROGRAM)) && owner.contains(", held by checker (") {
        return Finding::ok(NAME, format!("checker's own: {owner}"));
    }
    let said = format!("another program is on it: {owner}");
    let remedy =
        "stop who holds it; ip link set DEV xdp off, or checker run --force, takes off what nobody holds";
    // Beside it there is TCX.
    if release.before(6, 6) {
        Finding::prevents(NAME, said, remedy)
    } else {
        Finding::warning(NAME, format!("{said}; checker would see only what it lets through"), remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn a_dispatcher_is_no_obstacle_where_it_can_be_joined() {
        let owner = "xdp_dispatcher (id 7, native mode), the dispatcher of libxdp, held by no process";
        assert_eq!(join(owner, true).state, State::Ok);
        let finding = join(owner, false);
        assert_eq!((finding.state, finding.remedy.as_deref()), (State::Warning, Some("install xdp-tools")));
    }

    #[test]
    fn only_a_checker_that_runs_is_no_obstacle() {
        let (old, new) = (Release::read("6.1.0", ""), Release::read("6.6.0", ""));
        let own = "checker (id 7, native mode), held by checker (pid 3)";
        assert_eq!(judge(own, &old).state, State::Ok);
        for owner in [
            "checker (id 7, native mode), held by no process",
            "drop_all (id 7, native mode), held by cilium-agent (pid 9)",
        ] {
            let finding = judge(owner, &old);
            assert_eq!(finding.state, State::Prevents, "{owner}");
            assert!(finding.said.ends_with(owner), "{}", finding.said);
            assert_eq!(judge(owner, &new).state, State::Warning, "{owner}");
        }
    }
}
