//! The transaction under way: its journal, from the first write to the last.

use std::path::{Path, PathBuf};
use std::{fs, io};

use portolan_compiler::plan::Inventory;
use portolan_compiler::plan::file::{FileError, PlanFile};

use super::seal::{self, Record as _};
use super::{
    CURRENT, Current, FOUND, Found, GENERATION, GENERATION_HEAD, GENERATIONS, Generation, JOURNAL,
    JOURNAL_HEAD, Journal, KEPT, MARKER, MISSING, Marker, PLAN, Store, StoreError, generation,
    journal, read_file,
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

impl Store {
    /// The transaction under way.
    ///
    /// # Errors
    /// As above.
    pub fn journal(&self) -> Result<Option<Journal>, StoreError> {
        let folder = self.root.join(JOURNAL);
        match fs::symlink_metadata(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("look at", &folder)(error)),
            Ok(found) if !found.is_dir() => {
                return Err(StoreError::damaged(&folder, "it is no folder"));
            }
            Ok(_) => {}
        }
        let place = |name: &str| folder.join(name);
        let missing = |name: &str| StoreError::damaged(&place(name), MISSING);
        let head = self.document::<journal::Head>(&Path::new(JOURNAL).join(JOURNAL_HEAD))?;
        let (head, sealing) = head.ok_or_else(|| missing(JOURNAL_HEAD))?;
        let marker = read_file(&place(MARKER))?.ok_or_else(|| missing(MARKER))?;
        let marker = seal::read_marker(&marker, &head.id, sealing);
        let unusable =
            |problem| StoreError::unreadable(&place(MARKER), problem, journal::Head::FORMAT);
        let marker = marker.map_err(unusable)?;
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
        for one in [Marker::Switched, Marker::Cleaning] {
            self.write(&prepared_marker(folder, one), &marker(one))?;
        }
        self.write_document(&folder.join(CURRENT), &records.current)?;
        let inventory = seal::inventory(&records.inventory.to_string());
        self.write(&folder.join(Inventory::FILE_NAME), &inventory)?;
        if let Some(generation) = generation {
            let folder = folder.join(GENERATION);
            self.make_folder(&folder)?;
            let head = generation::Head::of(generation);
            self.write_document(&folder.join(GENERATION_HEAD), &head)?;
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
}
