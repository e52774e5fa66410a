//! A packet that was found → the event that `checker run` would have told of it, with the file and the packet's
//! number in the place of the interface.

use std::sync::Arc;

use checker_common::alert::{AlertRecord, Circumstances};

use super::{judge::Found, record::Record};
use crate::{
    alerts::{
        alert::{Alert, Ether, Way},
        describe::{Clock, Context, Share, describe},
        event::Event,
        mac::Mac,
    },
    assets::machines::Machines,
    datapath::mode::Mode,
    ranges::{classes::Classes, generation::Generation},
};

/// What is known beside the packet.
pub(super) struct Known<'a> {
    pub(super) generation: &'a Arc<Generation>,
    pub(super) classes: &'a Classes,
}

/// Whose hardware addresses a packet begins with.
#[derive(Clone, Copy)]
pub(super) enum Hardware {
    /// Sender and receiver.
    Both,
    /// The sender.
    Source,
    /// Nobody.
    None,
}

/// Where a packet stands.
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    /// From 1, as Wireshark counts.
    pub(super) number: u64,
    pub(super) hardware: Hardware,
}

impl Context for Known<'_> {
    fn generation(&self, _number: u64) -> Option<Arc<Generation>> {
        Some(Arc::clone(self.generation))
    }

    /// The capture says it, see below.
    fn interface(&self, _index: u32, _way: Way) -> (String, Option<Mode>) {
        (String::new(), None)
    }

    fn classes(&self) -> &Classes {
        self.classes
    }
}

/// The event. `None` for a class that was never given, which there is none of.
pub(super) fn event(
    found: &Found,
    record: &Record<'_>,
    place: &Place<'_>,
    seq: u64,
    known: &Known<'_>,
) -> Option<Event> {
    let about = Circumstances {
        time: record.nanoseconds(),
        generation: known.generation.number,
        class: found.class,
        action: found.action.value() as u8,
        interface: 0,
        length: record.length,
        outgoing: false,
    };
    let told = AlertRecord::new(&found.packet, &found.matched, about);
    let alert = describe(&told, Share::one(&told), seq, &Clock::since_1970(), known)?;
    let Ether { src_mac, .. } = alert.ether.unwrap_or(Ether { src_mac: Mac([0; 6]), dest_mac: None });
    let ether = match place.hardware {
        Hardware::Both => alert.ether,
        Hardware::Source => Some(Ether { src_mac, dest_mac: None }),
        Hardware::None => None,
    };
    let mut alert = Alert {
        in_iface: record.interface.map(str::to_owned),
        flow_id: None,
        pcap_cnt: Some(place.number),
        pcap_filename: Some(place.file.to_owned()),
        ether,
        ..alert
    };
    alert.checker.direction = None;
    Machines::identify_by_packet(&mut alert);
    Some(Event::Alert(Box::new(alert)))
}
