//! Reads files that others may have made: no more than so much, nothing but files within a folder,
//! and no link out of it.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes of one input, wherever it comes from: ten times what a cluster of 5,000 Services with
/// 100,000 endpoints takes.
pub(crate) const FILE_BYTES: u64 = 256 << 20;
/// Bytes of all inputs of a run.
pub(crate) const ALL_BYTES: u64 = 1 << 30;
/// Files and folders that are looked at within one folder.
pub(crate) const ENTRIES: usize = 200_000;

/// Whether links within a folder may lead out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// They may not: the run ends. Links within the folder are followed, as mounted `ConfigMaps` are
    /// made of them; those to folders are left out.
    Within,
    /// They may, and links to folders are followed too.
    Anywhere,
}

/// Why something is not read, though it is there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// It is too large.
    #[error("it is larger than {} MiB", .0 >> 20)]
    Large(u64),
    /// It is a pipe, a device, a socket or a folder.
    #[error("it is no file, but a pipe, a device, a socket or a folder")]
    NoFile,
    /// It is a link.
    #[error("it is a link that leads out of its folder")]
    Link,
    /// It is a link to itself.
    #[error("it is a link that leads back to itself")]
    Loop,
}

/// What is refused is told from what fails by its kind, [`io::ErrorKind::InvalidData`].
impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        Self::new(io::ErrorKind::InvalidData, refused)
    }
}

/// Whether an error is a refusal.
pub(crate) fn refusal(error: &io::Error) -> Option<&Refused> {
    error.get_ref()?.downcast_ref()
}

/// Reads to the end, unless that is further than a limit.
pub(crate) fn bounded(reader: &mut (impl Read + ?Sized), limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Refused::Large(limit).into());
    }
    Ok(bytes)
}

/// Reads what the caller named: a file, or a pipe or device that ends. Links are followed.
pub(crate) fn named(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    bounded(&mut File::open(path)?, limit)
}

/// Reads a file that the caller named, and nothing else: what lasts, and may be looked at again. Links are
/// followed.
pub(crate) fn file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut file = match open(path, Links::Anywhere) {
        Ok(file) => file,
        // A socket cannot be opened.
        Err(_)
            if path
                .metadata()
                .is_ok_and(|found| !is_file_or_folder(&found)) =>
        {
            return Err(Refused::NoFile.into());
        }
        Err(error) => return Err(error),
    };
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(Refused::NoFile.into());
    }
    if found.len() > limit {
        return Err(Refused::Large(limit).into());
    }
    bounded(&mut file, limit)
}

fn is_file_or_folder(found: &Metadata) -> bool {
    found.is_file() || found.is_dir()
}

/// The first bytes of a file that the caller named; nothing where it is none, or cannot be read.
pub(crate) fn start(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let file = open(path, Links::Anywhere).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Reads a file that is there itself; `None` where a link or anything else stands in its place.
pub(crate) fn itself(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    if !path.symlink_metadata()?.is_file() {
        return Ok(None);
    }
    let mut file = open(path, Links::Within)?;
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    bounded(&mut file, limit).map(Some)
}

/// The first bytes of a file that is there itself; nothing where it cannot be read.
pub(crate) fn beginning(path: &Path, limit: u64) -> Option<Vec<u8>> {
    if !path.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    let file = open(path, Links::Within).ok()?;
    file.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// A folder whose files are read.
#[derive(Debug)]
pub(crate) struct Root {
    path: PathBuf,
    links: Links,
    #[cfg(target_os = "linux")]
    folder: File,
}

impl Root {
    /// Opens a folder that the caller named.
    pub(crate) fn open(path: &Path, links: Links) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            links,
            #[cfg(target_os = "linux")]
            folder: File::open(path)?,
        })
    }

    /// Reads a file in it, by its path below the folder.
    pub(crate) fn read(&self, below: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut file = match self.links {
            Links::Anywhere => open(&self.path.join(below), Links::Anywhere)?,
            Links::Within => self.within(below)?,
        };
        // What is open cannot be replaced any more.
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(Refused::NoFile.into());
        }
        if found.len() > limit {
            return Err(Refused::Large(limit).into());
        }
        bounded(&mut file, limit)
    }

    /// The kernel resolves the path, and no link leads out on the way.
    #[cfg(target_os = "linux")]
    fn within(&self, below: &Path) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
        use rustix::io::Errno;

        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        match openat2(&self.folder, below, flags, Mode::empty(), resolve) {
            Ok(file) => Ok(file.into()),
            Err(Errno::XDEV) => Err(Refused::Link.into()),
            Err(Errno::LOOP) => Err(Refused::Loop.into()),
            // A socket cannot be opened.
            Err(Errno::NXIO) => Err(Refused::NoFile.into()),
            // Kernels before 5.6, and sandboxes that do not know the call.
            Err(Errno::NOSYS | Errno::PERM) => self.resolved(below),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn within(&self, below: &Path) -> io::Result<File> {
        self.resolved(below)
    }

    /// The path is resolved first, and what is opened then is no link.
    fn resolved(&self, below: &Path) -> io::Result<File> {
        let target = self.path.join(below).canonicalize()?;
        if !target.starts_with(self.path.canonicalize()?) {
            return Err(Refused::Link.into());
        }
        if !target.symlink_metadata()?.is_file() {
            return Err(Refused::NoFile.into());
        }
        open(&target, Links::Within)
    }
}

