//! Which files of a tree are read, and what they are called.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Component, Path};

use super::links::{Leads, Tree};
use super::listing::{EntryKind, TreeEntry};
use crate::commands::shared::sides::error::GitProblem;
use crate::input::Links;
use crate::input::read::ENTRIES;

/// What is wanted of a folder, by paths below it.
pub(in crate::commands::shared::sides) struct Wanted<'a> {
    /// Whether a file is.
    pub(in crate::commands::shared::sides) file: &'a dyn Fn(&str) -> bool,
    /// Whether the files of a folder in it may be, wherever a link puts that.
    pub(in crate::commands::shared::sides) folder: &'a dyn Fn(&str) -> bool,
    /// Whether a file that is no link is to be looked at though it is not wanted.
    pub(in crate::commands::shared::sides) beside: &'a dyn Fn(&str) -> bool,
}

/// Files that are read, and submodules that are not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) files: Vec<File>,
    /// Their paths below the folder.
    pub(super) modules: Vec<String>,
}

/// A file, and where one finds it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    /// The path below the folder, by which a reader knows it.
    pub(super) path: String,
    /// What is there.
    pub(super) entry: TreeEntry,
    /// Whether a link is on the way.
    pub(super) is_link: bool,
}

/// Chooses of a folder of a tree, by its path from the top. Links to folders are followed where
/// links may lead anywhere, each folder once, as in a working tree.
pub(super) fn choose(
    tree: &Tree,
    top: &str,
    links: Links,
    wanted: &Wanted<'_>,
) -> Result<Chosen, GitProblem> {
    let mut chosen = Chosen::default();
    // Folders that were looked into, without links in their paths.
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut looked_at = 0;
    // A folder, and what it is called below the top.
    let mut ahead = VecDeque::from([(top.to_owned(), String::new())]);
    while let Some((folder, called)) = ahead.pop_front() {
        if seen.contains(&folder) {
            continue;
        }
        let is_link = !called.is_empty();
        let mut seen_now = BTreeSet::from([folder.clone()]);
        for entry in tree.below(&folder) {
            looked_at += 1;
            if looked_at > ENTRIES {
                return Err(GitProblem::Crowded);
            }
            let below = match folder.as_str() {
                "" => entry.path.as_str(),
                folder => &entry.path[folder.len() + 1..],
            };
            let path = match called.as_str() {
                "" => below.to_owned(),
                called => format!("{called}/{below}"),
            };
            if !is_below(&path) {
                continue;
            }
            let parent = |path: &str| {
                path.rsplit_once('/')
                    .map_or("", |(folder, _)| folder)
                    .to_owned()
            };
            let (around, shown) = (parent(&entry.path), parent(&path));
            if seen.contains(&around) {
                continue;
            }
            if shown.is_empty() || (wanted.folder)(&shown) {
                seen_now.insert(around);
            }
            let file = match entry.kind {
                EntryKind::File => entry.clone(),
                EntryKind::Module => {
                    chosen.modules.push(path);
                    continue;
                }
                EntryKind::Link => match (tree.walk(&entry.path), links) {
                    (Leads::File(file), _) => file,
                    (Leads::Folder(folder), Links::Anywhere) => {
                        if (wanted.folder)(&path) {
                            ahead.push_back((folder, path));
                        }
                        continue;
                    }
                    (Leads::Folder(_), Links::Within) => continue,
                    (Leads::Module, Links::Anywhere)
                        if (wanted.folder)(&path) && !(wanted.file)(&path) =>
                    {
                        chosen.modules.push(path);
                        continue;
                    }
                    (Leads::Out, Links::Within) if (wanted.file)(&path) => {
                        return Err(GitProblem::LinkOut(path));
                    }
                    // What is out there may be a folder.
                    (Leads::Out, Links::Anywhere)
                        if (wanted.file)(&path) || (wanted.folder)(&path) =>
                    {
                        return Err(GitProblem::LinkAway(path));
                    }
                    (Leads::Nowhere | Leads::Module, _) if (wanted.file)(&path) => {
                        return Err(GitProblem::LinkLost(path));
                    }
                    (Leads::Out | Leads::Nowhere | Leads::Module, _) => continue,
                },
            };
            let is_beside = || entry.kind == EntryKind::File && (wanted.beside)(&path);
            if (wanted.file)(&path) || is_beside() {
                chosen.files.push(File {
                    path,
                    entry: file,
                    is_link: is_link || entry.kind == EntryKind::Link,
                });
            }
        }
        seen.append(&mut seen_now);
    }
    Ok(chosen)
}

