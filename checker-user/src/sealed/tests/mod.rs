//! A log in memory that remembers each write, and records as the daemon writes them.

mod vectors;
mod kill;
mod tamper;
mod history;
mod prove;
mod keys;

use std::{cell::RefCell, fs, io, path::Path, rc::Rc};

use super::{
    files::tree_of,
    key::Key,
    log::Log,
    recover::{Found, Refused, recover},
    seal::Seal,
    storage::Storage,
    verify::{Options, Report, verify},
};

/// One write to one of the two files.
#[derive(Clone, Debug)]
enum Write {
    Bytes(usize, u64, Vec<u8>),
    Cut(usize, u64),
    Sync(usize),
}

/// What was written to both files, in its order.
type Journal = Rc<RefCell<Vec<Write>>>;

/// A file in memory.
#[derive(Clone, Debug, Default)]
struct Memory {
    bytes: Vec<u8>,
    /// Which of the two it is.
    number: usize,
    journal: Journal,
    /// So many bytes it still takes.
    room: Option<usize>,
}

impl Write {
    /// Does it to the files, up to its first `bytes` bytes.
    fn replay(&self, files: &mut [Vec<u8>; 2], bytes: usize) {
        match self {
            Self::Bytes(file, offset, content) => {
                let (file, offset) = (&mut files[*file], usize::try_from(*offset).unwrap());
                let content = &content[..bytes.min(content.len())];
                if !content.is_empty() {
                    file.resize(file.len().max(offset + content.len()), 0);
                    file[offset..offset + content.len()].copy_from_slice(content);
                }
            }
            Self::Cut(file, length) => files[*file].truncate(usize::try_from(*length).unwrap()),
            Self::Sync(_) => {}
        }
    }

    /// Between how many bytes a kill can come.
    fn points(&self) -> usize {
        if let Self::Bytes(_, _, content) = self { content.len() } else { 1 }
    }
}

impl Storage for Memory {
    fn length(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let offset = usize::try_from(offset).unwrap().min(self.bytes.len());
        let part = buffer.len().min(self.bytes.len() - offset);
        buffer[..part].copy_from_slice(&self.bytes[offset..offset + part]);
        Ok(part)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let taken = self.room.map_or(bytes.len(), |room| room.min(bytes.len()));
        self.room = self.room.map(|room| room - taken);
        let write = Write::Bytes(self.number, offset, bytes[..taken].to_vec());
        let mut files = [Vec::new(), Vec::new()];
        files[self.number] = std::mem::take(&mut self.bytes);
        write.replay(&mut files, taken);
        self.bytes = std::mem::take(&mut files[self.number]);
        self.journal.borrow_mut().push(write);
        if taken < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.bytes.truncate(usize::try_from(length).unwrap());
        self.journal.borrow_mut().push(Write::Cut(self.number, length));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.journal.borrow_mut().push(Write::Sync(self.number));
        Ok(())
    }
}

/// Two files of this content, and the journal of what is written to them from now on.
fn memory(contents: [Vec<u8>; 2]) -> ([Memory; 2], Journal) {
    let journal = Journal::default();
    let [lines, tree] = contents;
    let file = |bytes, number| Memory { bytes, number, journal: Rc::clone(&journal), room: None };
    ([file(lines, 0), file(tree, 1)], journal)
}

/// A key of the Go project's `note_test.go`.
fn key() -> Key {
    Key::parse(
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n\
         PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
    )
    .unwrap()
}

/// A time, `second` seconds after some day's begin.
fn time(second: u64) -> String {
    format!("2026-11-25T{:02}:{:02}:{:02}.000000Z", second / 3600, second / 60 % 60, second % 60)
}

fn integrity(second: u64, about: &str) -> Vec<u8> {
    format!("{{\"timestamp\":\"{}\",\"event_type\":\"integrity\",\"integrity\":{{{about}}}}}\n", time(second))
        .into_bytes()
}

fn alert(second: u64, number: u64) -> Vec<u8> {
    format!(
        "{{\"timestamp\":\"{}\",\"event_type\":\"alert\",\"checker\":{{\"seq\":{number}}}}}\n",
        time(second)
    )
    .into_bytes()
}

fn heartbeat(second: u64, counted: u64) -> Vec<u8> {
    let counters = format!("\"counters\":{{\"packets\":{counted},\"matched\":1}}");
    let about = format!(
        "\"what\":\"heartbeat\",\"boot_id\":\"b\",\"uptime_ms\":{}000,\"interval_s\":60,{counters}",
        second + 7
    );
    integrity(second, &about)
}

fn sealed(second: u64) -> impl FnOnce(&Seal) -> Vec<u8> {
    move |seal| {
        let seal = serde_json::to_string(seal).unwrap();
        let start = format!("{{\"timestamp\":\"{}\",\"event_type\":\"checkpoint\"", time(second));
        format!("{start},\"checkpoint\":{seal}}}\n").into_bytes()
    }
}

/// Opens a log, and writes the record that it has to begin with.
fn open(files: [Memory; 2], second: u64) -> Result<(Log<Memory>, Found), Refused> {
    let [lines, tree] = files;
    let (mut log, found) = recover(lines, tree, key())?;
    let cut = found.cut;
    let about = format!(
        "\"what\":\"log_opened\",\"origin\":\"{}\",\"key\":\"{}\",\"cut_bytes\":{cut}",
        log.origin(),
        log.key().public().text()
    );
    log.append(&integrity(second, &about))?;
    Ok((log, found))
}

/// A run of checker: heartbeats, alerts, a checkpoint at each heartbeat, a stop at the end.
fn run(log: &mut Log<Memory>, mut second: u64, beats: u64, alerts: u64) -> u64 {
    for beat in 0..beats {
        log.append(&heartbeat(second, beat * 10)).unwrap();
        for number in 0..alerts {
            log.append(&alert(second, beat * alerts + number)).unwrap();
        }
        log.seal(sealed(second)).unwrap();
        second += 60;
    }
    log.append(&integrity(second, "\"what\":\"stopped\"")).unwrap();
    log.seal(sealed(second)).unwrap();
    second
}

/// A log of two runs.
fn two_runs() -> [Vec<u8>; 2] {
    let (files, _) = memory([Vec::new(), Vec::new()]);
    let (mut log, _) = open(files, 0).unwrap();
    let second = run(&mut log, 0, 3, 4);
    let (mut log, found) = open(contents(log), second + 100).unwrap();
    assert_eq!(found, Found::default());
    run(&mut log, second + 100, 2, 3);
    contents(log).map(|file| file.bytes)
}

fn contents(log: Log<Memory>) -> [Memory; 2] {
    let [lines, tree] = log.into_files();
    memory([lines.bytes, tree.bytes]).0
}

fn write(folder: &Path, [lines, tree]: [&[u8]; 2]) -> std::path::PathBuf {
    let path = folder.join("log");
    fs::write(&path, lines).unwrap();
    fs::write(tree_of(&path), tree).unwrap();
    path
}

fn verified(files: [&[u8]; 2]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { key: Some(key().public().clone()), anchors: Vec::new() };
    verify(&write(folder.path(), files), &options).unwrap()
}

/// `7: this record was edited`.
fn sentences(report: &Report) -> Vec<String> {
    report.findings.iter().map(|finding| format!("{}: {}", finding.line, finding.what)).collect()
}
