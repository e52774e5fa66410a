//! The whole path of a packet on one screen: parse → look up → decide → report → count.

use aya_ebpf::programs::XdpContext;
use checker_common::{outcome::Outcome, parse::parse};

use crate::{count, decide, frame::Frame, lookup, report};

/// Judges one packet, reports it if its source is restricted, and counts it.
#[inline(always)]
pub fn classify(ctx: &XdpContext) -> Outcome {
    let outcome = judge(ctx);
    count::packet(outcome);
    outcome
}

#[inline(always)]
fn judge(ctx: &XdpContext) -> Outcome {
    let packet = match parse(&Frame::new(ctx)) {
        Ok(packet) => packet,
        Err(outcome) => return outcome,
    };
    let Some(generation) = lookup::active_generation() else {
        return Outcome::NoList;
    };
    let Some(class) = lookup::longest_match(generation, &packet.addresses) else {
        return Outcome::Compliant;
    };
    let action = lookup::action(class);
    let outcome = decide::decide(action);
    report::report(ctx, &packet, generation, class, outcome);
    outcome
}
