//! Paths that the file names: within its repository, whatever links are put there.

use std::path::{Component, Path, PathBuf};

/// Where paths of the file start, and where they end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Top {
    /// The top of the repository.
    root: PathBuf,
    /// The file's folder, from the top.
    folder: PathBuf,
    /// The working directory, from the top; `None` where it is elsewhere.
    here: Option<PathBuf>,
}

/// Why a path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Outside {
    /// It is none.
    #[error("is empty")]
    Empty,
    /// It starts at the root of the file system.
    #[error("is absolute")]
    Absolute,
    /// It leads out.
    #[error("leads out of the repository")]
    Above,
    /// It leads into what is Git's own.
    #[error("leads into Git's own folder")]
    Git,
    /// A link is on the way.
    #[error("is a link, or leads through one")]
    Link,
}

impl Top {
    /// Of a repository, the file's folder in it, and the working directory; all of them absolute.
    pub(crate) fn new(root: &Path, folder: &Path, here: &Path) -> Self {
        Self {
            root: root.to_owned(),
            folder: folder
                .strip_prefix(root)
                .unwrap_or(Path::new(""))
                .to_owned(),
            here: here.strip_prefix(root).ok().map(Path::to_owned),
        }
    }

    /// A path of the file, from the top of the repository.
    ///
    /// # Errors
    /// Where it does not stay in there, as it is written.
    pub(crate) fn within(&self, written: &str) -> Result<PathBuf, Outside> {
        if written.is_empty() {
            return Err(Outside::Empty);
        }
        let mut path = self.folder.clone();
        for component in Path::new(written).components() {
            match component {
                Component::CurDir => {}
                Component::Normal(name) if name.eq_ignore_ascii_case(".git") => {
                    return Err(Outside::Git);
                }
                Component::Normal(name) => path.push(name),
                Component::ParentDir => {
                    if !path.pop() {
                        return Err(Outside::Above);
                    }
                }
                Component::RootDir | Component::Prefix(_) => return Err(Outside::Absolute),
            }
        }
        Ok(path)
    }

    /// The same from the working directory, as it is opened. A link on the way could lead anywhere.
    ///
    /// # Errors
    /// As above, and where a link is on the way.
    pub(crate) fn open(&self, written: &str) -> Result<PathBuf, Outside> {
        let path = self.within(written)?;
        self.refuse_links(&path)?;
        Ok(self.seen_from_here(&path))
    }

    /// A path from the top, from the working directory.
    pub(crate) fn seen_from_here(&self, path: &Path) -> PathBuf {
        let Some(here) = &self.here else {
            return self.root.join(path);
        };
        let steps = here.components().zip(path.components());
        let common = steps.take_while(|(a, b)| a == b).count();
        let mut found: PathBuf = here.components().skip(common).map(|_| "..").collect();
        found.extend(path.components().skip(common));
        if found.as_os_str().is_empty() {
            found.push(".");
        }
        found
    }

    /// A path that was typed, from the top; `None` where it lies elsewhere.
    pub(crate) fn typed(&self, path: &Path) -> Option<PathBuf> {
        let full = if path.is_absolute() {
            path.strip_prefix(&self.root).ok()?.to_owned()
        } else {
            self.here.as_ref()?.join(path)
        };
        let mut found = PathBuf::new();
        for component in full.components() {
            match component {
                Component::Normal(name) => found.push(name),
                Component::CurDir => {}
                Component::ParentDir => {
                    if !found.pop() {
                        return None;
                    }
                }
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        Some(found)
    }

    /// The working directory and the folders around it, from the top, the nearest first.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let here = self.here.clone().unwrap_or_default();
        here.ancestors().map(Path::to_owned).collect()
    }

    /// The same place, for a file in another folder of the repository.
    pub(crate) fn of_folder(&self, folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ..self.clone()
        }
    }

    /// # Errors
    /// Where a link is on the way to a path from the top.
    pub(crate) fn refuse_links(&self, path: &Path) -> Result<(), Outside> {
        let mut full = self.root.clone();
        for component in path.components() {
            full.push(component);
            match full.symlink_metadata() {
                Ok(found) if found.file_type().is_symlink() => return Err(Outside::Link),
                Ok(_) => {}
                // What is not there yet is whoever's opens it to tell.
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn top(folder: &str, here: &str) -> Top {
        let root = Path::new("/repo");
        Top::new(root, &root.join(folder), &Path::new("/").join(here))
    }

    #[test]
    fn paths_stay_within_the_repository() {
        for (folder, written, expected) in [
            ("", "clusters/prod", Ok("clusters/prod")),
            ("", "./clusters//prod/", Ok("clusters/prod")),
            ("", ".", Ok("")),
            ("ci", "../clusters", Ok("clusters")),
            ("ci", "base.yaml", Ok("ci/base.yaml")),
            ("", "..", Err(Outside::Above)),
            ("", "a/../../b", Err(Outside::Above)),
            ("ci", "../../b", Err(Outside::Above)),
            ("", "/etc/passwd", Err(Outside::Absolute)),
            ("", ".git/config", Err(Outside::Git)),
            ("", "a/.GIT/config", Err(Outside::Git)),
            ("", "", Err(Outside::Empty)),
        ] {
            let found = top(folder, "repo").within(written);
            assert_eq!(found, expected.map(PathBuf::from), "{folder}: {written}");
        }
    }

    #[test]
    fn they_are_named_from_the_working_directory() {
        for (here, path, expected) in [
            ("repo", "clusters/prod", "clusters/prod"),
            ("repo/clusters", "clusters/prod", "prod"),
            ("repo/clusters/prod", "clusters/prod", "."),
            ("repo/docs/a", "clusters/prod", "../../clusters/prod"),
            ("repo/docs", "", ".."),
            ("elsewhere", "clusters/prod", "/repo/clusters/prod"),
        ] {
            let found = top("", here).seen_from_here(Path::new(path));
            assert_eq!(found, Path::new(expected), "{here}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_on_the_way_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::os::unix::fs::symlink("a", root.join("link")).unwrap();
        let top = Top::new(root, root, root);
        assert_eq!(top.open("a/b"), Ok("a/b".into()));
        assert_eq!(top.open("a/new/c"), Ok("a/new/c".into()));
        for written in ["link", "link/b", "a/../link/b"] {
            assert_eq!(top.open(written), Err(Outside::Link), "{written}");
        }
    }
}
