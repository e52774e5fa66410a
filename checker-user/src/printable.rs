//! Makes text that others wrote safe to show.
//!
//! An address typed into `checker check`, a line of a list, a file's name: whoever wrote it must not be able to
//! move the cursor, colour the terminal, add lines to a log or reverse what a reader sees.

use std::borrow::Cow;

/// The text with every character that is not seen as itself written as an escape: `\n`, `\u{1b}`, `\u{202e}`.
///
/// That is control characters, line and paragraph separators, and the invisible characters that join, hide or
/// turn round their neighbours. A backslash stays as it is: this is for reading, not for reading back.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if !is_unseen(c) {
            shown.push(c);
        } else if c.is_ascii() {
            shown.extend(c.escape_default());
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    Cow::Owned(shown)
}

/// Whether a character is not seen as itself.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Bidirectional marks, embeddings, overrides and isolates.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Separators that a terminal or a log reader may take for the end of a line.
            | '\u{2028}' | '\u{2029}'
            // Characters of no width.
            | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(printable("203.0.113.1 Ünïcode \\ \"x\""), Cow::Borrowed(_)));
    }

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        assert_eq!(printable("a\n\t\x1b[31m\x7f\u{9b}"), r"a\n\t\u{1b}[31m\u{7f}\u{9b}");
    }

    #[test]
    fn what_turns_text_round_is_escaped() {
        assert_eq!(printable("1\u{202e}2\u{2066}\u{feff}"), r"1\u{202e}2\u{2066}\u{feff}");
    }

    proptest! {
        #[test]
        fn shown_text_shows_as_itself(text in any::<String>()) {
            let once = printable(&text).into_owned();
            prop_assert!(matches!(printable(&once), Cow::Borrowed(_)));
        }
    }
}
