//! `cargo xtask demo`: a throw-away network, live alerts from real frames, the account; nothing is left behind.

mod lab;
mod say;
mod script;

use std::{
    env,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use lab::Lab;
use say::say;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

/// How long the daemon is watched doing nothing.
const IDLE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let keep = match env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [word] if word == "--keep" => true,
        words => return say::fail(&anyhow::anyhow!("only --keep is known, not {words:?}")),
    };
    // The lab is taken down by Drop, so no signal must end this process at once.
    let interrupted = Arc::new(AtomicBool::new(false));
    let watch = |signal| flag::register(signal, Arc::clone(&interrupted)).context("cannot watch for signals");
    let watching = [SIGINT, SIGTERM, SIGHUP].into_iter().try_for_each(|signal| watch(signal).map(drop));
    let played = watching.and_then(|()| play(keep, &interrupted));
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if interrupted.load(SeqCst) => {
            say("interrupted; the lab is gone");
            ExitCode::FAILURE
        }
        Err(error) => say::fail(&error),
    }
}

fn play(keep: bool, interrupted: &AtomicBool) -> Result<()> {
    say("two network namespaces, a cable between them, a list of restricted ranges:");
    let lab = Lab::new()?;
    for line in script::ONE.lines() {
        say(&format!("    {line}"));
    }
    say("checker watches one end, with that list and 20 000 more ranges:");
    let mut daemon = lab.start()?;

    say("frames from ordinary and from restricted sources, IPv4 and IPv6, untagged and tagged:");
    for scene in script::first_act() {
        go_on(interrupted)?;
        say(&format!("    {}", scene.words));
        lab.send(&scene.frame)?;
        daemon.wait_for_alerts(u64::from(scene.restricted))?;
    }

    if keep {
        return lab.keep(interrupted);
    }

    let before = daemon.ticks()?;
    thread::sleep(IDLE);
    let ticks = daemon.ticks()? - before;
    say(&format!("CPU time of the idle daemon in {} s: {ticks} ticks of 10 ms", IDLE.as_secs()));

    say("192.0.2.77 is in no list; while it goes on sending, a second list is loaded:");
    for round in 0..script::ROUNDS {
        go_on(interrupted)?;
        if round == script::ROUNDS / 2 {
            say("    $ checker load TWO=two.txt");
            daemon.client(&["load", &format!("TWO={}", lab.list_two().display())])?;
        }
        lab.send(&script::newcomer())?;
        daemon.wait_for_alerts(u64::from(round >= script::ROUNDS / 2))?;
        thread::sleep(Duration::from_millis(100));
    }

    say("20 000 ranges loaded at runtime:");
    say("    $ checker load MANY=many.txt");
    daemon.client(&["load", &format!("MANY={}", lab.list_many().display())])?;

    say("    $ checker status");
    daemon.client(&["status"])?;

    say("Ctrl-C for the daemon; its account:");
    let traces = daemon.traces()?;
    daemon.stop()?;
    traces.wait_until_gone()?;
    ensure!(!lab.socket().exists(), "the control socket is still there");
    let namespaces = lab.namespaces();
    drop(lab);
    for namespace in &namespaces {
        ensure!(!namespace.exists(), "{} is still there", namespace.display());
    }
    say("nothing is left: no namespace, no link, no program, no map, no socket");
    Ok(())
}

fn go_on(interrupted: &AtomicBool) -> Result<()> {
    if interrupted.load(SeqCst) {
        bail!("interrupted");
    }
    Ok(())
}
