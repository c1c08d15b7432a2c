//! The file of trusted keys, `/etc/portolan/trusted-keys`: a line for each.
//!
//! ```text
//! # Comments, and the comment lines of minisign's public keys.
//! RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3
//! RWT…  cluster=prod-eu cluster=prod-us
//! revoked RWS…
//! ```
//!
//! A key alone is trusted for all clusters, one with clusters for these. A key that is revoked is
//! trusted for none, whatever other lines say. A file without keys trusts nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use minisign_verify::PublicKey;
use portolan_compiler::bundle::ClusterName;

use super::sign::{LOCKED, OPEN};
use super::{KeyId, TrustError};
use crate::input::{read, way};

/// Bytes of the file: some thousand keys.
const BYTES: u64 = 1 << 20;

/// Keys that a node trusts.
#[derive(Debug, Default)]
pub struct TrustedKeys {
    /// Where they are said.
    path: PathBuf,
    keys: Vec<TrustedKey>,
    revoked: BTreeSet<KeyId>,
    /// Every key that is named, by its number.
    named: BTreeMap<KeyId, Vec<u8>>,
}

/// A key, and the clusters that it is trusted for.
#[derive(Debug)]
struct TrustedKey {
    id: KeyId,
    key: PublicKey,
    /// All where it names none.
    clusters: BTreeSet<ClusterName>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// No public key of minisign.
    #[error("{0:?} is no public key of minisign")]
    Key(String),
    /// What nobody else may see.
    #[error("it has a secret key, which belongs on no node")]
    Secret,
    /// Numbers of keys are anybody's choice, and signatures name keys by them.
    #[error("two keys have the number {0}, or one key has two")]
    Ambiguous(KeyId),
    /// Something after the key.
    #[error("expected cluster=NAME, and found {0:?}")]
    Word(String),
}

/// The file's keys; `None` where there is no file.
pub(super) fn load(path: &Path) -> Result<Option<TrustedKeys>, TrustError> {
    let fail = |source| TrustError::Read {
        path: path.to_owned(),
        source,
    };
    let is_unsafe = |path: &Path, problem| TrustError::Unsafe {
        path: path.to_owned(),
        problem,
    };
    // Whoever may write there could take the file away as well, and with it what is demanded.
    let real = fs::canonicalize(path);
    for file in [Some(path), real.as_deref().ok()].into_iter().flatten() {
        let way = file.parent().map(way::open_to_others).transpose();
        if let Some((folder, problem)) = way.map_err(fail)?.flatten() {
            return Err(is_unsafe(&folder, problem));
        }
    }
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A link that leads nowhere is no file that is not there.
            return match fs::symlink_metadata(path) {
                Ok(_) => Err(fail(error)),
                Err(_) => Ok(None),
            };
        }
        found => found.map_err(fail)?,
    };
    if let Some(problem) = misused(&found) {
        return Err(is_unsafe(path, problem));
    }
    let bytes = read::file(path, BYTES).map_err(fail)?;
    let text = String::from_utf8(bytes)
        .map_err(|error| fail(io::Error::new(io::ErrorKind::InvalidData, error)))?;
    TrustedKeys::parse(path, &text).map(Some)
}

/// Why others could say whom a node trusts.
#[cfg(target_os = "linux")]
fn misused(file: &fs::Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt as _;
    if !file.is_file() {
        return Some("is no file");
    }
    if file.uid() != 0 && file.uid() != rustix::process::geteuid().as_raw() {
        return Some("belongs to another user");
    }
    (file.mode() & 0o022 != 0).then_some("may be written to by others")
}

/// Elsewhere nothing is applied.
#[cfg(not(target_os = "linux"))]
fn misused(_: &fs::Metadata) -> Option<&'static str> {
    None
}