/// A pipe that nobody writes to does not keep us waiting.
fn open(path: &Path, links: Links) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        flags.set(OFlags::NOFOLLOW, links == Links::Within);
        options.custom_flags(flags.bits().cast_signed());
    }
    #[cfg(not(target_os = "linux"))]
    let _ = links;
    options.open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn refused(result: &io::Result<Vec<u8>>) -> Option<&Refused> {
        refusal(result.as_ref().err()?)
    }

    #[test]
    fn links_stay_within_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let top = place.path().join("top");
        fs::create_dir_all(top.join("..data")).unwrap();
        fs::write(top.join("..data/a.yaml"), "inside").unwrap();
        fs::write(place.path().join("secret"), "outside").unwrap();
        symlink("..data/a.yaml", top.join("in.yaml")).unwrap();
        symlink("../secret", top.join("out.yaml")).unwrap();
        symlink(place.path().join("secret"), top.join("absolute.yaml")).unwrap();
        symlink("loop.yaml", top.join("loop.yaml")).unwrap();
        symlink("/dev/zero", top.join("zero.yaml")).unwrap();
        symlink("..", top.join("up")).unwrap();
        for resolve in [Root::within, Root::resolved] {
            let root = Root::open(&top, Links::Within).unwrap();
            let mut text = String::new();
            let mut inside = resolve(&root, Path::new("in.yaml")).unwrap();
            inside.read_to_string(&mut text).unwrap();
            assert_eq!(text, "inside");
            for name in ["out.yaml", "absolute.yaml", "zero.yaml", "up/secret"] {
                let error = resolve(&root, Path::new(name)).unwrap_err();
                assert!(
                    matches!(refusal(&error), Some(Refused::Link)),
                    "{name}: {error}"
                );
            }
            assert!(resolve(&root, Path::new("loop.yaml")).is_err());
        }
        let root = Root::open(&top, Links::Within).unwrap();
        let looped = root.read(Path::new("loop.yaml"), 10);
        assert!(cfg!(not(target_os = "linux")) || matches!(refused(&looped), Some(Refused::Loop)));
        let root = Root::open(&top, Links::Anywhere).unwrap();
        assert_eq!(root.read(Path::new("out.yaml"), 10).unwrap(), b"outside");
        let zero = root.read(Path::new("zero.yaml"), 10);
        assert!(matches!(refused(&zero), Some(Refused::NoFile)));
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("folder.yaml")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join("pipe"))
            .status();
        assert!(made.unwrap().success());
        for links in [Links::Within, Links::Anywhere] {
            let root = Root::open(folder.path(), links).unwrap();
            for name in ["folder.yaml", "pipe"] {
                let read = root.read(Path::new(name), 10);
                assert!(matches!(refused(&read), Some(Refused::NoFile)), "{name}");
            }
            assert!(root.read(Path::new("socket"), 10).is_err());
        }
        let linked = folder.path().join("link");
        symlink("pipe", &linked).unwrap();
        let here = |name: &str| folder.path().join(name);
        let others = [here("folder.yaml"), here("pipe"), here("socket"), linked];
        let devices = ["/dev/zero", "/dev/null"].map(PathBuf::from);
        for path in others.iter().chain(&devices) {
            let read = file(path, 10);
            assert!(
                matches!(refused(&read), Some(Refused::NoFile)),
                "{}: {read:?}",
                path.display()
            );
        }
        fs::write(here("file"), "text").unwrap();
        symlink("file", here("to-file")).unwrap();
        assert_eq!(file(&here("to-file"), 10).unwrap(), b"text");
        let missing = file(&here("none"), 10).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn sizes_are_bounded() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), [b'a'; 11]).unwrap();
        let root = Root::open(folder.path(), Links::Within).unwrap();
        let read = root.read(Path::new("a"), 10);
        assert!(matches!(refused(&read), Some(Refused::Large(10))));
        assert_eq!(root.read(Path::new("a"), 11).unwrap().len(), 11);
        let endless = named(Path::new("/dev/zero"), 10);
        assert!(matches!(refused(&endless), Some(Refused::Large(10))));
    }
}
