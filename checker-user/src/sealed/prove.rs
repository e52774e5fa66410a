//! A proof that a record is in the log that a checkpoint signs, as text: C2SP `tlog-proof`.

use std::{fs::File, io::BufReader, path::Path};

use anyhow::{Context as _, bail, ensure};
use tlog_tiles::{check_record, prove_record};

use super::{
    files::tree_of,
    key::PublicKey,
    seal::{self, Seal},
    storage::Storage as _,
    tail::last_seal,
    tree,
    verify::anchor::Anchor,
};

/// What the proof starts with.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Proves that the line with this number, from 1, is in the tree of `checkpoint`, or of the last one in the log.
///
/// # Errors
///
/// One sentence: there is no such record, no checkpoint signs it yet, or the files do not fit together.
pub fn prove(path: &Path, line: u64, key: &PublicKey, checkpoint: Option<&Anchor>) -> anyhow::Result<String> {
    let shown = path.display();
    let lines = File::open(path).with_context(|| format!("cannot read {shown}"))?;
    let note = match checkpoint {
        Some(anchor) => anchor.note().to_owned(),
        None => last(&lines)?.with_context(|| format!("{shown} has no checkpoint yet"))?.note,
    };
    let Ok(head) = seal::open(&note, key) else { bail!("the checkpoint is not signed by {}", key.text()) };
    ensure!(line > 0, "lines are counted from 1");
    if line > head.size {
        bail!("line {line} is not among the {} records that the checkpoint signs", head.size);
    }
    let file = File::open(tree_of(path)).with_context(|| format!("cannot read {shown}.tree"))?;
    let hashes = tree::Reader(&file);
    let record = line - 1;
    let unfit =
        || format!("{shown}.tree is not the tree that the checkpoint signs; checker log verify says more");
    let proof = prove_record(head.size, record, &hashes).with_context(unfit)?;
    let leaf = super::verify::line_hash(BufReader::new(&lines), line)?
        .with_context(|| format!("{shown} has no line {line}"))?;
    check_record(&proof, head.size, head.root, record, leaf)
        .with_context(|| format!("line {line} of {shown} is not the record that the checkpoint signs"))?;
    let hashes: String = proof.iter().map(|hash| format!("{hash}\n")).collect();
    Ok(format!("{HEADER}\nindex {record}\n{hashes}\n{note}"))
}

fn last(lines: &File) -> anyhow::Result<Option<Seal>> {
    Ok(last_seal(lines, lines.length()?)?.map(|last| last.seal))
}