impl TrustedKeys {
    /// The keys of a file that somebody named.
    ///
    /// # Errors
    /// A file that is not there, that others may write to, that cannot be read, or that makes no sense.
    pub fn named(path: &Path) -> Result<Self, TrustError> {
        load(path)?.ok_or_else(|| TrustError::NoKeys {
            path: path.to_owned(),
        })
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// With the first line that makes no sense: a node does not guess whom it trusts.
    pub fn parse(path: &Path, text: &str) -> Result<Self, TrustError> {
        let mut found = Self {
            path: path.to_owned(),
            ..Self::default()
        };
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || line.starts_with("untrusted comment:") {
                continue;
            }
            found.take(line).map_err(|problem| TrustError::Keys {
                path: path.to_owned(),
                line: number,
                problem,
            })?;
        }
        Ok(found)
    }

    fn take(&mut self, line: &str) -> Result<(), KeyProblem> {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        if first == "revoked" {
            let word = words.next().unwrap_or_default();
            let (id, _) = self.public_key(word)?;
            self.revoked.insert(id);
            return words
                .next()
                .map_or(Ok(()), |more| Err(KeyProblem::Word(more.to_owned())));
        }
        let (id, key) = self.public_key(first)?;
        let cluster = |word: &str| {
            let name = word
                .strip_prefix("cluster=")
                .and_then(|name| name.parse().ok());
            name.ok_or_else(|| KeyProblem::Word(word.to_owned()))
        };
        let clusters = words.map(cluster).collect::<Result<_, _>>()?;
        self.keys.push(TrustedKey { id, key, clusters });
        Ok(())
    }

    /// The keys of this number that are not revoked.
    ///
    /// # Errors
    /// Where there are none.
    pub(super) fn of_id(&self, id: KeyId) -> Result<impl Iterator<Item = &PublicKey>, TrustError> {
        if self.revoked.contains(&id) {
            let path = self.path.clone();
            return Err(TrustError::Revoked { key: id, path });
        }
        let mut keys = self.keys.iter().filter(move |key| key.id == id).peekable();
        if keys.peek().is_none() {
            let path = self.path.clone();
            return Err(TrustError::Unknown { key: id, path });
        }
        Ok(keys.map(|key| &key.key))
    }

    /// Whether a key is trusted for a cluster.
    ///
    /// # Errors
    /// Where it is not, with why.
    pub(super) fn still_trusts(
        &self,
        id: KeyId,
        cluster: Option<&ClusterName>,
    ) -> Result<(), TrustError> {
        drop(self.of_id(id)?);
        let all = self.keys.iter().filter(|key| key.id == id);
        let trusted = all.clone().any(|key| {
            key.clusters.is_empty() || cluster.is_some_and(|cluster| key.clusters.contains(cluster))
        });
        if trusted {
            return Ok(());
        }
        Err(TrustError::Elsewhere {
            key: id,
            path: self.path.clone(),
            clusters: all.flat_map(|key| key.clusters.iter().cloned()).collect(),
            cluster: cluster.cloned(),
        })
    }

    /// A public key, and its number, which no other key may have.
    fn public_key(&mut self, text: &str) -> Result<(KeyId, PublicKey), KeyProblem> {
        const SHOWN: usize = 16;
        if [LOCKED, OPEN].iter().any(|start| text.starts_with(start)) {
            return Err(KeyProblem::Secret);
        }
        let problem = || KeyProblem::Key(text.chars().take(SHOWN).collect());
        let key = PublicKey::from_base64(text).map_err(|_| problem())?;
        let read = minisign::PublicKey::from_base64(text).map_err(|_| problem())?;
        let id = KeyId::from_bytes(read.keynum()).ok_or_else(problem)?;
        // After its algorithm and its number.
        let bytes = read.to_bytes().split_off(10);
        let other = self
            .named
            .iter()
            .any(|(number, known)| (*number == id) != (*known == bytes));
        if other {
            return Err(KeyProblem::Ambiguous(id));
        }
        self.named.insert(id, bytes);
        Ok((id, key))
    }
}
