//! Filter and record → whether the record is shown.
//!
//! Three answers, as SQL has them. A record that is no alert (a loss, the account, an incident) answers only what is
//! asked of its `type`; to everything else its answer is neither yes nor no, and what is not answered with no is shown.
//! So a filter on a label never hides that alerts were lost, and `type=alert` does.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{
    expression::{Expression, Filter},
    field::{Field, Kind},
    lex::Sign,
    look::{Found, look},
    value::Value,
};
use crate::alerts::line::Line;

impl Filter {
    /// Whether `line` is shown.
    #[must_use]
    pub fn shows(&self, line: &Line<'_>) -> bool {
        self.0.answer(line) != Some(false)
    }
}

impl Expression {
    fn answer(&self, line: &Line<'_>) -> Option<bool> {
        match self {
            Self::Any(parts) => decided(parts, line, true),
            Self::All(parts) => decided(parts, line, false),
            Self::Not(part) => part.answer(line).map(|answer| !answer),
            Self::Has(field) => about(*field, line).then(|| {
                let found = look(*field, line);
                found.text(|_| true) || found.number(|_| true)
            }),
            Self::Test(field, sign, values) => about(*field, line).then(|| {
                let negated = matches!(sign, Sign::Unequal | Sign::Unlike);
                let found = look(*field, line);
                values.iter().any(|value| compares(&found, *field, *sign, value)) != negated
            }),
        }
    }
}

/// One part that answers `decisive` is enough; otherwise all must have answered.
fn decided(parts: &[Expression], line: &Line<'_>, decisive: bool) -> Option<bool> {
    let mut all = Some(!decisive);
    for part in parts {
        match part.answer(line) {
            Some(answer) if answer == decisive => return Some(decisive),
            Some(_) => {}
            None => all = None,
        }
    }
    all
}

/// Whether the record can be asked about the field.
fn about(field: Field, line: &Line<'_>) -> bool {
    field == Field::Type || &*line.event_type == "alert"
}

/// Whether what was found is so; of a sign and its negation, as the sign says.
fn compares(found: &Found<'_>, field: Field, sign: Sign, value: &Value) -> bool {
    match value {
        Value::Text(wanted) => found.text(|text| same(text, wanted)),
        Value::Pattern(pattern) => found.text(|text| pattern.matches(text)),
        Value::Numbers(first, last) => found.number(|number| match sign {
            Sign::Less => number < *first,
            Sign::AtMost => number <= *first,
            Sign::Greater => number > *last,
            Sign::AtLeast => number >= *last,
            Sign::Equal | Sign::Unequal | Sign::Like | Sign::Unlike | Sign::In => {
                (*first..=*last).contains(&number)
            }
        }),
        Value::Prefix(wanted) if field.kind() == Kind::Prefix => found.text(|text| {
            let within = |own: IpNet| if sign == Sign::In { wanted.contains(&own) } else { *wanted == own };
            text.parse().is_ok_and(within)
        }),
        Value::Prefix(wanted) => found.text(|text| {
            text.parse::<IpAddr>().is_ok_and(|address| wanted.contains(&address.to_canonical()))
        }),
    }
}

/// The same in either case.
fn same(one: &str, other: &str) -> bool {
    one == other || one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}
