//! The command under test: where its binary is, and one call of it.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    io::Write as _,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use caps::Capability;
use tempfile::TempDir;

use crate::{
    netns::Namespace,
    process::{Ended, Process},
};

/// The user and group that own nothing.
pub const NOBODY: u32 = 65_534;

/// The binary: `CHECKER_BIN`, or what was built last beside the tests.
///
/// Cargo tells a test of another package's binaries nothing, so their folder is found from the test's own.
///
/// # Errors
///
/// One sentence, when there is none.
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHECKER_BIN") {
        return Ok(path.into());
    }
    let own = env::current_exe().context("this test has no path of its own")?;
    // target/debug/deps/wire-0123 and target/release/checker-demo both lie under target.
    let target = own.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    let target = target.with_context(|| format!("{} lies in no target folder", own.display()))?;
    let built = ["release", "debug"].map(|profile| target.join(profile).join("checker"));
    let age = |path: &PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    built.into_iter().filter(|path| age(path).is_some()).max_by_key(age).with_context(|| {
        format!("no checker in {}: `cargo build -p checker-user` makes it", target.display())
    })
}

/// One call of `checker`.
#[derive(Debug)]
pub struct Call<'a> {
    words: Vec<OsString>,
    namespace: Option<&'a Namespace>,
    folder: Option<&'a Path>,
    input: Option<&'a [u8]>,
    stdout: Option<Stdio>,
    nobody: bool,
    capabilities: Option<Vec<Capability>>,
    env: Vec<(&'static str, OsString)>,
}

impl<'a> Call<'a> {
    /// With these arguments.
    #[must_use]
    pub fn new<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
        Self {
            words,
            namespace: None,
            folder: None,
            input: None,
            stdout: None,
            nobody: false,
            capabilities: None,
            env: Vec::new(),
        }
    }

    /// In this network namespace.
    #[must_use]
    pub const fn in_namespace(mut self, namespace: &'a Namespace) -> Self {
        self.namespace = Some(namespace);
        self
    }

    /// From this working directory.
    #[must_use]
    pub const fn in_folder(mut self, folder: &'a Path) -> Self {
        self.folder = Some(folder);
        self
    }

    /// With this on standard input, which is empty otherwise.
    #[must_use]
    pub const fn input(mut self, input: &'a [u8]) -> Self {
        self.input = Some(input);
        self
    }

    /// With this as standard output, which is collected otherwise.
    #[must_use]
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.stdout = Some(stdout.into());
        self
    }

    /// With this in its environment.
    #[must_use]
    pub fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    /// By a user without any privilege.
    #[must_use]
    pub const fn as_nobody(mut self) -> Self {
        self.nobody = true;
        self
    }

    /// By that user with these capabilities and no way to others, as a service manager would start it.
    #[must_use]
    pub fn as_nobody_with(mut self, capabilities: &[Capability]) -> Self {
        self.capabilities = Some(capabilities.to_vec());
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    ///
    /// When it does not start or does not end.
    pub fn run(self) -> Result<Ended> {
        self.start()?.wait()
    }

    /// Starts it; the process goes on until it is waited for or dropped.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub fn start(self) -> Result<Process> {
        let binary = binary()?;
        // The target folder may lie where only its owner may look.
        let copy = if self.nobody || self.capabilities.is_some() { Some(open_copy(&binary)?) } else { None };
        let program = copy.as_ref().map_or(binary, |folder| folder.path().join("checker"));
        let mut command = match &self.capabilities {
            Some(capabilities) => with_only(capabilities, &program),
            None => Command::new(program),
        };
        command.args(self.words).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        // A test's server is on the loopback, not behind a proxy.
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env_remove(name);
        }
        command.envs(self.env);
        if let Some(folder) = self.folder {
            command.current_dir(folder);
        }
        if self.nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut process = Process::start(self.namespace, &mut command, self.stdout)?;
        process.keep(copy);
        if let (Some(input), Some(mut pipe)) = (self.input, process.stdin()) {
            pipe.write_all(input).context("checker does not read its standard input")?;
        }
        Ok(process)
    }
}

/// By setpriv, which keeps capabilities over the change of users.
fn with_only(capabilities: &[Capability], program: &Path) -> Command {
    let mut set = "-all".to_owned();
    for capability in capabilities {
        set += &format!(",+cap_{}", capability.index());
    }
    let nobody = NOBODY.to_string();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
    command.args(["--inh-caps", &set, "--ambient-caps", &set, "--bounding-set", &set, "--"]).arg(program);
    command
}

fn open_copy(binary: &Path) -> Result<TempDir> {
    let everyone = fs::Permissions::from_mode(0o755);
    let folder = tempfile::Builder::new().prefix("checker-test-").permissions(everyone).tempdir()?;
    // By a program of its own: what this process has open for writing, the children of other tests have too for a moment,
    // and nobody may run it meanwhile (`ETXTBSY`).
    let copied = Command::new("cp").arg(binary).arg(folder.path().join("checker")).status();
    ensure!(copied.context("cannot start cp")?.success(), "cannot copy {}", binary.display());
    Ok(folder)
}
