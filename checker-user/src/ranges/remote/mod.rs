//! Lists that are fetched: from where, how often, and what is kept of them on disk.
//!
//! ```text
//! url → request → copy
//! ```
//!
//! What comes back is a list like any other: it is recognised, parsed and guarded before it is kept, and what is kept is
//! always the last good one.

// What the user says.
pub mod url;
pub mod interval;
pub mod pin;
// The path.
pub mod request;
mod retry_after;
pub mod copy;
pub mod round;
pub mod obtain;

use serde::{Deserialize, Serialize};

use self::{interval::Interval, url::Url};

/// A list that is fetched.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    /// From where.
    pub url: Url,
    /// How often.
    pub refresh: Interval,
    /// How long one request may take as a whole.
    pub timeout: Interval,
}

impl Remote {
    /// How often a list is fetched unless the user says it.
    pub const REFRESH: Interval = Interval::from_seconds(24 * 60 * 60);
    /// How long a request may take unless the user says it: the largest list over a line of 2 MB a second.
    pub const TIMEOUT: Interval = Interval::from_seconds(5 * 60);

    /// As often and as long as is usual.
    #[must_use]
    pub const fn new(url: Url) -> Self {
        Self { url, refresh: Self::REFRESH, timeout: Self::TIMEOUT }
    }
}
