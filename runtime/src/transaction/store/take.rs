//! Records that are lost: which they are, and where they go.

use std::path::{Path, PathBuf};

use portolan_compiler::plan::Inventory;

use super::{
    CURRENT, Current, FOUND, Found, GENERATION_HEAD, GENERATIONS, Generation, JOURNAL, Store,
    StoreError, generation,
};

/// Where lost records are kept, a numbered folder for each time.
const ASIDE: &str = "aside";

/// A record that the node hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transaction) enum Vital {
    /// What is ours.
    Inventory,
    /// What there was before us.
    Found,
    /// Which generation is current.
    Current,
    /// All generations.
    Generations,
    /// The transaction under way.
    Journal,
}

impl Vital {
    fn name(self) -> &'static str {
        match self {
            Self::Inventory => Inventory::FILE_NAME,
            Self::Found => FOUND,
            Self::Current => CURRENT,
            Self::Generations => GENERATIONS,
            Self::Journal => JOURNAL,
        }
    }
}

impl Store {
    /// What is lost of what the node hangs on, each once. An old generation is not: `history` tells.
    pub fn losses(&self) -> Vec<StoreError> {
        let journal = self.journal().err();
        let current = self.generations().and_then(|_| self.current_generation());
        let all = [
            journal,
            current.err(),
            self.inventory().err(),
            self.found().err(),
        ];
        all.into_iter().flatten().collect()
    }

    /// Generations that can be read, in order.
    pub(in crate::transaction) fn sound_generations(&self) -> Vec<Generation> {
        let numbers = self.generations().unwrap_or_default();
        numbers
            .into_iter()
            .filter_map(|number| self.generation(number).ok())
            .collect()
    }

    /// A folder for what is lost.
    ///
    /// # Errors
    /// Those of the file system.
    pub(in crate::transaction) fn make_aside(&self) -> Result<PathBuf, StoreError> {
        let all = Path::new(ASIDE);
        self.make_folder_once(all)?;
        let mut places = (1_u64..).map(|number| all.join(number.to_string()));
        let free = places.find(|place| std::fs::symlink_metadata(self.root.join(place)).is_err());
        let place = free.unwrap_or_else(|| all.join("0"));
        self.make_folder(&place)?;
        Ok(place)
    }

    /// Takes a record out of the way; tells where it is then, unless there is none.
    ///
    /// # Errors
    /// Those of the file system.
    pub(in crate::transaction) fn set_aside(
        &self,
        record: Vital,
        folder: &Path,
    ) -> Result<Option<PathBuf>, StoreError> {
        let from = Path::new(record.name());
        if std::fs::symlink_metadata(self.root.join(from)).is_err() {
            return Ok(None);
        }
        let to = folder.join(record.name());
        self.rename(from, &to)?;
        Ok(Some(self.root.join(to)))
    }

    /// Writes down settings as they were found.
    ///
    /// # Errors
    /// Those of the file system.
    pub(in crate::transaction) fn set_found(&self, found: &Found) -> Result<(), StoreError> {
        self.write_document(Path::new(FOUND), found)
    }

    /// Writes down which generation is current.
    ///
    /// # Errors
    /// Those of the file system.
    pub(in crate::transaction) fn set_current(&self, current: &Current) -> Result<(), StoreError> {
        self.write_document(Path::new(CURRENT), current)
    }

    /// Adds a generation without a transaction.
    ///
    /// # Errors
    /// Those of the file system.
    pub(in crate::transaction) fn add_generation(
        &self,
        generation: &Generation,
    ) -> Result<(), StoreError> {
        let new = Path::new("generation.new");
        self.make_folder_once(Path::new(GENERATIONS))?;
        self.remove(new)?;
        self.write_generation(new, generation)?;
        self.rename(
            new,
            &Path::new(GENERATIONS).join(generation.number.to_string()),
        )
    }

    /// Writes a generation and its files into a new folder.
    pub(super) fn write_generation(
        &self,
        folder: &Path,
        generation: &Generation,
    ) -> Result<(), StoreError> {
        self.make_folder(folder)?;
        let head = generation::Head::of(generation);
        self.write_document(&folder.join(GENERATION_HEAD), &head)?;
        for (kind, text) in &generation.files.0 {
            self.write(&folder.join(kind.as_str()), text)?;
        }
        Ok(())
    }
}

/// What a record says, if it is not lost.
///
/// # Errors
/// One that is not lost and cannot be used all the same: another portolan wrote it.
pub(in crate::transaction) fn unless_lost<T>(
    read: Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_damage() => Ok(None),
        Err(error) => Err(error),
    }
}
