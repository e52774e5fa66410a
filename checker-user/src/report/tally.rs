//! Records, added up.

use std::collections::BTreeMap;

use super::{
    counted::{Counted, short},
    gaps::Gaps,
    sum::Sum,
    timeline::Timeline,
};
use crate::alerts::{
    line::{Account, Line, Text},
    moment::Moment,
};

/// Most addresses that are counted one by one, as `checker scan` has it.
const ADDRESSES: usize = 1 << 18;

/// Most names of everything else.
const NAMES: usize = 1 << 14;

/// Incidents that are told one by one.
const INCIDENTS: usize = 20;

/// Everything that a report tells.
#[derive(Debug)]
pub struct Tally {
    /// All alerts.
    pub total: Sum,
    /// By label.
    pub labels: Counted<()>,
    /// By machine: its name, or its MAC address where it has none.
    pub machines: Counted<Machine>,
    /// By restricted address.
    pub addresses: Counted<Origin>,
    /// By service, or protocol where no service is known.
    pub services: Counted<()>,
    /// By list, in all its versions.
    pub lists: Counted<Provenance>,
    /// What was lost, by place.
    pub losses: BTreeMap<String, Loss>,
    /// What happened to the watcher: how often, and the first of it.
    pub incidents: u64,
    /// The first of these, with their time.
    pub told: Vec<(Moment, String)>,
    /// The daemon's last account.
    pub account: Option<(Moment, Account)>,
    /// Packets over time.
    pub timeline: Timeline,
    /// What is missing by the alerts' own numbers.
    pub gaps: Gaps,
    /// Records that the filter left out.
    pub filtered: u64,
    /// Records that are of another time.
    pub outside: u64,
}

/// What is known of a machine.
#[derive(Debug)]
pub struct Machine {
    /// Its MAC address.
    pub mac: Option<String>,
    /// Where it should stand.
    pub site: Option<String>,
    /// Whose hardware it is.
    pub vendor: Option<String>,
    /// Whether the assets have it.
    pub known: bool,
}

/// Why an address is restricted.
#[derive(Debug)]
pub struct Origin {
    /// The label.
    pub label: String,
    /// The range.
    pub prefix: Option<String>,
}

/// Which list it was.
#[derive(Debug)]
pub struct Provenance {
    /// Its label.
    pub label: String,
    /// Its file's name.
    pub list: String,
    /// Its hash.
    pub sha256: String,
}

/// What was lost at one place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loss {
    /// Records that tell of it.
    pub records: u64,
    /// Packets; each alert that was lost stands for one at least.
    pub packets: u64,
    /// When it was told first.
    pub first: Option<Moment>,
    /// When it was told last.
    pub last: Option<Moment>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            total: Sum::default(),
            labels: Counted::new(NAMES),
            machines: Counted::new(NAMES),
            addresses: Counted::new(ADDRESSES),
            services: Counted::new(NAMES),
            lists: Counted::new(NAMES),
            losses: BTreeMap::new(),
            incidents: 0,
            told: Vec::new(),
            account: None,
            timeline: Timeline::default(),
            gaps: Gaps::default(),
            filtered: 0,
            outside: 0,
        }
    }
}

impl Tally {
    /// Counts a record. The error is a sentence about one that cannot be.
    pub(super) fn add(&mut self, line: &Line<'_>) -> Result<(), String> {
        match &*line.event_type {
            "alert" => self.alert(line)?,
            "loss" => self.loss(line)?,
            "stats" => {
                let total =
                    line.stats.as_ref().map(|stats| stats.total).ok_or("an account without numbers")?;
                if self.account.as_ref().is_none_or(|(time, _)| *time <= line.timestamp) {
                    self.account = Some((line.timestamp, total));
                }
            }
            "integrity" => self.incident(line),
            other => return Err(format!("\"{}\" is no record of checker", short(other))),
        }
        Ok(())
    }

    fn alert(&mut self, line: &Line<'_>) -> Result<(), String> {
        let details = line.checker.as_ref().ok_or("an alert of another program")?;
        let (sum, label) = (Sum::of(line), short(&details.label));
        self.total.add(&sum);
        self.labels.add(label, &sum, || ());
        self.timeline.alert(line.timestamp.0, label, &sum);
        self.addresses.add(&details.matched, &sum, || Origin {
            label: label.to_owned(),
            prefix: details.prefix.as_deref().map(|prefix| short(prefix).to_owned()),
        });
        let mac = line.mac();
        let asset = details.asset.as_ref();
        let name = asset.and_then(|asset| asset.name.as_ref());
        self.machines.add(name.or(mac).map_or("unknown", |name| name), &sum, || Machine {
            mac: mac.map(|mac| short(mac).to_owned()),
            site: asset.and_then(|asset| asset.site.as_ref()).map(|site| short(site).to_owned()),
            vendor: details.vendor.as_ref().map(|vendor| short(vendor).to_owned()),
            known: name.is_some(),
        });
        let service = match (&details.service, &line.proto) {
            (Some(service), _) => service.to_string(),
            (None, Some(proto)) => format!("other {}", &**proto),
            (None, None) => "unknown".to_owned(),
        };
        self.services.add(&service, &sum, || ());
        let text =
            |text: &Option<Text<'_>>| text.as_ref().map_or_else(String::new, |text| short(text).to_owned());
        let (list, sha256) = (text(&details.list), text(&details.list_sha256));
        self.lists.add(&format!("{label}\t{list}\t{sha256}"), &sum, || Provenance {
            label: label.to_owned(),
            list,
            sha256,
        });
        Ok(())
    }

    fn loss(&mut self, line: &Line<'_>) -> Result<(), String> {
        let lost = line.loss.as_ref().ok_or("a loss without numbers")?;
        // As many places as there are versions of checker, but a log is anybody's.
        let place = short(&lost.place);
        if self.losses.len() < NAMES || self.losses.contains_key(place) {
            let loss = self.losses.entry(place.to_owned()).or_default();
            loss.records += 1;
            loss.packets = loss.packets.saturating_add(lost.count);
            loss.first = loss.first.into_iter().chain([line.timestamp]).min();
            loss.last = loss.last.max(Some(line.timestamp));
        }
        if &*lost.place != "suppressed" {
            self.timeline.loss(line.timestamp.0, lost.count);
        }
        Ok(())
    }

    fn incident(&mut self, line: &Line<'_>) {
        self.incidents += 1;
        if self.told.len() < INCIDENTS
            && let Some(incident) = &line.integrity
        {
            let of = |text: &Option<Text<'_>>| {
                text.as_ref().map(|text| format!(", {}", &**text)).unwrap_or_default()
            };
            let what = incident.what.replace('_', " ");
            self.told.push((line.timestamp, format!("{what}{}{}", of(&incident.name), of(&incident.reason))));
        }
    }

    /// Packets of which no alert tells.
    #[must_use]
    pub fn lost(&self) -> u64 {
        let lost = self.losses.iter().filter(|(place, _)| *place != "suppressed");
        lost.fold(0, |sum, (_, loss)| sum.saturating_add(loss.packets))
    }
}
