//! The ring when nobody reads it: what does not fit is counted, to the last packet, and the next one that fits is
//! reported again.

use anyhow::{Context as _, Result};
use checker_common::{
    abi::{CLASS_COUNT, RING_BYTES},
    account::ClassAccount,
    alert,
    outcome::Outcome,
};
use checker_user::ranges::source::ListSpec;
use harness::{
    frame::Frame,
    lists::{List, Lists},
    prog_run::Kernel,
};

use crate::cases::{ONE, OTHER, allow, drop as dropping, restricted, restricted_v6};

/// More records than the ring can hold, whatever the kernel adds to each.
const TOO_MANY: u32 = RING_BYTES / alert::LENGTH as u32 + 5_000;

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn matched_is_emitted_and_lost_when_the_ring_is_full() -> Result<()> {
    let (mut kernel, _lists) = kernel_with(&[ONE])?;
    kernel.run(&restricted().bytes(), TOO_MANY)?;

    let full = kernel.account(1)?;
    assert_eq!(full.matched, u64::from(TOO_MANY));
    assert_eq!(full.matched, full.emitted + full.ring_full);
    assert!(full.ring_full > 0, "the ring of {RING_BYTES} bytes held {TOO_MANY} records");
    assert_eq!(kernel.counted(Outcome::Alerted)?, u64::from(TOO_MANY), "a lost record is no lost packet");

    let mut read = 0;
    let mut time = 0;
    while let Some(record) = kernel.next_record()? {
        read += 1;
        let about = record.circumstances();
        assert!(about.time >= time, "record {read} is older than the one before");
        time = about.time;
    }
    assert_eq!(read, full.emitted, "what was emitted can be read");

    let judged = kernel.judge(&restricted_v6().bytes())?;
    assert!(judged.record.is_some(), "there is room again");
    let after = kernel.account(1)?;
    assert_eq!(after, ClassAccount { matched: full.matched + 1, emitted: full.emitted + 1, ..full });
    Ok(())
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn a_full_ring_drops_no_packet_and_lets_none_through() -> Result<()> {
    let (kernel, _lists) = kernel_with(&[ONE, dropping("TWO", "192.0.2.0/24\n")])?;
    let dropped = Frame::between("192.0.2.1", OTHER).bytes();
    kernel.run(&restricted().bytes(), TOO_MANY)?;
    assert_eq!(kernel.run(&restricted().bytes(), 1)?, 2, "XDP_PASS");
    assert_eq!(kernel.run(&dropped, 1)?, 1, "XDP_DROP");
    let lost = ClassAccount { matched: 1, emitted: 0, ring_full: 1 };
    assert_eq!(kernel.account(2)?, lost, "each label has an account of its own");
    Ok(())
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn an_exception_has_no_alerts_to_account_for() -> Result<()> {
    let (kernel, _lists) = kernel_with(&[allow("LAB", "203.0.113.0/24\n")])?;
    kernel.run(&restricted().bytes(), 10)?;
    assert_eq!(kernel.counted(Outcome::Allowed)?, 10);
    assert_eq!(kernel.account(1)?, ClassAccount::default());
    Ok(())
}

#[test]
#[ignore = "needs root: runs frames in the kernel"]
fn the_last_label_that_fits_alerts_and_the_next_one_changes_nothing() -> Result<()> {
    let mut kernel = Kernel::load()?;
    let lists = Lists::new()?;
    let spec = |number: u32| -> Result<ListSpec> {
        let [_, _, high, low] = number.to_be_bytes();
        lists.add_text(&format!("L{number}"), &format!("198.18.{high}.{low}\n"))
    };
    let last = CLASS_COUNT - 1;
    kernel.install(&(1..=last).map(spec).collect::<Result<Vec<_>>>()?)?;
    let [_, _, high, low] = last.to_be_bytes();
    let frame = Frame::between(&format!("198.18.{high}.{low}"), OTHER).bytes();
    let record = kernel.judge(&frame)?.record.context("no record")?;
    assert_eq!(record.circumstances().class, last);
    assert_eq!(kernel.account(last)?.emitted, 1);

    let refusal = kernel.install(&[spec(CLASS_COUNT)?]).err().context("there was room for one more")?;
    assert!(format!("{refusal:#}").contains("more than 1023 labels"), "{refusal:#}");
    assert_eq!(kernel.judge(&frame)?.outcome, Outcome::Alerted);
    Ok(())
}

fn kernel_with(lists: &[List]) -> Result<(Kernel, Lists)> {
    let mut kernel = Kernel::load()?;
    let folder = Lists::new()?;
    let specs: Vec<_> = lists.iter().map(|list| folder.add(list)).collect::<Result<_>>()?;
    kernel.install(&specs)?;
    Ok((kernel, folder))
}
