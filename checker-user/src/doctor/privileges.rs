//! The capabilities that this process has, which are those that a daemon started in the same way would have.

use caps::{CapSet, Capability, CapsHashSet};

use super::finding::Finding;
use crate::datapath::preflight::{CAPABILITIES, lacks};

const NAME: &str = "capabilities";

/// What is done without, with a loss.
const WANTED: [(Capability, &str); 1] =
    [(Capability::CAP_NET_RAW, "to learn addresses, and for --direction mirror")];

pub(super) fn check() -> Finding {
    match caps::read(None, CapSet::Effective) {
        Ok(held) => judge(&held),
        Err(error) => {
            Finding::warning(NAME, format!("cannot be read: {error}"), "look whether /proc is mounted")
        }
    }
}

fn judge(held: &CapsHashSet) -> Finding {
    let missing = |wanted: &[(Capability, &str)]| -> Vec<_> {
        let missing = wanted.iter().filter(|(capability, _)| lacks(held, *capability));
        missing.map(|(capability, purpose)| format!("{capability} ({purpose})")).collect()
    };
    let needed = missing(&CAPABILITIES);
    if !needed.is_empty() {
        return Finding::prevents(
            NAME,
            format!("missing: {}", needed.join(", ")),
            "run as root, or by the systemd unit, or grant them: setcap cap_bpf,cap_perfmon,cap_net_admin,cap_net_raw+ep",
        );
    }
    let wanted = missing(&WANTED);
    if wanted.is_empty() {
        return Finding::ok(NAME, "all that are needed");
    }
    Finding::warning(NAME, format!("missing: {}", wanted.join(", ")), "grant it, or run with --learn off")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn each_that_is_missing_is_named() {
        let all = [
            Capability::CAP_BPF,
            Capability::CAP_PERFMON,
            Capability::CAP_NET_ADMIN,
            Capability::CAP_NET_RAW,
        ];
        assert_eq!(judge(&all.into()).state, State::Ok);
        for (missing, state) in
            all.into_iter().zip([State::Prevents, State::Prevents, State::Prevents, State::Warning])
        {
            let held = all.into_iter().filter(|capability| *capability != missing).collect();
            let finding = judge(&held);
            assert_eq!(finding.state, state, "{missing}");
            assert!(finding.said.contains(&missing.to_string()), "{}", finding.said);
        }
    }
}
