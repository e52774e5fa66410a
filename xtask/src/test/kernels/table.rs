//! What came of each suite under each kernel.

use super::suites::Suite;
use crate::test::tally::Tally;

/// What a guest's serial line told.
#[derive(Debug)]
pub(super) struct Report {
    kernel: String,
    /// In the order in which they ran.
    outcomes: Vec<Outcome>,
    /// What went wrong with the guest itself.
    trouble: Vec<String>,
}

#[derive(Debug)]
struct Outcome {
    suite: String,
    tally: Tally,
    failed: Vec<String>,
    /// Exit code, once it has ended.
    code: Option<String>,
}

impl Report {
    pub(super) fn new(kernel: &str) -> Self {
        Self { kernel: kernel.to_owned(), outcomes: Vec::new(), trouble: Vec::new() }
    }

    /// What the guest is called.
    pub(super) fn name(&self) -> &str {
        &self.kernel
    }

    /// Takes a line that the guest printed; says whether it is of interest: not before the first suite starts, unless
    /// the kernel gives up.
    pub(super) fn add(&mut self, line: &str) -> bool {
        if let Some(suite) = line.strip_prefix("@@ start ") {
            let suite = suite.to_owned();
            self.outcomes.push(Outcome { suite, tally: Tally::default(), failed: Vec::new(), code: None });
        } else if let Some(current) = self.outcomes.last_mut() {
            if let Some((_, code)) = line.strip_prefix("@@ end ").and_then(|end| end.rsplit_once(' ')) {
                current.code = Some(code.to_owned());
            }
            current.tally.add(line);
            current.failed.extend(
                line.strip_prefix("test ")
                    .and_then(|line| line.strip_suffix(" ... FAILED"))
                    .map(str::to_owned),
            );
        } else {
            return line.contains("panic");
        }
        true
    }

    pub(super) fn trouble(&mut self, sentence: &str) {
        self.trouble.push(sentence.to_owned());
    }

    pub(super) fn total(&self) -> Tally {
        self.outcomes.iter().fold(Tally::default(), |sum, outcome| sum.and(outcome.tally))
    }

    /// One sentence for each thing that is not as it should be.
    pub(super) fn failures(&self, suites: &[Suite]) -> Vec<String> {
        let mut failures = self.trouble.clone();
        for suite in suites {
            match self.outcome(suite) {
                None => failures.push(format!("{} did not start", suite.name)),
                Some(outcome) if outcome.code.is_none() => {
                    failures.push(format!("{} did not end", suite.name));
                }
                Some(outcome) if !outcome.failed.is_empty() => {
                    failures.push(format!("{} failed: {}", suite.name, outcome.failed.join(", ")));
                }
                Some(outcome) if outcome.code.as_deref() != Some("0") || outcome.tally.passed == 0 => {
                    failures.push(format!("{} ended without a result, see above", suite.name));
                }
                Some(_) => {}
            }
        }
        failures.into_iter().map(|failure| format!("Linux {}: {failure}", self.kernel)).collect()
    }

    fn outcome(&self, suite: &Suite) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.suite == suite.name)
    }

    fn cell(&self, suite: &Suite) -> String {
        match self.outcome(suite) {
            None => "did not start".to_owned(),
            Some(outcome) if outcome.code.is_none() => "did not end".to_owned(),
            Some(outcome) => outcome.tally.to_string(),
        }
    }
}

/// A line for each suite, a column for each kernel.
pub(super) fn print(suites: &[Suite], reports: &[&Report]) -> String {
    let mut lines = vec![row("", reports.iter().map(|report| report.kernel.clone()))];
    lines.extend(suites.iter().map(|suite| row(suite.name, reports.iter().map(|report| report.cell(suite)))));
    lines.join("\n")
}

fn row(name: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: String = cells.map(|cell| format!("{cell:<28}")).collect();
    format!("{name:<10}{cells}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suites() -> [Suite; 2] {
        ["verdict", "wire"].map(|name| Suite { name, skipped: &[], binary: name.into() })
    }

    fn report(lines: &str) -> Report {
        let mut report = Report::new("6.1.0");
        for line in lines.lines() {
            report.add(line);
        }
        report
    }

    const GOOD: &str = "boot\n@@ start verdict\ntest a ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored;\n\
                        @@ end verdict 0\n@@ start wire\ntest result: ok. 2 passed; 0 failed; 0 ignored;\n@@ end wire 0\n";

    #[test]
    fn a_guest_that_passed_has_no_failures() {
        let report = report(GOOD);
        assert!(report.failures(&suites()).is_empty());
        assert_eq!(report.total(), Tally { passed: 3, failed: 0, skipped: 0 });
        let table = print(&suites(), &[&report]);
        assert_eq!(table, "          6.1.0\nverdict   1 passed, 0 failed\nwire      2 passed, 0 failed");
    }

    #[test]
    fn a_failed_test_is_named() {
        let lines =
            GOOD.replace("a ... ok", "a ... FAILED").replace("1 passed; 0 failed", "0 passed; 1 failed");
        let report = report(&lines.replace("end verdict 0", "end verdict 101"));
        assert_eq!(report.failures(&suites()), ["Linux 6.1.0: verdict failed: a"]);
    }

    #[test]
    fn a_guest_that_ends_early_fails() {
        let report = report("boot\n@@ start verdict\ntest a ... ok\nKernel panic - not syncing\n");
        let failures = report.failures(&suites());
        assert_eq!(failures, ["Linux 6.1.0: verdict did not end", "Linux 6.1.0: wire did not start"]);
    }

    #[test]
    fn a_suite_that_tests_nothing_fails() {
        let report = report(&GOOD.replace("2 passed", "0 passed"));
        assert_eq!(report.failures(&suites()), ["Linux 6.1.0: wire ended without a result, see above"]);
    }
}
