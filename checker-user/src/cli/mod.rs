//! What can be typed. Definitions and help texts only; `command/` gives them a meaning.

pub mod run;
pub mod lists;
pub mod control;
pub mod change;
pub mod judge;
pub mod scan;
pub mod report;
pub mod log;
pub mod doctor;
// Groups of options of `run`.
pub mod sinks;
pub mod sealed;
pub mod evidence;
pub mod health;
pub mod pins;
pub mod switch;
mod time;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use self::{
    change::{Detach, Load, Reload, Unload},
    control::{Flows, LoadedLists, Query, Tail, Top},
    doctor::Doctor,
    judge::{Check, Convert, Diff, Explain, Groups},
    log::Log,
    report::Report,
    run::Run,
    scan::Scan,
};

/// Watches network interfaces in the kernel and tells, live, when a packet comes from a restricted address range.
#[derive(Debug, Parser)]
#[command(name = "checker", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// More diagnostics on standard error; twice for all.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Fewer diagnostics on standard error; twice for errors only.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub quiet: u8,
    /// When to use colours; `auto` honours `NO_COLOR`.
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", global = true)]
    pub color: Color,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, nothing restricted; 1 something restricted was found (check, explain, scan, report), or a difference (diff), or that a log was altered (log verify), or a warning (doctor); 2 error, refused or invalid input.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Attach to interfaces and print alerts until interrupted.
    Run(Box<Run>),
    /// Follow the alerts of a running daemon.
    Tail(Tail),
    /// Load lists into a running daemon; they replace all lists of the labels they name.
    Load(Load),
    /// Drop every list of a label.
    Unload(Unload),
    /// Read every list again; the last good generation stays if one is bad.
    Reload(Reload),
    /// Show the loaded lists; or fetch lists from their URLs.
    Lists(LoadedLists),
    /// Watch a running daemon on the terminal: packets, alerts, flows, losses.
    Top(Top),
    /// Show interfaces, coverage and the account.
    Status(Query),
    /// Show the restricted flows that a daemon knows.
    Flows(Flows),
    /// Take the program off one interface, or off all, which ends the daemon.
    Detach(Detach),
    /// Judge single addresses; needs no daemon and no privileges.
    Check(Check),
    /// Show every range that covers an address, and which one wins; of lists that are named, or of a running daemon.
    Explain(Explain),
    /// Show what would change if lists were loaded: the addresses that come and go.
    Diff(Diff),
    /// Write lists in the form of another tool.
    Convert(Convert),
    /// Show the country groups of the US export regulations that --country-group takes.
    Groups(Groups),
    /// Find restricted addresses in logs and captures; needs no daemon and no privileges.
    Scan(Scan),
    /// Add up logs of alerts: by label, machine, address, service, over time, and what was lost; as a page with --html.
    Report(Report),
    /// Check a sealed log, prove that a record is in it, show its key.
    Log(Log),
    /// Look for what keeps checker from watching here, or from watching well; with remedies.
    Doctor(Doctor),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, or that of one command.
    Man {
        /// The command.
        command: Option<String>,
    },
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
