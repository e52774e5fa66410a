//! Ring → packets, on a thread of its own.

use std::{
    io::{self, PipeReader, PipeWriter, pipe},
    os::fd::AsFd as _,
    sync::{
        Arc,
        atomic::Ordering::Relaxed,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use anyhow::Context as _;
use aya::maps::{MapData, PerCpuArray, RingBuf};
use checker_common::evidence::{self, HEAD};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tokio::sync::mpsc::UnboundedSender;
use tracing::{info, warn};

use super::{
    folder::Folder,
    keep::Keeper,
    pcapng::Packet,
    spec::EvidenceSpec,
    status::{Counts, EvidenceStatus},
};
use crate::{
    alerts::{
        alert::Way,
        describe::{Clock, Context, Share, describe, flow_id},
        incident::Incident,
        write::message,
    },
    daemon::records::Records,
    printable::printable,
};

/// The daemon's end of the evidence.
pub struct Evidence {
    folder: String,
    counts: Arc<Counts>,
    lost: PerCpuArray<MapData, u64>,
}

/// Starts and ends the thread.
pub struct Ending {
    /// The thread looks at the other end.
    closing: PipeWriter,
    ended: Receiver<()>,
    /// What the thread is to do, until it is started.
    pending: Option<(Taking, Sender<()>)>,
}

/// The thread's end.
struct Taking {
    ring: RingBuf<MapData>,
    closing: PipeReader,
    keeper: Keeper,
    records: Arc<Records>,
    counts: Arc<Counts>,
    clock: Option<Clock>,
    /// Nobody needs to be told twice that the kernel program is another checker's.
    told: bool,
}

impl Evidence {
    /// Opens what keeps, once it is started, what comes out of `ring`; `lost` is what the kernel counts beside it.
    ///
    /// # Errors
    ///
    /// One sentence about a folder that cannot be used.
    pub fn open(
        spec: &EvidenceSpec,
        ring: RingBuf<MapData>,
        lost: PerCpuArray<MapData, u64>,
        records: Arc<Records>,
        incidents: UnboundedSender<Incident>,
    ) -> anyhow::Result<(Self, Ending)> {
        let folder = printable(&spec.folder.to_string_lossy()).into_owned();
        let counts = Arc::new(Counts::default());
        let opened = Folder::open(&spec.folder, spec.total)?;
        let keeper =
            Keeper::new(format!("evidence {folder}"), opened, spec.file, Arc::clone(&counts), incidents);
        let (closing, writer) = pipe().context("no pipe")?;
        let (done, ended) = channel();
        let taking =
            Taking { ring, closing, keeper, records, counts: Arc::clone(&counts), clock: None, told: false };
        let pending = Some((taking, done));
        Ok((Self { folder, counts, lost }, Ending { closing: writer, ended, pending }))
    }

    /// How it is.
    ///
    /// # Errors
    ///
    /// What `bpf(2)` said.
    pub fn status(&self) -> anyhow::Result<EvidenceStatus> {
        let lost = self.lost.get(&0, 0).context("cannot read the counters of evidence")?;
        Ok(self.counts.status(&self.folder, lost.iter().sum()))
    }
}

impl Ending {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When there can be no more threads.
    pub fn start(&mut self) -> anyhow::Result<()> {
        if let Some((mut taking, done)) = self.pending.take() {
            let thread = thread::Builder::new().name("evidence".to_owned());
            thread.spawn(move || taking.run(&done)).context("cannot start the evidence thread")?;
        }
        Ok(())
    }

    /// Lets the thread read the ring to its end, for as long as `patience`.
    pub fn finish(self, patience: Duration) {
        drop(self.closing);
        // It says nothing: it ends, and so does its end of the channel.
        if let Err(std::sync::mpsc::RecvTimeoutError::Timeout) = self.ended.recv_timeout(patience) {
            warn!("the evidence is not written to its end: its disk is too slow");
        }
    }
}

impl Taking {
    fn run(&mut self, _done: &Sender<()>) {
        loop {
            match self.wait() {
                Ok(over) => {
                    self.drain();
                    if over {
                        break;
                    }
                }
                Err(error) => {
                    warn!("cannot wait for evidence: {error}; no more is kept");
                    break;
                }
            }
        }
        let written = self.counts.written.load(Relaxed);
        info!("evidence: {written} packets written, {} failed", self.counts.failed.load(Relaxed));
    }

    /// Waits for packets; whether these are the last ones.
    fn wait(&self) -> io::Result<bool> {
        let mut both = [
            PollFd::new(self.ring.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.closing.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut both, PollTimeout::NONE) {
            Ok(_) => Ok(both[1].any().unwrap_or(true)),
            Err(nix::Error::EINTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn drain(&mut self) {
        let Ok(clock) = Clock::read() else { return };
        let clock = self.clock.as_ref().map_or(clock, |before| clock.steadied(before));
        self.clock = Some(clock);
        while let Some(bytes) = self.ring.next() {
            match evidence::Evidence::decode(&bytes) {
                Ok(found) => keep(&mut self.keeper, &found, &clock, &self.records),
                Err(why) => {
                    self.counts.failed.fetch_add(1, Relaxed);
                    if !std::mem::replace(&mut self.told, true) {
                        warn!(
                            "a record of evidence is not understood: {why:?}; such records are counted as lost"
                        );
                    }
                }
            }
        }
    }
}

fn keep(keeper: &mut Keeper, found: &evidence::Evidence<'_>, clock: &Clock, records: &Records) {
    let about = found.record.circumstances();
    let way = if about.outgoing { Way::Egress } else { Way::Ingress };
    let (interface, alert) = {
        let known = records.lock();
        let interface = known.interface(about.interface, way).0;
        (interface, describe(&found.record, Share::one(&found.record), 0, clock, &*known))
    };
    let id = flow_id(&found.record);
    let sentence = alert.as_ref().map(message::of_alert).unwrap_or_default();
    let (bytes, length) = whole(found, about.length);
    let time = clock.date(about.time).0.as_nanosecond();
    keeper.keep(
        &interface,
        Packet {
            interface: 0,
            time: u64::try_from(time).unwrap_or_default(),
            bytes: &bytes,
            length,
            outgoing: about.outgoing,
            id,
            comment: &format!("evidence {id}: {sentence}"),
        },
    );
}

/// The frame as it is on the wire: a tag that the hardware puts in front is put there, behind the two MAC addresses.
fn whole(found: &evidence::Evidence<'_>, length: u32) -> (Vec<u8>, u32) {
    const MACS: usize = 12;
    let mut bytes = found.head.to_vec();
    match found.tag {
        Some(tag) if bytes.len() >= MACS => {
            bytes.splice(MACS..MACS, tag);
            bytes.truncate(HEAD);
            (bytes, length + tag.len() as u32)
        }
        Some(_) | None => (bytes, length),
    }
}
