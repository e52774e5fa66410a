//! The fields of the language: their names, and what kind of values each takes.

use super::lex::Sign;

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Label,
    List,
    Src,
    Dst,
    Addr,
    Matched,
    Port,
    SourcePort,
    DestPort,
    Proto,
    Service,
    Iface,
    Vlan,
    Mac,
    Asset,
    Site,
    Vendor,
    Severity,
    Action,
    Via,
    Side,
    Direction,
    Prefix,
    Generation,
    Count,
    Type,
}

/// What values a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A number up to this one.
    Number(u64),
    /// Addresses, compared with addresses and prefixes.
    Address,
    /// A prefix.
    Prefix,
    Mac,
}

impl Field {
    const ALL: [(&'static str, Self, Kind); 26] = [
        ("label", Self::Label, Kind::Text),
        ("list", Self::List, Kind::Text),
        ("src", Self::Src, Kind::Address),
        ("dst", Self::Dst, Kind::Address),
        ("addr", Self::Addr, Kind::Address),
        ("matched", Self::Matched, Kind::Address),
        ("port", Self::Port, Kind::Number(65_535)),
        ("sport", Self::SourcePort, Kind::Number(65_535)),
        ("dport", Self::DestPort, Kind::Number(65_535)),
        ("proto", Self::Proto, Kind::Text),
        ("service", Self::Service, Kind::Text),
        ("iface", Self::Iface, Kind::Text),
        ("vlan", Self::Vlan, Kind::Number(4095)),
        ("mac", Self::Mac, Kind::Mac),
        ("asset", Self::Asset, Kind::Text),
        ("site", Self::Site, Kind::Text),
        ("vendor", Self::Vendor, Kind::Text),
        ("severity", Self::Severity, Kind::Number(255)),
        ("action", Self::Action, Kind::Choice(&["allowed", "blocked"])),
        ("via", Self::Via, Kind::Text),
        ("side", Self::Side, Kind::Choice(&["src", "dst", "target"])),
        ("direction", Self::Direction, Kind::Choice(&["ingress", "egress"])),
        ("prefix", Self::Prefix, Kind::Prefix),
        ("generation", Self::Generation, Kind::Number(u64::MAX)),
        ("count", Self::Count, Kind::Number(u64::MAX)),
        ("type", Self::Type, Kind::Choice(&["alert", "loss", "stats", "integrity"])),
    ];

    /// The field of that name, in either case.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)).map(|(_, field, _)| *field)
    }

    /// The name that is most like `name`, if any is.
    pub(super) fn nearest(name: &str) -> Option<&'static str> {
        let name = name.to_ascii_lowercase();
        let likeness = |known: &str| strsim::jaro_winkler(known, &name);
        let names = Self::ALL.iter().map(|(known, ..)| *known).chain(OTHERS.iter().map(|(known, _)| *known));
        let best = names.max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
        let own = OTHERS.iter().find(|(known, _)| *known == best).map_or(best, |(_, own)| *own);
        (likeness(best) > 0.75).then_some(own)
    }

    pub(super) fn name(self) -> &'static str {
        self.row().0
    }

    pub(super) fn kind(self) -> Kind {
        self.row().2
    }

    fn row(self) -> &'static (&'static str, Self, Kind) {
        // In the order of the variants, which a test holds.
        &Self::ALL[self as usize]
    }
}

/// What the same is called in alerts and in other tools.
const OTHERS: [(&str, &str); 15] = [
    ("src_ip", "src"),
    ("source", "src"),
    ("dest_ip", "dst"),
    ("destination", "dst"),
    ("host", "addr"),
    ("net", "addr"),
    ("src_port", "sport"),
    ("dest_port", "dport"),
    ("protocol", "proto"),
    ("in_iface", "iface"),
    ("interface", "iface"),
    ("src_mac", "mac"),
    ("ether", "mac"),
    ("event_type", "type"),
    ("country", "label"),
];

impl Kind {
    /// How such a field can be compared.
    pub(super) const fn signs(self) -> &'static [Sign] {
        use Sign::{AtLeast, AtMost, Equal, Greater, In, Less, Like, Unequal, Unlike};
        match self {
            Self::Text | Self::Choice(_) | Self::Mac => &[Equal, Unequal, Like, Unlike, In],
            Self::Number(_) => &[Equal, Unequal, Less, AtMost, Greater, AtLeast, In],
            Self::Address | Self::Prefix => &[Equal, Unequal, In],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_stands_in_its_own_row() {
        for (number, (name, field, _)) in Field::ALL.iter().enumerate() {
            assert_eq!(*field as usize, number, "{name}");
            assert_eq!(Field::named(name), Some(*field));
        }
    }

    #[test]
    fn what_is_mistyped_is_understood_all_the_same() {
        for (typed, meant) in [
            ("lable", "label"),
            ("sorce", "src"),
            ("dest_ip", "dst"),
            ("prot", "proto"),
            ("ports", "port"),
            ("Interface", "iface"),
            ("assets", "asset"),
        ] {
            assert_eq!(Field::nearest(typed), Some(meant), "{typed}");
        }
        assert_eq!(Field::nearest("zzz"), None);
        assert_eq!(Field::nearest(""), None);
    }
}
