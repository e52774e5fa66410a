//! Keys, signed notes and checkpoints: what `checker log verify` is given beside a log.

use checker_user::sealed::{
    key::{Key, PublicKey},
    seal::Seal,
    verify::anchor::Anchor,
};

use crate::{scratch, sealed::key};

pub(crate) fn notes(bytes: &[u8]) {
    let public = key().public().clone();
    let text = String::from_utf8_lossy(bytes);
    if let Ok(other) = PublicKey::parse(&text) {
        let again = PublicKey::parse(other.text()).expect("what it was read from");
        assert_eq!(again.text(), other.text());
    }
    let _either = Key::parse(&text);
    if let Some(seal) = Seal::of_line(bytes) {
        let _either = seal.open(&public);
    }
    if let Ok(anchors) = Anchor::read(&scratch::file("anchor", bytes)) {
        for anchor in anchors {
            if let Ok(head) = anchor.open(&public) {
                assert!(anchor.note().contains(&head.origin), "only what is in it is signed");
            }
        }
    }
}
