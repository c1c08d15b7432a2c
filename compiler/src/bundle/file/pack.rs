//! Writes bundles.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rayon::prelude::*;

use super::{FORMAT, carries};
use crate::bundle::{ArtefactKind, ArtefactPath, Digest, Edition, Manifest, NodeEntry, Target};
use crate::model::name::NodeName;

/// Takes one node after the other, so that the artefacts of all are never in memory at once.
#[derive(Debug)]
pub struct Packer {
    edition: Option<Edition>,
    manifest: Manifest,
    parts: BTreeMap<Digest, Packed>,
}

#[derive(Debug)]
struct Packed {
    /// Bytes before they were compressed.
    size: usize,
    bytes: Vec<u8>,
}

impl Packer {
    /// Of nodes that have this input in common, where that is known.
    pub fn new(edition: Option<Edition>, input: Option<Digest>) -> Self {
        let tool = env!("CARGO_PKG_VERSION").to_owned();
        Self {
            edition,
            manifest: Manifest::written_by(tool, input),
            parts: BTreeMap::new(),
        }
    }

    /// Adds a node with its artefacts; those that follow from others are left out.
    pub fn add(
        &mut self,
        node: NodeName,
        entry: NodeEntry,
        target: Target,
        files: &BTreeMap<ArtefactKind, Vec<u8>>,
    ) {
        let digested: Vec<(ArtefactKind, &Vec<u8>, Digest)> = files
            .par_iter()
            .filter(|(kind, _)| carries(**kind))
            .map(|(kind, bytes)| (*kind, bytes, Digest::of(bytes)))
            .collect();
        let new: Vec<(Digest, Packed)> = digested
            .par_iter()
            .filter(|(_, _, digest)| !self.parts.contains_key(digest))
            .map(|(_, bytes, digest)| (*digest, Packed::of(bytes)))
            .collect();
        self.parts.extend(new);
        for (kind, _, digest) in digested {
            let path = ArtefactPath {
                node: node.clone(),
                kind,
            };
            self.manifest.files.insert(path, digest);
        }
        let target = Some(target);
        self.manifest
            .nodes
            .insert(node, NodeEntry { target, ..entry });
    }

    /// The bundle's bytes.
    pub fn finish(self) -> Vec<u8> {
        let mut header = format!("{FORMAT}\nportolan {}\n", self.manifest.tool);
        // Writing to a String cannot fail.
        if let Some(Edition { cluster, counter }) = &self.edition {
            let _ = writeln!(header, "cluster {cluster}\ncounter {counter}");
        }
        if let Some(input) = self.manifest.input {
            let _ = writeln!(header, "input {input}");
        }
        for node in self.manifest.nodes.keys() {
            header.push('\n');
            self.manifest.write_node(node, &mut header);
        }
        header.push('\n');
        for (digest, part) in &self.parts {
            let _ = writeln!(header, "part {digest} {} {}", part.size, part.bytes.len());
        }
        let body: Vec<u8> = self
            .parts
            .into_values()
            .flat_map(|part| part.bytes)
            .collect();
        let _ = writeln!(header, "\nbody {}", Digest::of(&body));
        let own = Digest::of(header.as_bytes());
        let _ = writeln!(header, "header {own}");
        let mut bytes = header.into_bytes();
        bytes.extend(body);
        bytes
    }
}

impl Packed {
    fn of(bytes: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        // Writing to memory cannot fail.
        drop(encoder.write_all(bytes));
        Self {
            size: bytes.len(),
            bytes: encoder.finish().unwrap_or_default(),
        }
    }
}
