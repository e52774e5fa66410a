//! Whether programs are compiled or interpreted.

use std::fs;

use super::finding::Finding;

const NAME: &str = "jit";

/// See `Documentation/admin-guide/sysctl/net.rst`. The files are root's: who may not read them is told so.
pub(super) fn check() -> Finding {
    let read = |name: &str| {
        let text = fs::read_to_string(format!("/proc/sys/net/core/{name}")).ok()?;
        text.trim().parse().ok()
    };
    judge(read("bpf_jit_enable"), read("bpf_jit_harden"))
}

fn judge(enable: Option<u32>, harden: Option<u32>) -> Finding {
    match (enable, harden) {
        (Some(0), _) => Finding::warning(
            NAME,
            "programs are interpreted, which makes every packet several times dearer",
            "sysctl net.core.bpf_jit_enable=1",
        ),
        (Some(2), _) => Finding::warning(
            NAME,
            "every compiled program is written to the kernel's log",
            "sysctl net.core.bpf_jit_enable=1",
        ),
        (_, Some(2)) => Finding::warning(
            NAME,
            "constants are blinded in programs of root too, which makes them slower",
            "sysctl net.core.bpf_jit_harden=1, which is enough where only root loads programs",
        ),
        (Some(_), _) => Finding::ok(NAME, "programs are compiled"),
        (None, _) => Finding::ok(NAME, "not known: only root may ask"),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::doctor::finding::State;

    #[test]
    fn interpreting_dumping_and_blinding_are_warned_about() {
        for (enable, harden) in [(Some(0), Some(0)), (Some(2), Some(0)), (Some(1), Some(2))] {
            assert_eq!(judge(enable, harden).state, State::Warning, "{enable:?} {harden:?}");
        }
        for (enable, harden) in [(Some(1), Some(0)), (Some(1), Some(1)), (Some(1), None), (None, None)] {
            assert_eq!(judge(enable, harden).state, State::Ok, "{enable:?} {harden:?}");
        }
    }
}
