//! The records of a node: what was applied, what is ours, and what is under way.
//!
//! ```text
//! /var/lib/portolan/         0700, its owner's alone
//!   lock                     held by the portolan that changes the node
//!   current                  number of the current generation, and the boot it was applied in
//!   inventory                virtual servers and addresses that are ours, and what drains
//!   found                    settings as they were before portolan first changed them
//!   generations/7/           generation.json and the files of `portolan compile`
//!   journal/                 the transaction under way: transaction.json, plan.json, marker, …
//! ```
//!
//! Everything a transaction will write later is written before it begins, so that a full disk stops
//! it then or never: markers, the generation and the new records are renamed into their places.
//!
//! Each file has a digest over its bytes, in itself or in the head beside it ([`seal`]).

mod counters;
mod disk;
mod error;
mod found;
mod generation;
mod journal;
mod lock;
mod seal;
mod transaction;

pub use counters::Counters;
pub use disk::{Disk, RealDisk};
pub use error::{Concerns, StoreError};
pub use found::Found;
pub use generation::{Generation, Purpose};
pub use journal::{Journal, Marker, NotAnId, TransactionId};
pub use lock::{Holder, Lock};
pub use transaction::Records;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use std::{fs, io};

use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::mode::NodeState;
use portolan_compiler::mode::services::ServiceList;
use portolan_compiler::plan::Inventory;
use portolan_compiler::plan::file::Files;
use serde::{Deserialize, Serialize};

use seal::{Record, Sealing};

/// Where a node's records are unless somebody says otherwise.
pub const DEFAULT_FOLDER: &str = "/var/lib/portolan";

/// How many generations are kept.
const KEPT: usize = 20;

const CURRENT: &str = "current";
const FOUND: &str = "found";
const GENERATIONS: &str = "generations";
const GENERATION: &str = "generation";
const GENERATION_HEAD: &str = "generation.json";
const JOURNAL: &str = "journal";
const JOURNAL_HEAD: &str = "transaction.json";
const PLAN: &str = "plan.json";
const MARKER: &str = "marker";

const MISSING: &str = "it is missing";

/// Which generation a node is meant to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Current {
    /// Number of the generation, from 1.
    pub generation: u64,
    /// The boot in which it was applied last.
    pub boot: String,
    /// The highest edition that the node has had of each cluster's rules.
    #[serde(default)]
    pub counters: Counters,
}

/// The records in one folder.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    disk: Box<dyn Disk>,
}

/// The folder from wherever it is looked at: a timer that undoes an unconfirmed change starts elsewhere.
fn absolute(root: &Path) -> Result<PathBuf, StoreError> {
    std::path::absolute(root).map_err(StoreError::io("find", root))
}

impl Record for Current {
    const FORMAT: &'static str = "portolan-current 2";
    const BEFORE: Option<&'static str> = None;
}

