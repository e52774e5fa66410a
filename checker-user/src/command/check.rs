//! `checker check -l LIST ADDR…`: the original check with its three sentences, without kernel and privileges.

use std::{
    io::{self, BufRead as _, BufWriter, Write},
    sync::Arc,
    time::SystemTime,
};

use anstyle::{AnsiColor, Style};
use anyhow::Result;

use crate::{
    exit_code::ExitCode,
    offline::addresses::{Verdict, judge},
    printable::printable,
    ranges::{
        classes::Classes,
        compile::compile,
        gather::gather,
        generation::{Generation, Matched},
        merge::merge,
        parse::List,
        spec::ListSpec,
    },
};

const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// Prints one line for each address to standard output, and returns what the worst of them calls for.
///
/// Without addresses it reads them from standard input, one a line; empty lines are skipped. Colours follow
/// [`anstream::ColorChoice::global`]. Whoever stops reading the output has seen enough: that is no error.
///
/// # Errors
///
/// When a list is refused, or standard input or output fails; then nothing more is judged.
pub fn check(lists: &[ListSpec], addresses: &[String]) -> Result<ExitCode> {
    let (generation, _) = load(lists)?;
    let mut out = BufWriter::new(anstream::stdout().lock());
    let code = if addresses.is_empty() {
        print_all(&generation, io::stdin().lock().split(b'\n').filter_map(address), &mut out)
    } else {
        print_all(&generation, addresses.iter().cloned().map(Ok), &mut out)
    };
    Ok(code?)
}

/// Reads lists as a generation of their own, which no kernel knows of, with the classes that it knows them by.
pub(super) fn load(specs: &[ListSpec]) -> Result<(Generation, Classes)> {
    let lists = gather(specs)?;
    for warning in lists.iter().flat_map(List::warnings) {
        tracing::warn!("{warning}");
    }
    let lists = lists.into_iter().map(Arc::new).collect();
    let mut classes = Classes::default();
    let compiled = compile(merge(lists, &mut classes)?);
    Ok((Generation { number: 1, compiled, loaded_at: SystemTime::now() }, classes))
}

/// A line of standard input without its end. Bytes that are no text become characters that no address has.
pub(super) fn address(line: io::Result<Vec<u8>>) -> Option<io::Result<String>> {
    match line {
        Ok(line) => {
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            (!line.is_empty()).then(|| Ok(String::from_utf8_lossy(line).into_owned()))
        }
        Err(error) => Some(Err(named("cannot read standard input", &error))),
    }
}

fn print_all(
    generation: &Generation,
    mut addresses: impl Iterator<Item = io::Result<String>>,
    out: &mut impl Write,
) -> io::Result<ExitCode> {
    let unwritten = |error| named("cannot write to standard output", &error);
    let mut worst = ExitCode::Clean;
    let printed = addresses.try_for_each(|text| {
        let text = text?;
        let verdict = judge(generation, &text);
        worst = worst.max(code(&verdict));
        print(&text, &verdict, out).map_err(unwritten)
    });
    // What was judged is printed even when reading the next address failed.
    let flushed = out.flush().map_err(unwritten);
    match printed.and(flushed) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(worst),
    }
}

