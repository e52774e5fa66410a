//! A kill between any two bytes of what a log writes, and a power cut that takes with it what was not synced.

use std::collections::BTreeSet;

use super::*;

/// What was written by a run of checker, from nothing or behind what was there.
fn journal(before: [Vec<u8>; 2]) -> Vec<Write> {
    let (files, journal) = memory(before);
    let (mut log, _) = open(files, 10).unwrap();
    run(&mut log, 10, 2, 2);
    drop(log);
    journal.take()
}

/// A log that was torn at any point verifies, has every record that was whole, says what it cut off, and goes on.
fn goes_on(files: &[Vec<u8>; 2]) {
    let whole = files[0].iter().filter(|byte| **byte == b'\n').count();
    let torn = files[0].len() - files[0].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (mut log, found) = open(memory(files.clone()).0, 1000).unwrap();
    assert_eq!(found.cut, torn as u64);
    assert_eq!((found.rebuilt, found.differing), (false, 0));
    assert_eq!(log.records(), whole as u64 + 1, "each whole record is kept, and one tells of the start");
    log.seal(sealed(1000)).unwrap();
    run(&mut log, 1000, 1, 2);
    let [lines, tree] = log.into_files();
    let report = verified([&lines.bytes, &tree.bytes]);
    let wrong: Vec<_> = sentences(&report);
    // Only that it was killed, and that time went by.
    assert!(wrong.iter().all(|wrong| wrong.contains("without a stop record")), "{wrong:?}");
    assert!(lines.bytes.starts_with(&files[0][..files[0].len() - torn]), "a record was lost");
    let said = format!("\"cut_bytes\":{torn}}}");
    let line = lines.bytes.split(|byte| *byte == b'\n').nth(whole).unwrap();
    assert!(String::from_utf8_lossy(line).contains(&said), "it says {}", String::from_utf8_lossy(line));
}

/// Every state that a kill can leave behind: also one in which nothing was repaired yet verifies up to its end.
fn every_kill(before: [Vec<u8>; 2], stride: usize) -> usize {
    let writes = journal(before.clone());
    let mut points = 0;
    let mut files = before;
    for write in &writes {
        for bytes in (0..write.points()).step_by(stride) {
            let mut torn = files.clone();
            write.replay(&mut torn, bytes);
            // As it lies there, before the next start; a log without a whole record is none.
            if torn[0].contains(&b'\n') {
                let report = verified([&torn[0], &torn[1]]);
                assert_eq!(sentences(&report), [""; 0], "after {bytes} bytes of {write:?}");
            }
            goes_on(&torn);
            points += 1;
        }
        write.replay(&mut files, usize::MAX);
    }
    points
}

#[test]
fn a_kill_at_any_byte_of_a_new_log_loses_no_whole_record() {
    let points = every_kill([Vec::new(), Vec::new()], 1);
    assert!(points > 1000, "{points}");
}

#[test]
fn a_kill_at_any_second_byte_behind_an_older_run_loses_no_whole_record() {
    let (files, _) = memory([Vec::new(), Vec::new()]);
    let (mut log, _) = open(files, 0).unwrap();
    run(&mut log, 0, 1, 1);
    let points = every_kill(contents(log).map(|file| file.bytes), 2);
    assert!(points > 1000, "{points}");
}

/// Lines and tree may each come back at any length between the last sync and the last write, and with blocks of zeros.
#[test]
fn a_power_cut_loses_only_what_was_not_synced() {
    let writes = journal([Vec::new(), Vec::new()]);
    let mut rng = fastrand(7);
    let mut states = BTreeSet::new();
    let mut files = [Vec::new(), Vec::new()];
    let mut synced = [0, 0];
    for write in &writes {
        write.replay(&mut files, usize::MAX);
        if let Write::Sync(file) = write {
            synced[*file] = files[*file].len();
        }
        for round in 0..12 {
            let mut left = files.clone();
            for (file, synced) in left.iter_mut().zip(synced) {
                let kept = synced + rng(file.len() - synced + 1);
                if round % 3 == 0 {
                    // Blocks are lost whole, and so are the hashes in them.
                    let kept = kept.next_multiple_of(32).min(file.len());
                    file[kept..].fill(0);
                } else {
                    file.truncate(kept);
                }
            }
            states.insert((left, synced[0]));
        }
    }
    assert!(states.len() > 150, "{}", states.len());
    for (files, synced) in states {
        let (mut log, found) = open(memory(files.clone()).0, 1000).unwrap();
        assert_eq!(found.differing, 0);
        log.seal(sealed(1000)).unwrap();
        run(&mut log, 1000, 1, 2);
        let [lines, tree] = log.into_files();
        assert!(lines.bytes.starts_with(&files[0][..synced]), "what was synced is there");
        let wrong = sentences(&verified([&lines.bytes, &tree.bytes]));
        assert!(wrong.iter().all(|wrong| wrong.contains("without a stop record")), "{wrong:?}");
    }
}

