//! Has the loaded programs look the canary up: `BPF_PROG_TEST_RUN`, the very programs and maps that packets meet.

use std::net::IpAddr;

use anyhow::Context as _;
use aya::{
    Ebpf,
    programs::{SchedClassifier, TestRun as _, TestRunOptions, Xdp},
};
use checker_common::abi;

use super::counters::Counters;
use crate::ranges::canary::Canary;

/// What a look for the canary came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Every program found every address.
    All,
    /// There is no address that could be looked for: no list is loaded, or lists cover everything.
    Nothing,
    /// A program did not find an address: what it would tell of packets cannot be trusted.
    Missed(String),
    /// The kernel did not run a program.
    NotRun(String),
}

/// Looks for every address of the canary in every program. The generation must not be changed meanwhile.
#[must_use]
pub fn look(ebpf: &Ebpf, counters: &Counters, canary: Canary) -> Found {
    let mut found = Found::Nothing;
    for address in canary.addresses() {
        let frame = frame(address);
        for program in [abi::PROGRAM, abi::EGRESS_PROGRAM, abi::INGRESS_PROGRAM] {
            let mut ran = false;
            let finds = counters.finds_canary(|| {
                ran = run(ebpf, program, &frame)?;
                Ok(())
            });
            match finds {
                // That program is not in use.
                Ok(_) if !ran => {}
                Ok(true) => found = Found::All,
                Ok(false) => {
                    return Found::Missed(format!("the program {program} does not find {address}"));
                }
                Err(error) => return Found::NotRun(format!("cannot run the program {program}: {error:#}")),
            }
        }
    }
    found
}

/// Whether there is such a program in the kernel to be run.
fn run(ebpf: &Ebpf, name: &str, frame: &[u8]) -> anyhow::Result<bool> {
    let program = ebpf.program(name).with_context(|| format!("no program {name} in the object"))?;
    // One that the direction does not ask for was not loaded.
    if program.fd().is_err() {
        return Ok(false);
    }
    let options = TestRunOptions { data_in: Some(frame), ..TestRunOptions::default() };
    if name == abi::PROGRAM {
        <&Xdp>::try_from(program)?.test_run(options)?;
    } else {
        <&SchedClassifier>::try_from(program)?.test_run(options)?;
    }
    Ok(true)
}

/// A UDP packet without data from the address to itself: one program looks at sources, the other at destinations.
fn frame(address: IpAddr) -> Vec<u8> {
    const UDP: [u8; 8] = [0, 9, 0, 9, 0, 8, 0, 0];
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    match address {
        IpAddr::V4(address) => {
            // Version and length, 28 bytes, not to be fragmented, one hop; the checksum is nobody's concern.
            frame.extend([0x08, 0x00, 0x45, 0, 0, 28, 0, 0, 0x40, 0, 1, 17, 0, 0]);
            frame.extend([address.octets(), address.octets()].concat());
        }
        IpAddr::V6(address) => {
            frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 8, 17, 1]);
            frame.extend([address.octets(), address.octets()].concat());
        }
    }
    frame.extend(UDP);
    frame
}
