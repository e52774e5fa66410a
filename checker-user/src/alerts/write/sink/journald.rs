//! The systemd journal, in its own protocol: one datagram an event, each detail a field that `journalctl` can match.
//!
//! <https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>. Own code: the crates for it are loggers, which take a text and not
//! fields with names of our own, or bind to libsystemd.

use serde_json::Value;

use super::about::{priority, sentence};
use crate::alerts::event::Event;

/// Where systemd-journald listens.
pub const SOCKET: &str = "/run/systemd/journal/socket";

/// What each kind of event is known by, as `event_type` and `MESSAGE_ID`; never changed. `journalctl MESSAGE_ID=…`
const IDS: [(&str, &str); 5] = [
    ("alert", "70bcd831ec87487cb5e59317845e12e9"),
    ("loss", "56db8461a52247f5beb1021231c92b6d"),
    ("integrity", "06cabdada5784ca4b8295539496345d7"),
    ("stats", "ac54502f7b3f401d92422ff306b3fe43"),
    ("checkpoint", "3f0b7c1f6f0e4a0c9d5c2f4b8f6a7e21"),
];

/// The fields of one entry.
pub(super) fn entry(event: &Event) -> Vec<u8> {
    let mut fields = Vec::new();
    add(&mut fields, "MESSAGE", sentence(event).as_bytes());
    add(&mut fields, "PRIORITY", priority(event).to_string().as_bytes());
    add(&mut fields, "SYSLOG_IDENTIFIER", b"checker");
    let details = serde_json::to_value(event).unwrap_or_default();
    let kind = details["event_type"].as_str();
    if let Some((_, id)) = IDS.iter().find(|(name, _)| Some(*name) == kind) {
        add(&mut fields, "MESSAGE_ID", id.as_bytes());
    }
    flatten(&mut fields, "CHECKER", &details);
    fields
}

/// `CHECKER_SRC_IP=…`, `CHECKER_LABEL=…`, `CHECKER_ETHER_SRC_MAC=…`; what is null is left out.
fn flatten(fields: &mut Vec<u8>, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(object) => {
            for (key, value) in object {
                // checker's own details have no second prefix.
                if key == "checker" {
                    flatten(fields, name, value);
                } else {
                    flatten(fields, &format!("{name}_{}", key.to_uppercase()), value);
                }
            }
        }
        Value::Array(array) => array.iter().for_each(|value| flatten(fields, name, value)),
        Value::String(text) => add(fields, name, text.as_bytes()),
        Value::Bool(_) | Value::Number(_) => add(fields, name, value.to_string().as_bytes()),
    }
}

/// A value with line feeds is preceded by its length.
fn add(fields: &mut Vec<u8>, name: &str, value: &[u8]) {
    fields.extend(name.bytes());
    if value.contains(&b'\n') {
        fields.push(b'\n');
        fields.extend((value.len() as u64).to_le_bytes());
    } else {
        fields.push(b'=');
    }
    fields.extend(value);
    fields.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{
        event::{Integrity, IntegrityType},
        incident::Incident,
        moment::Moment,
    };

    #[test]
    fn an_event_becomes_fields() {
        let event = Event::Integrity(Integrity {
            timestamp: Moment(jiff::Timestamp::UNIX_EPOCH),
            event_type: IntegrityType::Integrity,
            integrity: Incident::ListsRefused { reason: "one\ntwo".to_owned(), generation: 7 },
        });
        let expected = b"MESSAGE=REFUSED new lists, generation 7 stays: one; two\nPRIORITY=3\n\
            SYSLOG_IDENTIFIER=checker\nMESSAGE_ID=06cabdada5784ca4b8295539496345d7\nCHECKER_EVENT_TYPE=integrity\n\
            CHECKER_INTEGRITY_GENERATION=7\nCHECKER_INTEGRITY_REASON\n\x07\0\0\0\0\0\0\0one\ntwo\n\
            CHECKER_INTEGRITY_WHAT=lists_refused\nCHECKER_TIMESTAMP=1970-01-01T00:00:00.000000Z\n";
        assert_eq!(entry(&event).escape_ascii().to_string(), expected.escape_ascii().to_string());
    }
}
