//! How a daemon is to be started: `checker run` in a namespace, with lists, socket and folder of its own.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result};
use caps::Capability;

use crate::{
    checker::{Call, NOBODY},
    daemon::Daemon,
    lists::Lists,
    netns::Namespace,
    process::Ended,
};

/// What a daemon is to be started with.
#[derive(Debug)]
pub struct Plan<'a> {
    namespace: &'a Namespace,
    lists: Lists,
    socket: PathBuf,
    words: Vec<OsString>,
    watch_lists: &'static str,
    stdout: Option<Stdio>,
    env: Vec<(&'static str, OsString)>,
    capabilities: Option<Vec<Capability>>,
}

impl<'a> Plan<'a> {
    /// In this namespace; standard output is no terminal, so alerts come as EVE.
    ///
    /// # Errors
    ///
    /// When there is no folder to be had.
    pub fn new(namespace: &'a Namespace) -> Result<Self> {
        let lists = Lists::new()?;
        let socket = lists.folder().join("checker.sock");
        Ok(Self {
            namespace,
            lists,
            socket,
            words: vec!["run".into()],
            watch_lists: "off",
            stdout: None,
            env: Vec::new(),
            capabilities: None,
        })
    }

    /// With another control socket than `checker.sock` in its own folder.
    #[must_use]
    pub fn socket(mut self, path: &Path) -> Self {
        path.clone_into(&mut self.socket);
        self
    }

    /// On this interface.
    #[must_use]
    pub fn interface(self, name: &str) -> Self {
        self.words(&["-i", name])
    }

    /// With a list of this label: `ONE` stands in `one.txt`.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn list(self, label: &str, text: &str) -> Result<Self> {
        let path = self.lists.write(&format!("{}.txt", label.to_lowercase()), text)?;
        let named = format!("{label}={}", path.display());
        Ok(self.words(&["-l", &named]))
    }

    /// Reading lists again when their files change; otherwise a test decides when they are read.
    #[must_use]
    pub const fn watching_lists(mut self) -> Self {
        self.watch_lists = "on";
        self
    }

    /// With more arguments.
    #[must_use]
    pub fn words(mut self, words: &[&str]) -> Self {
        self.words.extend(words.iter().map(OsString::from));
        self
    }

    /// With this in its environment.
    #[must_use]
    pub fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    /// By a user who owns nothing but the daemon's folder, with these capabilities.
    ///
    /// # Errors
    ///
    /// When the folder cannot be given to the user.
    pub fn as_nobody_with(mut self, capabilities: &[Capability]) -> Result<Self> {
        let folder = self.lists.folder();
        for path in fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).chain([Ok(folder.to_owned())]) {
            let path = path.map_err(|error: io::Error| error)?;
            chown(&path, Some(NOBODY), Some(NOBODY))
                .with_context(|| format!("cannot give away {}", path.display()))?;
        }
        self.capabilities = Some(capabilities.to_vec());
        Ok(self)
    }

    /// With this as standard output.
    #[must_use]
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.stdout = Some(stdout.into());
        self
    }

    /// Its folder, for files that it shall find there.
    #[must_use]
    pub const fn lists(&self) -> &Lists {
        &self.lists
    }

    /// Starts it, and waits until it watches.
    ///
    /// # Errors
    ///
    /// With its standard error, if it does not come to that.
    pub fn start(self) -> Result<Daemon> {
        let daemon = self.begin()?;
        let watches = |line: &str| line.contains("watching with").then_some(());
        daemon.process.wait_for_stderr("that it watches", watches)?;
        Ok(daemon)
    }

    /// Starts it, and waits for nothing.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn begin(mut self) -> Result<Daemon> {
        let process = self.call().start()?;
        Ok(Daemon { process, lists: self.lists, socket: self.socket })
    }

    /// Starts it where it cannot but refuse; gives how it ended.
    ///
    /// # Errors
    ///
    /// When it goes on.
    pub fn refused(mut self) -> Result<Ended> {
        self.call().run()
    }

    fn call(&mut self) -> Call<'a> {
        let control = ["--watch-lists", self.watch_lists, "--control"].map(OsString::from);
        let control = control.into_iter().chain([self.socket.clone().into()]);
        // A test that runs for minutes on a slow machine counts its events all the same.
        let asked = self.words.iter().any(|word| word == "--stats-every");
        let stats = if asked { &[][..] } else { &["--stats-every", "1h"] };
        let control = control.chain(stats.iter().map(OsString::from));
        // What every start and stop tells is in the way of counting events as well.
        let asked = self.words.iter().any(|word| word == "--audit");
        let audit = if asked { &[][..] } else { &["--audit", "off"] };
        let control = control.chain(audit.iter().map(OsString::from));
        // The default one would stay on the machine after a daemon that is killed.
        let asked = self.words.iter().any(|word| word == "--state");
        let state = self.lists.folder().join("checker-state").into_os_string();
        let state = if asked { Vec::new() } else { vec!["--state".into(), state] };
        let control = control.chain(state);
        let call = Call::new(self.words.iter().cloned().chain(control)).in_namespace(self.namespace);
        let call = self.env.drain(..).fold(call, |call, (name, value)| call.env(name, value));
        let call = match self.capabilities.take() {
            Some(capabilities) => call.as_nobody_with(&capabilities),
            None => call,
        };
        match self.stdout.take() {
            Some(stdout) => call.stdout(stdout),
            None => call,
        }
    }
}