impl Store {
    /// The records in this folder, which is made where it is missing.
    ///
    /// # Errors
    /// A folder that others may write to.
    pub fn open(root: &Path, disk: Box<dyn Disk>) -> Result<Self, StoreError> {
        let root = &absolute(root)?;
        if let Some(parent) = root.parent() {
            fs::create_dir_all(parent).map_err(StoreError::io("make", parent))?;
        }
        match disk.make_folder(root) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(StoreError::io("make", root)(error));
            }
            _ => {}
        }
        Self::look(root, disk)
    }

    /// The records in this folder, to be read only; `None` where there are none.
    ///
    /// # Errors
    /// Likewise.
    pub fn existing(root: &Path) -> Result<Option<Self>, StoreError> {
        let root = &absolute(root)?;
        match fs::symlink_metadata(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ => Self::look(root, Box::new(RealDisk)).map(Some),
        }
    }

    /// The records in a folder that is there.
    #[cfg(test)]
    pub(super) fn at(root: &Path, disk: Box<dyn Disk>) -> Result<Self, StoreError> {
        Self::look(root, disk)
    }

    fn look(root: &Path, disk: Box<dyn Disk>) -> Result<Self, StoreError> {
        let found = fs::symlink_metadata(root).map_err(StoreError::io("look at", root))?;
        let problem = if found.is_dir() {
            misused(&found)
        } else {
            Some("is no folder")
        };
        if let Some(problem) = problem {
            return Err(StoreError::Unsafe {
                path: root.to_owned(),
                problem,
            });
        }
        Ok(Self {
            root: root.to_owned(),
            disk,
        })
    }

    /// Path of the folder of the records.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What a node is asked to hold, from files that were recorded.
    ///
    /// # Errors
    /// Where portolan would not write one of them.
    pub fn state(&self, files: &Files) -> Result<NodeState, StoreError> {
        files.state().map_err(|error| StoreError::Corrupt {
            path: self.root.clone(),
            problem: error.to_string(),
        })
    }

    /// What Services have in the current generation, where that says it.
    ///
    /// # Errors
    /// A record that makes no sense.
    pub fn services(&self) -> Result<Option<ServiceList>, StoreError> {
        let Some(current) = self.current()? else {
            return Ok(None);
        };
        let generation = self.generation(current.generation)?;
        let services = generation.files.services();
        services.map_err(|error| StoreError::corrupt(&self.root, &error))
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// Where somebody else holds it for longer.
    pub fn lock(&self, patience: Duration) -> Result<Lock, StoreError> {
        Lock::take(&self.root.join("lock"), patience)
    }

    /// Who holds the lock.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn holder(&self) -> Result<Holder, StoreError> {
        Lock::holder(&self.root.join("lock"))
    }

    /// Which generation is current; `None` before the first.
    ///
    /// # Errors
    /// A record that makes no sense, as below.
    pub fn current(&self) -> Result<Option<Current>, StoreError> {
        let read = self.document(Path::new(CURRENT))?;
        Ok(read.map(|(current, _)| current))
    }

    /// The highest edition that the node has had of each cluster's rules.
    ///
    /// # Errors
    /// As above.
    pub fn counters(&self) -> Result<Counters, StoreError> {
        Ok(self
            .current()?
            .map_or_else(Counters::default, |current| current.counters))
    }

    /// What is ours.
    ///
    /// # Errors
    /// As above.
    pub fn inventory(&self) -> Result<Inventory, StoreError> {
        let path = self.root.join(Inventory::FILE_NAME);
        let Some(text) = read_file(&path)? else {
            return Ok(Inventory::default());
        };
        let lines = seal::read_inventory(&text)
            .map_err(|problem| StoreError::unreadable(&path, problem, seal::INVENTORY))?;
        Inventory::from_str(&lines).map_err(|error| StoreError::corrupt(&path, &error))
    }

    /// Writes down what is ours.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn set_inventory(&self, inventory: &Inventory) -> Result<(), StoreError> {
        let text = seal::inventory(&inventory.to_string());
        self.write(Path::new(Inventory::FILE_NAME), &text)
    }

    /// What there was before us.
    ///
    /// # Errors
    /// As above.
    pub fn found(&self) -> Result<Found, StoreError> {
        let read = self.document(Path::new(FOUND))?;
        Ok(read.map(|(found, _)| found).unwrap_or_default())
    }

    /// Numbers of the generations there are, in order.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn generations(&self) -> Result<Vec<u64>, StoreError> {
        let folder = self.root.join(GENERATIONS);
        let fail = StoreError::io("read", &folder);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(fail)?,
        };
        let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
        let mut numbers: Vec<u64> = entries.flatten().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// One generation.
    ///
    /// # Errors
    /// One that is not there, or makes no sense.
    pub fn generation(&self, number: u64) -> Result<Generation, StoreError> {
        let folder = Path::new(GENERATIONS).join(number.to_string());
        let read = self.generation_in(&folder, Concerns::Generation(number))?;
        match read {
            Some(generation) => Ok(generation),
            None if self.root.join(&folder).is_dir() => Err(StoreError::Damaged {
                path: self.root.join(folder).join(GENERATION_HEAD),
                problem: MISSING.to_owned(),
                concerns: Concerns::Generation(number),
            }),
            None => Err(StoreError::NoGeneration {
                number,
                known: self.generations()?,
            }),
        }
    }

    /// The generation in this folder; `None` where it has no head.
    fn generation_in(
        &self,
        folder: &Path,
        concerns: Concerns,
    ) -> Result<Option<Generation>, StoreError> {
        let head = folder.join(GENERATION_HEAD);
        let read = self.document::<generation::Head>(&head);
        let Some((head, sealing)) = read.map_err(|error| error.concerning(concerns))? else {
            return Ok(None);
        };
        let damaged = |path: PathBuf, problem: &str| StoreError::Damaged {
            path,
            problem: problem.to_owned(),
            concerns,
        };
        let digests = match (&head.files, sealing) {
            (Some(digests), _) => Some(digests.clone()),
            (None, Sealing::OfBefore) => None,
            (None, Sealing::Sealed) => {
                let path = self.root.join(folder).join(GENERATION_HEAD);
                return Err(damaged(path, "it does not name its files"));
            }
        };
        let mut files = BTreeMap::new();
        for kind in ArtefactKind::ALL.into_iter().filter(|kind| kind.is_text()) {
            let path = self.root.join(folder).join(kind.as_str());
            let text = read_file(&path).map_err(|error| error.concerning(concerns))?;
            let digest = digests.as_ref().map(|digests| digests.get(kind.as_str()));
            match (&text, digest) {
                (None, Some(Some(_))) => return Err(damaged(path, MISSING)),
                (Some(_), Some(None)) => return Err(damaged(path, "it is no part of it")),
                (Some(text), Some(Some(digest))) if !seal::matches(text, digest) => {
                    return Err(damaged(path, seal::CHANGED));
                }
                _ => {}
            }
            files.extend(text.map(|text| (kind, text)));
        }
        let generation = head.with(Files(files));
        let folder = || self.root.join(folder);
        let generation = generation
            .ok_or_else(|| StoreError::corrupt(&folder(), &"not a generation of ours"))?;
        Ok(Some(generation))
    }

    /// A record that is a document.
    fn document<R: Record>(&self, path: &Path) -> Result<Option<(R, Sealing)>, StoreError> {
        let path = self.root.join(path);
        let Some(text) = read_file(&path)? else {
            return Ok(None);
        };
        let unusable = |problem| StoreError::unreadable(&path, problem, R::FORMAT);
        seal::read_document(&text).map(Some).map_err(unusable)
    }

    fn write_document<R: Record>(&self, path: &Path, record: &R) -> Result<(), StoreError> {
        let text =
            seal::document(record).map_err(|error| StoreError::io("write", path)(error.into()))?;
        self.write(path, &text)
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), StoreError> {
        let path = self.root.join(path);
        let written = self.disk.write(&path, text.as_bytes());
        written.map_err(StoreError::io("write", &path))
    }

    fn make_folder(&self, path: &Path) -> Result<(), StoreError> {
        let path = self.root.join(path);
        let made = self.disk.make_folder(&path);
        made.map_err(StoreError::io("make", &path))
    }

    fn make_folder_once(&self, path: &Path) -> Result<(), StoreError> {
        if self.root.join(path).is_dir() {
            return Ok(());
        }
        self.make_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), StoreError> {
        let (from, to) = (self.root.join(from), self.root.join(to));
        let renamed = self.disk.rename(&from, &to);
        renamed.map_err(StoreError::io("rename", &from))
    }

    fn remove(&self, path: &Path) -> Result<(), StoreError> {
        let path = self.root.join(path);
        let removed = self.disk.remove(&path);
        removed.map_err(StoreError::io("remove", &path))
    }
}

/// The text of a file, if it is there.
fn read_file(path: &Path) -> Result<Option<String>, StoreError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
            return Err(StoreError::damaged(path, "it is a folder"));
        }
        Err(error) => return Err(StoreError::io("read", path)(error)),
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(StoreError::damaged(path, "it is no text")),
    }
}

/// Why a folder is not safe from others.
#[cfg(target_os = "linux")]
fn misused(folder: &fs::Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt as _;
    if folder.uid() != rustix::process::geteuid().as_raw() {
        return Some("belongs to another user");
    }
    (folder.mode() & 0o022 != 0).then_some("may be written to by others")
}

/// Elsewhere nothing is applied.
#[cfg(not(target_os = "linux"))]
fn misused(_: &fs::Metadata) -> Option<&'static str> {
    None
}
