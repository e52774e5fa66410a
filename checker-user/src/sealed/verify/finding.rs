//! What can be wrong with a log: one sentence each.

use std::fmt;

/// Something that is wrong, and the line that tells of it, from 1; 0 where no line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line.
    pub line: u64,
    /// What.
    pub what: Wrong,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The line is another one than was written.
    Edited,
    /// Records are missing before the line.
    Removed {
        /// The first of them, from 1.
        first: u64,
        /// How many.
        count: u64,
    },
    /// The line, and those after it, were never written there.
    Inserted {
        /// How many.
        count: u64,
    },
    /// The line was written at another place.
    Moved {
        /// Which record it was, from 1.
        record: u64,
    },
    /// The last records are missing.
    Truncated {
        /// How many.
        count: u64,
    },
    /// A checkpoint signs other records than the lines before it.
    Between {
        /// The first line that may be the one.
        first: u64,
        /// How many records the checkpoint signs.
        signed: u64,
    },
    /// Another key signed a checkpoint.
    OtherKey,
    /// The signature of a checkpoint is not that of its key, or it says something else beside it.
    Forged,
    /// A checkpoint of another log.
    OtherLog {
        /// Its origin.
        origin: String,
    },
    /// The log does not begin as one.
    NoBeginning,
    /// No record is so long.
    TooLong,
    /// No heartbeat for too long.
    Gap {
        /// The line of the heartbeat before.
        since: u64,
        /// Seconds between them.
        seconds: u64,
        /// How many there may be.
        allowed: u64,
    },
    /// checker came up without having gone down.
    NoStop {
        /// When it was seen last.
        last: String,
    },
    /// A counter went down.
    Backwards {
        /// Its name.
        counter: String,
        /// What it was.
        from: u64,
        /// What it is.
        to: u64,
    },
    /// The machine is another one, or was started anew, while checker ran.
    OtherBoot,
    /// An anchor signs more records than there are.
    AnchorNewer {
        /// Which anchor.
        anchor: String,
        /// How many it signs.
        signed: u64,
        /// How many there are.
        there: u64,
    },
    /// An anchor signs other records.
    AnchorDiffers {
        /// Which anchor.
        anchor: String,
        /// How many it signs.
        signed: u64,
    },
    /// An anchor cannot be trusted.
    AnchorUntrusted {
        /// Which anchor.
        anchor: String,
        /// Why.
        why: &'static str,
    },
}

impl Wrong {
    /// Its name in JSON; never changed.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Removed { .. } => "removed",
            Self::Inserted { .. } => "inserted",
            Self::Moved { .. } => "moved",
            Self::Truncated { .. } => "truncated",
            Self::Between { .. } => "altered_before",
            Self::OtherKey => "other_key",
            Self::Forged => "forged",
            Self::OtherLog { .. } => "other_log",
            Self::NoBeginning => "no_beginning",
            Self::TooLong => "too_long",
            Self::Gap { .. } => "gap",
            Self::NoStop { .. } => "no_stop",
            Self::Backwards { .. } => "counter_backwards",
            Self::OtherBoot => "other_boot",
            Self::AnchorNewer { .. } => "anchor_newer",
            Self::AnchorDiffers { .. } => "anchor_differs",
            Self::AnchorUntrusted { .. } => "anchor_untrusted",
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited => write!(f, "this record was edited"),
            Self::Removed { first, count: 1 } => {
                write!(f, "a record was removed before this line: record {first}")
            }
            Self::Removed { first, count } => {
                write!(
                    f,
                    "{count} records were removed before this line: records {first} to {}",
                    first + count - 1
                )
            }
            Self::Inserted { count: 1 } => write!(f, "this line was inserted"),
            Self::Inserted { count } => write!(f, "this line and the {} after it were inserted", count - 1),
            Self::Moved { record } => write!(f, "the order was changed: this was record {record}"),
            Self::Truncated { count: 1 } => {
                write!(f, "the log was truncated: the last record is missing behind this line")
            }
            Self::Truncated { count } => {
                write!(f, "the log was truncated: {count} records are missing behind this line")
            }
            Self::Between { first, signed } => write!(
                f,
                "this checkpoint signs {signed} records that are not the lines before it: one at least of the lines from \
                 {first} on was edited, removed, inserted or moved"
            ),
            Self::OtherKey => write!(f, "this checkpoint is signed by another key"),
            Self::Forged => write!(f, "the signature of this checkpoint is forged"),
            Self::OtherLog { origin } => write!(f, "this checkpoint is of another log, {origin}"),
            Self::NoBeginning => write!(f, "this is not the record that a sealed log begins with"),
            Self::TooLong => write!(f, "no record is so long; the rest was not looked at"),
            Self::Gap { since, seconds, allowed } => write!(
                f,
                "a gap in time: {seconds} s since the heartbeat in line {since}, where {allowed} s are the most there may be"
            ),
            Self::NoStop { last } => {
                write!(
                    f,
                    "checker was started again without a stop record: it was killed, or crashed, after {last}"
                )
            }
            Self::Backwards { counter, from, to } => {
                write!(f, "the counter {counter} ran backwards, from {from} to {to}")
            }
            Self::OtherBoot => {
                write!(f, "the machine was started anew, or is another one, while checker ran")
            }
            Self::AnchorNewer { anchor, signed, there } => {
                write!(f, "the log was truncated: {anchor} signs {signed} records, and there are {there}")
            }
            Self::AnchorDiffers { anchor, signed } => write!(
                f,
                "the log was rewritten: {anchor} signs {signed} records that are not the first {signed} of this log"
            ),
            Self::AnchorUntrusted { anchor, why } => write!(f, "{anchor} is of no use: {why}"),
        }
    }
}
