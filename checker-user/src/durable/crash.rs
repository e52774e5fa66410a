//! A disk that remembers what was asked of it, and every state in which a kill or a power cut can leave it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use super::{Disk, Here};

/// Names and contents of files.
pub(crate) type State = BTreeMap<PathBuf, Vec<u8>>;

/// A folder of this machine, on which all is done, and beside it what may be lost of that.
pub(crate) struct Memory {
    here: Here,
    files: Vec<File>,
    /// What is on the disk for certain.
    kept: BTreeMap<PathBuf, usize>,
    /// Changes of names since their folder was synced, oldest first.
    pending: Vec<(PathBuf, Option<usize>)>,
    /// Every state that there could have been so far.
    pub(crate) states: BTreeSet<State>,
    /// Bytes that may still be written.
    pub(crate) room: usize,
}

#[derive(Default)]
struct File {
    bytes: Vec<u8>,
    synced: usize,
}

pub(crate) struct Draft {
    file: usize,
    name: PathBuf,
    here: tempfile::NamedTempFile,
}

impl Memory {
    /// With files that are on the disk for certain.
    pub(crate) fn new(before: &State) -> Self {
        let mut memory = Self {
            here: Here,
            files: Vec::new(),
            kept: BTreeMap::new(),
            pending: Vec::new(),
            states: BTreeSet::new(),
            room: usize::MAX,
        };
        for (path, bytes) in before {
            memory.kept.insert(path.clone(), memory.files.len());
            memory.files.push(File { bytes: bytes.clone(), synced: bytes.len() });
        }
        memory
    }

    /// The states that a power cut can leave now. Of a change of names that was not synced anything may be there, whatever
    /// else is; of bytes all that were synced, and of the others none, some, all, or zeros in their place.
    pub(crate) fn now(&self) -> BTreeSet<State> {
        let mut states = BTreeSet::new();
        for chosen in 0..1_u32 << self.pending.len() {
            let mut names = self.kept.clone();
            for (number, (path, file)) in self.pending.iter().enumerate() {
                if chosen & 1 << number != 0 {
                    match file {
                        Some(file) => names.insert(path.clone(), *file),
                        None => names.remove(path),
                    };
                }
            }
            let mut left: Vec<State> = vec![State::new()];
            for (path, file) in names {
                let contents = self.files[file].left();
                let each = |state: &State| -> Vec<State> {
                    let with = |bytes: &Vec<u8>| {
                        let mut state = state.clone();
                        state.insert(path.clone(), bytes.clone());
                        state
                    };
                    contents.iter().map(with).collect()
                };
                left = left.iter().flat_map(each).collect();
            }
            states.extend(left);
        }
        states
    }

    fn note(&mut self) {
        let now = self.now();
        self.states.extend(now);
    }
}

impl File {
    fn left(&self) -> BTreeSet<Vec<u8>> {
        let Self { bytes, synced } = self;
        let half = synced + (bytes.len() - synced) / 2;
        let mut zeros = bytes.clone();
        zeros[*synced..].fill(0);
        [bytes[..*synced].to_vec(), bytes[..half].to_vec(), bytes.clone(), zeros].into()
    }
}

impl Disk for Memory {
    type Draft = Draft;

    /// A folder that is lost has no files in it, and is that of no state of its own.
    fn make_folder(&mut self, folder: &Path) -> io::Result<()> {
        self.here.make_folder(folder)
    }

    fn draft(&mut self, folder: &Path) -> io::Result<Draft> {
        let here = self.here.draft(folder)?;
        let (file, name) = (self.files.len(), here.path().to_owned());
        self.files.push(File::default());
        self.pending.push((name.clone(), Some(file)));
        self.note();
        Ok(Draft { file, name, here })
    }

    fn write(&mut self, draft: &mut Draft, bytes: &[u8]) -> io::Result<()> {
        let fits = bytes.len().min(self.room);
        self.room -= fits;
        self.files[draft.file].bytes.extend(&bytes[..fits]);
        self.note();
        self.here.write(&mut draft.here, &bytes[..fits])?;
        if fits == bytes.len() { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }

    fn sync(&mut self, draft: &mut Draft) -> io::Result<()> {
        let file = &mut self.files[draft.file];
        file.synced = file.bytes.len();
        self.note();
        self.here.sync(&mut draft.here)
    }

    fn put(&mut self, draft: Draft, path: &Path) -> io::Result<()> {
        self.pending.push((path.to_owned(), Some(draft.file)));
        self.pending.push((draft.name, None));
        self.note();
        self.here.put(draft.here, path)
    }

    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        for (path, file) in self.pending.extract_if(.., |(path, _)| path.parent() == Some(folder)) {
            match file {
                Some(file) => self.kept.insert(path, file),
                None => self.kept.remove(&path),
            };
        }
        self.note();
        self.here.sync_folder(folder)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.pending.push((path.to_owned(), None));
        self.note();
        self.here.remove(path)
    }
}

/// All files of a folder.
pub(crate) fn files_of(folder: &Path) -> State {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|entry| Some((entry.path(), std::fs::read(entry.path()).ok()?))).collect()
}

/// Makes a folder what it was after a power cut.
pub(crate) fn restore(folder: &Path, state: &State) {
    for path in files_of(folder).into_keys() {
        std::fs::remove_file(path).unwrap();
    }
    for (path, bytes) in state {
        std::fs::write(path, bytes).unwrap();
    }
}
