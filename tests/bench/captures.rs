//! `cargo xtask bench scan`, its second half: a capture against a list, checker beside tshark, and whether they find the
//! same sources.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{BufWriter, Write as _},
    net::IpAddr,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use checker_user::ranges::compile::Compiled;
use harness::{capture, checker::binary, frame::DOT1Q, frame::Frame};
use serde_json::json;

use crate::{
    kernel::compiled,
    lists::{Random, clustered},
    report::{Spread, say},
};

/// What tshark is given of the packets: it needs microseconds for each.
const EXTRACT: u64 = 200_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Captures {
    /// Measure no captures
    #[arg(long)]
    no_captures: bool,
    /// Packets of the generated capture
    #[arg(long, default_value_t = 3_000_000)]
    packets: u64,
}

/// One way to read one of the files.
struct Contestant {
    name: &'static str,
    command: Command,
    packets: u64,
    seconds: Vec<f64>,
}

pub(crate) fn measure(options: &Captures, prefixes: usize, rounds: usize, out: &Path) -> Result<()> {
    if options.no_captures {
        return Ok(());
    }
    let folder = tempfile::Builder::new().prefix("checker-bench-").tempdir()?;
    let [list, all, extract] = ["list.txt", "all.pcap", "extract.pcap"].map(|name| folder.path().join(name));
    let text = clustered(false, prefixes, 1) + "\n" + &clustered(true, prefixes / 3, 2);
    fs::write(&list, &text)?;
    let (compiled, _) = compiled(&[text])?;
    write(&all, options.packets, &compiled)?;
    write(&extract, EXTRACT, &compiled)?;
    let checker = |output: &str, file: &Path| -> Result<Command> {
        let mut command = Command::new(binary()?);
        command.args(["scan", "--quiet", "--direction", "source", "--output", output, "-l"]);
        command.arg(&list).arg(file);
        Ok(command)
    };
    let mut tshark = Command::new("tshark");
    tshark
        .args(["-n", "-T", "fields", "-e", "frame.number", "-e", "ip.src", "-e", "ipv6.src", "-r"])
        .arg(&extract);
    let contestant = |name, command, packets| Contestant { name, command, packets, seconds: Vec::new() };
    let mut contestants = vec![
        contestant("checker, count", checker("count", &all)?, options.packets),
        contestant("checker, eve", checker("eve", &all)?, options.packets),
        contestant("checker, extract", checker("eve", &extract)?, EXTRACT),
    ];
    // -v tells the version; without it tshark begins to capture.
    if Command::new("tshark").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok() {
        contestants.push(contestant("tshark", tshark, EXTRACT));
    } else {
        say("not measured: tshark: missing (package tshark)");
    }
    for _ in 0..rounds {
        for contestant in &mut contestants {
            contestant.run(&folder.path().join(contestant.name))?;
        }
    }
    compare(folder.path(), &compiled)?;
    report(&contestants, options, fs::metadata(&all)?.len(), out)
}

/// TCP and UDP, IPv4 and IPv6, with and without a tag; one source of a hundred is in the list.
fn write(path: &Path, packets: u64, compiled: &Compiled) -> Result<()> {
    let frames: Vec<_> = (0..16).map(frame).collect();
    let mut random = Random(11);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    file.write_all(&capture::pcap(1, [[0_u8; 0]; 0]))?;
    for number in 0..packets {
        let (mut bytes, offset, version_6) = frames[random.below(16) as usize].clone();
        let table = if version_6 { &compiled.v6 } else { &compiled.v4 };
        let listed = random.below(100) == 0;
        for (side, place) in [0, if version_6 { 16 } else { 4 }].into_iter().enumerate() {
            let key = match table.ranges().get(random.below(table.len() as u64) as usize) {
                Some(range) if listed && side == 0 => {
                    range.key | random.wide().checked_shr(range.len.into()).unwrap_or(0)
                }
                // Global unicast; the rest of it is for no list.
                _ if version_6 => random.wide() >> 3 | 1 << 125,
                _ => random.wide(),
            };
            let key = key.to_be_bytes();
            let length = if version_6 { 16 } else { 4 };
            bytes[offset + place..offset + place + length].copy_from_slice(&key[..length]);
        }
        let seconds = capture::BEGAN + (number / 1_000_000) as u32;
        let length = bytes.len() as u32;
        for number in [seconds, (number % 1_000_000) as u32, length, length] {
            file.write_all(&number.to_le_bytes())?;
        }
        file.write_all(&bytes)?;
    }
    Ok(file.flush()?)
}

