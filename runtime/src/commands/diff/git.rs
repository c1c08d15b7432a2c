//! Files of a Git revision, without a checkout: only git's plumbing is asked, and never the network.

use std::ffi::OsStr;
use std::io::{self, BufReader, Read as _, Write as _};
use std::path::{Component, Path};
use std::process::{Command, Stdio};
use std::thread;

use super::error::DiffError;

/// What `REV:PATH` names.
#[derive(Debug)]
pub(super) enum Found {
    /// A file.
    File(Vec<u8>),
    /// The files of a folder and the folders in it: paths below it with `/`, and bytes. Links and
    /// modules are left out.
    Folder(Vec<(String, Vec<u8>)>),
}

/// Reads `REV:PATH`.
pub(super) fn read(argument: &str, wanted: impl Fn(&str) -> bool) -> Result<Found, DiffError> {
    let git = Git { argument };
    let object = git.object()?;
    match git.text(&["cat-file", "-t", &object])?.trim() {
        "blob" => {
            let mut blobs = git.blobs(&[object])?;
            blobs.pop().map(Found::File).ok_or_else(|| git.nonsense())
        }
        "tree" => {
            let listing = git.text(&["ls-tree", "-r", "-z", "--full-tree", &object])?;
            let mut names = Vec::new();
            let mut objects = Vec::new();
            for line in listing.split_terminator('\0') {
                let (entry, path) = line.split_once('\t').ok_or_else(|| git.nonsense())?;
                let [mode, "blob", object] = entry.split(' ').collect::<Vec<_>>()[..] else {
                    continue;
                };
                if mode.starts_with("100") && is_below(path) && wanted(path) {
                    names.push(path.to_owned());
                    objects.push(object.to_owned());
                }
            }
            let blobs = git.blobs(&objects)?;
            Ok(Found::Folder(names.into_iter().zip(blobs).collect()))
        }
        _ => Err(git.nonsense()),
    }
}

/// Whether a path stays below its folder, wherever that is put.
fn is_below(path: &str) -> bool {
    let mut components = Path::new(path).components();
    !path.contains('\\') && components.all(|part| matches!(part, Component::Normal(_)))
}

struct Git<'a> {
    argument: &'a str,
}

impl Git<'_> {
    /// The object that the argument names.
    fn object(&self) -> Result<String, DiffError> {
        // What begins with a dash would be an option.
        if self.argument.starts_with('-') {
            return Err(DiffError::Git {
                argument: self.argument.to_owned(),
                message: "no revision begins with a dash".to_owned(),
            });
        }
        let text = self.text(&["rev-parse", "--verify", "--quiet", self.argument])?;
        let object = text.trim();
        let digits = !object.is_empty() && object.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits
            .then(|| object.to_owned())
            .ok_or_else(|| self.nonsense())
    }

    fn command<S: AsRef<OsStr>>(words: &[S]) -> Command {
        let mut command = Command::new("git");
        command
            .args(words)
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            // Of a partial clone, what is not there stays away.
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn text(&self, words: &[&str]) -> Result<String, DiffError> {
        let output = Self::command(words)
            .output()
            .map_err(|error| self.not_run(error))?;
        if !output.status.success() {
            return Err(self.failed(&output.stderr));
        }
        String::from_utf8(output.stdout).map_err(|_| self.nonsense())
    }

    /// The bytes of these objects, in order.
    fn blobs(&self, objects: &[String]) -> Result<Vec<Vec<u8>>, DiffError> {
        let mut child = Self::command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| self.not_run(error))?;
        let (Some(mut asking), Some(answer)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(self.nonsense());
        };
        let mut answer = BufReader::new(answer);
        // Whoever asks and listens in turn could wait for a reader that waits for it.
        let blobs = thread::scope(|scope| {
            scope.spawn(move || -> io::Result<()> {
                objects
                    .iter()
                    .try_for_each(|object| writeln!(asking, "{object}"))
            });
            let blobs = objects.iter().map(|_| blob(&mut answer));
            blobs.collect::<io::Result<Option<Vec<_>>>>()
        });
        drop(answer);
        // Its answers are checked one by one.
        drop(child.wait());
        blobs.ok().flatten().ok_or_else(|| self.nonsense())
    }

    fn not_run(&self, source: io::Error) -> DiffError {
        DiffError::NoGit {
            argument: self.argument.to_owned(),
            source,
        }
    }

    fn failed(&self, stderr: &[u8]) -> DiffError {
        let message = String::from_utf8_lossy(stderr);
        let message = message
            .lines()
            .next()
            .unwrap_or("there is no such revision or path");
        DiffError::Git {
            argument: self.argument.to_owned(),
            message: message
                .strip_prefix("fatal: ")
                .unwrap_or(message)
                .to_owned(),
        }
    }

    fn nonsense(&self) -> DiffError {
        DiffError::GitAnswer {
            argument: self.argument.to_owned(),
        }
    }
}

/// One answer of `cat-file --batch`: `<object> blob <size>`, the bytes, and an end of line.
fn blob(answer: &mut impl io::BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut head = String::new();
    answer.read_line(&mut head)?;
    let mut words = head.split_whitespace().skip(1);
    let (Some("blob"), Some(size)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let Ok(size) = size.parse::<u64>() else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    answer.by_ref().take(size).read_to_end(&mut bytes)?;
    let mut end = [0];
    answer.read_exact(&mut end)?;
    Ok((bytes.len() as u64 == size).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_at_their_length() {
        let mut answer: &[u8] = b"aa blob 3\nx\ny\nbb blob 0\n\ncc missing\n";
        assert_eq!(blob(&mut answer).unwrap().unwrap(), b"x\ny");
        assert_eq!(blob(&mut answer).unwrap().unwrap(), b"");
        assert_eq!(blob(&mut answer).unwrap(), None);
    }

    #[test]
    fn an_answer_that_breaks_off_is_an_error() {
        let mut answer: &[u8] = b"aa blob 3\nx";
        assert!(blob(&mut answer).is_err());
    }

    #[test]
    fn paths_stay_below() {
        for (path, below) in [
            ("a/b.yaml", true),
            ("../a", false),
            ("/a", false),
            ("a\\b", false),
        ] {
            assert_eq!(is_below(path), below, "{path}");
        }
    }

    #[test]
    fn a_dash_is_no_revision() {
        let error = read("--output=/tmp/x:y", |_| true).unwrap_err();
        assert!(error.to_string().contains("dash"), "{error}");
    }
}
