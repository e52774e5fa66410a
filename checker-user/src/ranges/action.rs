//! What a list asks for, as users write it. The kernel's own form of it is [`checker_common::action::Action`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// What happens to a packet whose longest match is in the list.
///
/// The order is that of strength when two lists hold the same prefix: `allow` > `drop` > `alert`. An exception
/// that somebody wrote down must hold against a list that came from elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Report and pass.
    #[default]
    Alert,
    /// Report and drop.
    Drop,
    /// Pass and report nothing.
    Allow,
}

impl Action {
    /// The value by which the kernel's class table knows it.
    #[must_use]
    pub fn value(self) -> u32 {
        checker_common::action::Action::from(self).value()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Alert => "alert",
            Self::Drop => "drop",
            Self::Allow => "allow",
        })
    }
}

impl From<Action> for checker_common::action::Action {
    fn from(action: Action) -> Self {
        match action {
            Action::Alert => Self::Alert,
            Action::Drop => Self::Drop,
            Action::Allow => Self::Allow,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_is_stronger_than_a_drop_and_a_drop_than_an_alert() {
        assert!(Action::Allow > Action::Drop && Action::Drop > Action::Alert);
    }

    #[test]
    fn the_kernel_reads_the_same_action() {
        for action in [Action::Alert, Action::Drop, Action::Allow] {
            let read = checker_common::action::Action::from_value(action.value()).unwrap();
            assert_eq!(read, action.into());
        }
    }

    #[test]
    fn it_is_shown_as_it_is_written() {
        for action in [Action::Alert, Action::Drop, Action::Allow] {
            let written = serde_json::to_string(&action).unwrap();
            assert_eq!(written, format!("\"{action}\""));
            assert_eq!(serde_json::from_str::<Action>(&written).unwrap(), action);
        }
    }
}
