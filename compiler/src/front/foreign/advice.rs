//! What to type so that a file that is no manifest yet is read as what a program makes of it.

use crate::diag::some;
use crate::source::{Found, Source, Stands};

/// A path that a shell takes as it stands; any other is better not typed.
pub(crate) fn shell_word(path: &str) -> Option<&str> {
    let plain = path.bytes().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'+' | b'=')
    });
    (plain && !path.is_empty() && !path.starts_with('-')).then_some(path)
}

/// A command for a path of a source's argument, with that path's stand-in where it is better not typed.
///
/// `program` makes manifests of what the path names; they are read in place of the whole argument.
pub(crate) fn instead(
    source: &Source,
    path: &str,
    stand_in: &str,
    program: impl FnOnce(&str) -> String,
) -> String {
    let (first, path) = at_hand(source, path, stand_in);
    let program = program(&path);
    first
        + &match &source.again {
            Some(again) => again.instead.line(&program),
            None => format!("{program}, and pass what it prints in its place"),
        }
}

/// The same for one of several things that others stand beside, which are still read.
pub(super) fn beside(
    source: &Source,
    (path, stand_in): (&str, &str),
    count: usize,
    program: impl FnOnce(&str) -> String,
) -> String {
    let Some(again) = &source.again else {
        return instead(source, path, stand_in, program);
    };
    let below = path.strip_prefix(again.argument.trim_end_matches('/'));
    let below = below.map(|below| below.trim_start_matches('/'));
    if source.found == Found::Named || below == Some("") {
        return instead(source, path, stand_in, program);
    }
    let (first, path) = at_hand(source, path, stand_in);
    let one = program(&path);
    if let (1, Some(beside), Some(below)) = (count, &again.beside, below.and_then(shell_word)) {
        return format!("{first}{} --exclude /{below}", beside.line(&one));
    }
    let each = match count {
        1 => "",
        _ => ", and so each of them",
    };
    format!(
        "{first}{one}{each}; put what it prints in its place in a copy of the folder, and name the copy"
    )
}

/// Where a path is to be found, and what has to be done first.
fn at_hand(source: &Source, path: &str, stand_in: &str) -> (String, String) {
    let in_revision = source
        .again
        .as_ref()
        .is_some_and(|again| again.stands == Stands::InRevision);
    if !in_revision {
        return (
            String::new(),
            shell_word(path).unwrap_or(stand_in).to_owned(),
        );
    }
    let (revision, path) = path.split_once(':').unwrap_or(("", path));
    let revision = shell_word(revision).unwrap_or("REV");
    let path = shell_word(path).map_or_else(|| stand_in.to_owned(), |path| format!("TREE/{path}"));
    (
        format!("check the revision out, git worktree add TREE {revision}, then: "),
        path,
    )
}

/// What is deployed where there may be several: the first in a command, all by their names.
pub(crate) fn one_of(names: &[&str]) -> String {
    match names {
        [] | [_] => "build the one that is deployed: ".to_owned(),
        names => format!(
            "build the one that is deployed, of {}: ",
            some(names.iter())
        ),
    }
}
