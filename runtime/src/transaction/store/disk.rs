//! What the records ask of a file system: few calls, each of which leaves the old or the new.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// A file system that keeps what it confirmed, also when the power fails.
pub trait Disk: std::fmt::Debug {
    /// Makes a folder that only its owner may look into.
    ///
    /// # Errors
    /// Those of the file system, as below.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Writes a file, or puts another in its place: it has all of the bytes or those it had.
    ///
    /// # Errors
    /// As above.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Gives something another name. What had that name is gone; a folder must have been empty.
    ///
    /// # Errors
    /// As above.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file, or a folder with what is in it; that it is not there is fine.
    ///
    /// # Errors
    /// As above.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The machine's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)?;
        sync_parent(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let unfinished = Path::new(&unfinished);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // What is left there of one that was cut off is ours, and no link.
        self.remove(unfinished)?;
        let mut file = options.open(unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        self.rename(unfinished, path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        sync_parent(to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Ok(()) => sync_parent(path),
            failed => failed,
        }
    }
}

/// A name is kept once its folder is.
fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if cfg!(unix) => File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}