/// Whether a path stays below its folder, wherever that is put.
fn is_below(path: &str) -> bool {
    let mut components = Path::new(path).components();
    !path.contains('\\') && components.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::super::links::tests::tree;
    use super::*;

    fn names(tree: &Tree, links: Links) -> Result<String, String> {
        let wanted = Wanted {
            file: &|path| {
                path.rsplit_once('.').is_some_and(|(_, end)| end == "yaml") && !path.contains("/.")
            },
            folder: &|path| !path.split('/').any(|part| part.starts_with('.')),
            beside: &|_| false,
        };
        let chosen = choose(tree, "a", links, &wanted).map_err(|error| error.to_string())?;
        let files: Vec<String> = chosen
            .files
            .iter()
            .map(|file| format!("{}={}", file.path, file.entry.path))
            .collect();
        Ok([files, chosen.modules].concat().join(" "))
    }

    #[test]
    fn links_to_folders_are_followed_once_and_only_if_asked_for() {
        let files = ["a/x.yaml", "s/y.yaml", "s/t/z.yaml", "s/README"];
        for (links, expected) in [
            (
                &[("a/s", "../s")][..],
                "x.yaml=a/x.yaml s/t/z.yaml=s/t/z.yaml s/y.yaml=s/y.yaml",
            ),
            (
                &[("a/s", "../s"), ("a/t", "../s")],
                "x.yaml=a/x.yaml s/t/z.yaml=s/t/z.yaml s/y.yaml=s/y.yaml",
            ),
            (
                &[("a/s", "../s/t"), ("a/t", "../s")],
                "x.yaml=a/x.yaml s/z.yaml=s/t/z.yaml t/y.yaml=s/y.yaml",
            ),
            (&[("a/loop", ".")], "x.yaml=a/x.yaml"),
            (
                &[("a/up", "..")],
                "x.yaml=a/x.yaml up/s/t/z.yaml=s/t/z.yaml up/s/y.yaml=s/y.yaml up/lib",
            ),
            (
                &[("a/s", "../s"), ("s/back", "../a")],
                "x.yaml=a/x.yaml s/t/z.yaml=s/t/z.yaml s/y.yaml=s/y.yaml",
            ),
            (&[("a/.s", "../s")], "x.yaml=a/x.yaml"),
            (&[("a/m", "../lib/x")], "x.yaml=a/x.yaml m"),
            (
                &[("a/f.yaml", "../s/y.yaml")],
                "f.yaml=s/y.yaml x.yaml=a/x.yaml",
            ),
            (&[("a/lost", "../nothing")], "x.yaml=a/x.yaml"),
        ] {
            let tree = tree(&files, &["lib"], links);
            assert_eq!(
                names(&tree, Links::Anywhere).as_deref(),
                Ok(expected),
                "{links:?}"
            );
        }
        let tree = tree(&files, &[], &[("a/s", "../s"), ("a/away", "/etc")]);
        assert_eq!(
            names(&tree, Links::Within).as_deref(),
            Ok("x.yaml=a/x.yaml")
        );
    }

    #[test]
    fn links_away_are_named() {
        for (link, target, expected) in [
            (
                "a/s",
                "/etc",
                "s is a link that leads out of the repository",
            ),
            (
                "a/s",
                "../../s",
                "s is a link that leads out of the repository",
            ),
            (
                "a/f.yaml",
                "/etc/f.yaml",
                "f.yaml is a link that leads out of the repository",
            ),
            (
                "a/f.yaml",
                "gone.yaml",
                "f.yaml is a link that leads to no file there",
            ),
        ] {
            let tree = tree(&["a/x.yaml"], &[], &[(link, target)]);
            let error = names(&tree, Links::Anywhere).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn many_links_to_much_end() {
        let files: Vec<String> = (0..500).map(|n| format!("s/{n}.yaml")).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let links: Vec<String> = (0..5000).map(|n| format!("a/{n}")).collect();
        let links: Vec<(&str, &str)> = links.iter().map(|link| (link.as_str(), "../s")).collect();
        let found = names(&tree(&files, &[], &links), Links::Anywhere).unwrap();
        assert_eq!(found.split(' ').count(), 500);
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
}
