//! Event → one message: RFC 5424's header, then EVE JSON or CEF.

use std::{fs, process};

use clap::ValueEnum;

use super::{
    super::about::{kind, priority},
    cef,
    facility::Facility,
};
use crate::alerts::{event::Event, write::Format};

/// What stands behind the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Payload {
    /// The event as EVE JSON.
    Json,
    /// The Common Event Format.
    Cef,
}

/// How messages are made.
#[derive(Clone, Debug)]
pub(in super::super) struct Form {
    facility: Facility,
    payload: Payload,
    host: String,
}

impl Form {
    pub(in super::super) fn new(facility: Facility, payload: Payload) -> Self {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self { facility, payload, host: name(host.trim()) }
    }

    /// The message, without any framing.
    pub(in super::super) fn message(&self, event: &Event) -> Vec<u8> {
        let value = (self.facility as u8) * 8 + priority(event);
        let (time, host, process, kind) = (event.timestamp(), &self.host, process::id(), kind(event));
        let mut message = format!("<{value}>1 {time} {host} checker {process} {kind} - ").into_bytes();
        match self.payload {
            Payload::Json => {
                // An event always has a form.
                let _infallible = Format::Eve.write(event, &mut message);
                message.truncate(message.trim_ascii_end().len());
            }
            Payload::Cef => message.extend(cef::cef(event, &self.host).bytes()),
        }
        message
    }
}

/// RFC 5424's HOSTNAME: printable ASCII, at most 255 characters; `-` for none.
fn name(host: &str) -> String {
    let name: String = host.chars().filter(char::is_ascii_graphic).take(255).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}
