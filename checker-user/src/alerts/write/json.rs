//! A value as one line of JSON that may be shown as it is: what steers a terminal or is not seen at all stands in it
//! as an escape. JSON itself demands that of the characters below U+0020 only.

use std::io::{self, Write};

use memchr::memchr;
use serde::Serialize;
use serde_json::{Serializer, ser::Formatter};

use crate::printable::is_unseen;

/// Writes `value` and a line feed; no blanks after `:` and `,`.
///
/// Nearly every line has nothing to escape beyond what JSON demands, and a whole line is looked through faster than each of
/// its strings: only one in which something is found is written again, with care.
pub(crate) fn write(value: &impl Serialize, line: &mut Vec<u8>) -> io::Result<()> {
    let start = line.len();
    value.serialize(&mut Serializer::new(&mut *line))?;
    if !is_plain(&line[start..]) {
        line.truncate(start);
        value.serialize(&mut Serializer::with_formatter(&mut *line, Shown))?;
    }
    line.push(b'\n');
    Ok(())
}

/// Whether all of it is ASCII that is seen; what is below U+0020 JSON has escaped already.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.is_ascii() && memchr(0x7f, bytes).is_none()
}

struct Shown;

impl Formatter for Shown {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        // What is below U+0020 never comes here.
        if is_plain(text.as_bytes()) {
            return writer.write_all(text.as_bytes());
        }
        let mut rest = text;
        while let Some(at) = rest.find(is_unseen) {
            let (before, behind) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut behind = behind.chars();
            for unit in behind.next().into_iter().flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec()) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = behind.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(text: &str) -> String {
        let mut line = Vec::new();
        write(&text, &mut line).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        assert_eq!(
            line("a\x1b[2J\x7f\u{9b}\u{202e}é\"\\"),
            "\"a\\u001b[2J\\u007f\\u009b\\u202eé\\\"\\\\\"\n"
        );
    }

    proptest! {
        #[test]
        fn it_reads_back_and_shows_as_itself(text in any::<String>()) {
            let line = line(&text);
            prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
            prop_assert!(!line.trim_end_matches('\n').contains(is_unseen));
        }
    }
}