/// The error with the sentence's first half; its kind stays.
fn named(what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

fn code(verdict: &Verdict<'_>) -> ExitCode {
    match verdict {
        Verdict::Compliant(_) => ExitCode::Clean,
        Verdict::Restricted(_) => ExitCode::Restricted,
        Verdict::Invalid => ExitCode::Error,
    }
}

fn print(text: &str, verdict: &Verdict<'_>, out: &mut impl Write) -> io::Result<()> {
    let (style, sentence, matched) = match verdict {
        Verdict::Restricted(matched) => (RED, "ALERT: Restricted Region Detected", Some(matched)),
        Verdict::Compliant(matched) => (GREEN, "Status: Compliant", matched.as_ref()),
        Verdict::Invalid => (YELLOW, "Invalid IP", None),
    };
    write!(out, "{}: {style}{sentence}{style:#}", printable(text))?;
    if let Some(Matched { label, prefix, list, line, .. }) = matched {
        write!(out, " ({label} {prefix}, {list}:{line})")?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranges::{action::Action, parse::parse, source::Source};

    fn generation() -> Generation {
        let list = |label: &str, action: Action, text: &str| {
            let spec =
                ListSpec { action, ..format!("{label}={}.txt", label.to_lowercase()).parse().unwrap() };
            Arc::new(parse(&Source { spec, bytes: text.into(), sha256: [0; 32] }).unwrap())
        };
        let lists = vec![
            list("ONE", Action::Alert, "203.0.113.0/24\n2001:db8::/32"),
            list("LAB", Action::Allow, "203.0.113.128/25"),
        ];
        let compiled = compile(merge(lists, &mut Classes::default()).unwrap());
        Generation { number: 1, compiled, loaded_at: SystemTime::UNIX_EPOCH }
    }

    fn run(addresses: &[&str]) -> (ExitCode, String) {
        let mut out = anstream::StripStream::new(Vec::new());
        let addresses = addresses.iter().map(|text| Ok((*text).to_owned()));
        let code = print_all(&generation(), addresses, &mut out).unwrap();
        (code, String::from_utf8(out.into_inner()).unwrap())
    }

    #[test]
    fn the_three_sentences() {
        let (code, printed) = run(&["203.0.113.1", "192.0.2.1", "999.1.1.1", "2001:db8::1", "203.0.113.200"]);
        let expected = "203.0.113.1: ALERT: Restricted Region Detected (ONE 203.0.113.0/24, one.txt:1)\n\
                        192.0.2.1: Status: Compliant\n\
                        999.1.1.1: Invalid IP\n\
                        2001:db8::1: ALERT: Restricted Region Detected (ONE 2001:db8::/32, one.txt:2)\n\
                        203.0.113.200: Status: Compliant (LAB 203.0.113.128/25, lab.txt:1)\n";
        assert_eq!(printed, expected);
        assert_eq!(code, ExitCode::Error, "every finding is printed, and the bad address still wins");
    }

    #[test]
    fn the_exit_code_is_that_of_the_worst() {
        assert_eq!(run(&["192.0.2.1"]).0, ExitCode::Clean);
        assert_eq!(run(&["203.0.113.1", "192.0.2.1"]).0, ExitCode::Restricted);
        assert_eq!(run(&["x", "203.0.113.1"]).0, ExitCode::Error);
        assert_eq!(run(&[]), (ExitCode::Clean, String::new()));
    }

    #[test]
    fn what_is_echoed_cannot_steer_the_terminal() {
        assert_eq!(run(&["\x1b[2J\u{202e}1\n2"]).1, "\\u{1b}[2J\\u{202e}1\\n2: Invalid IP\n");
    }

    #[test]
    fn lines_of_standard_input_lose_their_ends_and_nothing_else() {
        let read = |bytes: &[u8]| address(Ok(bytes.to_vec())).map(Result::unwrap);
        assert_eq!(read(b"192.0.2.1\r").as_deref(), Some("192.0.2.1"));
        assert_eq!(read(b" 192.0.2.1").as_deref(), Some(" 192.0.2.1"));
        assert_eq!(read(b"\xff").as_deref(), Some("\u{fffd}"));
        assert_eq!(read(b"\r"), None);
    }

    #[derive(Debug)]
    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_leaves_is_no_error_but_a_full_disk_is() {
        let run = |kind| print_all(&generation(), [Ok("203.0.113.1".into())].into_iter(), &mut Failing(kind));
        assert_eq!(run(io::ErrorKind::BrokenPipe).unwrap(), ExitCode::Restricted);
        let error = run(io::ErrorKind::StorageFull).unwrap_err().to_string();
        assert!(error.starts_with("cannot write to standard output: "), "{error}");
    }
}
