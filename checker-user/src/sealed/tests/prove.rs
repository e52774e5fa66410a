//! Proofs that others accept.

use sha2::{Digest as _, Sha256};
use tlog_tiles::Hash;

use super::{
    super::{prove::prove, seal, verify::anchor::Anchor},
    vectors::base64,
    *,
};

/// RFC 9162, section 2.1.3.2, word for word and apart from all else here.
fn accepted(mut record: u64, size: u64, leaf: [u8; 32], proof: &[[u8; 32]], root: [u8; 32]) -> bool {
    let node = |left: [u8; 32], right: [u8; 32]| -> [u8; 32] {
        Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
    };
    if record >= size {
        return false;
    }
    let mut last = size - 1;
    let mut hash = leaf;
    for part in proof {
        if last == 0 {
            return false;
        }
        if record & 1 == 1 || record == last {
            hash = node(*part, hash);
            while record & 1 == 0 && record != 0 {
                record >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(hash, *part);
        }
        record >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

#[test]
fn every_record_that_is_sealed_has_a_proof_that_others_accept() {
    let [lines, tree] = two_runs();
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), [&lines, &tree]);
    let key = key().public().clone();
    for (line, number) in lines.split(|byte| *byte == b'\n').zip(1..=33) {
        let proof = prove(&path, number, &key, None).unwrap();
        let (head, note) = proof.split_once("\n\n").unwrap();
        let mut head = head.lines();
        assert_eq!(head.next(), Some("c2sp.org/tlog-proof@v1"));
        assert_eq!(head.next(), Some(format!("index {}", number - 1).as_str()));
        let hashes: Vec<_> = head.map(|hash| base64(hash).0).collect();
        let head = seal::open(note, &key).unwrap();
        let leaf: [u8; 32] = Sha256::new().chain_update([0]).chain_update(line).finalize().into();
        assert!(accepted(number - 1, head.size, leaf, &hashes, head.root.0), "line {number}");
        assert!(!accepted(number - 1, head.size, [7; 32], &hashes, head.root.0), "line {number}");
    }
}

#[test]
fn a_proof_is_for_the_checkpoint_that_is_asked_for() {
    let [lines, tree] = two_runs();
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), [&lines, &tree]);
    let key = key().public().clone();
    let early = lines.split(|byte| *byte == b'\n').find_map(Seal::of_line).unwrap();
    let anchor = Anchor::of("early".to_owned(), early.note.clone());
    assert!(prove(&path, 6, &key, Some(&anchor)).unwrap().ends_with(&format!("\n\n{}", early.note)));
    let error = prove(&path, 7, &key, Some(&anchor)).unwrap_err().to_string();
    assert_eq!(error, "line 7 is not among the 6 records that the checkpoint signs");
    assert_eq!(prove(&path, 0, &key, None).unwrap_err().to_string(), "lines are counted from 1");
    let other = Key::generate("PeterNeumann").unwrap().0.public().clone();
    let error = prove(&path, 1, &other, None).unwrap_err().to_string();
    assert!(error.starts_with("the checkpoint is not signed by PeterNeumann+"), "{error}");
}

#[test]
fn no_proof_is_given_of_what_was_altered() {
    let [mut lines, tree] = two_runs();
    lines[30] ^= 1;
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), [&lines, &tree]);
    let error = prove(&path, 1, &key().public().clone(), None).unwrap_err().to_string();
    assert!(error.ends_with("log is not the record that the checkpoint signs"), "{error}");
    let _is_none: Hash = Hash::default();
}
