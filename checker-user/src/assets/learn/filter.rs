//! What the kernel hands to the listening socket, and nothing else: ARP, neighbour discovery and DHCP, with at most one
//! VLAN tag in the frame. A classic BPF program (Documentation/networking/filter.rst); everything else is let go by
//! before it costs more than that.

use libc::{
    BPF_ABS, BPF_B, BPF_H, BPF_IND, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_LDX, BPF_MSH,
    BPF_RET, sock_filter,
};

/// Most bytes of a frame that are taken.
pub(super) const SNAP: u32 = 2048;

/// Where an instruction goes on.
#[derive(Clone, Copy)]
enum To {
    /// The next one.
    On,
    /// So many behind the next one.
    Skip(u8),
    /// The frame is taken.
    Take,
    /// The frame is left.
    Leave,
}

/// An instruction; its way, if the condition holds and if not.
type Step = (u32, u32, To, To);

/// The program.
pub(super) fn program() -> Vec<sock_filter> {
    let inner = network(18);
    // A tagged frame goes to the second part; the tag of what comes in stands beside the frame already.
    let to_inner = network(14).len() as u8;
    let mut steps = vec![
        load(BPF_H, 12),
        (BPF_JMP | BPF_JEQ | BPF_K, 0x8100, To::Skip(to_inner + 1), To::On),
        (BPF_JMP | BPF_JEQ | BPF_K, 0x88a8, To::Skip(to_inner), To::On),
    ];
    steps.extend(network(14));
    steps.push(load(BPF_H, 16));
    steps.extend(inner);
    assemble(&steps)
}

/// Judges a packet that begins at `base`; its EtherType is loaded.
fn network(base: u32) -> Vec<Step> {
    use To::{Leave, On, Skip, Take};
    vec![
        equals(0x0806, Take, On),
        equals(0x86dd, Skip(1), On),
        equals(0x0800, Skip(5), Leave),
        // IPv6: ICMPv6, types 135 and 136.
        load(BPF_B, base + 6),
        equals(58, On, Leave),
        load(BPF_B, base + 40),
        (BPF_JMP | BPF_JGE | BPF_K, 137, Leave, On),
        (BPF_JMP | BPF_JGE | BPF_K, 135, Take, Leave),
        // IPv4: UDP, no later fragment, to port 67 or 68.
        load(BPF_B, base + 9),
        equals(17, On, Leave),
        load(BPF_H, base + 6),
        (BPF_JMP | BPF_JSET | BPF_K, 0x1fff, Leave, On),
        (BPF_LDX | BPF_B | BPF_MSH, base, On, On),
        (BPF_LD | BPF_H | BPF_IND, base + 2, On, On),
        equals(67, Take, On),
        equals(68, Take, Leave),
    ]
}

const fn load(size: u32, at: u32) -> Step {
    (BPF_LD | size | BPF_ABS, at, To::On, To::On)
}

const fn equals(value: u32, yes: To, no: To) -> Step {
    (BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
}

/// Two ends, and every way to them.
fn assemble(steps: &[Step]) -> Vec<sock_filter> {
    let way = |to: To, at: usize| match to {
        To::On => 0,
        To::Skip(count) => count,
        To::Take => (steps.len() - at - 1) as u8,
        To::Leave => (steps.len() - at) as u8,
    };
    let instruction = |(at, &(code, k, yes, no)): (usize, &Step)| sock_filter {
        code: code as u16,
        jt: way(yes, at),
        jf: way(no, at),
        k,
    };
    let end = |k| sock_filter { code: (BPF_RET | BPF_K) as u16, jt: 0, jf: 0, k };
    steps.iter().enumerate().map(instruction).chain([end(SNAP), end(0)]).collect()
}
