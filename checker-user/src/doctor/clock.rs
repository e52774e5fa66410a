//! Whether somebody keeps the clock right: alerts are dated by it, and evidence is compared with that of others.

use std::mem::MaybeUninit;

use super::finding::Finding;

const NAME: &str = "clock";

/// Asks the kernel, which is told by whoever disciplines the clock (`adjtimex(2)`).
pub(super) fn check() -> Finding {
    // SAFETY: all bytes zero are a valid `timex`, which has integers only; `modes` 0 asks and changes nothing.
    let mut clock = unsafe { MaybeUninit::<libc::timex>::zeroed().assume_init() };
    // SAFETY: the kernel writes one `timex`.
    let state = unsafe { libc::adjtimex(&raw mut clock) };
    judge(state, clock.status & libc::STA_UNSYNC != 0, clock.maxerror)
}

/// `error` in microseconds, an upper bound.
fn judge(state: libc::c_int, unsynchronised: bool, error: i64) -> Finding {
    if state < 0 {
        return Finding::warning(NAME, "the kernel does not say whether it is right", "allow adjtimex(2)");
    }
    if unsynchronised || state == libc::TIME_ERROR {
        return Finding::warning(
            NAME,
            "nobody keeps it right: alerts may be dated wrongly",
            "run chrony, ntpd or systemd-timesyncd",
        );
    }
    Finding::ok(NAME, format!("kept right, to {} ms", error.max(0).cast_unsigned().div_ceil(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn a_clock_that_nobody_keeps_is_warned_about() {
        assert_eq!(judge(libc::TIME_ERROR, true, 16_000_000).state, State::Warning);
        assert_eq!(judge(libc::TIME_OK, true, 16_000_000).state, State::Warning);
        assert_eq!(judge(-1, false, 0).state, State::Warning);
        assert_eq!(judge(libc::TIME_OK, false, 1_200).said, "kept right, to 2 ms");
    }
}
