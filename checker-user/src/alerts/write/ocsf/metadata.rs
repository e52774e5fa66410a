//! What every record of OCSF begins and ends with.

use serde::Serialize;

/// The version that the records claim to follow.
const VERSION: &str = "1.8.0";

#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    version: &'a str,
    product: Product<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profiles: Option<[&'a str; 1]>,
    event_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
}

#[derive(Serialize)]
struct Product<'a> {
    name: &'a str,
    vendor_name: &'a str,
    version: &'a str,
}

/// What OCSF has no field for.
#[derive(Serialize)]
pub(super) struct Unmapped<U> {
    pub(super) checker: U,
}

/// Who made a record, and of what kind it is.
pub(super) fn metadata<'a>(
    event_code: &'a str,
    sequence: Option<u64>,
    profile: Option<&'a str>,
) -> Metadata<'a> {
    Metadata {
        version: VERSION,
        product: Product { name: "checker", vendor_name: "checker", version: env!("CARGO_PKG_VERSION") },
        profiles: profile.map(|profile| [profile]),
        event_code,
        sequence,
    }
}
