//! `cargo xtask bench scan`: a log against a list of IPv4 ranges, checker beside grepcidr and a plain Python loop, and
//! whether they find the same lines.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, BufWriter, Write as _},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use harness::checker::binary;
use ipnet::Ipv4Net;
use serde_json::json;

use crate::{
    access_log,
    captures::{self, Captures},
    lists::clustered,
    report::{Spread, say},
};

/// What Python is given of the log: its loop takes milliseconds for an address.
const EXTRACT: usize = 100;

#[derive(Debug, clap::Args)]
pub(crate) struct Scan {
    /// A list of IPv4 prefixes, one a line, instead of the generated one
    #[arg(long, value_name = "PATH")]
    list: Option<PathBuf>,
    /// Prefixes of the generated list
    #[arg(long, default_value_t = 20_000)]
    prefixes: usize,
    /// Size of the generated log
    #[arg(long, default_value_t = 200)]
    megabytes: usize,
    /// Clients of a hundred that are in the list
    #[arg(long, default_value_t = 1)]
    restricted: u64,
    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Measure no logs
    #[arg(long)]
    no_logs: bool,
    #[command(flatten)]
    captures: Captures,
    /// Where the JSON goes
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
}

/// One way to scan.
struct Contestant {
    name: &'static str,
    command: Command,
    /// Bytes that it is given.
    bytes: u64,
    /// Whether it tells its own seconds on standard error.
    tells: bool,
    seconds: Vec<f64>,
}

pub(crate) fn measure(options: &Scan) -> Result<()> {
    if !options.no_logs {
        logs(options)?;
    }
    captures::measure(&options.captures, options.prefixes, options.rounds, &options.out)
}

fn logs(options: &Scan) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("checker-bench-").tempdir()?;
    let [list, log, extract] = ["list.txt", "access.log", "extract.log"].map(|name| folder.path().join(name));
    prepare(options, &list, &log, &extract)?;
    let mut contestants = contestants(folder.path(), &list, &log, &extract)?;
    for _ in 0..options.rounds {
        for contestant in &mut contestants {
            contestant.run(&folder.path().join(contestant.name))?;
        }
    }
    let same = |one: &str, two: &str| -> Result<()> {
        let [one, two] = [one, two].map(|name| (name.to_owned(), folder.path().join(name)));
        if one.1.exists() && two.1.exists() {
            ensure!(fs::read(&one.1)? == fs::read(&two.1)?, "{} and {} find different lines", one.0, two.0);
            say(&format!("{} and {} find the same lines", one.0, two.0));
        }
        Ok(())
    };
    same("checker, 1 thread", "checker, 2 threads")?;
    same("checker, 1 thread", "grepcidr")?;
    same("checker, extract", "python")?;
    report(options, &contestants)
}

fn prepare(options: &Scan, list: &Path, log: &Path, extract: &Path) -> Result<()> {
    let text = match &options.list {
        Some(path) => fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?,
        None => clustered(false, options.prefixes, 1),
    };
    fs::write(list, &text)?;
    let nets = text.lines().map(str::parse::<Ipv4Net>).collect::<Result<Vec<_>, _>>();
    let nets = nets.context("the list has a line that is no IPv4 prefix")?;
    let middle = |net: &Ipv4Net| {
        Ipv4Addr::from_bits(
            net.network().to_bits() + (net.broadcast().to_bits() - net.network().to_bits()) / 2,
        )
    };
    let listed: Vec<_> = nets.iter().map(middle).collect();
    let mut out = BufWriter::new(File::create(log)?);
    access_log::write(&mut out, options.megabytes * 1_000_000, &listed, options.restricted)?;
    out.flush()?;
    let mut lines = Vec::new();
    for line in BufReader::new(File::open(log)?).split(b'\n').take(EXTRACT) {
        lines.extend(line?);
        lines.push(b'\n');
    }
    fs::write(extract, lines)?;
    Ok(())
}

