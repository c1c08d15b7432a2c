//! Files of both sides, line by line.

use std::collections::BTreeSet;

use portolan_compiler::bundle::{ArtefactKind, folder_name};

use crate::commands::shared::sides::{Pairing, Side};
use crate::out::{Content, unified};
use crate::report::Failure;

/// Names of the files that differ, and their diffs with colours. Where a side was found on a node, a
/// listing of its objects stands for the files.
pub(super) fn files(
    old: &Side,
    new: &Side,
    pairing: &Pairing,
) -> Result<Vec<(String, String)>, Failure> {
    let mut diffs = Vec::new();
    for (node, a, b) in &pairing.both {
        let (a, b) = (old.node(*a)?, new.node(*b)?);
        let mut compare = |file: &str, content, old: Option<&[u8]>, new: Option<&[u8]>| {
            if old != new {
                let name = format!("nodes/{}/{file}", folder_name(node));
                let diff = unified(&name, content, old, new);
                diffs.push((name, diff));
            }
        };
        let (Some(old), Some(new)) = (a.files(), b.files()) else {
            let (old, new) = (a.kernel(), b.kernel());
            let (old, new) = (old.listing(&new), new.listing(&old));
            let (old, new) = (Some(old.as_bytes()), Some(new.as_bytes()));
            compare("objects", Content::Text, old, new);
            continue;
        };
        let kinds: BTreeSet<&ArtefactKind> = old.keys().chain(new.keys()).collect();
        for kind in kinds {
            // What ipvs.rules says already.
            if kind.is_text() {
                let bytes =
                    |files: &std::collections::BTreeMap<_, Vec<u8>>| files.get(kind).cloned();
                let (old, new) = (bytes(&old), bytes(&new));
                compare(kind.as_str(), Content::Text, old.as_deref(), new.as_deref());
            }
        }
    }
    Ok(diffs)
}
