//! One command, named before it runs, through sudo where it needs root and we are not.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::LazyLock;

use anyhow::{Context as _, Result, ensure};

/// How a command becomes root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    Root,
    Sudo,
    None,
}

pub(crate) static POWER: LazyLock<Power> = LazyLock::new(|| {
    if capture("id", &["-u"]).is_some_and(|uid| uid.trim() == "0") {
        Power::Root
    } else if capture("sudo", &["-V"]).is_some() {
        Power::Sudo
    } else {
        Power::None
    }
});

/// A command to run.
#[derive(Debug)]
pub(crate) struct Step {
    env: Vec<(String, String)>,
    words: Vec<String>,
    folder: Option<PathBuf>,
    root: bool,
}

impl Step {
    /// Words are separated by spaces.
    pub(crate) fn new(line: &str) -> Self {
        Self {
            env: Vec::new(),
            words: line.split(' ').map(str::to_owned).collect(),
            folder: None,
            root: false,
        }
    }

    pub(crate) fn arg(mut self, word: impl Into<String>) -> Self {
        self.words.push(word.into());
        self
    }

    pub(crate) fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    pub(crate) fn privileged(mut self) -> Self {
        self.root = true;
        if *POWER == Power::Sudo {
            self.words.insert(0, "sudo".to_owned());
        }
        self
    }

    /// Names the command, runs it to its end, and fails if it does.
    pub(crate) fn run(&self, task: &str) -> Result<()> {
        let mut command = self.start(task)?;
        let status = command.status().with_context(|| format!("cannot start `{self}`"))?;
        ensure!(status.success(), "`{self}` failed ({status})");
        Ok(())
    }

    /// Names the command, for a caller that runs it itself.
    pub(crate) fn start(&self, task: &str) -> Result<Command> {
        ensure!(
            !self.root || *POWER != Power::None,
            "`{self}` needs root, and there is no sudo: run it as root, then try again"
        );
        let sudo = self.root && *POWER == Power::Sudo;
        say(&format!("{task}: {self}{}", if sudo { " (needs root, so through sudo)" } else { "" }));
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).envs(self.env.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.stdin(if sudo { Stdio::inherit() } else { Stdio::null() });
        Ok(command)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.env {
            write!(f, "{name}='{value}' ")?;
        }
        f.write_str(&self.words.join(" "))
    }
}

/// What a command that only looks prints; nothing if it is not there. Not translated, so that it can be parsed.
pub(crate) fn capture(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).env("LC_ALL", "C").stdin(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[expect(clippy::print_stdout, reason = "telling what is done is the purpose")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "there is no log to write it to")]
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("xtask: {error:#}");
    ExitCode::FAILURE
}
