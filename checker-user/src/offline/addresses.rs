//! Judges one address: the original check.

use std::net::IpAddr;

use crate::ranges::{
    action::Action,
    generation::{Generation, Matched},
};

/// What a text turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// An address whose narrowest range is restricted.
    Restricted(Matched<'a>),
    /// An address that no range covers, or whose narrowest range is an exception.
    Compliant(Option<Matched<'a>>),
    /// No address.
    Invalid,
}

/// Judges a text that is exactly an address: no blanks, brackets, zone id, port or leading zeros.
#[must_use]
pub fn judge<'a>(generation: &'a Generation, text: &str) -> Verdict<'a> {
    let Ok(addr) = text.parse::<IpAddr>() else { return Verdict::Invalid };
    match generation.matched(addr) {
        Some(matched) if matched.action != Action::Allow => Verdict::Restricted(matched),
        matched => Verdict::Compliant(matched),
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::SystemTime};

    use super::*;
    use crate::ranges::{
        classes::Classes, compile::compile, merge::merge, parse::parse, source::Source, spec::ListSpec,
    };

    fn generation() -> Generation {
        let list = |action: Action, text: &str| {
            let spec = ListSpec { action, ..format!("{action}={action}.txt").parse().unwrap() };
            Arc::new(parse(&Source { spec, bytes: text.into(), sha256: [0; 32] }).unwrap())
        };
        let lists = vec![
            list(Action::Alert, "203.0.113.0/24\n2001:db8::/32"),
            list(Action::Drop, "198.51.100.0/24"),
            list(Action::Allow, "203.0.113.128/25"),
        ];
        let compiled = compile(merge(lists, &mut Classes::default()).unwrap());
        Generation { number: 1, compiled, loaded_at: SystemTime::UNIX_EPOCH }
    }

    #[test]
    fn an_address_is_restricted_or_compliant() {
        let generation = generation();
        for (text, list) in [
            ("203.0.113.1", Some("alert.txt")),
            ("::ffff:203.0.113.1", Some("alert.txt")),
            ("2001:DB8::1", Some("alert.txt")),
            ("198.51.100.255", Some("drop.txt")),
            ("198.51.101.0", None),
            ("::1", None),
        ] {
            let found = match judge(&generation, text) {
                Verdict::Restricted(matched) => Some(matched.list.to_owned()),
                Verdict::Compliant(None) => None,
                verdict @ (Verdict::Compliant(Some(_)) | Verdict::Invalid) => panic!("{text}: {verdict:?}"),
            };
            assert_eq!(found.as_deref(), list, "{text}");
        }
    }

    #[test]
    fn an_exception_is_compliant_and_says_which() {
        let generation = generation();
        let Verdict::Compliant(Some(matched)) = judge(&generation, "203.0.113.200") else {
            panic!("restricted")
        };
        assert_eq!((matched.list, matched.line), ("allow.txt", 1));
    }

    #[test]
    fn what_is_not_exactly_an_address_is_invalid() {
        let generation = generation();
        for text in [
            "",
            " ",
            "999.1.1.1",
            " 203.0.113.1",
            "203.0.113.1\n",
            "203.0.113.1:80",
            "203.0.113.0/24",
            "203.0.113.01",
            "203.0.113",
            "3405803777",
            "0xcb.0.113.1",
            "[2001:db8::1]",
            "fe80::1%1",
            "2001:db8::1::",
            "localhost",
        ] {
            assert_eq!(judge(&generation, text), Verdict::Invalid, "{text:?}");
        }
    }
}
