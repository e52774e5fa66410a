//! How many tests passed, failed and were skipped, from the line that ends each group of tests.

use std::fmt;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// Counts a line of test output, if it is the one that ends a group.
    pub(crate) fn add(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        // "ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s"
        let counts = counts.split_once(". ").map_or(counts, |(_verdict, counts)| counts);
        for count in counts.split("; ") {
            let Some((number, what)) = count.split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }

    /// The sum with other tests.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }

    /// The sum with a run as root of the tests that this one skipped.
    pub(crate) fn and_as_root(self, root: Self) -> Self {
        Self { passed: self.passed + root.passed, failed: self.failed + root.failed, skipped: root.skipped }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally { passed, failed, skipped }
    }

    #[test]
    fn groups_are_summed() {
        let mut sum = Tally::default();
        sum.add("running 4 tests");
        sum.add("test parse::tests::one ... ok");
        sum.add(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s",
        );
        sum.add("test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s");
        assert_eq!(sum, tally(8, 2, 1));
    }

    #[test]
    fn nothing_else_is_counted() {
        let mut sum = Tally::default();
        for line in ["", "test result: ", "test result: ok", "    test result: ok. 3 passed;", "9 passed"] {
            sum.add(line);
        }
        assert_eq!(sum, Tally::default());
    }

    #[test]
    fn what_the_user_skipped_and_root_ran_is_not_skipped() {
        assert_eq!(tally(8, 0, 3).and_as_root(tally(2, 1, 0)), tally(10, 1, 0));
    }

    #[test]
    fn the_closing_line_names_skipped_tests_only_if_there_are_any() {
        assert_eq!(tally(8, 2, 0).to_string(), "8 passed, 2 failed");
        assert_eq!(tally(8, 0, 1).to_string(), "8 passed, 0 failed, 1 skipped");
    }
}
