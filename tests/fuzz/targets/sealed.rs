//! Sealed logs: verified as they lie there, proved from, and gone on with.

use std::fs;

use checker_user::sealed::{
    files::{open, tree_of},
    key::Key,
    prove::prove,
    verify::{Options, verify},
};

use crate::scratch;

/// A key of the Go project's `note_test.go`.
pub(crate) fn key() -> Key {
    Key::parse(
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n\
         PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
    )
    .expect("a key")
}

/// Two files: lines, a byte that no line has, the tree.
pub(crate) fn sealed(files: &[u8]) {
    let mut parts = files.splitn(2, |byte| *byte == 0);
    let path = scratch::file("sealed", parts.next().unwrap_or_default());
    match parts.next() {
        Some(tree) => fs::write(tree_of(&path), tree).expect("a file"),
        // It is not there the first time.
        None => drop(fs::remove_file(tree_of(&path))),
    }
    for key in [Some(key().public().clone()), None] {
        if let Ok(report) = verify(&path, &Options { key, anchors: Vec::new() }) {
            let findings = report.findings.iter().map(|finding| finding.what.to_string());
            findings
                .chain(report.notes)
                .chain([report.summary])
                .for_each(|said| crate::assert_printable(&said));
        }
    }
    let _either = prove(&path, 1, key().public(), None);
    if let Ok(mut opened) = open(&path, || Ok(key())) {
        opened.log.append(b"{\"timestamp\":\"2026-11-25T00:00:00Z\"}\n").expect("room for a record");
        drop(opened.log);
        verify(&path, &Options::default()).expect("a log that can be read");
        if let Some(replaced) = opened.replaced {
            fs::remove_file(tree_of(&replaced.moved_to)).expect("what was moved aside");
            fs::remove_file(replaced.moved_to).expect("what was moved aside");
        }
    }
}
