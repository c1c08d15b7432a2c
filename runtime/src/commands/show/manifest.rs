//! MANIFEST: what a bundle is, and which nodes it has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;
use portolan_compiler::bundle::Manifest;

use super::count;
use super::error::Problem;

const BOLD: Style = Style::new().bold();
/// As many digits of a digest as people compare.
const DIGITS: usize = "sha256:".len() + 12;

pub(super) fn show(text: &str) -> Result<String, Problem> {
    let manifest = Manifest::parse(text)?;
    let mut nodes: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
    for (path, digest) in &manifest.files {
        let digest = digest.to_string();
        let file = (path.kind.file_name(), digest[..DIGITS].to_owned());
        nodes.entry(path.node.as_str()).or_default().push(file);
    }
    let mut out = format!(
        "Written by portolan {}\nMirrors kube-proxy {} in mode {}\nMade of objects {}\n",
        manifest.tool,
        manifest.emulates.version,
        manifest.emulates.mode.as_str(),
        manifest.objects
    );
    // Writing to a String cannot fail.
    for (node, files) in &nodes {
        let _ = writeln!(
            out,
            "\n{BOLD}{node}{BOLD:#}  {}",
            count(files.len(), "file")
        );
        for (file, digest) in files {
            let _ = writeln!(out, "  {file:<20}{digest}...");
        }
    }
    let _ = writeln!(out, "\n{}", count(nodes.len(), "node"));
    Ok(out)
}
