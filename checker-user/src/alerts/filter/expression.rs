//! What a filter says, as a tree; and as text again.

use std::{fmt, str::FromStr};

use super::{field::Field, lex::Sign, parse::parse, value::Value, wrong::Wrong};

/// A filter: what a record must be like to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(pub(super) Expression);

/// A part of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    /// Two at least.
    Any(Vec<Expression>),
    /// Two at least.
    All(Vec<Expression>),
    Not(Box<Expression>),
    /// The record has that field at all.
    Has(Field),
    /// It compares so with one of the values; with `!=` and `!~`, with none.
    Test(Field, Sign, Vec<Value>),
}

impl FromStr for Filter {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        parse(text).map(Self).map_err(|problem| problem.of(text))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(parts) => joined(parts, " or ", f),
            Self::All(parts) => joined(parts, " and ", f),
            Self::Not(part) => {
                f.write_str("not ")?;
                part.bracketed(f)
            }
            Self::Has(field) => f.write_str(field.name()),
            Self::Test(field, sign, values) => {
                write!(f, "{}{sign}", field.name())?;
                for (number, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if number == 0 { "" } else { "," })?;
                }
                Ok(())
            }
        }
    }
}

impl Expression {
    /// In parentheses, unless nothing in it could be taken apart.
    fn bracketed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(_) | Self::All(_) => write!(f, "({self})"),
            Self::Not(_) | Self::Has(_) | Self::Test(..) => write!(f, "{self}"),
        }
    }
}

fn joined(parts: &[Expression], word: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (number, part) in parts.iter().enumerate() {
        f.write_str(if number == 0 { "" } else { word })?;
        part.bracketed(f)?;
    }
    Ok(())
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Like => "~",
            Self::Unlike => "!~",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::In => " in ",
        })
    }
}
