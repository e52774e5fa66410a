//! What cargo cannot do: set the machine up, run every test there is, show the program at work.

#[path = "../../checker-user/build/needs.rs"]
mod needs;
#[path = "../../checker-user/build/probe.rs"]
mod probe;
mod step;
mod runner;
mod setup;
mod test;
mod demo;
mod bench;
mod fuzz;

use std::process::ExitCode;

use clap::Parser;

#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", about = "Set-up, tests and demo of checker")]
enum Task {
    /// Install what is missing for building and running checker; each command is named before it runs
    Setup {
        /// Also install the programs that benches and differential tests compare with
        #[arg(long)]
        bench: bool,
    },
    /// Format, lints, docs and every test, the ones that need root included
    Test {
        /// Fail if a test is skipped (also with CI=true in the environment)
        #[arg(long)]
        ci: bool,
        /// Only the tests under older kernels, in QEMU
        #[arg(long)]
        kernels: bool,
    },
    /// Live alerts in a throw-away network: nothing is left behind
    Demo {
        /// Leave the network up and say how to use it
        #[arg(long)]
        keep: bool,
    },
    /// Parsers under libFuzzer: one until it breaks or is stopped, or all for a few seconds each
    Fuzz {
        /// A folder of `tests/fuzz/corpus`
        target: Option<String>,
        /// What libFuzzer is told: `-max_total_time=600`, `-help=1`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measures checker beside others; `classify --help` and `scan --help` say what it can be told
    #[command(disable_help_flag = true)]
    Bench {
        /// What to measure, and how
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let ended = match Task::parse() {
        Task::Setup { bench } => setup::setup(bench),
        Task::Test { ci, kernels } => return test::test(ci, kernels),
        Task::Demo { keep } => demo::demo(keep),
        Task::Fuzz { target, arguments } => fuzz::fuzz(target.as_deref(), arguments),
        Task::Bench { arguments } => bench::bench(arguments),
    };
    ended.map_or_else(|error| step::fail(&error), |()| ExitCode::SUCCESS)
}
