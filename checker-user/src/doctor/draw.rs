//! Findings for a terminal of 80 columns.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets::NOTHING};

use super::finding::{Finding, State};
use crate::printable::printable;

const WIDTH: u16 = 80;

/// The table, a part for the machine and one for each interface, and a last line that sums up.
#[must_use]
pub fn draw(findings: &[Finding]) -> String {
    let mut text = String::new();
    for part in findings.chunk_by(|one, other| one.interface == other.interface) {
        let about = part.first().and_then(|finding| finding.interface.as_deref());
        let _infallible = writeln!(text, "{}", printable(about.unwrap_or("this machine")));
        text += &table(part);
    }
    text + &sum(findings)
}

fn table(part: &[Finding]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    for Finding { name, state, said, remedy, .. } in part {
        let mut told = printable(said).into_owned();
        if let Some(remedy) = remedy {
            told += &format!("\nremedy: {}", printable(remedy));
        }
        table.add_row([word(*state), name, &told]);
    }
    let mut text = String::new();
    for line in table.trim_fmt().lines() {
        text += &painted(line);
        text.push('\n');
    }
    text
}

const fn word(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Warning => "WARNING",
        State::Prevents => "PREVENTS",
    }
}

/// The line with the word that it begins with in its colour; after the table, whose columns would count the colours.
fn painted(line: &str) -> String {
    let (style, word) = if line.starts_with(" WARNING ") {
        (Style::new().fg_color(Some(AnsiColor::Yellow.into())), "WARNING")
    } else if line.starts_with(" PREVENTS ") {
        (Style::new().fg_color(Some(AnsiColor::Red.into())).bold(), "PREVENTS")
    } else if line.starts_with(" ok ") {
        (Style::new().fg_color(Some(AnsiColor::Green.into())), "ok")
    } else {
        return line.to_owned();
    };
    line.replacen(word, &format!("{style}{word}{style:#}"), 1)
}

fn sum(findings: &[Finding]) -> String {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let warnings = match count(State::Warning) {
        0 => String::new(),
        1 => "1 warning".to_owned(),
        warnings => format!("{warnings} warnings"),
    };
    match (count(State::Prevents), warnings.as_str()) {
        (0, "") => "all is well\n".to_owned(),
        (0, warnings) => format!("{warnings}; checker runs here\n"),
        (reasons, "") => format!("checker run would be refused ({reasons})\n"),
        (reasons, warnings) => format!("checker run would be refused ({reasons}); {warnings}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_and_no_text_steers_the_terminal() {
        let findings = [
            Finding::ok("kernel", "Linux 6.1.0\u{1b}[2J"),
            Finding::warning(
                "clock",
                "nobody keeps it right: alerts may be dated wrongly ".repeat(4),
                "run chrony",
            ),
            Finding::prevents("xdp", "x".repeat(200), "stop it").of("near0\n"),
        ];
        let text = anstream::adapter::strip_str(&draw(&findings)).to_string();
        assert!(text.lines().all(|line| line.chars().count() <= 80 && line == line.trim_end()), "{text}");
        assert!(text.contains(r"Linux 6.1.0\u{1b}[2J") && text.contains("\nnear0\\n\n"), "{text}");
        assert!(text.contains("remedy: run chrony"), "{text}");
        assert!(text.ends_with("checker run would be refused (1); 1 warning\n"), "{text}");
    }

    #[test]
    fn the_worst_is_said_in_the_end() {
        let well = Finding::ok("jit", "programs are compiled");
        assert!(draw(std::slice::from_ref(&well)).ends_with("all is well\n"));
        let warned = Finding::warning("jit", "programs are interpreted", "sysctl");
        assert!(draw(&[well, warned]).ends_with("1 warning; checker runs here\n"));
    }
}
