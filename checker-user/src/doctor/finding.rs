//! What one check came to.

use serde::Serialize;

/// How grave it is; a later one wins over an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// checker runs, and something is worse than it could be.
    Warning,
    /// `checker run` would be refused.
    Prevents,
}

/// What one check came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: `kernel`, `mtu`.
    pub name: &'static str,
    /// The interface it is about; `None` for the machine.
    pub interface: Option<String>,
    /// How grave it is.
    pub state: State,
    /// What was found, in a sentence.
    pub said: String,
    /// What to do about it; `None` where there is nothing to be done.
    pub remedy: Option<String>,
}

impl Finding {
    /// As it should be.
    pub(super) fn ok(name: &'static str, said: impl Into<String>) -> Self {
        Self { name, interface: None, state: State::Ok, said: said.into(), remedy: None }
    }

    /// Worse than it could be.
    pub(super) fn warning(name: &'static str, said: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Warning, remedy: Some(remedy.into()), ..Self::ok(name, said) }
    }

    /// `checker run` would be refused.
    pub(super) fn prevents(name: &'static str, said: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Prevents, remedy: Some(remedy.into()), ..Self::ok(name, said) }
    }

    /// About this interface.
    pub(super) fn of(self, interface: &str) -> Self {
        Self { interface: Some(interface.to_owned()), ..self }
    }
}
