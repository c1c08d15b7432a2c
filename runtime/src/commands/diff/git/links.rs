//! Links in a folder of Git's, followed as an operating system would follow them.

use std::collections::BTreeMap;

use super::listing::{Entry, Kind};
use super::program::Git;
use crate::commands::diff::error::DiffError;

/// Links on the way, as many as Linux follows.
const LINKS: usize = 40;
/// Bytes of a link's text.
const TARGET_BYTES: u64 = 4096;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leads {
    /// To a file in the folder.
    File(Entry),
    /// To a folder in it.
    Folder,
    /// Out of it.
    Out,
    /// To nothing, or around in circles.
    Nowhere,
}

/// Follows a link of a listing.
pub(super) fn follow(git: &Git<'_>, entries: &[Entry], link: &Entry) -> Result<Leads, DiffError> {
    let known: BTreeMap<&str, &Entry> =
        entries.iter().map(|one| (one.path.as_str(), one)).collect();
    walk(&known, link, |link| {
        if link.size > TARGET_BYTES {
            return Ok(None);
        }
        let target = git.blobs(std::slice::from_ref(&link.object))?.pop();
        Ok(target.and_then(|bytes| String::from_utf8(bytes).ok()))
    })
}

fn walk<E>(
    known: &BTreeMap<&str, &Entry>,
    link: &Entry,
    target: impl Fn(&Entry) -> Result<Option<String>, E>,
) -> Result<Leads, E> {
    let mut place: Vec<String> = Vec::new();
    // Names that are still to be walked, the next one last.
    let mut ahead: Vec<String> = link.path.rsplit('/').map(str::to_owned).collect();
    let mut followed = 0;
    while let Some(name) = ahead.pop() {
        match name.as_str() {
            "" | "." => continue,
            ".." => {
                if place.pop().is_none() {
                    return Ok(Leads::Out);
                }
                continue;
            }
            _ => place.push(name),
        }
        match known.get(place.join("/").as_str()) {
            Some(entry) if entry.kind == Kind::Link => {
                followed += 1;
                let (false, Some(text)) = (followed > LINKS, target(entry)?) else {
                    return Ok(Leads::Nowhere);
                };
                if text.starts_with('/') {
                    return Ok(Leads::Out);
                }
                place.pop();
                ahead.extend(text.rsplit('/').map(str::to_owned));
            }
            Some(entry) if entry.kind == Kind::File && ahead.is_empty() => {
                return Ok(Leads::File((*entry).clone()));
            }
            Some(_) => return Ok(Leads::Nowhere),
            None => {}
        }
    }
    let folder = format!("{}/", place.join("/"));
    let within = place.is_empty() || known.keys().any(|path| path.starts_with(&folder));
    Ok(if within {
        Leads::Folder
    } else {
        Leads::Nowhere
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_where_a_working_tree_has_them() {
        let entry = |path: &str, kind| Entry {
            path: path.to_owned(),
            kind,
            object: String::new(),
            size: 0,
        };
        let links = BTreeMap::from([
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
        ]);
        let mut entries = vec![entry("b.yaml", Kind::File), entry("sub/a.yaml", Kind::File)];
        entries.extend(links.keys().map(|path| entry(path, Kind::Link)));
        let known: BTreeMap<&str, &Entry> =
            entries.iter().map(|one| (one.path.as_str(), one)).collect();
        let file = |path| Leads::File(entry(path, Kind::File));
        for (link, leads) in [
            ("in.yaml", file("sub/a.yaml")),
            ("sub/up.yaml", file("b.yaml")),
            ("through.yaml", file("sub/a.yaml")),
            ("twice.yaml", file("sub/a.yaml")),
            ("dir", Leads::Folder),
            ("top.yaml", Leads::Folder),
            ("out.yaml", Leads::Out),
            ("sub/out.yaml", Leads::Out),
            ("absolute.yaml", Leads::Out),
            ("loop.yaml", Leads::Nowhere),
            ("lost.yaml", Leads::Nowhere),
            ("file.yaml", Leads::Nowhere),
        ] {
            let target = |link: &Entry| -> Result<_, std::convert::Infallible> {
                Ok(links.get(link.path.as_str()).map(|text| (*text).to_owned()))
            };
            assert_eq!(walk(&known, known[link], target), Ok(leads), "{link}");
        }
    }
}
