//! Whatever is done to a log is found, and named by its line.

use proptest::prelude::*;

use super::{
    super::{
        frontier::Frontier,
        tree,
        verify::{anchor::Anchor, line_hash},
    },
    *,
};

/// The lines of [`two_runs`], without their ends: 7 records of start, heartbeat and alerts, then a checkpoint, and so on.
fn lines() -> (Vec<Vec<u8>>, Vec<u8>) {
    let [lines, tree] = two_runs();
    let mut split: Vec<_> = lines.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    split.pop();
    (split, tree)
}

fn joined(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.iter().flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
}

/// What is found in these lines, beside a tree.
fn found(lines: &[Vec<u8>], tree: &[u8]) -> Vec<String> {
    sentences(&verified([&joined(lines), tree]))
}

/// The tree of these lines, as somebody makes it who wants to hide what he did.
fn forged(lines: &[Vec<u8>]) -> Vec<u8> {
    let mut frontier = Frontier::default();
    let [mut file, _] = memory([Vec::new(), Vec::new()]).0;
    for line in lines {
        let stored = frontier.stored();
        let hash = line_hash(&[&line[..], b"\n"].concat()[..], 1).unwrap().unwrap_or_default();
        tree::append(&mut file, stored, &frontier.push(hash).unwrap()).unwrap();
    }
    file.bytes
}

#[test]
fn a_log_that_nobody_touched_is_good() {
    let (lines, tree) = lines();
    let report = verified([&joined(&lines), &tree]);
    assert_eq!(sentences(&report), [""; 0]);
    assert_eq!(
        report.notes,
        ["line 22: nothing was watched from 2026-11-25T00:03:00.000000Z to 2026-11-25T00:04:40.000000Z"]
    );
    let end = ": 34 records, 7 checkpoints, 2 starts, from 2026-11-25T00:00:00.000000Z to 2026-11-25T00:06:40.000000Z";
    assert!(report.summary.ends_with(end), "{}", report.summary);
}

#[test]
fn an_edited_record_is_named() {
    let (mut lines, tree) = lines();
    lines[4][20] ^= 1;
    assert_eq!(found(&lines, &tree), ["5: this record was edited"]);
    lines[5][20] ^= 1;
    lines[30][20] ^= 1;
    let edited = ["5", "6", "31"].map(|line| format!("{line}: this record was edited"));
    assert_eq!(found(&lines, &tree), edited);
}

#[test]
fn a_removed_record_is_named() {
    let (mut lines, tree) = lines();
    lines.remove(3);
    assert_eq!(found(&lines, &tree), ["4: a record was removed before this line: record 4"]);
    lines.drain(8..11);
    let more = "9: 3 records were removed before this line: records 10 to 12";
    assert_eq!(found(&lines, &tree), ["4: a record was removed before this line: record 4", more]);
}

#[test]
fn an_inserted_record_is_named() {
    let (mut lines, tree) = lines();
    lines.insert(3, b"{}".to_vec());
    assert_eq!(found(&lines, &tree), ["4: this line was inserted"]);
    lines.insert(4, b"{1}".to_vec());
    assert_eq!(found(&lines, &tree), ["4: this line and the 1 after it were inserted"]);
}

#[test]
fn reordered_records_are_named() {
    let (mut lines, tree) = lines();
    lines.swap(2, 3);
    let both = [2, 3].map(|at| {
        if at == 2 {
            "3: the order was changed: this was record 4"
        } else {
            "4: the order was changed: this was record 3"
        }
    });
    // One step is enough to say it.
    let said = found(&lines, &tree);
    assert!(said.iter().any(|said| both.contains(&said.as_str())), "{said:?}");
    lines.swap(2, 3);
    lines.swap(2, 28);
    let said = found(&lines, &tree);
    assert_eq!(
        said,
        ["3: the order was changed: this was record 29", "29: the order was changed: this was record 3"]
    );
}

#[test]
fn a_truncated_log_is_named() {
    let (mut lines, tree) = lines();
    lines.pop();
    assert_eq!(
        found(&lines, &tree),
        ["33: the log was truncated: the last record is missing behind this line"]
    );
    lines.truncate(30);
    assert_eq!(found(&lines, &tree), ["30: the log was truncated: 4 records are missing behind this line"]);
    // Half a line.
    let bytes = &joined(&lines)[..];
    let report = verified([&bytes[..bytes.len() - 5], &tree]);
    assert_eq!(sentences(&report), ["29: the log was truncated: 5 records are missing behind this line"]);
}

#[test]
fn with_a_forged_tree_the_checkpoints_around_are_named() {
    let (mut lines, _) = lines();
    lines[4][20] ^= 1;
    let tree = forged(&lines);
    let report = verified([&joined(&lines), &tree]);
    let expected = "7: this checkpoint signs 6 records that are not the lines before it: one at least of the lines from 1 on \
        was edited, removed, inserted or moved";
    assert_eq!(sentences(&report), [expected]);
    assert!(report.notes[0].ends_with("log.tree is not the tree that the checkpoints sign; it was not used"));
}

