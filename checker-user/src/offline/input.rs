//! Opens one input, looks at its first bytes, and unpacks it if they say so.

use std::{
    fs::File,
    io::{self, Cursor, Read},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;
use nix::sys::stat::fstat;

use super::capture::reader::MAGICS;

/// How standard input is called, as grep does.
const STDIN: &str = "(standard input)";

/// What the user asks to scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `-`.
    Stdin,
    /// A file.
    File(PathBuf),
}

/// An input that can be read.
pub struct Input {
    /// All of it, unpacked.
    pub reader: Box<dyn Read + Send>,
    /// What it holds.
    pub kind: Kind,
    /// Whether it comes bit by bit, and somebody may wait for what comes of it.
    pub prompt: bool,
}

/// What an input can hold. Each kind is read by a folder of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lines of text, or what may pass for them: everything that is not known better.
    Text,
    /// Packets, in pcap or pcapng.
    Capture,
}

/// How an input can be packed, and the first bytes that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
}

/// RFC 1952, section 2.3.1; RFC 8878, sections 3.1.1 and 3.1.2 (the first of the sixteen skippable frames).
const PACKINGS: [(&[u8], Packing); 3] = [
    (&[0x1f, 0x8b, 8], Packing::Gzip),
    (&[0x28, 0xb5, 0x2f, 0xfd], Packing::Zstd),
    (&[0x50, 0x2a, 0x4d, 0x18], Packing::Zstd),
];

impl Kind {
    /// What begins with these bytes; they are all of it when they are few.
    fn of(beginning: &[u8]) -> Self {
        if MAGICS.iter().any(|magic| beginning.starts_with(magic)) { Self::Capture } else { Self::Text }
    }
}

impl Target {
    /// Its name as messages and findings give it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => STDIN.to_owned(),
            Self::File(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// Opens it; `progress` follows what is read.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is what standard output is written to.
    pub fn open(&self, progress: &ProgressBar) -> io::Result<Input> {
        match self {
            Self::Stdin => Input::new(io::stdin(), true),
            Self::File(path) => {
                let file = open(path)?;
                let regular = file.metadata()?.is_file();
                Input::new(progress.wrap_read(file), !regular)
            }
        }
    }
}

impl Input {
    fn new(raw: impl Read + Send + 'static, prompt: bool) -> io::Result<Self> {
        let (beginning, raw) = begin(raw)?;
        let packing =
            PACKINGS.iter().find(|(magic, _)| beginning.starts_with(magic)).map(|(_, packing)| *packing);
        let unpacked: Box<dyn Read + Send> = match packing {
            None => {
                return Ok(Self { kind: Kind::of(&beginning), reader: Box::new(raw), prompt });
            }
            Some(Packing::Gzip) => Box::new(MultiGzDecoder::new(raw)),
            Some(Packing::Zstd) => Box::new(zstd::Decoder::new(raw)?),
        };
        let (beginning, unpacked) = begin(unpacked)?;
        Ok(Self { kind: Kind::of(&beginning), reader: Box::new(unpacked), prompt })
    }
}

/// Opens a file, but not the one that standard output goes to: it would never end.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    let (input, output) = (file.metadata()?, fstat(io::stdout()));
    if let Ok(output) = output
        && input.is_file()
        && (input.dev(), input.ino()) == (output.st_dev, output.st_ino)
    {
        return Err(io::Error::other("it is also the output"));
    }
    Ok(file)
}

/// An input whose first bytes were looked at, whole again.
type Whole<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The first bytes, and a reader that gives them again. Waits for no more of them than it takes to tell kinds apart.
fn begin<R: Read>(mut raw: R) -> io::Result<(Vec<u8>, Whole<R>)> {
    let mut beginning = vec![0; 4096];
    let mut length = 0;
    loop {
        match raw.read(&mut beginning[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        let undecided = |magic: &[u8]| magic.len() > length && magic.starts_with(&beginning[..length]);
        let mut magics =
            PACKINGS.iter().map(|(magic, _)| *magic).chain(MAGICS.iter().map(|magic| &magic[..]));
        if !magics.any(undecided) {
            break;
        }
    }
    beginning.truncate(length);
    Ok((beginning.clone(), Cursor::new(beginning).chain(raw)))
}
