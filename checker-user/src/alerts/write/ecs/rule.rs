//! The list as the rule that has matched, and the addresses that a search should find.

use std::net::IpAddr;

use serde::Serialize;

use crate::alerts::alert::Signature;

/// The list as the rule that has matched.
#[derive(Serialize)]
pub(crate) struct Rule<'a> {
    id: String,
    name: &'a str,
    category: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ruleset: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
}

/// The addresses of an alert.
#[derive(Serialize)]
pub(crate) struct Related {
    ip: Vec<IpAddr>,
}

/// The rule of a list.
pub(crate) fn rule<'a>(
    signature: &'a Signature,
    ruleset: Option<&'a str>,
    version: Option<&'a str>,
) -> Rule<'a> {
    let Signature { signature: name, category, .. } = signature;
    Rule { id: signature.signature_id.to_string(), name, category, ruleset, version }
}

/// The addresses, each once.
pub(crate) fn related(addresses: impl IntoIterator<Item = IpAddr>) -> Related {
    let mut ip: Vec<_> = addresses.into_iter().collect();
    ip.sort();
    ip.dedup();
    Related { ip }
}
