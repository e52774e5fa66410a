//! A word or a quotation → a value that a field can be compared with.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;
use wildmatch::WildMatch;

use super::{
    field::{Field, Kind},
    lex::in_word,
};

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// The same text, whatever the case.
    Text(String),
    /// Text with `*` and `?`.
    Pattern(WildMatch),
    /// A number, or all from one to another.
    Numbers(u64, u64),
    /// An address or a prefix.
    Prefix(IpNet),
}

impl Value {
    /// Reads a value of `field`; a pattern where `pattern`. The error is a sentence.
    pub(super) fn read(field: Field, text: &str, pattern: bool) -> Result<Self, String> {
        let name = field.name();
        match field.kind() {
            Kind::Mac if pattern => Ok(wild(&text.replace('-', ":"))),
            _ if pattern => Ok(wild(text)),
            Kind::Text => Ok(Self::Text(text.to_owned())),
            Kind::Choice(words) => {
                let known = words.iter().find(|word| word.eq_ignore_ascii_case(text));
                let known = known
                    .ok_or_else(|| format!("\"{text}\" is no {name}; it is one of {}", words.join(", ")))?;
                Ok(Self::Text((*known).to_owned()))
            }
            Kind::Number(most) => numbers(text, most).ok_or_else(|| {
                let upto = if most == u64::MAX { String::new() } else { format!(" from 0 to {most}") };
                let port = matches!(field, Field::Port | Field::SourcePort | Field::DestPort);
                let hint = if port { "; names are for service" } else { "" };
                format!("\"{text}\" is no number{upto} (a range is written 1-9){hint}")
            }),
            Kind::Address | Kind::Prefix => {
                prefix(text).ok_or_else(|| format!("\"{text}\" is neither an address nor a prefix"))
            }
            Kind::Mac => mac(text).ok_or_else(|| format!("\"{text}\" is no MAC address")),
        }
    }
}

fn wild(text: &str) -> Value {
    Value::Pattern(WildMatch::new_case_insensitive(text))
}

fn numbers(text: &str, most: u64) -> Option<Value> {
    let number = |text: &str| {
        // No sign, no blank.
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().filter(|number| *number <= most)
    };
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(text)?, number(text)?),
    };
    (first <= last).then_some(Value::Numbers(first, last))
}

/// Host bits are masked, as in lists.
fn prefix(text: &str) -> Option<Value> {
    let prefix = match text.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().into(),
        Err(_) => text.parse::<IpNet>().ok()?.trunc(),
    };
    Some(Value::Prefix(prefix))
}

/// `3c:ec:ef:01:02:03`, with hyphens, as `3cec.ef01.0203` or bare.
fn mac(text: &str) -> Option<Value> {
    let digits: String = text.chars().filter(|c| !":-.".contains(*c)).collect();
    if digits.len() != 12 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs: Vec<_> = (0..6).map(|pair| digits[2 * pair..2 * pair + 2].to_ascii_lowercase()).collect();
    Some(Value::Text(pairs.join(":")))
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => quote(text, f),
            Self::Pattern(pattern) => quote(&pattern.to_string(), f),
            Self::Numbers(first, last) if first == last => write!(f, "{first}"),
            Self::Numbers(first, last) => write!(f, "{first}-{last}"),
            Self::Prefix(prefix) if prefix.prefix_len() == prefix.max_prefix_len() => {
                write!(f, "{}", prefix.addr())
            }
            Self::Prefix(prefix) => write!(f, "{prefix}"),
        }
    }
}

/// In quotation marks where it must be.
fn quote(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !text.is_empty() && text.chars().all(in_word) {
        return f.write_str(text);
    }
    write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
