//! Prefixes behind which NAT64 (RFC 6052) puts IPv4 addresses: the well-known one, and what a network uses of its
//! own. A table of constant size: the loader writes it into the object before it loads it.

use core::net::Ipv6Addr;

/// Prefixes beside the well-known one.
pub const CONFIGURED: usize = 4;

/// One prefix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Prefix {
    /// The first 64 bits, as a number; zero past `length`.
    high: u64,
    /// Bits 64 to 95, as a number; only a /96 may have any.
    low: u32,
    /// 32, 40, 48, 56, 64 or 96; 0 for no prefix.
    length: u32,
}

impl Prefix {
    /// A prefix of one of the lengths of RFC 6052 clause 2.2; its other bits are left out. `None` for another length.
    #[must_use]
    pub fn new(address: Ipv6Addr, length: u8) -> Option<Self> {
        if !matches!(length, 32 | 40 | 48 | 56 | 64 | 96) {
            return None;
        }
        let bits = address.to_bits() & (u128::MAX << (128 - u32::from(length)));
        Some(Self { high: (bits >> 64) as u64, low: (bits >> 32) as u32, length: u32::from(length) })
    }

    /// The address behind this prefix, if the prefix is that of the address with these halves. Bits 64 to 71 are
    /// zero, or skipped (RFC 6052 clause 2.2).
    #[inline(always)]
    fn address(&self, high: u64, low: u64) -> Option<u32> {
        // SAFETY: reads of own fields. Volatile, and one by one: the loader writes the table into the object after
        // it was compiled, and a copy of all of it would not fit the kernel's stack.
        let (own_high, own_low, length) = unsafe {
            (
                (&raw const self.high).read_volatile(),
                (&raw const self.low).read_volatile(),
                (&raw const self.length).read_volatile(),
            )
        };
        let (prefix, address) = match length {
            32 => (high >> 32 << 32, high as u32),
            40 => (high >> 24 << 24, (high as u32) << 8 | (low >> 48) as u32 & 0xff),
            48 => (high >> 16 << 16, (high as u32) << 16 | (low >> 40) as u32 & 0xffff),
            56 => (high >> 8 << 8, (high as u32) << 24 | (low >> 32) as u32 & 0x00ff_ffff),
            64 => (high, (low >> 24) as u32),
            96 => (high, low as u32),
            _ => return None,
        };
        let same = prefix == own_high && (length != 96 || (low >> 32) as u32 == own_low);
        same.then_some(address)
    }
}

/// All prefixes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Nat64 {
    configured: [Prefix; CONFIGURED],
}

impl Nat64 {
    /// `64:ff9b::/96` alone.
    pub const WELL_KNOWN: Self = Self { configured: [Prefix { high: 0, low: 0, length: 0 }; CONFIGURED] };

    /// The well-known prefix and `prefixes`; `None` when there are more than [`CONFIGURED`].
    #[must_use]
    pub fn with(prefixes: &[Prefix]) -> Option<Self> {
        let mut all = Self::WELL_KNOWN;
        all.configured.get_mut(..prefixes.len())?.copy_from_slice(prefixes);
        Some(all)
    }

    /// The IPv4 address in the IPv6 address with these halves.
    #[inline(always)]
    pub(crate) fn address(&self, high: u64, low: u64) -> Option<u32> {
        if high == 0x0064_ff9b_0000_0000 && low >> 32 == 0 {
            return Some(low as u32);
        }
        // Written out: a loop would have the verifier look at a bound.
        let [first, second, third, fourth] = &self.configured;
        let found = first.address(high, low).or_else(|| second.address(high, low));
        found.or_else(|| third.address(high, low)).or_else(|| fourth.address(high, low))
    }
}

#[cfg(feature = "user")]
mod user {
    // SAFETY: repr(C), u64 and u32 pairs: any bytes are a valid value and there is no padding.
    unsafe impl aya::Pod for super::Nat64 {}
}
