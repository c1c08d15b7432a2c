//! The transaction under way: its journal, from the first write to the last.

use std::path::{Path, PathBuf};

use portolan_compiler::plan::Inventory;
use portolan_compiler::plan::file::{FileError, PlanFile};

use super::seal::{self, Record as _, Sealing};
use super::trust;
use super::{
    CURRENT, Concerns, Current, FOUND, Found, GENERATION, GENERATIONS, Generation, JOURNAL,
    JOURNAL_HEAD, Journal, KEPT, MARKER, MISSING, Marker, PLAN, Purpose, Store, StoreError,
    TransactionId, journal, read_file,
};

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

/// What becomes of a journal whose marker does not tell how far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unmarked {
    /// It cannot be used.
    Refused,
    /// It will do for the way back, which starts from wherever the node is.
    Prepared,
}

/// How often records are read that change while they are read.
const READINGS: usize = 5;

impl Store {
    /// The transaction under way.
    ///
    /// # Errors
    /// One that cannot be read whole: nobody knows where the node is then.
    pub fn journal(&self) -> Result<Option<Journal>, StoreError> {
        self.steadily(|| self.read_journal(Unmarked::Refused))
    }

    /// The same, where it is to be undone: that takes no marker.
    ///
    /// # Errors
    /// As above.
    pub fn journal_to_undo(&self) -> Result<Option<Journal>, StoreError> {
        self.read_journal(Unmarked::Prepared)
    }

    /// What names the transaction under way, and its boot.
    ///
    /// # Errors
    /// As above; whatever else of it may be damaged.
    pub fn under_way(&self) -> Result<Option<(TransactionId, String)>, StoreError> {
        let head = self.steadily(|| self.journal_head())?;
        Ok(head.map(|(head, _)| (head.id, head.boot)))
    }

    /// Reads again where the journal was ended or begun meanwhile.
    fn steadily<T>(&self, read: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let folder = self.root.join(JOURNAL);
        for _ in 1..READINGS {
            let before = trust::identity(&folder);
            match read() {
                Err(StoreError::Damaged { .. }) if trust::identity(&folder) != before => {}
                done => return done,
            }
        }
        read()
    }

    fn journal_head(&self) -> Result<Option<(journal::Head, Sealing)>, StoreError> {
        if !self.is_folder(Path::new(JOURNAL))? {
            return Ok(None);
        }
        let path = Path::new(JOURNAL).join(JOURNAL_HEAD);
        let head = self.document::<journal::Head>(&path)?;
        let missing = || StoreError::damaged(&self.root.join(&path), MISSING);
        head.map(Some).ok_or_else(missing)
    }

    fn read_journal(&self, unmarked: Unmarked) -> Result<Option<Journal>, StoreError> {
        let Some((head, sealing)) = self.journal_head()? else {
            return Ok(None);
        };
        let place = |name: &str| self.root.join(JOURNAL).join(name);
        let missing = |name: &str| StoreError::damaged(&place(name), MISSING);
        let unusable =
            |problem| StoreError::unreadable(&place(MARKER), problem, journal::Head::FORMAT);
        let marker = read_file(&place(MARKER))
            .and_then(|text| text.ok_or_else(|| missing(MARKER)))
            .and_then(|text| seal::read_marker(&text, &head.id, sealing).map_err(unusable));
        let marker = match (marker, unmarked) {
            (Err(error), Unmarked::Prepared) if error.is_damage() => Marker::Prepared,
            (marker, _) => marker?,
        };
        let plan = read_file(&place(PLAN))?.ok_or_else(|| missing(PLAN))?;
        if head.plan.iter().any(|digest| !seal::matches(&plan, digest)) {
            return Err(StoreError::damaged(&place(PLAN), seal::CHANGED));
        }
        let plan = PlanFile::read(&plan).map_err(|error| match error {
            FileError::Changed | FileError::Json(_) => {
                StoreError::damaged(&place(PLAN), seal::CHANGED)
            }
            other => StoreError::corrupt(&place(PLAN), &other),
        })?;
        Ok(Some(head.with(marker, plan)))
    }

    /// What of it can be read of a journal that may be damaged: what is ours once it has ended.
    pub(in crate::transaction) fn prepared_inventory(&self) -> Option<Inventory> {
        self.inventory_in(Path::new(JOURNAL)).ok().flatten()
    }

    /// The same of the generation it makes.
    pub(in crate::transaction) fn prepared_generation(&self) -> Option<Generation> {
        let folder = Path::new(JOURNAL).join(GENERATION);
        self.generation_in(&folder, Concerns::Node).ok().flatten()
    }

    /// Whether all is there that a transaction needs to end, or has its place already.
    ///
    /// # Errors
    /// With the record that is not.
    pub fn can_commit(&self, journal: &Journal) -> Result<(), StoreError> {
        let folder = Path::new(JOURNAL);
        if journal.kind != Purpose::Boot {
            let prepared = self.generation_in(&folder.join(GENERATION), Concerns::Node)?;
            match prepared {
                Some(prepared) if prepared.number == journal.generation => {}
                Some(_) => {
                    let path = self.root.join(folder).join(GENERATION);
                    return Err(StoreError::damaged(&path, "it is of another transaction"));
                }
                None => drop(self.generation(journal.generation)?),
            }
        }
        let is_it = |current: &Current| current.generation == journal.generation;
        let prepared = self.document::<Current>(&folder.join(CURRENT))?;
        let current = match prepared {
            Some((prepared, _)) => Some(prepared),
            None => self.current()?,
        };
        if current.is_some_and(|current| is_it(&current)) {
            return Ok(());
        }
        let path = self.root.join(folder).join(CURRENT);
        Err(StoreError::damaged(&path, MISSING))
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
        self.write_document(Path::new(FOUND), &records.found)?;
        self.make_folder_once(Path::new(GENERATIONS))?;
        self.remove(folder)?;
        self.make_folder(folder)?;
        let plan = journal.plan.text();
        let head = journal::Head::of(journal, &plan);
        self.write_document(&folder.join(JOURNAL_HEAD), &head)?;
        self.write(&folder.join(PLAN), &plan)?;
        let marker = |marker| seal::marker(marker, &journal.id);
        self.write(&folder.join(MARKER), &marker(journal.marker))?;
        for one in Marker::ALL {
            self.write(&prepared_marker(folder, one), &marker(one))?;
        }
        self.write_document(&folder.join(CURRENT), &records.current)?;
        let inventory = seal::inventory(&records.inventory.to_string());
        self.write(&folder.join(Inventory::FILE_NAME), &inventory)?;
        if let Some(generation) = generation {
            self.write_generation(&folder.join(GENERATION), generation)?;
        }
        Ok(())
    }

    /// Writes down how far the transaction came.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn mark(&self, id: &TransactionId, marker: Marker) -> Result<(), StoreError> {
        let folder = Path::new(JOURNAL);
        let prepared = prepared_marker(folder, marker);
        let text = seal::marker(marker, id);
        let now = read_file(&self.root.join(folder).join(MARKER));
        if now.is_ok_and(|now| now.is_some_and(|now| seal::is_marker(&now, marker, id))) {
            return Ok(());
        }
        match read_file(&self.root.join(&prepared)) {
            Ok(Some(found)) if seal::is_marker(&found, marker, id) => {
                self.rename(&prepared, &folder.join(MARKER))
            }
            _ => self.write(&folder.join(MARKER), &text),
        }
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
}