#[test]
fn a_log_that_was_cut_with_its_tree_is_found_by_an_anchor_only() {
    let (lines, tree) = lines();
    let folder = tempfile::tempdir().unwrap();
    let last = Seal::of_line(&lines[33]).unwrap();
    let cut = &lines[..30];
    let path = write(folder.path(), [&joined(cut), &forged(cut)]);
    let anchors = vec![Anchor::of("anchor.txt".to_owned(), last.note.clone())];
    let mut options = Options { key: Some(key().public().clone()), anchors: Vec::new() };
    assert_eq!(sentences(&verify(&path, &options).unwrap()), [""; 0]);
    options.anchors = anchors;
    let newer = "0: the log was truncated: anchor.txt signs 33 records, and there are 30";
    assert_eq!(sentences(&verify(&path, &options).unwrap()), [newer]);
    // The log as it was is what the anchor signs.
    let path = write(folder.path(), [&joined(&lines), &tree]);
    assert_eq!(sentences(&verify(&path, &options).unwrap()), [""; 0]);
}

#[test]
fn a_log_that_was_written_anew_with_the_key_is_found_by_an_anchor() {
    let (lines, _) = lines();
    let anchor = Seal::of_line(&lines[6]).unwrap();
    let (files, _) = memory([Vec::new(), Vec::new()]);
    let [first, tree] = files;
    let (mut log, _) = recover(first, tree, key()).unwrap();
    // The same log by its name, and one alert less.
    log.rename(&anchor.origin);
    log.append(&[&lines[0][..], b"\n"].concat()).unwrap();
    run(&mut log, 0, 2, 3);
    let [files, tree] = log.into_files();
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), [&files.bytes, &tree.bytes]);
    let anchors = vec![Anchor::of("anchor.txt".to_owned(), anchor.note)];
    let options = Options { key: Some(key().public().clone()), anchors };
    let differs = "0: the log was rewritten: anchor.txt signs 6 records that are not the first 6 of this log";
    assert_eq!(sentences(&verify(&path, &options).unwrap()), [differs]);
}

#[test]
fn checkpoints_of_another_key_are_named_once() {
    let (lines, tree) = lines();
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), [&joined(&lines), &tree]);
    let (other, _) = Key::generate("PeterNeumann").unwrap();
    let options = Options { key: Some(other.public().clone()), anchors: Vec::new() };
    assert_eq!(sentences(&verify(&path, &options).unwrap()), ["7: this checkpoint is signed by another key"]);
}

#[test]
fn without_a_tree_and_without_a_beginning_it_is_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    fs::write(&path, "hello\n").unwrap();
    let error = verify(&path, &Options::default()).unwrap_err().to_string();
    assert!(error.ends_with("log is no sealed log: its first line does not say that it is one"), "{error}");
    fs::write(tree_of(&path), "").unwrap();
    let wrong = sentences(&verify(&path, &Options::default()).unwrap());
    assert_eq!(wrong, ["1: this is not the record that a sealed log begins with"]);
}

#[derive(Clone, Debug)]
enum Deed {
    Flip(usize, usize, u8),
    Remove(usize, usize),
    Double(usize, usize),
    Swap(usize, usize),
    Truncate(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let any = || 0..10_000_usize;
    prop_oneof![
        (any(), any(), 1..=255_u8).prop_map(|(line, byte, bits)| Deed::Flip(line, byte, bits)),
        (any(), 1..5_usize).prop_map(|(line, count)| Deed::Remove(line, count)),
        (any(), any()).prop_map(|(from, to)| Deed::Double(from, to)),
        (any(), any()).prop_map(|(one, other)| Deed::Swap(one, other)),
        any().prop_map(Deed::Truncate),
    ]
}

fn done(deed: &Deed, lines: &mut Vec<Vec<u8>>, within: usize) {
    match *deed {
        Deed::Flip(line, byte, bits) => {
            let line = &mut lines[line % within];
            let byte = byte % line.len();
            line[byte] ^= bits;
        }
        Deed::Remove(line, count) => {
            let line = line % within;
            lines.drain(line..(line + count).min(within));
        }
        Deed::Double(from, to) => {
            let copy = lines[from % within].clone();
            lines.insert(to % within, copy);
        }
        Deed::Swap(one, other) => lines.swap(one % within, other % within),
        Deed::Truncate(length) => lines.truncate(length % within),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// With the tree as it was, anything anywhere is found.
    #[test]
    fn every_deed_is_found(deeds in prop::collection::vec(deed(), 1..4)) {
        let (before, tree) = lines();
        let mut after = before.clone();
        for deed in &deeds {
            let within = after.len();
            if within > 0 {
                done(deed, &mut after, within);
            }
        }
        prop_assume!(joined(&after) != joined(&before) && !after.is_empty());
        prop_assert!(!found(&after, &tree).is_empty());
    }

    /// And with a tree that was made to fit, anything before the last checkpoint.
    #[test]
    fn a_deed_before_the_last_checkpoint_is_found_with_a_forged_tree(deed in deed()) {
        let (before, _) = lines();
        let mut after = before.clone();
        let within = after.len() - 1;
        prop_assume!(!matches!(deed, Deed::Truncate(_)));
        done(&deed, &mut after, within);
        prop_assume!(joined(&after) != joined(&before));
        let split: Vec<_> = joined(&after).split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let tree = forged(&split[..split.len() - 1]);
        prop_assert!(!found(&after, &tree).is_empty());
    }
}
