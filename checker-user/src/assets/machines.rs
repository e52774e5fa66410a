//! All that the daemon knows of machines: the user's records, the last good version of them, and what was learned.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    learn::{
        Claim,
        bindings::{Bindings, Contradiction},
    },
    machine::{Machine, Parties, machine},
    read::read,
    severity::severity,
    table::Table,
    vendor::vendor,
};
use crate::{
    alerts::{alert::Alert, moment::Moment},
    printable::printable,
    ranges::stamp::Stamp,
};

/// What is known of machines.
#[derive(Debug, Default)]
pub struct Machines {
    records: Option<Records>,
    table: RwLock<Arc<Table>>,
    bindings: Mutex<Bindings>,
}

/// The file of the user's records.
#[derive(Debug)]
struct Records {
    path: PathBuf,
    history: Mutex<History>,
}

#[derive(Debug)]
struct History {
    loaded: Timestamp,
    /// The version that was read last, even if it was refused.
    seen: Option<Stamp>,
    last_refusal: Option<String>,
}

/// What `checker status` tells of the records.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AssetsStatus {
    /// The file, safe to show.
    pub path: String,
    /// Machines in it.
    pub machines: usize,
    /// Their hardware addresses.
    pub mac_addresses: usize,
    /// Their IP addresses.
    pub ip_addresses: usize,
    /// Entries without an address.
    pub skipped: usize,
    /// When somebody last wrote to the version that is in use; `None` for a pipe.
    pub modified: Option<Moment>,
    /// When that version was read.
    pub loaded: Moment,
    /// Why a later version was refused.
    pub last_refusal: Option<String>,
}

impl Machines {
    /// Reads the records.
    ///
    /// # Errors
    ///
    /// What is wrong with them, with file and line.
    pub fn new(path: Option<PathBuf>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let table = read(&path)?;
        let history = History { loaded: Timestamp::now(), seen: table.stamp, last_refusal: None };
        Ok(Self {
            records: Some(Records { path, history: Mutex::new(history) }),
            table: RwLock::new(Arc::new(table)),
            bindings: Mutex::default(),
        })
    }

    /// The file that is to be followed; a pipe is read once.
    #[must_use]
    pub fn followed(&self) -> Option<&Path> {
        self.records.as_ref().filter(|_| self.table().stamp.is_some()).map(|records| &*records.path)
    }

    /// Whether the file is another one than the one that was read last, even if that one was refused.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.followed().is_some()
            && self.records.as_ref().is_some_and(|records| {
                Stamp::of(&records.path).is_some_and(|now| records.history().seen != Some(now))
            })
    }

    /// Reads the records again; they are not in use before [`Self::renew`]. `None` when there are none, or only a pipe.
    ///
    /// # Errors
    ///
    /// As [`Self::new`]; the last good version stays.
    pub fn read_again(&self) -> anyhow::Result<Option<Table>> {
        let Some((path, records)) = self.followed().zip(self.records.as_ref()) else { return Ok(None) };
        let stamp = Stamp::of(path);
        let read = read(path);
        let mut history = records.history();
        history.seen = read.as_ref().map_or(stamp, |table| table.stamp);
        history.last_refusal = read.as_ref().err().map(|error| format!("{error:#}"));
        read.map(Some)
    }

    /// Puts a new version into the place of the last one.
    pub fn renew(&self, table: Table) {
        if let Some(records) = &self.records {
            records.history().loaded = Timestamp::now();
        }
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
    }

    /// The machine that a packet is about.
    #[must_use]
    pub fn machine(&self, parties: &Parties) -> Machine {
        let bindings = self.bindings();
        machine(parties, &self.table(), |address| bindings.of(address))
    }

    /// Says in `alert` which machine it is about, and how grave that is.
    pub fn identify(&self, alert: &mut Alert) {
        identify(alert, |parties| self.machine(parties));
    }

    /// Likewise where nothing is known beside the packet: in a capture.
    pub fn identify_by_packet(alert: &mut Alert) {
        identify(alert, |parties| machine(parties, &Table::default(), |_| None));
    }

    /// Learns what the network told. A contradiction is worth telling when a machine of the records is part of it.
    pub fn learn(&self, claim: Claim) -> Option<Contradiction> {
        let table = self.table();
        let is_known = |mac| table.by_mac(mac).is_some();
        let contradiction = self.bindings().learn(claim, is_known)?;
        let of_interest = is_known(claim.mac) || is_known(contradiction.before);
        (of_interest || table.by_address(claim.address).is_some()).then_some(contradiction)
    }

    /// How many bindings of addresses to machines are known.
    #[must_use]
    pub fn learned(&self) -> usize {
        self.bindings().len()
    }

    /// How the records are; `None` without any.
    #[must_use]
    pub fn status(&self) -> Option<AssetsStatus> {
        let records = self.records.as_ref()?;
        let table = self.table();
        let (mac_addresses, ip_addresses) = table.addresses();
        let history = records.history();
        let modified = table.stamp.and_then(|stamp| Timestamp::try_from(stamp.modified?).ok());
        Some(AssetsStatus {
            path: printable(&records.path.to_string_lossy()).into_owned(),
            machines: table.machines,
            mac_addresses,
            ip_addresses,
            skipped: table.skipped,
            modified: modified.map(Moment),
            loaded: Moment(history.loaded),
            last_refusal: history.last_refusal.clone(),
        })
    }

    fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn bindings(&self) -> MutexGuard<'_, Bindings> {
        self.bindings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Records {
    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn identify(alert: &mut Alert, machine: impl FnOnce(&Parties) -> Machine) {
    let ether = alert.ether;
    let found = machine(&Parties {
        source_mac: ether.map(|ether| ether.src_mac),
        destination_mac: ether.and_then(|ether| ether.dest_mac),
        matched: alert.checker.matched,
        source: alert.src_ip,
        destination: alert.dest_ip,
    });
    let base = alert.alert.severity;
    (alert.alert.severity, alert.checker.severity_reason) =
        severity(base, found.asset.as_deref(), &alert.checker.label);
    alert.checker.mac = found.mac;
    alert.checker.mac_source = found.source.name().into();
    alert.checker.vendor = found.mac.and_then(vendor).map(str::to_owned);
    alert.checker.asset = found.asset;
}
