//! Lists that meet about every second address, by each action, so that what comes after a match is reached.

use std::{
    sync::{Arc, LazyLock},
    time::UNIX_EPOCH,
};

use checker_common::{candidate::Sides, nat64::Nat64};
use checker_user::{
    offline::{capture::judge::View, judge::Judge},
    ranges::{
        action::Action, classes::Classes, compile::compile, generation::Generation, merge::merge,
        parse::parse, source::Source, spec::ListSpec,
    },
};

const LISTS: [(&str, Action, &str); 3] = [
    ("ALERT", Action::Alert, "0.0.0.0/1\n198.51.100.0/24\n2001::/16\n64:ff9b::/96\n"),
    ("DROP", Action::Drop, "198.51.100.128/25\n2001:db8::/33\n10.0.0.0/8\n"),
    ("ALLOW", Action::Allow, "192.0.2.0/24\n203.0.113.7\n2001:db8:8000::/34\n"),
];

pub(crate) static JUDGE: LazyLock<(Judge, Classes)> = LazyLock::new(|| {
    let list = |(label, action, text): (&str, Action, &str)| {
        let spec = ListSpec { action, ..format!("{label}=list").parse().expect("a list") };
        Arc::new(parse(&Source { spec, bytes: text.into(), sha256: [0; 32] }).expect("ranges"))
    };
    let mut classes = Classes::default();
    let set = merge(LISTS.map(list).to_vec(), &mut classes).expect("few labels");
    let generation = Generation { number: 1, compiled: compile(set), loaded_at: UNIX_EPOCH };
    (Judge::new(generation), classes)
});

/// Every address of a packet.
pub(crate) const ALL: View =
    View { sides: Sides { source: true, destination: true }, tunnels: true, nat64: Nat64::WELL_KNOWN };
