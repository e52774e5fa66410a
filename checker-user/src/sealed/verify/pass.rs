//! One pass: lines, the hashes that were stored for them, checkpoints and anchors.

use std::io::{self, Read};

use memchr::memmem;
use tlog_tiles::Hash;

use super::{
    compare::{Compare, Step},
    finding::{Finding, Wrong},
    history::History,
    leaves::Leaves,
    lines::{Line, Lines},
    moved::Places,
};
use crate::sealed::{
    frontier::Frontier,
    key::{PublicKey, Untrusted},
    seal::{Head, Seal},
    tail::MARK,
};

/// What a pass found.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) findings: Vec<Finding>,
    pub(super) notes: Vec<String>,
    /// Beside those that are kept.
    pub(super) uncounted: u64,
    pub(super) lines: u64,
    pub(super) records: u64,
    pub(super) checkpoints: u64,
    pub(super) starts: u64,
    pub(super) from: String,
    pub(super) to: String,
}

/// What a pass is told.
pub(super) struct Wanted<'a> {
    /// `None` when nobody knows it: then no signature is checked.
    pub(super) key: Option<&'a PublicKey>,
    /// Which log it should be.
    pub(super) origin: Option<&'a str>,
    /// By size.
    pub(super) anchors: &'a [(String, Head)],
}

struct Pass<'a> {
    wanted: Wanted<'a>,
    /// Whether the frontier is that of a stored tree, not of the lines.
    stored: bool,
    frontier: Frontier,
    history: History,
    places: Places,
    outcome: Outcome,
    /// Records that a good checkpoint signs, and the line that follows it.
    sealed: u64,
    next_unsealed: u64,
    /// The root of the lines is not that of a checkpoint, and so none that follows can be.
    parted: bool,
    /// The last checkpoint was of another key; once is enough.
    strange: bool,
    anchors: usize,
}

/// Goes through a log. `None` when the stored hashes are not those that the checkpoints sign: they are of no use then.
pub(super) fn pass<T: Read>(
    lines: impl Read,
    leaves: Option<Leaves<T>>,
    wanted: Wanted<'_>,
) -> io::Result<Option<Outcome>> {
    let mut pass = Pass {
        wanted,
        stored: leaves.is_some(),
        frontier: Frontier::default(),
        history: History::default(),
        places: Places::default(),
        outcome: Outcome::default(),
        sealed: 0,
        next_unsealed: 1,
        parted: false,
        strange: false,
        anchors: 0,
    };
    let mut compare = Compare::new(Lines::new(lines), leaves);
    let mut line = 0;
    while let Some(step) = compare.next()? {
        let record = pass.frontier.size() + 1;
        match step {
            Step::Same(same) => {
                line = same.number;
                if !pass.look_at(&same)? {
                    return Ok(None);
                }
                pass.push(same.hash)?;
            }
            Step::Edited(edited, hash) => {
                line = edited.number;
                pass.places.add(line, Some((record, hash)), Some(edited.hash));
                pass.push(hash)?;
            }
            Step::Inserted(inserted) => {
                line = inserted.number;
                pass.places.add(line, None, Some(inserted.hash));
            }
            Step::Removed(hash) => {
                pass.places.add(line + 1, Some((record, hash)), None);
                pass.push(hash)?;
            }
        }
    }
    Ok(Some(pass.end(&compare.lines)))
}

impl Pass<'_> {
    /// A line as it was written; false when the tree is of no use.
    fn look_at(&mut self, line: &Line) -> io::Result<bool> {
        self.history.see(line.number, &line.bytes);
        let Some(key) = self.wanted.key else { return Ok(true) };
        if memmem::find(&line.bytes, MARK).is_none() {
            return Ok(true);
        }
        let Some(seal) = Seal::of_line(&line.bytes) else { return Ok(true) };
        self.outcome.checkpoints += 1;
        let wrong = match seal.open(key) {
            Ok(head) => {
                self.strange = false;
                match self.check(&head, line.number)? {
                    Ok(()) => return Ok(true),
                    Err(_) if self.stored => return Ok(false),
                    Err(_) if self.parted => return Ok(true),
                    Err(wrong) => {
                        self.parted = matches!(wrong, Wrong::Between { .. });
                        wrong
                    }
                }
            }
            Err(Untrusted::OtherKey) if std::mem::replace(&mut self.strange, true) => return Ok(true),
            Err(Untrusted::OtherKey) => Wrong::OtherKey,
            Err(Untrusted::Forged | Untrusted::Malformed) => Wrong::Forged,
        };
        self.outcome.findings.push(Finding { line: line.number, what: wrong });
        Ok(true)
    }

    fn check(&mut self, head: &Head, line: u64) -> io::Result<Result<(), Wrong>> {
        if self.wanted.origin.is_some_and(|origin| origin != head.origin) {
            return Ok(Err(Wrong::OtherLog { origin: head.origin.clone() }));
        }
        if head.size != self.frontier.size() || head.root != self.root()? {
            return Ok(Err(Wrong::Between { first: self.next_unsealed, signed: head.size }));
        }
        self.sealed = head.size;
        self.next_unsealed = line;
        Ok(Ok(()))
    }

    fn push(&mut self, leaf: Hash) -> io::Result<()> {
        self.frontier.push(leaf).map_err(io::Error::other)?;
        while let Some((name, head)) = self.wanted.anchors.get(self.anchors)
            && head.size == self.frontier.size()
        {
            if head.root != self.root()? {
                let what = Wrong::AnchorDiffers { anchor: name.clone(), signed: head.size };
                self.outcome.findings.push(Finding { line: 0, what });
            }
            self.sealed = self.sealed.max(head.size);
            self.anchors += 1;
        }
        Ok(())
    }

    fn root(&self) -> io::Result<Hash> {
        self.frontier.root().map_err(io::Error::other)
    }

    fn end(mut self, lines: &Lines<impl Read>) -> Outcome {
        let records = self.frontier.size();
        let (findings, notes) = self.history.end();
        let mut outcome = self.outcome;
        outcome.lines = lines.read();
        outcome.records = records;
        outcome.starts = self.history.starts();
        (outcome.from, outcome.to) = {
            let (from, to) = self.history.span();
            (from.to_owned(), to.to_owned())
        };
        outcome.findings.extend(self.places.findings(outcome.lines));
        outcome.findings.extend(findings);
        outcome.uncounted = self.places.uncounted();
        outcome.notes = notes;
        if lines.too_long() {
            outcome.findings.push(Finding { line: outcome.lines + 1, what: Wrong::TooLong });
        }
        for (anchor, head) in self.wanted.anchors.iter().skip(self.anchors) {
            let what = Wrong::AnchorNewer { anchor: anchor.clone(), signed: head.size, there: records };
            outcome.findings.push(Finding { line: 0, what });
        }
        if lines.torn() > 0 {
            outcome.notes.push(format!(
                "{} bytes behind the last line end are no whole record; the next start cuts them off and says so",
                lines.torn()
            ));
        }
        // The last line of a log that is sealed is its checkpoint.
        let unsealed = records.saturating_sub(self.sealed).saturating_sub(1);
        if unsealed > 0 {
            outcome.notes.push(format!("no checkpoint signs the last {unsealed} records yet"));
        }
        outcome
    }
}
