//! What a bundle says of itself, for people and for programs.

use std::fmt::Write as _;

use portolan_compiler::bundle::Bundle;
use portolan_compiler::english::count;
use portolan_compiler::escape;
use serde_json::{Value, json};

pub(in crate::commands) fn human(bundle: &Bundle) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = match bundle.edition() {
        Some(edition) => writeln!(
            text,
            "Cluster  {}\nCounter  {}",
            edition.cluster, edition.counter
        ),
        None => writeln!(
            text,
            "Neither cluster nor counter: it can be used unsigned only"
        ),
    };
    let _ = writeln!(text, "Digest   {}", bundle.digest());
    if let Some(input) = bundle.manifest().input {
        let _ = writeln!(text, "Input    {input}");
    }
    let (parts, unpacked) = bundle.parts();
    let _ = writeln!(
        text,
        "Files    {parts} different, {} in {}",
        count(usize::try_from(unpacked).unwrap_or(usize::MAX), "byte"),
        count(bundle.bytes().len(), "byte")
    );
    let tool = escape::visible(&bundle.manifest().tool);
    let _ = writeln!(text, "Made by  portolan {tool}\n");
    let nodes = &bundle.manifest().nodes;
    let width = nodes.keys().map(|node| node.as_str().len()).max();
    let width = width.unwrap_or_default().max("NODE".len());
    let _ = writeln!(text, "{:width$}  {:12}  MIRRORS", "NODE", "TARGET");
    for (node, entry) in nodes {
        let target = entry
            .target
            .map_or_else(String::new, |target| target.short());
        let _ = writeln!(
            text,
            "{:width$}  {target:12}  {}",
            node.as_str(),
            entry.emulates
        );
    }
    text
}

pub(in crate::commands) fn json(bundle: &Bundle) -> String {
    let edition = bundle.edition();
    let nodes = bundle.manifest().nodes.iter();
    let nodes: Vec<Value> = nodes
        .map(|(node, entry)| {
            json!({
                "node": node.as_str(),
                "kubeVersion": entry.emulates.version.to_string(),
                "mode": entry.emulates.mode.as_str(),
                "input": entry.input.to_string(),
                "target": entry.target.map(|target| target.to_string()),
            })
        })
        .collect();
    escape::json_line(&json!({
        "format": "portolan-bundle-outline",
        "formatVersion": "1.0",
        "cluster": edition.map(|edition| edition.cluster.as_str()),
        "counter": edition.map(|edition| edition.counter.get()),
        "digest": bundle.digest().to_string(),
        "input": bundle.manifest().input.map(|input| input.to_string()),
        "nodes": nodes,
        "tool": bundle.manifest().tool,
    }))
}
