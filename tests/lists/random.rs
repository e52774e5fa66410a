//! Random lines of a list, the same for the same seed.

use std::{
    fmt::Write as _,
    net::{Ipv4Addr, Ipv6Addr},
};

/// Prefixes, addresses and ranges, few bits apart so that they nest and touch. Host bits may be set.
pub(crate) fn lines(seed: u64, v6: bool) -> String {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut text = String::new();
    for _ in 0..200 {
        // Writing to a String does not fail.
        let _ =
            if v6 && random.bool() { line6(&mut random, &mut text) } else { line4(&mut random, &mut text) };
    }
    text
}

fn line4(random: &mut fastrand::Rng, text: &mut String) -> std::fmt::Result {
    let base = *random.choice(&[0x0a00_0000, 0xc000_0200, 0xffff_fe00_u32]).unwrap_or(&0);
    let first = Ipv4Addr::from(base | random.u32(..512));
    match random.u8(..5) {
        0 => writeln!(text, "{first}"),
        1 => writeln!(text, "{first}/{}", random.u8(20..=32)),
        2 => writeln!(text, "{first}/{}", Ipv4Addr::from(u32::MAX << random.u32(..12))),
        3 => {
            let last = Ipv4Addr::from(first.to_bits().saturating_add(random.u32(..600)));
            writeln!(text, "{first} - {last}")
        }
        _ => {
            let last = Ipv4Addr::from(first.to_bits().saturating_add(random.u32(..600)));
            writeln!(text, "{first}/30-{last}/{}", random.u8(30..=32))
        }
    }
}

fn line6(random: &mut fastrand::Rng, text: &mut String) -> std::fmt::Result {
    let base = *random.choice(&[0x2001_0db8_u128 << 96, u128::MAX << 9]).unwrap_or(&0);
    let first = Ipv6Addr::from(base | random.u128(..512));
    match random.u8(..3) {
        0 => writeln!(text, "{first}"),
        1 => writeln!(text, "{first}/{}", random.u8(110..=128)),
        _ => writeln!(text, "{first}-{}", Ipv6Addr::from(first.to_bits().saturating_add(random.u128(..600)))),
    }
}
