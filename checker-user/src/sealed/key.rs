//! The key that signs checkpoints, and the key that checks them: Ed25519, in the text forms of C2SP `signed-note`.

use std::{
    env, fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use rand_core::OsRng;
use signed_note::{Note, NoteError, StandardSigner, StandardVerifier, VerifierList};

/// Where the key is unless told otherwise.
pub const DEFAULT_KEY: &str = "/var/lib/checker/log.key";

/// The name of the systemd credential that is taken instead, where there is one.
const CREDENTIAL: &str = "log.key";

/// A key that signs.
pub struct Key {
    signer: StandardSigner,
    public: PublicKey,
}

/// A key that checks signatures.
#[derive(Clone)]
pub struct PublicKey {
    text: String,
    verifier: StandardVerifier,
}

/// Why the text of a note cannot be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrusted {
    /// It is no signed note.
    Malformed,
    /// Another key signed it.
    OtherKey,
    /// It bears this key's name, but not its signature.
    Forged,
}

impl PublicKey {
    /// Reads `name+id+base64`.
    ///
    /// # Errors
    ///
    /// One sentence, when it is none.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let text = text.trim().to_owned();
        match StandardVerifier::new(&text) {
            Ok(verifier) => Ok(Self { text, verifier }),
            Err(error) => bail!("this is no public key of the form name+id+base64: {error}"),
        }
    }

    /// Its text form.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a note, if this key signed it.
    ///
    /// # Errors
    ///
    /// Why it cannot be trusted.
    pub fn open(&self, note: &str) -> Result<Vec<u8>, Untrusted> {
        let note = Note::from_bytes(note.as_bytes()).map_err(|_| Untrusted::Malformed)?;
        match note.verify(&VerifierList::new(vec![Box::new(self.verifier.clone())])) {
            Ok(_) => Ok(note.text().to_owned()),
            Err(NoteError::UnverifiedNote) => Err(Untrusted::OtherKey),
            Err(_) => Err(Untrusted::Forged),
        }
    }
}

impl Key {
    /// Makes a new one of this name.
    ///
    /// # Errors
    ///
    /// When the name has a space or a plus in it.
    pub fn generate(name: &str) -> anyhow::Result<(Self, String)> {
        let (private, public) = signed_note::generate_key(&mut OsRng, name);
        let text = format!("{private}\n{public}\n");
        Ok((Self::parse(&text)?, text))
    }

    /// Reads the text of a key file: the private key, and the public one.
    ///
    /// # Errors
    ///
    /// When they are none, or not of the same pair.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut lines = text.lines();
        let (Some(private), Some(public), None) = (lines.next(), lines.next(), lines.next()) else {
            bail!("it is not two lines, a private and a public key");
        };
        // What is wrong with it must not tell what it is.
        let Ok(signer) = StandardSigner::new(private) else { bail!("its first line is no private key") };
        let public = PublicKey::parse(public).context("its second line")?;
        let key = Self { signer, public };
        if key.public.open(&key.sign("a trial\n")?).is_err() {
            bail!("its two lines are not of the same pair");
        }
        Ok(key)
    }

    /// Reads `path`, and makes it where it is missing: mode 0400, in a folder of mode 0700.
    ///
    /// # Errors
    ///
    /// One sentence with the path.
    pub fn read_or_make(path: &Path) -> anyhow::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => {
                let mode = fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
                if mode & 0o077 != 0 && credential().as_deref() != Some(path) {
                    let (path, mode) = (path.display(), mode & 0o777);
                    tracing::warn!("the key {path} may be read by others than its owner: mode {mode:o}");
                }
                Self::parse(&text).with_context(|| format!("the key {} is of no use", path.display()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let (key, text) = Self::generate(&name())?;
                make(path, &text).with_context(|| format!("cannot make the key {}", path.display()))?;
                tracing::info!("made the key {}; its public half is {}", path.display(), key.public.text);
                Ok(key)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read the key {}", path.display())),
        }
    }

    /// The half that may be shown.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.public.text.split('+').next().unwrap_or_default()
    }

    /// Signs a text that ends with a line end.
    ///
    /// # Errors
    ///
    /// When it does not, or has other control characters in it.
    pub fn sign(&self, text: &str) -> anyhow::Result<String> {
        let signed = Note::new(text.as_bytes(), &[]).and_then(|mut note| {
            note.add_sigs(&[&self.signer])?;
            Ok(note.to_bytes())
        });
        match signed {
            Ok(note) => String::from_utf8(note).context("a note is UTF-8"),
            Err(error) => bail!("cannot sign: {error}"),
        }
    }
}

/// Where the key is: where the user says, or a systemd credential, or the default.
#[must_use]
pub fn place(wish: Option<&Path>) -> PathBuf {
    wish.map(Path::to_owned).or_else(credential).unwrap_or_else(|| DEFAULT_KEY.into())
}

fn credential() -> Option<PathBuf> {
    let path = Path::new(&env::var_os("CREDENTIALS_DIRECTORY")?).join(CREDENTIAL);
    path.exists().then_some(path)
}

/// `checker/host.example`.
fn name() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '-' };
    format!("checker/{}", host.trim().chars().map(plain).collect::<String>())
}

/// Under another name first, so that nobody ever sees half a key.
fn make(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(&draft)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    // Unlike a rename, this fails where a key has come to be meanwhile.
    let made = written.and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    made?;
    Ok(fs::File::open(folder)?.sync_all()?)
}
