//! Events ↔ the body of a request: a JSON array, one event a line.

use std::sync::Arc;

use serde::Deserialize;

use crate::alerts::{event::Event, write::Format};

/// The array.
pub(super) fn body(events: &[Arc<Event>]) -> Vec<u8> {
    let mut body = b"[\n".to_vec();
    for event in events {
        // An event always has a form.
        let _infallible = Format::Eve.write(event, &mut body);
        // Its line feed makes place for a comma.
        body.truncate(body.trim_ascii_end().len());
        body.extend(b",\n");
    }
    if !events.is_empty() {
        body.truncate(body.len() - 2);
    }
    body.extend(b"\n]\n");
    body
}

/// Class and packets of each alert in a body.
pub(super) fn alerts(body: &[u8]) -> Vec<(u32, u64)> {
    #[derive(Deserialize)]
    struct Brief {
        alert: Option<Signature>,
        checker: Option<Details>,
    }
    #[derive(Deserialize)]
    struct Signature {
        signature_id: u32,
    }
    #[derive(Deserialize)]
    struct Details {
        count: u64,
    }
    let events: Vec<Brief> = serde_json::from_slice(body).unwrap_or_default();
    events.into_iter().filter_map(|event| Some((event.alert?.signature_id, event.checker?.count))).collect()
}
