//! MANIFEST: what a bundle is, and which nodes it has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;
use portolan_compiler::bundle::{Digest, Manifest, NodeEntry};
use portolan_compiler::english::count;
use portolan_compiler::model::name::NodeName;

use super::error::Problem;

const BOLD: Style = Style::new().bold();
/// As many digits of a digest as people compare.
const DIGITS: usize = "sha256:".len() + 12;

pub(super) fn show(text: &str) -> Result<String, Problem> {
    let manifest = Manifest::parse(text)?;
    let mut files: BTreeMap<&NodeName, Vec<(&str, String)>> = BTreeMap::new();
    for (path, digest) in &manifest.files {
        let file = (path.kind.as_str(), shortened(*digest));
        files.entry(&path.node).or_default().push(file);
    }
    let mut out = format!("Written by portolan {}\n", manifest.tool);
    // Writing to a String cannot fail.
    for (node, NodeEntry { emulates, objects }) in &manifest.nodes {
        let files = files.remove(node).unwrap_or_default();
        let _ = writeln!(
            out,
            "\n{BOLD}{node}{BOLD:#}  {}, mirrors kube-proxy {} in mode {}, made of objects {}...",
            count(files.len(), "file"),
            emulates.version,
            emulates.mode.as_str(),
            shortened(*objects)
        );
        for (file, digest) in files {
            let _ = writeln!(out, "  {file:<20}{digest}...");
        }
    }
    let _ = writeln!(out, "\n{}", count(manifest.nodes.len(), "node"));
    Ok(out)
}

fn shortened(digest: Digest) -> String {
    digest.to_string()[..DIGITS].to_owned()
}
