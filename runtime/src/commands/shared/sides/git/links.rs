//! Links in a tree of Git's, followed as an operating system would follow them.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::listing::{EntryKind, TreeEntry};
use super::program::Git;
use crate::commands::shared::sides::error::{DiffError, GitProblem};

/// Links on the way, as many as Linux follows.
const LINKS: usize = 40;
/// Bytes of a link's text.
const TARGET_BYTES: u64 = 4096;
/// Bytes of the texts of all links.
const TARGETS_BYTES: u64 = 64 << 20;

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leads {
    /// To a file in the tree.
    File(TreeEntry),
    /// To a folder in it, by its path from the top without links.
    Folder(String),
    /// To a submodule, or into one.
    Module,
    /// Out of it.
    Out,
    /// To nothing, or around in circles.
    Nowhere,
}

/// All of a tree, by path, with where its links point.
#[derive(Debug)]
pub(super) struct Tree {
    entries: BTreeMap<String, TreeEntry>,
    /// What links say, as far as they are text of a sane length.
    targets: BTreeMap<String, String>,
}

impl Tree {
    /// Of a listing, whose links are read.
    pub(super) fn new(git: &Git<'_>, entries: Vec<TreeEntry>) -> Result<Self, DiffError> {
        let is_sane =
            |entry: &&TreeEntry| entry.kind == EntryKind::Link && entry.size <= TARGET_BYTES;
        let links: Vec<&TreeEntry> = entries.iter().filter(is_sane).collect();
        if links.iter().map(|link| link.size).sum::<u64>() > TARGETS_BYTES {
            return Err(git.problem(GitProblem::Crowded));
        }
        let mut targets = BTreeMap::new();
        if !links.is_empty() {
            let objects: Vec<String> = links.iter().map(|link| link.object.clone()).collect();
            for (link, bytes) in links.iter().zip(git.blobs(&objects)?) {
                if let Ok(text) = String::from_utf8(bytes) {
                    targets.insert(link.path.clone(), text);
                }
            }
        }
        Ok(Self::of(entries, targets))
    }

    fn of(entries: Vec<TreeEntry>, targets: BTreeMap<String, String>) -> Self {
        let entries = entries.into_iter().map(|one| (one.path.clone(), one));
        Self {
            entries: entries.collect(),
            targets,
        }
    }

    /// What is below a folder, in the order of paths.
    pub(super) fn below<'t>(
        &'t self,
        folder: &str,
    ) -> impl Iterator<Item = &'t TreeEntry> + use<'t> {
        let start = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let from = (Bound::Included(start.as_str()), Bound::Unbounded);
        self.entries
            .range::<str, _>(from)
            .map(|(_, entry)| entry)
            .take_while(move |entry| entry.path.starts_with(&start))
    }

    /// Whether a link stands at a path or on the way to it.
    pub(super) fn has_link_towards(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(end, _)| end);
        ends.chain([path.len()]).any(|end| {
            let entry = self.entries.get(&path[..end]);
            entry.is_some_and(|entry| entry.kind == EntryKind::Link)
        })
    }

    /// Walks a path from the top.
    pub(super) fn walk(&self, path: &str) -> Leads {
        let mut place: Vec<String> = Vec::new();
        // Names that are still to be walked, the next one last.
        let mut ahead: Vec<String> = path.rsplit('/').map(str::to_owned).collect();
        let mut followed = 0;
        while let Some(name) = ahead.pop() {
            match name.as_str() {
                "" | "." => continue,
                ".." => {
                    if place.pop().is_none() {
                        return Leads::Out;
                    }
                    continue;
                }
                _ => place.push(name),
            }
            let Some(entry) = self.entries.get(place.join("/").as_str()) else {
                continue;
            };
            match entry.kind {
                EntryKind::Link => {
                    followed += 1;
                    let (false, Some(text)) = (followed > LINKS, self.targets.get(&entry.path))
                    else {
                        return Leads::Nowhere;
                    };
                    if text.starts_with('/') {
                        return Leads::Out;
                    }
                    place.pop();
                    ahead.extend(text.rsplit('/').map(str::to_owned));
                }
                EntryKind::File if ahead.is_empty() => return Leads::File(entry.clone()),
                EntryKind::File => return Leads::Nowhere,
                EntryKind::Module => return Leads::Module,
            }
        }
        let folder = place.join("/");
        if place.is_empty() || self.below(&folder).next().is_some() {
            Leads::Folder(folder)
        } else {
            Leads::Nowhere
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn entry(path: &str, kind: EntryKind) -> TreeEntry {
        TreeEntry {
            path: path.to_owned(),
            kind,
            object: String::new(),
            size: 0,
        }
    }

    /// A tree of files, submodules and links with what they say.
    pub(in super::super) fn tree(files: &[&str], modules: &[&str], links: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|path| entry(path, EntryKind::File));
        let modules = modules.iter().map(|path| entry(path, EntryKind::Module));
        let named = links.iter().map(|(path, _)| entry(path, EntryKind::Link));
        let entries = files.chain(modules).chain(named).collect();
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Tree::of(entries, links.iter().map(own).collect())
    }

    #[test]
    fn links_lead_where_a_working_tree_has_them() {
        let links = [
            ("in.yaml", "sub/a.yaml"),
            ("sub/up.yaml", "../b.yaml"),
            ("through.yaml", "dir/a.yaml"),
            ("dir", "./sub/"),
            ("twice.yaml", "in.yaml"),
            ("out.yaml", "../x"),
            ("sub/out.yaml", "../../x"),
            ("absolute.yaml", "/etc/passwd"),
            ("loop.yaml", "loop.yaml"),
            ("lost.yaml", "nothing"),
            ("top.yaml", "."),
            ("file.yaml", "b.yaml/x"),
            ("module.yaml", "lib/x.yaml"),
        ];
        let tree = tree(&["b.yaml", "sub/a.yaml"], &["lib"], &links);
        let file = |path| Leads::File(entry(path, EntryKind::File));
        for (link, leads) in [
            ("in.yaml", file("sub/a.yaml")),
            ("sub/up.yaml", file("b.yaml")),
            ("through.yaml", file("sub/a.yaml")),
            ("twice.yaml", file("sub/a.yaml")),
            ("dir", Leads::Folder("sub".to_owned())),
            ("top.yaml", Leads::Folder(String::new())),
            ("out.yaml", Leads::Out),
            ("sub/out.yaml", Leads::Out),
            ("absolute.yaml", Leads::Out),
            ("loop.yaml", Leads::Nowhere),
            ("lost.yaml", Leads::Nowhere),
            ("file.yaml", Leads::Nowhere),
            ("module.yaml", Leads::Module),
        ] {
            assert_eq!(tree.walk(link), leads, "{link}");
        }
    }
}
