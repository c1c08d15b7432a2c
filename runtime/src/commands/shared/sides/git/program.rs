//! Runs git so that nothing in a repository starts a program or asks the network.
//!
//! A repository's own configuration can name programs: for the file system's changes
//! (`core.fsmonitor`), hooks, pagers, filters, differs, transports, and what of a partial clone is
//! fetched when it is looked at. Those that plumbing would start are switched off by what outranks the
//! repository's configuration, the command line and the environment; the rest belongs to commands that
//! are not run here. A folder that only looks like a repository (a bare one within a checkout) is not
//! taken for one.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::commands::shared::sides::error::{DiffError, GitProblem};

/// Bytes of a listing; one of 200,000 files has about a tenth.
const LISTING_BYTES: u64 = 256 << 20;
/// Bytes of what git says when it fails.
const MESSAGE_BYTES: u64 = 64 << 10;

const SETTINGS: [&str; 6] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.alternateRefsCommand=false",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
];

/// Git, asked about one argument.
pub(in crate::commands::shared::sides) struct Git<'a> {
    pub(super) argument: &'a str,
}

impl<'a> Git<'a> {
    /// # Errors
    /// What could not be passed to git as a revision.
    pub(in crate::commands::shared::sides) fn new(argument: &'a str) -> Result<Self, DiffError> {
        let git = Self { argument };
        // What begins with a dash would be an option, and `:/` a search through all messages.
        let refused = argument.starts_with(['-', '^']) || argument.starts_with(":/");
        if refused || argument.contains(['\n', '\0']) {
            return Err(git.problem(GitProblem::NoRevision));
        }
        Ok(git)
    }

    fn command<S: AsRef<OsStr>>(words: &[S]) -> Command {
        let mut command = Command::new("git");
        command.args(["--no-pager", "--no-optional-locks", "--no-replace-objects"]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
            .args(words)
            .env("LC_ALL", "C")
            // Of a partial clone, what is not there stays away; older gits know no transport for it.
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "none")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_LITERAL_PATHSPECS", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// What git prints, with `input` on its standard input.
    pub(in crate::commands::shared::sides) fn answer(
        &self,
        words: &[&str],
        input: &str,
    ) -> Result<Vec<u8>, DiffError> {
        let mut child = Self::command(words)
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| self.not_run(error))?;
        if let Some(mut asking) = child.stdin.take() {
            // A git that ends early says why on its standard error.
            drop(asking.write_all(input.as_bytes()));
        }
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(self.nonsense());
        };
        let (answer, message) = thread::scope(|scope| {
            let message = scope.spawn(move || limited(stderr, MESSAGE_BYTES));
            (limited(stdout, LISTING_BYTES), message.join())
        });
        let message = message.ok().and_then(Result::ok).unwrap_or_default();
        let answer = answer.map_err(|_| self.nonsense())?;
        if answer.len() as u64 > LISTING_BYTES {
            end(&mut child);
            return Err(self.problem(GitProblem::Crowded));
        }
        match child.wait() {
            Ok(status) if status.success() => Ok(answer),
            _ => Err(self.failed(&message)),
        }
    }

    /// The bytes of these objects, in order.
    pub(super) fn blobs(&self, objects: &[String]) -> Result<Vec<Vec<u8>>, DiffError> {
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
            blobs.collect::<io::Result<Result<Vec<_>, NoBlob>>>()
        });
        drop(answer);
        // Its answers are checked one by one.
        drop(child.wait());
        match blobs {
            Ok(Ok(blobs)) => Ok(blobs),
            Ok(Err(NoBlob::LeftOut)) => Err(self.problem(GitProblem::LeftOut)),
            Ok(Err(NoBlob::Nonsense)) | Err(_) => Err(self.nonsense()),
        }
    }

    pub(in crate::commands::shared::sides) fn problem(&self, problem: GitProblem) -> DiffError {
        DiffError::Git {
            argument: self.argument.to_owned(),
            problem,
        }
    }

    pub(super) fn nonsense(&self) -> DiffError {
        DiffError::GitAnswer {
            argument: self.argument.to_owned(),
        }
    }

    fn not_run(&self, source: io::Error) -> DiffError {
        DiffError::NoGit {
            argument: self.argument.to_owned(),
            source,
        }
    }

    fn failed(&self, stderr: &[u8]) -> DiffError {
        let message = String::from_utf8_lossy(stderr);
        let problem = match message.lines().next() {
            None => GitProblem::Missing,
            Some(line) => GitProblem::Says(line.strip_prefix("fatal: ").unwrap_or(line).to_owned()),
        };
        self.problem(problem)
    }
}

fn limited(reader: impl io::Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn end(child: &mut Child) {
    drop(child.kill());
    drop(child.wait());
}

/// Why an answer holds no blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoBlob {
    /// A tree or the index names the object, and a partial clone does not have it.
    LeftOut,
    /// It is no answer of git's.
    Nonsense,
}

/// One answer of `cat-file --batch`: `<object> blob <size>`, the bytes, and an end of line; or
/// `<object> missing`.
fn blob(answer: &mut impl BufRead) -> io::Result<Result<Vec<u8>, NoBlob>> {
    let mut head = String::new();
    answer.read_line(&mut head)?;
    let mut words = head.split_whitespace().skip(1);
    let size = match (words.next(), words.next()) {
        (Some("blob"), Some(size)) => size.parse::<u64>(),
        (Some("missing"), None) => return Ok(Err(NoBlob::LeftOut)),
        _ => return Ok(Err(NoBlob::Nonsense)),
    };
    let Ok(size) = size else {
        return Ok(Err(NoBlob::Nonsense));
    };
    let mut bytes = Vec::new();
    answer.by_ref().take(size).read_to_end(&mut bytes)?;
    let mut end = [0];
    answer.read_exact(&mut end)?;
    Ok(if bytes.len() as u64 == size {
        Ok(bytes)
    } else {
        Err(NoBlob::Nonsense)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_at_their_length() {
        let mut answer: &[u8] = b"aa blob 3\nx\ny\nbb blob 0\n\ncc missing\ndd tree 3\nx\ny\n";
        assert_eq!(blob(&mut answer).unwrap().unwrap(), b"x\ny");
        assert_eq!(blob(&mut answer).unwrap().unwrap(), b"");
        assert_eq!(blob(&mut answer).unwrap(), Err(NoBlob::LeftOut));
        assert_eq!(blob(&mut answer).unwrap(), Err(NoBlob::Nonsense));
    }

    #[test]
    fn an_answer_that_breaks_off_is_an_error() {
        let mut answer: &[u8] = b"aa blob 3\nx";
        assert!(blob(&mut answer).is_err());
    }
}
