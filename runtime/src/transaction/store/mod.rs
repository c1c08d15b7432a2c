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
//! Each file has a digest over its bytes, in itself or in the head beside it.

mod counters;
mod disk;
mod error;
mod found;
mod generation;
mod journal;
mod lock;
mod seal;
mod take;
mod transaction;
mod trust;

pub use counters::Counters;
pub use disk::{Disk, RealDisk};
pub(super) use error::TAKE;
pub use error::{Concerns, StoreError};
pub use found::Found;
pub use generation::{Generation, Purpose};
pub use journal::{Journal, Marker, NotAnId, TransactionId};
pub use lock::{Holder, Lock};
pub(super) use take::{Vital, unless_lost};
pub use transaction::Records;

use std::collections::BTreeMap;
use std::io::Read as _;
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

use crate::host::Interrupts;
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
        trust::check_way(root)?;
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
        trust::check_way(root)?;
        trust::check(root)?;
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
        let Some(generation) = self.current_generation()? else {
            return Ok(None);
        };
        let services = generation.files.services();
        services.map_err(|error| StoreError::corrupt(&self.root, &error))
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// Where somebody else holds it for longer, or somebody wants this to end.
    pub fn lock(
        &self,
        patience: Duration,
        interrupts: &dyn Interrupts,
    ) -> Result<Lock, StoreError> {
        Lock::take(&self.root.join("lock"), patience, interrupts)
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
    /// A record that makes no sense, or is missing though there are generations.
    pub fn current(&self) -> Result<Option<Current>, StoreError> {
        let read = || {
            let read = self.document(Path::new(CURRENT))?;
            Ok(read.map(|(current, _)| current))
        };
        match read()? {
            None if self.generations()?.is_empty() || self.is_folder(Path::new(JOURNAL))? => {
                Ok(None)
            }
            // The first one may have been committed meanwhile.
            None => read()?.map(Some).ok_or_else(|| self.missing(CURRENT)),
            current => Ok(current),
        }
    }

    /// The generation that is current.
    ///
    /// # Errors
    /// As above, and where it cannot be read.
    pub fn current_generation(&self) -> Result<Option<Generation>, StoreError> {
        let Some(current) = self.current()? else {
            return Ok(None);
        };
        match self.generation(current.generation) {
            Err(StoreError::NoGeneration { number, .. }) => {
                let path = self.root.join(GENERATIONS).join(number.to_string());
                Err(StoreError::damaged(&path, MISSING))
            }
            read => read.map(Some).map_err(|e| e.concerning(Concerns::Node)),
        }
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
        if let Some(inventory) = self.inventory_in(Path::new(""))? {
            return Ok(inventory);
        }
        self.unless_applied(Inventory::FILE_NAME)?;
        Ok(Inventory::default())
    }

    fn inventory_in(&self, folder: &Path) -> Result<Option<Inventory>, StoreError> {
        let path = self.root.join(folder).join(Inventory::FILE_NAME);
        let Some(text) = read_file(&path)? else {
            return Ok(None);
        };
        let lines = seal::read_inventory(&text)
            .map_err(|problem| StoreError::unreadable(&path, problem, seal::INVENTORY))?;
        let inventory = Inventory::from_str(&lines);
        inventory
            .map(Some)
            .map_err(|error| StoreError::corrupt(&path, &error))
    }

    /// A record that is there once anything was applied.
    fn unless_applied(&self, name: &str) -> Result<(), StoreError> {
        match fs::symlink_metadata(self.root.join(CURRENT)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            _ => Err(self.missing(name)),
        }
    }

    fn missing(&self, name: &str) -> StoreError {
        StoreError::damaged(&self.root.join(name), MISSING)
    }

    fn is_folder(&self, path: &Path) -> Result<bool, StoreError> {
        trust::is_folder(&self.root.join(path))
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
        if let Some((found, _)) = self.document(Path::new(FOUND))? {
            return Ok(found);
        }
        self.unless_applied(FOUND)?;
        Ok(Found::default())
    }

    /// Numbers of the generations there are, in order.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn generations(&self) -> Result<Vec<u64>, StoreError> {
        let folder = self.root.join(GENERATIONS);
        if !self.is_folder(Path::new(GENERATIONS))? {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&folder).map_err(StoreError::io("read", &folder))?;
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
        let concerns = Concerns::Generation(number);
        let damaged = |error: StoreError| error.concerning(concerns);
        if !self.is_folder(&folder).map_err(damaged)? {
            return Err(StoreError::NoGeneration {
                number,
                known: self.generations()?,
            });
        }
        let read = self.generation_in(&folder, concerns)?;
        let missing =
            || StoreError::damaged(&self.root.join(folder).join(GENERATION_HEAD), MISSING);
        let generation = read.ok_or_else(|| damaged(missing()))?;
        if generation.number == number {
            return Ok(generation);
        }
        let path = self.root.join(GENERATIONS).join(number.to_string());
        let problem = format!("it is generation {}", generation.number);
        Err(damaged(StoreError::damaged(&path, &problem)))
    }

    /// The generation in this folder; `None` where it has no head.
    fn generation_in(
        &self,
        folder: &Path,
        concerns: Concerns,
    ) -> Result<Option<Generation>, StoreError> {
        if !self
            .is_folder(folder)
            .map_err(|error| error.concerning(concerns))?
        {
            return Ok(None);
        }
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
        if self.is_folder(path)? {
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
    let Some(mut file) = trust::open(path)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    if let Err(error) = file.read_to_end(&mut bytes) {
        return Err(StoreError::damaged(
            path,
            &format!("it cannot be read: {error}"),
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(StoreError::damaged(path, "it is no text")),
    }
}
