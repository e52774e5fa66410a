//! Connection tracking, which stands behind the programs and not in front of them.

use std::fs;

use super::finding::Finding;

const NAME: &str = "conntrack";

/// XDP comes before a packet meets connection tracking, in either mode (`netif_receive_generic_xdp`, `net/core/dev.c`),
/// so nothing that it drops is hidden from checker. TC egress comes behind it: what a full table refused is not sent,
/// and not seen there.
pub(super) fn check() -> Finding {
    let read = |name: &str| {
        let text = fs::read_to_string(format!("/proc/sys/net/netfilter/nf_conntrack_{name}")).ok()?;
        text.trim().parse().ok()
    };
    judge(read("count"), read("max"))
}

fn judge(count: Option<u64>, most: Option<u64>) -> Finding {
    let (Some(count), Some(most)) = (count, most) else {
        return Finding::ok(NAME, "not in use; incoming packets are judged before it anyway");
    };
    if most > 0 && count >= most / 10 * 9 {
        return Finding::warning(
            NAME,
            format!(
                "its table is nearly full ({count} of {most}): packets that it refuses are judged when they come in, not when they go out"
            ),
            "sysctl net.netfilter.nf_conntrack_max=, or rules with notrack",
        );
    }
    Finding::ok(NAME, format!("{count} of {most} connections; incoming packets are judged before it"))
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::doctor::finding::State;

    #[test]
    fn a_table_that_is_nearly_full_is_warned_about() {
        assert_eq!(judge(Some(59_000), Some(65_536)).state, State::Warning);
        assert_eq!(judge(Some(1_000), Some(65_536)).state, State::Ok);
        assert_eq!(judge(Some(0), Some(0)).state, State::Ok);
        assert_eq!(judge(None, None).state, State::Ok);
    }
}
