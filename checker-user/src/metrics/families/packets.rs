//! Every packet, by what became of it.

use checker_common::outcome::Outcome;

use crate::{
    control::account::Account,
    metrics::family::{Family, Labels, counter},
};

pub(super) fn packets(account: &Account) -> [Family; 3] {
    let by = |key, outcomes: &dyn Fn(Outcome) -> bool| -> Vec<(Labels, u64)> {
        let outcomes = Outcome::ALL.into_iter().filter(|outcome| outcomes(*outcome)).map(Outcome::name);
        outcomes
            .map(|name| (vec![(key, name.to_owned())], account.outcomes.get(name).copied().unwrap_or(0)))
            .collect()
    };
    [
        counter(
            "packets",
            "Packets that the kernel program saw, by what became of them.",
            by("verdict", &|_| true),
        ),
        counter(
            "packets_judged",
            "Packets for which a verdict was reached; with checker_packets, the coverage.",
            [(Labels::new(), account.judged)],
        ),
        counter(
            "parse_errors",
            "Packets that could not be read to their end, by the reason.",
            by("reason", &is_parse_error),
        ),
    ]
}

const fn is_parse_error(outcome: Outcome) -> bool {
    match outcome {
        Outcome::TooManyTags
        | Outcome::Truncated
        | Outcome::Malformed
        | Outcome::UnknownHeader
        | Outcome::HeaderChainTooLong
        | Outcome::Encrypted
        | Outcome::TunnelTooDeep => true,
        Outcome::Compliant
        | Outcome::Allowed
        | Outcome::Alerted
        | Outcome::Dropped
        | Outcome::NoList
        | Outcome::NotIp
        | Outcome::UnknownClass
        | Outcome::LinkControl
        | Outcome::Storage => false,
    }
}
