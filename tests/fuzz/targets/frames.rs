//! Frames, as both the kernel program and `checker scan` read them.

use checker_common::{
    candidate::Sides,
    outcome::Outcome,
    parse::{parse, short, walk},
};
use checker_user::offline::capture::judge::{View, judge};

use crate::judge::{ALL, JUDGE};

pub(crate) fn frames(frame: &[u8]) {
    let walked = walk(frame, true);
    if let Some(short) = short(frame) {
        assert_eq!(short, walked, "the short way says what the walk says");
    }
    if let Ok(packet) = parse(frame) {
        assert_eq!(packet, walked);
    }
    let (lists, _) = &*JUDGE;
    let incoming = View { sides: Sides { source: true, destination: false }, ..ALL };
    for view in [ALL, incoming, View { tunnels: false, ..ALL }] {
        let (outcome, found) = judge(frame, &view, lists);
        let met = matches!(outcome, Outcome::Alerted | Outcome::Dropped | Outcome::Allowed);
        assert_eq!(found.is_some(), met, "{outcome:?}");
    }
}