/// A frame, where its source address stands, and whether that is one of IPv6.
fn frame(number: usize) -> (Vec<u8>, usize, bool) {
    let version_6 = number % 4 == 3;
    let addresses = if version_6 { ("2001:db8::1", "2001:db8::2") } else { ("192.0.2.1", "192.0.2.2") };
    let frame = Frame::between(addresses.0, addresses.1);
    let frame = if number.is_multiple_of(3) { frame.udp(40_000, 443) } else { frame.tcp(40_000, 443) };
    let tagged = number.is_multiple_of(5);
    let frame = if tagged { frame.tag(DOT1Q, 100) } else { frame };
    let data = [0, 0, 0, 40, 120, 400, 536, 1200][number % 8];
    let offset = 14 + if tagged { 4 } else { 0 } + if version_6 { 8 } else { 12 };
    (frame.data(data).bytes(), offset, version_6)
}

/// The packets of the extract in which tshark finds a listed source are those that checker told of.
fn compare(folder: &Path, compiled: &Compiled) -> Result<()> {
    let Ok(theirs) = fs::read_to_string(folder.join("tshark")) else { return Ok(()) };
    let mut expected = BTreeSet::new();
    for line in theirs.lines() {
        let mut fields = line.split('\t');
        let number: u64 = fields.next().unwrap_or_default().parse()?;
        let addresses =
            fields.flat_map(|field| field.split(',')).filter_map(|field| field.parse::<IpAddr>().ok());
        for address in addresses.filter(|address| compiled.lookup(*address).is_some()) {
            expected.insert((number, address.to_string()));
        }
    }
    let ours = fs::read_to_string(folder.join("checker, extract"))?;
    let found = ours.lines().map(|line| {
        let event: serde_json::Value = serde_json::from_str(line)?;
        let matched = event["checker"]["matched"].as_str().context("no address")?;
        Ok((event["pcap_cnt"].as_u64().context("no number")?, matched.to_owned()))
    });
    let found = found.collect::<Result<BTreeSet<_>>>()?;
    ensure!(!found.is_empty() && found == expected, "checker and tshark find different sources");
    say(&format!("checker and tshark find the same {} sources in {EXTRACT} packets", found.len()));
    Ok(())
}

impl Contestant {
    fn run(&mut self, to: &Path) -> Result<()> {
        self.command.stdin(Stdio::null()).stdout(File::create(to)?).stderr(Stdio::piped());
        let began = Instant::now();
        let ended = self.command.output().with_context(|| format!("cannot start {}", self.name))?;
        self.seconds.push(began.elapsed().as_secs_f64());
        let said = String::from_utf8_lossy(&ended.stderr);
        // Whether something was found is 0 to one and 1 to the other.
        ensure!(matches!(ended.status.code(), Some(0 | 1)), "{}: {}: {said}", self.name, ended.status);
        Ok(())
    }

    /// Packets of a second.
    fn speed(&self) -> Spread {
        Spread::of(self.seconds.iter().map(|seconds| self.packets as f64 / seconds).collect())
    }
}

fn report(contestants: &[Contestant], options: &Captures, bytes: u64, out: &Path) -> Result<()> {
    let tshark = contestants.iter().find(|one| one.name == "tshark").map(|one| one.speed().median);
    say(&format!("{:<20} {:>12} {:>23} {:>9}", "", "packets/s", "(quartiles)", "× tshark"));
    let mut rows = serde_json::Map::new();
    for contestant in contestants {
        let Spread { median, low, high } = contestant.speed();
        let times = tshark.map_or_else(|| "–".to_owned(), |tshark| format!("{:.1}", median / tshark));
        let name = contestant.name;
        say(&format!("{name:<20} {median:>12.0} {:>23} {times:>9}", format!("({low:.0}–{high:.0})")));
        rows.insert(
            name.to_owned(),
            json!({ "median": median, "low": low, "high": high, "packets": contestant.packets }),
        );
    }
    let all = json!({ "packets_per_s": rows, "packets": options.packets, "bytes": bytes });
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let path = out.join("captures.json");
    fs::write(&path, serde_json::to_string_pretty(&all)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("written: {}", path.display()));
    Ok(())
}
