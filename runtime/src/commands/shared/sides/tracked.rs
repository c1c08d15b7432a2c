//! What of the working tree a commit of all of it would have.

use std::collections::BTreeSet;
use std::path::Path;

use super::error::DiffError;
use super::git::Git;

/// Paths below one that Git has or would take, from the top of the repository.
#[derive(Debug, Default)]
pub(in crate::commands) struct Tracked {
    files: BTreeSet<String>,
    /// Those that it has, and that are left out here.
    sparse: Vec<String>,
}

impl Tracked {
    /// At and below a path from the top. What is ignored is not among them, nor what is a repository of its
    /// own.
    ///
    /// # Errors
    /// Where git fails.
    pub(in crate::commands) fn below(path: &Path) -> Result<Self, DiffError> {
        let path = path.to_string_lossy();
        let git = Git::new("HEAD")?;
        let pathspec = format!(":(top,literal){path}");
        let words = [
            "ls-files",
            "-z",
            "-t",
            "--cached",
            "--others",
            "--exclude-standard",
            "--full-name",
            "--",
            &pathspec,
        ];
        let answer = git.answer(&words, "")?;
        let answer = String::from_utf8_lossy(&answer);
        let mut tracked = Self::default();
        for line in answer.split_terminator('\0') {
            match line.split_once(' ') {
                Some(("S", path)) => {
                    tracked.files.insert(path.to_owned());
                    tracked.sparse.push(path.to_owned());
                }
                Some((_, path)) => {
                    tracked.files.insert(path.to_owned());
                }
                None => {}
            }
        }
        Ok(tracked)
    }

    /// Whether a file is among them, by its path from the top.
    pub(in crate::commands) fn has(&self, path: &Path) -> bool {
        self.files.contains(&*path.to_string_lossy())
    }

    /// Files that Git has, and a sparse checkout leaves out.
    pub(in crate::commands) fn sparse(&self) -> impl Iterator<Item = &str> {
        self.sparse.iter().map(String::as_str)
    }
}
