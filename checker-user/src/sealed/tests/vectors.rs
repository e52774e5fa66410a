//! What others have published, and a second, plain implementation.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use tlog_tiles::{Hash, prove_record, record_hash, stored_hash_count};

use super::{
    super::{frontier::Frontier, seal, tree},
    *,
};

/// The leaves of the reference implementation of RFC 6962, in hexadecimal.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// The roots of its trees of one to eight leaves.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Each `happy-path` of `testdata/inclusion` of github.com/transparency-dev/merkle: index, size, root, proof.
const INCLUSION: [(u64, u64, &str, &[&str]); 5] = [
    (0, 1, "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=", &[]),
    (
        0,
        8,
        "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
        &[
            "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=",
            "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
            "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
        ],
    ),
    (
        5,
        8,
        "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
        &[
            "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
            "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
        ],
    ),
    (2, 3, "rra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=", &["+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU="]),
    (
        1,
        5,
        "Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=",
        &[
            "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=",
            "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
            "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
        ],
    ),
];

/// A note of the Go project's `note_test.go`, signed with the key that these tests use.
const NOTE: &str = "\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
";

/// A hash in base64.
pub(super) fn base64(text: &str) -> Hash {
    Hash::parse_hash(text).unwrap()
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap();
    (0..hexadecimal.len()).step_by(2).map(byte).collect()
}

/// The frontier and the stored hashes of these records.
fn stored<R: AsRef<[u8]>>(records: &[R]) -> (Frontier, Memory) {
    let mut frontier = Frontier::default();
    let [mut file, _] = memory([Vec::new(), Vec::new()]).0;
    for record in records {
        let before = frontier.stored();
        tree::append(&mut file, before, &frontier.push(record_hash(record.as_ref())).unwrap()).unwrap();
    }
    (frontier, file)
}

/// RFC 6962, section 2.1, as it stands there.
fn plain(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let left = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(left);
            Sha256::new()
                .chain_update([1])
                .chain_update(plain(left))
                .chain_update(plain(right))
                .finalize()
                .into()
        }
    }
}

#[test]
fn the_published_roots_come_out() {
    let leaves = LEAVES.map(bytes);
    for (size, root) in (1..=8).zip(ROOTS) {
        let (frontier, file) = stored(&leaves[..size]);
        assert_eq!(frontier.root().unwrap().0.to_vec(), bytes(root), "{size}");
        let again = Frontier::read(size as u64, &tree::Reader(&file)).unwrap();
        assert_eq!(again.root().unwrap().0.to_vec(), bytes(root), "{size}");
    }
}

#[test]
fn the_published_proofs_come_out() {
    let leaves = LEAVES.map(bytes);
    for (record, size, root, proof) in INCLUSION {
        let (frontier, file) = stored(&leaves[..usize::try_from(size).unwrap()]);
        assert_eq!(frontier.root().unwrap().to_string(), root);
        let proved = prove_record(size, record, &tree::Reader(&file)).unwrap();
        assert_eq!(proved.iter().map(ToString::to_string).collect::<Vec<_>>(), proof, "{record} of {size}");
    }
}

#[test]
fn the_published_signature_comes_out() {
    let (text, _) = NOTE.rsplit_once("\n\n").unwrap();
    let text = format!("{text}\n");
    assert_eq!(key().sign(&text).unwrap(), NOTE);
    assert_eq!(key().public().open(NOTE).unwrap(), text.as_bytes());
    let forged = NOTE.replace("problem is", "problem was");
    assert!(key().public().open(&forged).is_err());
}

#[test]
fn a_checkpoint_has_the_published_form() {
    let root = record_hash(b"hello world");
    let seal = Seal::new(&key(), "example.com/origin", 123, root).unwrap();
    let text =
        "example.com/origin\n123\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n\n— PeterNeumann x08go";
    assert!(seal.note.starts_with(text), "{}", seal.note);
    let head = seal::open(&seal.note, key().public()).unwrap();
    assert_eq!((head.origin.as_str(), head.size, head.root), ("example.com/origin", 123, root));
    let other = Seal { size: 124, ..seal };
    assert!(other.open(key().public()).is_err(), "what stands beside the note is not believed");
}

proptest! {
    #[test]
    fn any_tree_is_that_of_the_plain_implementation(records in prop::collection::vec(any::<Vec<u8>>(), 1..80)) {
        let (frontier, file) = stored(&records);
        let leaf = |record: &Vec<u8>| -> [u8; 32] { Sha256::new().chain_update([0]).chain_update(record).finalize().into() };
        let leaves: Vec<_> = records.iter().map(leaf).collect();
        prop_assert_eq!(frontier.root().unwrap().0, plain(&leaves));
        let size = records.len() as u64;
        prop_assert_eq!(file.bytes.len() as u64, stored_hash_count(size) * 32);
        prop_assert_eq!(tree::Reader(&file).records().unwrap(), size);
        for (record, leaf) in (0..).zip(&leaves) {
            prop_assert_eq!(tree::Reader(&file).leaf(record).unwrap().unwrap().0, *leaf);
        }
    }
}
