//! What a revision or the index has at a path.

use super::links::{Leads, Tree};
use super::program::Git;
use crate::commands::shared::sides::error::{DiffError, GitProblem};

/// A file, a link or a module of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TreeEntry {
    /// Its path below the folder that was named, with `/`.
    pub(super) path: String,
    pub(super) kind: EntryKind,
    pub(super) object: String,
    /// Length of its content in bytes.
    pub(super) size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    File,
    Link,
    /// Another repository's commit.
    Module,
}

/// What an argument names in a revision or in the index.
#[derive(Debug)]
pub(super) enum Named {
    File(TreeEntry),
    Folder(Vec<TreeEntry>),
}

pub(super) fn list(git: &Git<'_>) -> Result<Named, DiffError> {
    match git.argument.strip_prefix(':') {
        Some(path) => index(git, path.strip_prefix("0:").unwrap_or(path)),
        None => revision(git),
    }
}

/// `REV:PATH`. Links on the way to what was named are followed within the revision.
fn revision(git: &Git<'_>) -> Result<Named, DiffError> {
    let words = ["cat-file", "--batch-check", "--follow-symlinks"];
    let answer = text(git, &words, &format!("{}\n", git.argument))?;
    let first = answer.lines().next().unwrap_or_default();
    match first.split(' ').collect::<Vec<_>>()[..] {
        [object, "blob", size] if is_object(object) => Ok(Named::File(TreeEntry {
            path: String::new(),
            kind: EntryKind::File,
            object: object.to_owned(),
            size: size.parse().map_err(|_| git.nonsense())?,
        })),
        [object, "tree", _] if is_object(object) => tree(git, object).map(Named::Folder),
        [object, "commit", _] if is_object(object) && git.argument.contains(':') => {
            Err(git.problem(GitProblem::Module))
        }
        [object, "commit" | "tag", _] if is_object(object) => {
            Err(git.problem(GitProblem::NoRevision))
        }
        [_, "submodule"] => Err(git.problem(GitProblem::Module)),
        ["symlink", _] => Err(git.problem(GitProblem::LinkAway(git.argument.to_owned()))),
        ["loop" | "dangling" | "notdir", _] => {
            Err(git.problem(GitProblem::LinkLost(git.argument.to_owned())))
        }
        _ if is_module(git) => Err(git.problem(GitProblem::Module)),
        _ if is_left_out(git) => Err(git.problem(GitProblem::LeftOut)),
        _ => Err(git.problem(GitProblem::Missing)),
    }
}

/// The file at `REV:PATH` itself, through no link.
pub(super) fn itself(git: &Git<'_>) -> Result<Option<TreeEntry>, DiffError> {
    let (revision, path) = split(git.argument);
    let words = ["ls-tree", "-l", "-z", "--full-tree", revision, "--", path];
    let listing = text(git, &words, "")?;
    let Some((head, path)) = listing
        .split_terminator('\0')
        .next()
        .and_then(|line| line.split_once('\t'))
    else {
        return Ok(None);
    };
    let [mode, _, object, size] = head.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err(git.nonsense());
    };
    let entry = entry(mode, object, path, size.parse().unwrap_or(0));
    Ok(entry.filter(|entry| entry.kind == EntryKind::File))
}

/// All files of a tree, by the name of it.
fn tree(git: &Git<'_>, name: &str) -> Result<Vec<TreeEntry>, DiffError> {
    let words = ["ls-tree", "-r", "-l", "-z", "--full-tree", name];
    let listing = text(git, &words, "")?;
    let entries = listing.split_terminator('\0').map(|line| {
        let (head, path) = line.split_once('\t')?;
        let [mode, _, object, size] = head.split_whitespace().collect::<Vec<_>>()[..] else {
            return None;
        };
        entry(mode, object, path, size.parse().unwrap_or(0))
    });
    let entries: Option<Vec<TreeEntry>> = entries.collect();
    entries.ok_or_else(|| git.nonsense())
}

/// All that a revision or the index has, and where in it the folder is that was named.
pub(super) struct Whole {
    pub(super) entries: Vec<TreeEntry>,
    /// From the top; links may be on the way.
    pub(super) path: String,
}

/// Looks at more than was named, as links lead there.
pub(super) fn whole(git: &Git<'_>) -> Result<Whole, DiffError> {
    let (revision, path) = split(git.argument);
    let entries = match revision {
        "" => staged(git, "")?,
        revision => {
            let words = ["rev-parse", "--verify", "--end-of-options"];
            let name = format!("{revision}^{{tree}}");
            let object = text(git, &[&words[..], &[&name]].concat(), "")?;
            let object = object.lines().last().filter(|line| is_object(line));
            tree(git, object.ok_or_else(|| git.nonsense())?)?
        }
    };
    let path = from_top(git, path)?;
    Ok(Whole { entries, path })
}

/// The revision and the path of an argument: `""` is the index. A colon in braces is part of a
/// revision, as in `HEAD^{/area: what}:PATH`.
fn split(argument: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    for (at, byte) in argument.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => {
                let (revision, path) = (&argument[..at], &argument[at + 1..]);
                let path = match revision {
                    "" => path.strip_prefix("0:").unwrap_or(path),
                    _ => path,
                };
                return (revision, path);
            }
            _ => {}
        }
    }
    (argument, "")
}

/// A path as git reads it: from the top of the repository, or with `./` or `../` from the current
/// folder.
fn from_top(git: &Git<'_>, path: &str) -> Result<String, DiffError> {
    if !path.starts_with("./") && !path.starts_with("../") {
        return Ok(path.to_owned());
    }
    let prefix = text(git, &["rev-parse", "--show-prefix"], "")?;
    Ok(format!("{}{path}", prefix.trim_end_matches('\n')))
}

