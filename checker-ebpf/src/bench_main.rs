//! What checker's path is compared with, one program each. All take their addresses from a table of a million, so
//! that the caches see what they would see; what they have in common is the program `bare`.
#![no_std]
#![no_main]

use aya_ebpf::{
    bindings::xdp_action::{XDP_DROP, XDP_PASS},
    btf_maps::Array,
    helpers::bpf_redirect,
    macros::{btf_map, xdp},
    programs::XdpContext,
};
use checker_common::{
    candidate::Sides,
    outcome::Outcome,
    packet::{Address, Octets},
};
use checker_ebpf::{bench, classify::classify, settings};

/// Addresses in the table: a power of two.
const COUNT: u32 = 1 << 20;

/// Slot of the only generation that the bench installs.
const SLOT: u32 = 1;

/// Where a source address stands in an untagged frame.
const SOURCE_V4: usize = 26;
const SOURCE_V6: usize = 22;

/// Where the IPv4 header's checksum stands in it.
const CHECKSUM: usize = 24;

#[btf_map]
static ADDRESSES: Array<[u8; 16], { COUNT as usize }> = Array::new();

/// What `answer_*` found: the verdict, and what the trie alone says.
#[btf_map]
static ANSWERS: Array<u64, { COUNT as usize }> = Array::new();

/// The next address.
#[btf_map]
static POSITION: Array<u32, 1> = Array::new();

/// What `inject` needs: the interface that it sends to, and the sum over the IPv4 header without its source.
#[btf_map]
static INJECT: Array<[u32; 2], 1> = Array::new();

#[inline(always)]
fn next() -> Option<(u32, [u8; 16])> {
    let position = POSITION.get_ptr_mut(0)?;
    // SAFETY: the bench runs on one CPU at a time.
    let at = unsafe {
        let at = *position % COUNT;
        *position = at + 1;
        at
    };
    Some((at, *ADDRESSES.get(at)?))
}

#[inline(always)]
fn next_v4() -> Option<(u32, Address)> {
    let (at, [a, b, c, d, ..]) = next()?;
    Some((at, Address::V4([a, b, c, d])))
}

#[inline(always)]
fn next_v6() -> Option<(u32, Address)> {
    let (at, source) = next()?;
    Some((at, Address::V6(Octets(source))))
}

/// Uses every byte, so that none of the reading is optimised away.
#[inline(always)]
fn fold(address: &Address) -> u32 {
    match *address {
        Address::V4(source) => u32::from_ne_bytes(source),
        Address::V6(source) => {
            let source = u128::from_ne_bytes(source.0);
            (source >> 64) as u32 ^ (source >> 96) as u32 ^ (source >> 32) as u32 ^ source as u32
        }
    }
}

#[xdp]
fn bare_v4(_: XdpContext) -> u32 {
    next_v4().map_or(0, |(_, address)| fold(&address))
}

#[xdp]
fn bare_v6(_: XdpContext) -> u32 {
    next_v6().map_or(0, |(_, address)| fold(&address))
}

#[xdp]
fn trie_v4(_: XdpContext) -> u32 {
    next_v4().map_or(0, |(_, address)| bench::in_trie(SLOT, &address))
}

#[xdp]
fn trie_v6(_: XdpContext) -> u32 {
    next_v6().map_or(0, |(_, address)| bench::in_trie(SLOT, &address))
}

#[xdp]
fn verdict_v4(_: XdpContext) -> u32 {
    next_v4().map_or(0, |(_, address)| bench::verdict(&address))
}

#[xdp]
fn verdict_v6(_: XdpContext) -> u32 {
    next_v6().map_or(0, |(_, address)| bench::verdict(&address))
}

#[xdp]
fn answer_v4(_: XdpContext) -> u32 {
    next_v4().map_or(0, |(at, address)| answer(at, &address))
}

#[xdp]
fn answer_v6(_: XdpContext) -> u32 {
    next_v6().map_or(0, |(at, address)| answer(at, &address))
}

#[inline(always)]
fn answer(at: u32, address: &Address) -> u32 {
    if let Some(answers) = ANSWERS.get_ptr_mut(at) {
        // SAFETY: an element of this program's own map; the bench runs on one CPU at a time.
        unsafe {
            *answers = u64::from(bench::in_trie(SLOT, address)) << 32 | u64::from(bench::verdict(address))
        };
    }
    XDP_PASS
}

#[xdp]
fn whole_v4(ctx: XdpContext) -> u32 {
    if let Some((_, [a, b, c, d, ..])) = next() {
        write(&ctx, SOURCE_V4, [a, b, c, d]);
    }
    whole(&ctx)
}

#[xdp]
fn whole_v6(ctx: XdpContext) -> u32 {
    if let Some((_, source)) = next() {
        write(&ctx, SOURCE_V6, source);
    }
    whole(&ctx)
}

/// Everything that `checker` does, on a veth in place of it. Each packet ends here, as it does behind the filters
/// that it is compared with.
#[xdp]
fn checker(ctx: XdpContext) -> u32 {
    whole(&ctx);
    XDP_DROP
}

/// As `checker` in `main.rs` does it, and compiled into the same form: with constant sides, the compiler would hand
/// packet pointers to `look`, as numbers.
#[inline(always)]
fn whole(ctx: &XdpContext) -> u32 {
    let sides = Sides { source: true, destination: settings::mirror() };
    if classify(ctx, sides) == Outcome::Dropped { XDP_DROP } else { XDP_PASS }
}

/// What a packet costs that ends in this hook.
#[xdp]
fn end(_: XdpContext) -> u32 {
    XDP_DROP
}

/// What stands in this hook where the packet goes on to another one.
#[xdp]
fn pass(_: XdpContext) -> u32 {
    XDP_PASS
}

/// The traffic: gives the frame its source and the checksum that fits, and sends it out of the interface.
#[xdp]
fn inject(ctx: XdpContext) -> u32 {
    let [interface, sum] = INJECT.get(0).copied().unwrap_or_default();
    if let Some((_, [a, b, c, d, ..])) = next() {
        write(&ctx, SOURCE_V4, [a, b, c, d]);
        let sum = sum + u32::from(u16::from_be_bytes([a, b])) + u32::from(u16::from_be_bytes([c, d]));
        let sum = (sum & 0xffff) + (sum >> 16);
        let sum = (sum & 0xffff) + (sum >> 16);
        write(&ctx, CHECKSUM, (!(sum as u16)).to_be_bytes());
    }
    // SAFETY: a helper without pointers; an unknown interface drops the frame.
    unsafe { bpf_redirect(interface, 0) as u32 }
}

#[inline(always)]
fn write<const N: usize>(ctx: &XdpContext, at: usize, bytes: [u8; N]) {
    let first = ctx.data() + at;
    if first + N <= ctx.data_end() {
        // SAFETY: the N bytes lie between `data` and `data_end`, and [u8; N] has alignment 1.
        unsafe { *(first as *mut [u8; N]) = bytes };
    }
}

/// Never runs: a reachable panic is a loop that the verifier refuses.
#[cfg(not(test))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// The helpers that the programs call are for GPL-compatible programs only.
#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
