//! Packets → files: which one, when the next one begins, and what is said when it does not work.

use std::{
    io,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use tokio::sync::mpsc::UnboundedSender;
use tracing::{info, warn};

use super::{file::EvidenceFile, folder::Folder, pcapng::Packet, status::Counts};
use crate::alerts::incident::Incident;

/// It works again when nothing has failed for so long.
const HOLD: Duration = Duration::from_secs(2);

/// More than a packet takes with its interface: 512 bytes, names, comment.
const ROOM: u64 = 4096;

/// Where packets go.
#[derive(Debug)]
pub(super) struct Keeper {
    /// `evidence DIR`, safe to show.
    name: String,
    folder: Folder,
    /// Bytes at which a file is full.
    full: u64,
    current: Option<EvidenceFile>,
    counts: Arc<Counts>,
    incidents: UnboundedSender<Incident>,
    outage: Option<Outage>,
}

#[derive(Debug)]
struct Outage {
    /// What was lost already when it began.
    lost_before: u64,
    /// The last time that something failed.
    failed: Instant,
}

impl Keeper {
    pub(super) fn new(
        name: String,
        folder: Folder,
        full: u64,
        counts: Arc<Counts>,
        incidents: UnboundedSender<Incident>,
    ) -> Self {
        let keeper = Self { name, folder, full, current: None, counts, incidents, outage: None };
        keeper.count();
        keeper
    }

    /// Keeps a packet that came over the interface of this name, or counts it as lost.
    pub(super) fn keep(&mut self, interface: &str, packet: Packet<'_>) {
        match self.write(interface, packet) {
            Ok(()) => {
                self.counts.written.fetch_add(1, Relaxed);
                self.look();
            }
            Err(error) => {
                self.counts.failed.fetch_add(1, Relaxed);
                self.failed(&error.to_string());
            }
        }
        self.count();
    }

    fn write(&mut self, interface: &str, packet: Packet<'_>) -> io::Result<()> {
        if self.current.as_ref().is_some_and(|file| file.bytes() + ROOM > self.full) {
            self.current = None;
        }
        let file = match &mut self.current {
            Some(file) => file,
            none => none.insert(begin(&mut self.folder, self.full, &self.counts)?),
        };
        let written = file.write(interface, packet);
        self.folder.grew(file.bytes());
        written
    }

    fn count(&self) {
        self.counts.files.store(self.folder.len(), Relaxed);
        self.counts.bytes.store(self.folder.bytes(), Relaxed);
    }

    /// Said once, not with each packet.
    fn failed(&mut self, reason: &str) {
        let failed = Instant::now();
        if let Some(outage) = &mut self.outage {
            outage.failed = failed;
            return;
        }
        // With the one that failed now.
        let lost_before = self.counts.failed.load(Relaxed).saturating_sub(1);
        self.outage = Some(Outage { lost_before, failed });
        self.counts.says(Some(reason.to_owned()));
        warn!("cannot write {}: {reason}; packets that are not kept are counted", self.name);
        self.report(Incident::SinkFailed { name: self.name.clone(), reason: reason.to_owned() });
    }

    /// Something worked: has it recovered?
    fn look(&mut self) {
        let recovered = |outage: &mut Outage| outage.failed.elapsed() >= HOLD;
        let Some(outage) = self.outage.take_if(recovered) else { return };
        self.counts.says(None);
        let lost = self.counts.failed.load(Relaxed).saturating_sub(outage.lost_before);
        info!("{} works again; {lost} packets were not kept", self.name);
        self.report(Incident::SinkRecovered { name: self.name.clone(), lost });
    }

    fn report(&self, incident: Incident) {
        // An error says only that the daemon is at its end.
        let _untold = self.incidents.send(incident);
    }
}

/// The next file. A whole one has room in the folder, or it would give way while it is written.
fn begin(folder: &mut Folder, full: u64, counts: &Counts) -> io::Result<EvidenceFile> {
    let file = folder.create()?;
    counts.removed.fetch_add(folder.make_room(full), Relaxed);
    EvidenceFile::begin(file).inspect_err(|_| folder.take_back())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use tokio::sync::mpsc;

    use super::*;

    fn packet(bytes: &[u8]) -> Packet<'_> {
        Packet { interface: 0, time: 1, bytes, length: 1500, outgoing: false, id: 7, comment: "evidence 7" }
    }

    fn files(path: &Path) -> Vec<(String, u64)> {
        let entries = fs::read_dir(path).unwrap().map(Result::unwrap);
        let mut files: Vec<_> = entries
            .map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len()))
            .filter(|(name, _)| name.ends_with(".pcapng"))
            .collect();
        files.sort();
        files
    }

    #[test]
    fn files_are_rotated_at_their_size_and_the_oldest_give_way_at_the_total() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("evidence");
        let (incidents, mut incident) = mpsc::unbounded_channel();
        let counts = Arc::new(Counts::default());
        let folder = Folder::open(&path, 64 << 10).unwrap();
        let mut keeper = Keeper::new("evidence".into(), folder, 16 << 10, Arc::clone(&counts), incidents);
        for _ in 0..500 {
            keeper.keep("eth1", packet(&[7; 512]));
        }
        let left = files(&path);
        assert!(left.iter().all(|(_, bytes)| *bytes <= 16 << 10), "{left:?}");
        assert!(left.iter().map(|(_, bytes)| bytes).sum::<u64>() <= 64 << 10, "{left:?}");
        assert!(left.len() >= 4 && !left[0].0.starts_with("evidence-000001"), "{left:?}");
        let status = counts.status("", 0);
        assert_eq!((status.written, status.lost.total(), status.files), (500, 0, left.len() as u64));
        assert_eq!(status.bytes, left.iter().map(|(_, bytes)| bytes).sum::<u64>());
        assert!(status.removed > 10 && status.failing.is_none(), "{status:?}");
        assert!(incident.try_recv().is_err());
    }

    #[test]
    fn a_folder_that_is_gone_is_told_of_once_and_every_packet_counted() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("evidence");
        let (incidents, mut incident) = mpsc::unbounded_channel();
        let counts = Arc::new(Counts::default());
        let folder = Folder::open(&path, 64 << 10).unwrap();
        let mut keeper = Keeper::new("evidence".into(), folder, 16 << 10, Arc::clone(&counts), incidents);
        fs::remove_dir_all(&path).unwrap();
        for _ in 0..5 {
            keeper.keep("eth1", packet(&[7; 60]));
        }
        let status = counts.status("", 2);
        assert_eq!((status.written, status.lost.failed, status.lost.total()), (0, 5, 7));
        assert!(status.failing.is_some_and(|why| why.starts_with("No such file")));
        assert!(matches!(incident.try_recv(), Ok(Incident::SinkFailed { .. })));
        assert!(incident.try_recv().is_err());
    }
}