/// Whether a revision has a submodule where it was asked for something: a commit of another repository,
/// which is not in this one.
fn is_module(git: &Git<'_>) -> bool {
    let Some((revision, path)) = git.argument.split_once(':') else {
        return false;
    };
    let path = path.trim_end_matches('/');
    let words = ["ls-tree", "-z", "--full-tree", revision, "--", path];
    let listing = text(git, &words, "").unwrap_or_default();
    listing.starts_with("160000 ")
}

/// Whether a revision has what was asked for, and a partial clone left it out, or a tree on the way.
fn is_left_out(git: &Git<'_>) -> bool {
    let Some((revision, path)) = git.argument.split_once(':') else {
        return false;
    };
    let words = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
    let names = |name: &str| git.answer(&[&words[..], &[name]].concat(), "").is_ok();
    let has = |name: &str| git.answer(&["cat-file", "-e", name], "").is_ok();
    // The tree of a revision has no name where it is not there.
    if names(&format!("{revision}^{{commit}}")) && !has(&format!("{revision}^{{tree}}")) {
        return true;
    }
    let ends = path.match_indices('/').map(|(end, _)| end);
    ends.chain([path.len()]).any(|end| {
        let name = format!("{revision}:{}", &path[..end]);
        names(&name) && !has(&name)
    })
}

/// `:PATH`, from the top of the repository, or `:./PATH` from the current folder. Links on the way are
/// followed within the index.
fn index(git: &Git<'_>, path: &str) -> Result<Named, DiffError> {
    let path = match path.strip_prefix("./") {
        None => path.to_owned(),
        Some(below) => from_top(git, path)?.replacen(path, below, 1),
    };
    let path = path.trim_end_matches('/');
    let entries = staged(git, path)?;
    match &entries[..] {
        [only] if only.path.is_empty() && only.kind == EntryKind::File => {
            Ok(Named::File(only.clone()))
        }
        [only] if only.path.is_empty() && only.kind == EntryKind::Module => {
            Err(git.problem(GitProblem::Module))
        }
        [first, ..] if !first.path.is_empty() => Ok(Named::Folder(entries)),
        _ => followed(git, path),
    }
}

/// What the index has behind links.
fn followed(git: &Git<'_>, path: &str) -> Result<Named, DiffError> {
    let tree = Tree::new(git, staged(git, "")?)?;
    let lost = GitProblem::LinkLost(git.argument.to_owned());
    match tree.walk(path) {
        Leads::File(entry) => Ok(Named::File(TreeEntry {
            path: String::new(),
            ..entry
        })),
        Leads::Folder(folder) => {
            let start = if folder.is_empty() {
                0
            } else {
                folder.len() + 1
            };
            let below = tree.below(&folder).map(|entry| TreeEntry {
                path: entry.path[start..].to_owned(),
                ..entry.clone()
            });
            Ok(Named::Folder(below.collect()))
        }
        Leads::Module => Err(git.problem(GitProblem::Module)),
        Leads::Out => Err(git.problem(GitProblem::LinkAway(git.argument.to_owned()))),
        Leads::Nowhere if tree.has_link_towards(path) => Err(git.problem(lost)),
        Leads::Nowhere => Err(git.problem(GitProblem::Missing)),
    }
}

/// What the index has at a path from the top and below it.
fn staged(git: &Git<'_>, path: &str) -> Result<Vec<TreeEntry>, DiffError> {
    let pathspec = format!(":(top,literal){path}");
    let words = ["ls-files", "-s", "-z", "--full-name", "--", &pathspec];
    let listing = text(git, &words, "")?;
    let mut entries = Vec::new();
    for line in listing.split_terminator('\0') {
        let (head, full) = line.split_once('\t').ok_or_else(|| git.nonsense())?;
        let [mode, object, stage] = head.split(' ').collect::<Vec<_>>()[..] else {
            return Err(git.nonsense());
        };
        if stage != "0" {
            return Err(git.problem(GitProblem::Unmerged(full.to_owned())));
        }
        let below = match full.strip_prefix(path) {
            Some("") => "",
            Some(rest) if path.is_empty() => rest,
            Some(rest) => rest.strip_prefix('/').ok_or_else(|| git.nonsense())?,
            None => return Err(git.nonsense()),
        };
        entries.push(entry(mode, object, below, 0).ok_or_else(|| git.nonsense())?);
    }
    sizes(git, &mut entries)?;
    Ok(entries)
}

/// The index has no sizes of what git would hand out.
fn sizes(git: &Git<'_>, entries: &mut [TreeEntry]) -> Result<(), DiffError> {
    let objects: Vec<&str> = entries.iter().map(|entry| entry.object.as_str()).collect();
    let question = objects.join("\n") + "\n";
    let words = ["cat-file", "--batch-check=%(objectsize)", "--buffer"];
    let answer = text(git, &words, &question)?;
    for (entry, size) in entries.iter_mut().zip(answer.lines()) {
        entry.size = size.parse().unwrap_or(0);
    }
    Ok(())
}

fn entry(mode: &str, object: &str, path: &str, size: u64) -> Option<TreeEntry> {
    let kind = match mode {
        "120000" => EntryKind::Link,
        "160000" => EntryKind::Module,
        mode if mode.starts_with("100") => EntryKind::File,
        _ => return None,
    };
    is_object(object).then(|| TreeEntry {
        path: path.to_owned(),
        kind,
        object: object.to_owned(),
        size,
    })
}

fn is_object(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Paths may be in any encoding.
fn text(git: &Git<'_>, words: &[&str], input: &str) -> Result<String, DiffError> {
    let answer = git.answer(words, input)?;
    Ok(String::from_utf8(answer)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}
