//! What the records say of the watcher itself.

use super::*;

/// What is found in a log of these records.
fn found(records: &[Vec<u8>]) -> (Vec<String>, Vec<String>) {
    let (files, _) = memory([Vec::new(), Vec::new()]);
    let (mut log, _) = open(files, 0).unwrap();
    for record in records {
        log.append(record).unwrap();
    }
    log.seal(sealed(5000)).unwrap();
    let [lines, tree] = log.into_files();
    let report = verified([&lines.bytes, &tree.bytes]);
    (sentences(&report), report.notes)
}

fn stop(second: u64) -> Vec<u8> {
    integrity(second, "\"what\":\"stopped\"")
}

fn started_again(second: u64) -> Vec<u8> {
    integrity(second, "\"what\":\"log_opened\"")
}

#[test]
fn a_gap_in_time_is_named() {
    let (wrong, _) =
        found(&[heartbeat(0, 1), heartbeat(60, 1), heartbeat(190, 1), heartbeat(321, 1), stop(321)]);
    let gap = "5: a gap in time: 131 s since the heartbeat in line 4, where 130 s are the most there may be";
    assert_eq!(wrong, [gap]);
}

#[test]
fn a_restart_without_a_stop_is_named() {
    let (wrong, notes) = found(&[heartbeat(0, 1), started_again(60), heartbeat(60, 0)]);
    let named = "3: checker was started again without a stop record: it was killed, or crashed, after \
        2026-11-25T00:00:00.000000Z";
    assert_eq!(wrong, [named]);
    assert_eq!(
        notes,
        ["no stop record at the end: checker still runs, or was killed after 2026-11-25T01:23:20.000000Z"]
    );
    let (wrong, notes) = found(&[heartbeat(0, 1), stop(1), started_again(600), heartbeat(600, 0), stop(601)]);
    assert_eq!(wrong, [""; 0]);
    let away = "line 4: nothing was watched from 2026-11-25T00:00:01.000000Z to 2026-11-25T00:10:00.000000Z";
    assert_eq!(notes, [away]);
}

#[test]
fn counters_that_run_backwards_are_named() {
    let (wrong, _) = found(&[heartbeat(0, 7), heartbeat(60, 6), stop(60)]);
    assert_eq!(wrong, ["3: the counter packets ran backwards, from 7 to 6"]);
    let gone = heartbeat(60, 7)
        .escape_ascii()
        .to_string()
        .replace("\\\"", "\"")
        .replace("\"matched\":1", "\"other\":1");
    let (wrong, _) = found(&[heartbeat(0, 7), gone.replace("\\n", "\n").into_bytes(), stop(60)]);
    assert_eq!(wrong, ["3: the counter matched ran backwards, from 1 to 0"]);
}

#[test]
fn a_clock_that_was_set_is_no_gap() {
    let mut later = String::from_utf8(heartbeat(60, 1)).unwrap();
    later = later.replacen("T00:01:00", "T02:01:00", 1);
    let (wrong, notes) = found(&[heartbeat(0, 1), later.into_bytes(), stop(60)]);
    assert_eq!(wrong, [""; 0]);
    assert_eq!(notes, ["line 3: the clock was set forward by 7200 s"]);
}

#[test]
fn another_boot_is_named() {
    let other =
        String::from_utf8(heartbeat(60, 1)).unwrap().replace("\"boot_id\":\"b\"", "\"boot_id\":\"c\"");
    let (wrong, _) = found(&[heartbeat(0, 1), other.into_bytes(), stop(60)]);
    assert_eq!(wrong, ["3: the machine was started anew, or is another one, while checker ran"]);
}
