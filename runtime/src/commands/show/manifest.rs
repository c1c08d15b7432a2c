//! MANIFEST: what a compiled folder is, and what a node of it has.

use std::fmt::Write as _;

use anstyle::Style;
use portolan_compiler::bundle::{Digest, Head, Manifest, NodeEntry};
use portolan_compiler::english::count;

use super::error::Problem;

const BOLD: Style = Style::new().bold();

pub(super) fn show(text: &str) -> Result<String, Problem> {
    if Manifest::is_part(text) {
        return Ok(nodes(&Manifest::of_part(text)?));
    }
    Ok(match Head::parse(text)? {
        Head::Parts { tool, input } => format!(
            "Written by portolan {tool}\n\nWhat nodes have in common is made of input {}; what each has \
             is in nodes/<node>/{}.\n",
            input.short(),
            Manifest::FILE_NAME
        ),
        Head::Whole(manifest) => format!(
            "Written by portolan {}\n\n{}\n{}\n",
            manifest.tool,
            nodes(&manifest),
            count(manifest.nodes.len(), "node")
        ),
    })
}

fn nodes(manifest: &Manifest) -> String {
    let mut parts = Vec::new();
    for (node, entry) in &manifest.nodes {
        let NodeEntry {
            emulates,
            input,
            target,
        } = entry;
        let files: Vec<_> = manifest.files_of(node).collect();
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{BOLD}{node}{BOLD:#}  {}, mirrors kube-proxy {} in mode {}, made of input {}",
            count(files.len(), "file"),
            emulates.version,
            emulates.mode.as_str(),
            input.short()
        );
        if let Some(target) = target {
            let _ = writeln!(out, "  {:<20}{}", "target", target.short());
        }
        for (path, digest) in files {
            let _ = writeln!(out, "  {:<20}{}", path.kind.as_str(), Digest::short(digest));
        }
        parts.push(out);
    }
    parts.join("\n")
}
