//! A capture → its alerts, packet by packet.

use std::{
    io::{self, Read},
    net::IpAddr,
};

use checker_common::packet::Address;

use super::{
    account::Account,
    alert::{Hardware, Known, Place, event},
    judge::{Found, View, judge},
    link::{Seen, seen},
    reader::Reader,
    record::{Broken, Record},
};
use crate::{
    alerts::write::Format,
    offline::judge::Judge,
    ranges::{action::Action, classes::Classes},
};

/// Printed bytes that are written at once where nobody waits for them.
const ENOUGH: usize = 1 << 16;

/// Scans captures.
#[derive(Debug)]
pub struct Captures<'a> {
    /// What addresses are looked up in.
    pub judge: &'a Judge,
    /// The labels of its classes.
    pub classes: &'a Classes,
    /// Which addresses are looked at.
    pub view: View,
    /// The form of alerts; `None` prints none.
    pub format: Option<Format>,
    /// What was found so far.
    pub account: Account,
}

/// Why a capture was not scanned to its end.
#[derive(Debug)]
pub enum Failure {
    /// What there was to print could not be written.
    Write(io::Error),
    /// The capture is broken; what stands before that place was judged. The number of the packet that was to come, 0
    /// for the file's header.
    Read(u64, Broken),
}

impl Captures<'_> {
    /// Scans one capture and hands over what is to be printed, at once for every packet if `prompt`.
    ///
    /// # Errors
    ///
    /// See [`Failure`].
    pub fn scan(
        &mut self,
        file: &str,
        input: impl Read,
        prompt: bool,
        mut print: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut printed = Vec::new();
        let mut number = 0;
        let ended = Reader::new(input).and_then(|mut reader| {
            self.account.files += 1;
            loop {
                number += 1;
                let Some(record) = reader.next()? else { return Ok(Ok(())) };
                if let Some((found, hardware)) = self.packet(&record) {
                    self.tell(&found, &record, &Place { file, number, hardware }, &mut printed);
                    if printed.len() >= ENOUGH || prompt {
                        let written = print(&printed);
                        printed.clear();
                        if written.is_err() {
                            return Ok(written);
                        }
                    }
                }
            }
        });
        let written = if printed.is_empty() { Ok(()) } else { print(&printed) };
        match ended {
            Err(broken) => written.map_err(Failure::Write).and(Err(Failure::Read(number, broken))),
            Ok(ended) => ended.and(written).map_err(Failure::Write),
        }
    }

    /// Judges a packet and counts it.
    #[inline]
    fn packet(&mut self, record: &Record<'_>) -> Option<(Found, Hardware)> {
        let (outcome, found, hardware) = match seen(record.link, record.bytes) {
            Some(Seen::Frame(bytes)) => {
                let (outcome, found) = judge(bytes, &self.view, self.judge);
                (outcome, found, Hardware::Both)
            }
            Some(Seen::Behind(behind)) => {
                let (outcome, found) = judge(&behind, &self.view, self.judge);
                (outcome, found, if behind.source { Hardware::Source } else { Hardware::None })
            }
            None => {
                self.account.unread(record.link);
                return None;
            }
        };
        self.account.judged(outcome);
        // An exception is only counted.
        found.filter(|found| found.action != Action::Allow).map(|found| (found, hardware))
    }

    #[cold]
    fn tell(&mut self, found: &Found, record: &Record<'_>, place: &Place<'_>, printed: &mut Vec<u8>) {
        let addr = match found.matched.address() {
            Address::V4(octets) => IpAddr::from(octets),
            Address::V6(octets) => IpAddr::from(octets.0),
        };
        self.account.found(addr, found.class);
        let Some(format) = self.format else { return };
        let known = Known { generation: &self.judge.generation, classes: self.classes };
        if let Some(event) = event(found, record, place, self.account.restricted(), &known) {
            // An event always has a JSON form, and a Vec takes all.
            let _infallible = format.write(&event, printed);
        }
    }
}
