//! The parser twice: what random header stacks hold is what is found, and host and kernel come to the same answer.

#![expect(clippy::print_stdout, reason = "a seed and a tally, for whoever looks at a failure")]

mod capture;
mod kernel;
mod oracle;
mod stack;

use checker_user::datapath::direction::Direction;
use kernel::Kernel;
use stack::Stack;

/// Frames a run, unless `CHECKER_FRAMES` says how many; each seed is printed, and can be given again in
/// `CHECKER_SEED`.
const FRAMES: usize = 100_000;

fn frames() -> usize {
    std::env::var("CHECKER_FRAMES").ok().and_then(|frames| frames.parse().ok()).unwrap_or(FRAMES)
}

fn seed() -> u64 {
    let seed = std::env::var("CHECKER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x0c0f_fee0);
    println!("CHECKER_SEED={seed}");
    seed
}

#[test]
fn random_header_stacks_parse_to_what_was_built() {
    let mut random = fastrand::Rng::with_seed(seed());
    for _ in 0..frames() {
        let built = Stack::random(&mut random);
        let found = checker_common::parse::parse(&built.bytes[..]).expect("addresses");
        assert_eq!(oracle::layers(&found), built.layers, "{:02x?}", built.bytes);
        assert_eq!(found.limit(), None, "{:02x?}", built.bytes);
        assert_eq!(oracle::tags(&found), built.tags);
    }
}

#[test]
fn the_short_way_says_what_the_walk_says() {
    let mut random = fastrand::Rng::with_seed(seed());
    for _ in 0..frames() {
        let mut bytes = Stack::random(&mut random).bytes;
        stack::mutate(&mut random, &mut bytes);
        if let Some(short) = checker_common::parse::short(&bytes[..]) {
            assert_eq!(short, checker_common::parse::walk(&bytes[..], true), "{bytes:02x?}");
        }
    }
}

#[test]
#[ignore = "needs root: loads the kernel program"]
fn host_and_kernel_agree_on_random_stacks() {
    let mut random = fastrand::Rng::with_seed(seed());
    for direction in [Direction::Ingress, Direction::Egress, Direction::Mirror] {
        let mut kernel = Kernel::new(direction);
        for _ in 0..frames() {
            kernel.agrees(&Stack::random(&mut random).bytes);
        }
        kernel.report();
    }
}

#[test]
#[ignore = "needs root: loads the kernel program"]
fn host_and_kernel_agree_on_random_mutations() {
    let mut random = fastrand::Rng::with_seed(seed());
    let mut kernel = Kernel::new(Direction::Mirror);
    for _ in 0..frames() {
        let mut bytes = Stack::random(&mut random).bytes;
        stack::mutate(&mut random, &mut bytes);
        kernel.agrees(&bytes);
    }
    kernel.report();
}

#[test]
#[ignore = "needs root: loads the kernel program"]
fn host_and_kernel_agree_on_every_length() {
    let mut random = fastrand::Rng::with_seed(seed());
    let mut kernel = Kernel::new(Direction::Mirror);
    for _ in 0..40 {
        let mut bytes = Stack::random(&mut random).bytes;
        bytes.resize(200, 0);
        for length in 0..=bytes.len() {
            kernel.agrees(&bytes[..length]);
        }
    }
    kernel.report();
}
