//! Listens on the watched interfaces, beside the loop that reads the ring. Nothing polls; an idle network wakes nobody.

use std::{
    io,
    os::fd::{AsRawFd as _, OwnedFd},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::socket::{MsgFlags, recv},
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::mpsc::UnboundedSender,
    task::JoinHandle,
};
use tracing::{debug, warn};

use super::{bindings::Contradiction, filter::SNAP, frame::claim, socket::open};
use crate::{alerts::incident::Incident, assets::machines::Machines};

/// Most frames that are taken at once, so that a flood does not keep the daemon from anything else.
const BATCH: usize = 64;

/// Contradictions that are told within a minute; who spoofs can make as many as they like.
const TOLD: u32 = 10;

/// The ears of the daemon, one an interface.
#[derive(Debug, Default)]
pub struct Listening(Mutex<Vec<(String, JoinHandle<()>)>>);

impl Listening {
    /// Listens on interfaces, by name and index, until [`stop`](Self::stop)ped. Where it cannot, it says so once: without it
    /// alerts name fewer machines, and nothing else is lost.
    pub fn start(
        &self,
        interfaces: impl IntoIterator<Item = (String, u32)>,
        machines: &Arc<Machines>,
        incidents: &UnboundedSender<Incident>,
    ) {
        let mut ears = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, index) in interfaces {
            let ear = open(index).and_then(|socket| {
                // SAFETY: an OwnedFd keeps its descriptor open, and the same, until it is dropped.
                unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE) }
                    .map_err(io::Error::from)
            });
            let ear = match ear {
                Ok(ear) => ear,
                Err(error) => {
                    let hint = if error.kind() == io::ErrorKind::PermissionDenied {
                        " (it takes CAP_NET_RAW)"
                    } else {
                        ""
                    };
                    warn!(
                        "which machine has which address is not learned: no packet socket on {name}: {error}{hint}"
                    );
                    return;
                }
            };
            let (machines, incidents) = (Arc::clone(machines), incidents.clone());
            ears.push((
                name.clone(),
                tokio::spawn(async move {
                    if let Err(error) = listen(&ear, &machines, &incidents).await {
                        warn!("{name}: which machine has which address is not learned any more: {error}");
                    }
                }),
            ));
        }
    }

    /// Listens on an interface that took the place of one that was listened on; not where that one was not.
    pub fn again(
        &self,
        name: &str,
        index: u32,
        machines: &Arc<Machines>,
        incidents: &UnboundedSender<Incident>,
    ) {
        let mut ears = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before: Vec<_> = ears.extract_if(.., |(known, _)| known == name).collect();
        drop(ears);
        before.iter().for_each(|(_, ear)| ear.abort());
        if !before.is_empty() {
            self.start([(name.to_owned(), index)], machines, incidents);
        }
    }

    /// Listens no more on these.
    pub fn stop(&self, names: &[String]) {
        let mut ears = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, ear) in ears.extract_if(.., |(name, _)| names.contains(name)) {
            ear.abort();
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let ears = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        ears.iter().for_each(|(_, ear)| ear.abort());
    }
}

async fn listen(
    ear: &AsyncFd<OwnedFd>,
    machines: &Machines,
    incidents: &UnboundedSender<Incident>,
) -> io::Result<()> {
    let mut frame = vec![0; SNAP as usize];
    let mut teller = Teller { minute: Instant::now(), told: 0, untold: 0 };
    loop {
        let mut ready = ear.readable().await?;
        for _ in 0..BATCH {
            let length = match recv(ear.as_raw_fd(), &mut frame, MsgFlags::empty()) {
                Ok(length) => length,
                Err(Errno::EAGAIN) => {
                    ready.clear_ready();
                    break;
                }
                // The interface went down, which it says once.
                Err(Errno::ENETDOWN | Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
            };
            let Some(claim) = claim(&frame[..length]) else { continue };
            debug!("{} is {} by {}", claim.address, claim.mac, claim.source.name());
            if let Some(Contradiction { before, stays }) = machines.learn(claim)
                && let Some(untold) = teller.may_tell(Instant::now())
            {
                let (address, claimed) = (claim.address, claim.mac);
                let source = claim.source.name().to_owned();
                // An error says only that the daemon is at its end.
                let _untold = incidents.send(Incident::BindingChanged {
                    address,
                    before,
                    claimed,
                    source,
                    stays,
                    untold,
                });
            }
        }
        tokio::task::yield_now().await;
    }
}

/// Keeps what is told within bounds.
struct Teller {
    minute: Instant,
    told: u32,
    untold: u64,
}

impl Teller {
    /// Whether one more may be told, and how many were not since the last one.
    fn may_tell(&mut self, now: Instant) -> Option<u64> {
        if now.duration_since(self.minute) >= Duration::from_secs(60) {
            (self.minute, self.told) = (now, 0);
        }
        if self.told == TOLD {
            self.untold += 1;
            return None;
        }
        self.told += 1;
        Some(std::mem::take(&mut self.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_told_in_a_minute_and_the_rest_is_counted() {
        let began = Instant::now();
        let mut teller = Teller { minute: began, told: 0, untold: 0 };
        let told: Vec<_> = (0..25).filter_map(|_| teller.may_tell(began)).collect();
        assert_eq!(told, [0; 10]);
        assert_eq!(teller.may_tell(began + Duration::from_secs(60)), Some(15));
    }
}
