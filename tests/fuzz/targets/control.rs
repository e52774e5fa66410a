//! What clients and the daemon say to each other: neither believes the other.

use checker_user::{
    alerts::line::Line,
    control::protocol::{Reply, Request},
};

pub(crate) fn control(line: &[u8]) {
    if let Ok(request) = serde_json::from_slice::<Request>(line) {
        let said = serde_json::to_string(&request).expect("JSON");
        let again: Request = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{said}: {error}"));
        assert_eq!(serde_json::to_string(&again).expect("JSON"), said);
        assert_eq!((again.changes(), again.name()), (request.changes(), request.name()));
    }
    if let Ok(reply) = serde_json::from_slice::<Reply>(line) {
        serde_json::to_string(&reply).expect("JSON");
    }
    let _either = serde_json::from_slice::<Line<'_>>(line);
}
