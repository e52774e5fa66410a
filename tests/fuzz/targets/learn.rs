//! Frames that tell which machine has which address.

use checker_user::assets::learn::{bindings::Bindings, claim};

pub(crate) fn learn(frame: &[u8]) {
    let Some(said) = claim(frame) else { return };
    let address = said.address;
    assert!(!address.is_unspecified() && !address.is_multicast(), "{address} is nobody's");
    assert_eq!(said.mac.0[0] & 1, 0, "{:?} is a group's", said.mac);
    let mut bindings = Bindings::default();
    assert_eq!(bindings.learn(said, |_| false), None);
    assert_eq!(bindings.of(address), Some((said.mac, said.source)));
    assert_eq!(bindings.learn(said, |_| false), None, "it says the same");
}
