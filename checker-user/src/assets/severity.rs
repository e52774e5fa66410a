//! How grave an alert is: the list's own severity, and the machine that it is about.

use super::asset::Asset;
use crate::ranges::label::Label;

/// The gravest.
const HIGHEST: u8 = 1;

/// What the user expects to see now and then.
const LOWEST: u8 = 3;

/// The severity of an alert about `asset`, of a list with severity `base`, and why it is low if it is.
///
/// A known machine in a restricted range is graver by one than one that nobody knows, as far as there is room. One that
/// may be in the country that the label names is told all the same.
#[must_use]
pub fn severity(base: u8, asset: Option<&Asset>, label: &Label) -> (u8, Option<String>) {
    let Some(asset) = asset else { return (base, None) };
    match asset.allowed(label) {
        Some(country) => (LOWEST, Some(format!("{country} is allowed for {}", asset.name))),
        None => (base.saturating_sub(1).max(HIGHEST), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_unknown_and_allowed_machines_differ() {
        let label = |text: &str| text.parse::<Label>().unwrap();
        let allowed_cc = vec!["HK".parse().unwrap()];
        let asset = Asset { name: "gpu-1".into(), serial: None, site: None, allowed_cc };
        for (base, known) in [(1, 1), (2, 1), (3, 2)] {
            assert_eq!(severity(base, None, &label("CN")), (base, None));
            assert_eq!(severity(base, Some(&asset), &label("CN")), (known, None));
            let why = Some("HK is allowed for gpu-1".to_owned());
            assert_eq!(severity(base, Some(&asset), &label("hk")), (3, why));
        }
        assert_eq!(severity(2, Some(&asset), &label("D:5")), (1, None), "a label that is no country");
    }
}
