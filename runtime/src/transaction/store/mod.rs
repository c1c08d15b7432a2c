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

mod disk;
mod error;
mod found;
mod generation;
mod journal;
mod lock;

pub use disk::{Disk, RealDisk};
pub use error::StoreError;
pub use found::Found;
pub use generation::{Generation, Purpose};
pub use journal::{Journal, Marker, NotAnId, TransactionId};
pub use lock::{Holder, Lock};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use std::{fs, io};

use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::mode::NodeState;
use portolan_compiler::mode::services::ServiceList;
use portolan_compiler::plan::Inventory;
use portolan_compiler::plan::file::{Files, PlanFile};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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

/// Which generation a node is meant to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Current {
    /// Number of the generation, from 1.
    pub generation: u64,
    /// The boot in which it was applied last.
    pub boot: String,
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

/// What a record says of itself, whoever wrote it.
#[derive(Debug, Deserialize)]
struct Stamp {
    format: String,
    #[serde(default)]
    tool: Option<String>,
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
        self.json(CURRENT)
    }

    /// What is ours.
    ///
    /// # Errors
    /// As above.
    pub fn inventory(&self) -> Result<Inventory, StoreError> {
        let path = self.root.join(Inventory::FILE_NAME);
        match read(&path)? {
            Some(text) => Inventory::from_str(&text).map_err(|e| StoreError::corrupt(&path, &e)),
            None => Ok(Inventory::default()),
        }
    }

    /// Writes down what is ours.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn set_inventory(&self, inventory: &Inventory) -> Result<(), StoreError> {
        self.write(Path::new(Inventory::FILE_NAME), &inventory.to_string())
    }

    /// What there was before us.
    ///
    /// # Errors
    /// As above.
    pub fn found(&self) -> Result<Found, StoreError> {
        Ok(self.json(FOUND)?.unwrap_or_default())
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
        let head = folder.join(GENERATION_HEAD);
        let Some(head) = self.record::<generation::Head>(&head, generation::FORMAT)? else {
            return Err(StoreError::NoGeneration {
                number,
                known: self.generations()?,
            });
        };
        let mut files = BTreeMap::new();
        for kind in ArtefactKind::ALL.into_iter().filter(|kind| kind.is_text()) {
            if let Some(text) = read(&self.root.join(&folder).join(kind.as_str()))? {
                files.insert(kind, text);
            }
        }
        head.with(Files(files)).ok_or_else(|| {
            StoreError::corrupt(&self.root.join(folder), &"not a generation of ours")
        })
    }

    /// The transaction under way.
    ///
    /// # Errors
    /// As above.
    pub fn journal(&self) -> Result<Option<Journal>, StoreError> {
        let folder = Path::new(JOURNAL);
        let head = folder.join(JOURNAL_HEAD);
        let Some(head) = self.record::<journal::Head>(&head, journal::FORMAT)? else {
            return Ok(None);
        };
        let corrupt = |name: &str, problem: &dyn ToString| {
            StoreError::corrupt(&self.root.join(folder).join(name), problem)
        };
        let marker = read(&self.root.join(folder).join(MARKER))?.unwrap_or_default();
        let marker: Marker = marker
            .trim()
            .parse()
            .map_err(|error| corrupt(MARKER, &error))?;
        let plan = read(&self.root.join(folder).join(PLAN))?.unwrap_or_default();
        let plan = PlanFile::read(&plan).map_err(|error| corrupt(PLAN, &error))?;
        head.with(marker, plan)
            .map(Some)
            .ok_or_else(|| corrupt(JOURNAL_HEAD, &"not a journal of ours"))
    }

    /// Begins a transaction: writes everything that it will need.
    ///
    /// # Errors
    /// Those of the file system; then nothing has begun.
    pub fn begin(
        &self,
        journal: &Journal,
        generation: Option<&Generation>,
        records: &Records,
    ) -> Result<(), StoreError> {
        let new = Path::new("journal.new");
        let written = self.write_journal(new, journal, generation, records);
        let begun = written.and_then(|()| self.rename(new, Path::new(JOURNAL)));
        if begun.is_err() {
            // What is left of it is removed by the next one as well.
            drop(self.remove(new));
        }
        begun
    }

    fn write_journal(
        &self,
        folder: &Path,
        journal: &Journal,
        generation: Option<&Generation>,
        records: &Records,
    ) -> Result<(), StoreError> {
        self.write_json(Path::new(FOUND), &records.found)?;
        self.make_folder_once(Path::new(GENERATIONS))?;
        self.remove(folder)?;
        self.make_folder(folder)?;
        self.write_json(&folder.join(JOURNAL_HEAD), &journal::Head::of(journal))?;
        self.write(&folder.join(PLAN), &journal.plan.text())?;
        self.write(&folder.join(MARKER), journal.marker.as_str())?;
        for marker in [Marker::Switched, Marker::Cleaning] {
            self.write(&prepared_marker(folder, marker), marker.as_str())?;
        }
        self.write_json(&folder.join(CURRENT), &records.current)?;
        let inventory = records.inventory.to_string();
        self.write(&folder.join(Inventory::FILE_NAME), &inventory)?;
        if let Some(generation) = generation {
            let folder = folder.join(GENERATION);
            self.make_folder(&folder)?;
            let head = generation::Head::of(generation);
            self.write_json(&folder.join(GENERATION_HEAD), &head)?;
            for (kind, text) in &generation.files.0 {
                self.write(&folder.join(kind.as_str()), text)?;
            }
        }
        Ok(())
    }

    /// Writes down how far the transaction came.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn advance(&self, marker: Marker) -> Result<(), StoreError> {
        let folder = Path::new(JOURNAL);
        self.rename(&prepared_marker(folder, marker), &folder.join(MARKER))
    }

    /// Ends the transaction: its generation is current, its records are the node's. Where this was
    /// cut off, it may be called again.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn commit(&self, journal: &Journal, inventory: &Inventory) -> Result<(), StoreError> {
        let folder = Path::new(JOURNAL);
        let generation = folder.join(GENERATION);
        if self.root.join(&generation).exists() {
            let place = Path::new(GENERATIONS).join(journal.generation.to_string());
            self.remove(&place)?;
            self.rename(&generation, &place)?;
        }
        let prepared = folder.join(Inventory::FILE_NAME);
        // On a full disk the one that lists everything that might drain will do.
        match self.set_inventory(inventory) {
            Err(_) if self.root.join(&prepared).exists() => {
                self.rename(&prepared, Path::new(Inventory::FILE_NAME))?;
            }
            done => done?,
        }
        let current = folder.join(CURRENT);
        if self.root.join(&current).exists() {
            self.rename(&current, Path::new(CURRENT))?;
        }
        self.end()?;
        self.forget_old_generations();
        Ok(())
    }

    /// Ends the transaction without a trace.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn end(&self) -> Result<(), StoreError> {
        let old = Path::new("journal.old");
        self.remove(old)?;
        self.rename(Path::new(JOURNAL), old)?;
        self.remove(old)
    }

    /// That an old one cannot be removed is no reason to fail.
    fn forget_old_generations(&self) {
        let numbers = self.generations().unwrap_or_default();
        for number in numbers.iter().rev().skip(KEPT) {
            drop(self.remove(&Path::new(GENERATIONS).join(number.to_string())));
        }
    }

    fn json<T: DeserializeOwned>(&self, path: impl AsRef<Path>) -> Result<Option<T>, StoreError> {
        let path = self.root.join(path);
        let text = read(&path)?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| StoreError::corrupt(&path, &error))
    }

    /// A record of a format. What another portolan wrote is told from what is damaged.
    fn record<T: DeserializeOwned>(
        &self,
        path: &Path,
        known: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let path = self.root.join(path);
        let Some(text) = read(&path)? else {
            return Ok(None);
        };
        let corrupt = |error: serde_json::Error| StoreError::corrupt(&path, &error);
        let stamp: Stamp = serde_json::from_str(&text).map_err(corrupt)?;
        let is_ours = |tool: &String| tool == env!("CARGO_PKG_VERSION");
        let read = serde_json::from_str(&text).map(Some);
        // Other versions may add fields to a format that is known.
        if stamp.format != known || read.is_err() && !stamp.tool.iter().all(is_ours) {
            return Err(StoreError::Another {
                path: path.clone(),
                format: stamp.format,
                tool: stamp.tool,
                known,
            });
        }
        read.map_err(corrupt)
    }

    fn write_json<T: Serialize>(&self, path: &Path, value: &T) -> Result<(), StoreError> {
        let text = serde_json::to_string(value)
            .map_err(|error| StoreError::io("write", path)(error.into()))?;
        self.write(path, &(text + "\n"))
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

/// The node's records once a transaction has ended.
#[derive(Debug, Clone)]
pub struct Records {
    /// Which generation is current then.
    pub current: Current,
    /// What is ours then, at most.
    pub inventory: Inventory,
    /// What there was before us.
    pub found: Found,
}

fn prepared_marker(folder: &Path, marker: Marker) -> PathBuf {
    folder.join(format!("{MARKER}.{}", marker.as_str()))
}

/// The text of a file, if it is there.
fn read(path: &Path) -> Result<Option<String>, StoreError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", path)(error)),
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