#[test]
fn a_full_disk_takes_all_of_a_write_or_nothing() {
    for file in 0..2 {
        for room in (0..400).step_by(7) {
            let (files, _) = memory([Vec::new(), Vec::new()]);
            let (mut log, _) = open(files, 0).unwrap();
            log.seal(sealed(0)).unwrap();
            let records = log.records();
            log.files_mut()[file].room = Some(room);
            let mut both = alert(1, 1);
            both.extend(alert(1, 2));
            let written = log.append(&both);
            assert_eq!(log.records(), records + if written.is_ok() { 2 } else { 0 });
            let mut files = log.into_files();
            let left = verified([&files[0].bytes, &files[1].bytes]);
            assert_eq!(sentences(&left), [""; 0]);
            files[file].room = None;
            let [lines, tree] = files;
            let (mut log, found) = recover(lines, tree, key()).unwrap();
            assert_eq!(found, Found::default());
            log.append(&alert(2, 3)).unwrap();
        }
    }
}

#[test]
fn a_lost_or_damaged_tree_is_built_again() {
    let [lines, tree] = two_runs();
    let mut damaged = tree.clone();
    damaged[1000] ^= 1;
    let half = tree[..tree.len() / 2].to_vec();
    for broken in [Vec::new(), half, damaged] {
        // Where only the inner hashes that are never asked for are damaged, nothing needs to be built.
        let (log, _) = open(memory([lines.clone(), broken.clone()]).0, 1000).unwrap();
        let [lines, rebuilt] = log.into_files();
        if broken.len() != tree.len() {
            assert!(rebuilt.bytes.starts_with(&tree));
        }
        assert!(lines.bytes.len() > lines.bytes.iter().filter(|byte| **byte == b'\n').count());
    }
}

#[test]
fn what_is_no_log_is_left_alone() {
    for content in ["hello\n", "hello", "{\"timestamp\":\"x\",\"event_type\":\"alert\"}\n", "[]\n", "\n"] {
        let [lines, tree] = memory([content.as_bytes().to_vec(), Vec::new()]).0;
        let refused = recover(lines, tree, key()).map(|_| ()).unwrap_err();
        assert!(matches!(refused, Refused::Foreign(_)), "{content:?}: {refused:?}");
    }
}

#[test]
fn an_altered_log_is_not_gone_on_with() {
    let [mut lines, _] = two_runs();
    // An alert of the first run.
    let place = lines.windows(7).position(|bytes| bytes == b"\"seq\":2").unwrap();
    lines[place + 6] = b'3';
    let [lines, tree] = memory([lines, Vec::new()]).0;
    let refused = recover(lines, tree, key()).map(|_| ()).unwrap_err();
    let Refused::Altered(reason) = refused else { panic!("{refused:?}") };
    assert_eq!(reason, "its records are not those that its last checkpoint signs");
}

#[test]
fn a_log_of_another_key_is_not_gone_on_with() {
    let [lines, tree] = memory(two_runs()).0;
    let (other, _) = Key::generate("other").unwrap();
    let refused = recover(lines, tree, other).map(|_| ()).unwrap_err();
    let Refused::Altered(reason) = refused else { panic!("{refused:?}") };
    assert_eq!(reason, "it was begun with another key");
}

/// Numbers below a bound, the same each time.
fn fastrand(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |bound| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % bound
    }
}
