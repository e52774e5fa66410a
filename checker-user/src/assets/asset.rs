//! A machine that the user knows.

use serde::{Deserialize, Serialize};

use crate::ranges::{country::Country, label::Label};

/// One machine, as its owner's records have it; part of each alert about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Asset {
    /// What its owner calls it.
    pub name: String,
    /// Its serial number. Labels move from one machine to another: it says what the records say, and proves nothing.
    pub serial: Option<String>,
    /// Where it should stand.
    pub site: Option<String>,
    /// The countries in which it may be.
    #[serde(default)]
    pub allowed_cc: Vec<Country>,
}

impl Asset {
    /// The country that `label` names, if the machine may be there.
    #[must_use]
    pub fn allowed(&self, label: &Label) -> Option<Country> {
        let country = Country::read(label.as_str().as_bytes())?;
        self.allowed_cc.contains(&country).then_some(country)
    }
}
