//! The exit codes of every command: grep's habit, so that `checker` stands well in a shell's `if`.

/// How a command ended. The greater one wins when several hold: a bad address among restricted ones is
/// still an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ExitCode {
    /// Nothing restricted was found; or, for a command that changes something, it was done.
    #[default]
    Clean = 0,
    /// Something restricted was found; or a difference, or a warning, for a command that looks for these.
    Restricted = 1,
    /// Bad input or a failure; for a command that changes something, nothing was changed.
    Error = 2,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_wins_over_a_finding_and_a_finding_over_nothing() {
        let codes = [ExitCode::Restricted, ExitCode::Error, ExitCode::Clean];
        assert_eq!(codes.into_iter().max(), Some(ExitCode::Error));
        assert_eq!(codes.map(|code| code as u8), [1, 2, 0]);
    }
}