fn contestants(folder: &Path, list: &Path, log: &Path, extract: &Path) -> Result<Vec<Contestant>> {
    let script = folder.join("scan.py");
    fs::write(&script, include_str!("scan.py"))?;
    let checker = |threads: &str, log: &Path| -> Result<Command> {
        let mut command = Command::new(binary()?);
        command.args(["scan", "--quiet", "--threads", threads, "-l"]).arg(list).arg(log);
        Ok(command)
    };
    let mut grepcidr = Command::new("grepcidr");
    grepcidr.arg("-f").arg(list).arg(log);
    let mut python = Command::new("python3");
    python.arg(script).arg(list).arg(extract);
    let all = [
        ("checker, 1 thread", checker("1", log)?, log),
        ("checker, 2 threads", checker("2", log)?, log),
        ("grepcidr", grepcidr, log),
        ("checker, extract", checker("1", extract)?, extract),
        ("python", python, extract),
    ];
    let mut contestants = Vec::new();
    for (name, command, input) in all {
        if there(&command) {
            let bytes = fs::metadata(input)?.len();
            contestants.push(Contestant {
                name,
                command,
                bytes,
                tells: name == "python",
                seconds: Vec::new(),
            });
        } else {
            let program = command.get_program().display().to_string();
            say(&format!("not measured: {name}: missing: {program} (package {program})"));
        }
    }
    Ok(contestants)
}

fn there(command: &Command) -> bool {
    let mut asked = Command::new(command.get_program());
    asked.arg("-V").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

impl Contestant {
    fn run(&mut self, to: &Path) -> Result<()> {
        let began = Instant::now();
        self.command.stdin(Stdio::null()).stdout(File::create(to)?).stderr(Stdio::piped());
        let ended = self.command.output().with_context(|| format!("cannot start {}", self.name))?;
        let seconds = began.elapsed().as_secs_f64();
        let said = String::from_utf8_lossy(&ended.stderr);
        // Whether something was found is 0 to one and 1 to the other.
        ensure!(matches!(ended.status.code(), Some(0 | 1)), "{}: {}: {said}", self.name, ended.status);
        self.seconds.push(if self.tells { said.trim().parse().context("no seconds")? } else { seconds });
        Ok(())
    }

    /// Million bytes in a second.
    fn speed(&self) -> Spread {
        Spread::of(self.seconds.iter().map(|seconds| self.bytes as f64 / 1e6 / seconds).collect())
    }
}

fn report(options: &Scan, contestants: &[Contestant]) -> Result<()> {
    let speed = |name: &str| contestants.iter().find(|one| one.name == name).map(|one| one.speed().median);
    say(&format!("{:<20} {:>9} {:>19} {:>11} {:>9}", "", "MB/s", "(quartiles)", "× grepcidr", "× python"));
    let mut rows = serde_json::Map::new();
    for contestant in contestants.iter().filter(|one| one.name != "checker, extract") {
        let Spread { median, low, high } = contestant.speed();
        let times = |other: &str| speed(other).map(|other| median / other);
        let shown = |times: Option<f64>| times.map_or_else(|| "–".to_owned(), |times| format!("{times:.1}"));
        say(&format!(
            "{:<20} {median:>9.3} {:>19} {:>11} {:>9}",
            contestant.name,
            format!("({low:.3}–{high:.3})"),
            shown(times("grepcidr")),
            shown(times("python")),
        ));
        let row = json!({ "median": median, "low": low, "high": high, "bytes": contestant.bytes });
        rows.insert(contestant.name.to_owned(), row);
    }
    let list = options.list.as_ref().map(|path| path.display().to_string());
    let all =
        json!({ "mb_per_s": rows, "rounds": options.rounds, "prefixes": options.prefixes, "list": list });
    fs::create_dir_all(&options.out).with_context(|| format!("cannot make {}", options.out.display()))?;
    let path = options.out.join("scan.json");
    fs::write(&path, serde_json::to_string_pretty(&all)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("written: {}", path.display()));
    Ok(())
}
