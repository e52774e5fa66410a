//! Has the program taken out of the dispatcher when the daemon is at its end, however it ends.
//!
//! libxdp pins what it puts into a dispatcher, so a program there outlives whoever had it put there. And a daemon in its
//! sandbox cannot run `xdp-loader` any more. So a shell that is outside waits until the daemon says so, or is gone: then
//! the pipe from it ends.

use std::{
    io::{Read as _, Write as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, bail};

use super::tool::words_of;

/// Each line is the name that the interface has now. It outlives what ends the daemon: a signal for both, the end of the
/// terminal. In the background, so that nobody has to wait for it; there, its input would be `/dev/null`. Another
/// `xdp-loader` may be at work: then it tries again, for five seconds.
const SCRIPT: &str = r#"
exec 3<&0
(
    trap '' INT TERM HUP
    while read -r line; do interface=$line; done
    tries=50
    while true; do
        said=$("$0" unload "$interface" --id "$1" 2>&1)
        code=$?
        tries=$((tries - 1))
        case $code/$tries/$said in
            [1-9]*/[1-9]*/*lock*) sleep 0.1 ;;
            *) break ;;
        esac
    done
    echo "$said"
    echo "$code"
) <&3 &
"#;

/// The shell that waits.
#[derive(Debug)]
pub(super) struct Guard {
    names: ChildStdin,
    words: ChildStdout,
}

impl Guard {
    /// Starts it, for a program on an interface.
    ///
    /// # Errors
    ///
    /// When there is no shell.
    pub(super) fn start(tool: &Path, interface: &str, program: u32) -> anyhow::Result<Self> {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SCRIPT]).arg(tool).arg(program.to_string());
        // Not in the group that a terminal sends its signals to.
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut shell = shell.spawn().context("cannot start /bin/sh")?;
        let (names, words) = (shell.stdin.take(), shell.stdout.take());
        shell.wait().context("cannot wait for /bin/sh")?;
        let (Some(names), Some(words)) = (names, words) else { bail!("/bin/sh has no input or output") };
        let mut guard = Self { names, words };
        guard.rename(interface).context("cannot tell /bin/sh the interface")?;
        Ok(guard)
    }

    /// The interface has another name.
    pub(super) fn rename(&mut self, interface: &str) -> std::io::Result<()> {
        writeln!(self.names, "{interface}")
    }

    /// Has the program taken out, and waits until it is.
    ///
    /// # Errors
    ///
    /// The words of `xdp-loader`.
    pub(super) fn take_out(self) -> anyhow::Result<()> {
        let Self { names, mut words } = self;
        drop(names);
        let mut printed = Vec::new();
        words.read_to_end(&mut printed).context("cannot read what xdp-loader says")?;
        let said = words_of(&printed);
        match said.rsplit_once("; ").map_or(("", said.as_str()), |(said, code)| (said, code)) {
            (_, "0") => Ok(()),
            (said, _) => bail!("it is still in the dispatcher, xdp-loader failed: {said}"),
        }
    }
}
