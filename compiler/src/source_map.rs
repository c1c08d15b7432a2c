//! Which object and field each line of an artefact comes from, for whoever reviews a change.
//!
//! One JSON document per node:
//!
//! ```json
//! {
//!   "format": "portolan-source-map",
//!   "formatVersion": "1.0",
//!   "objects": [{"object": "Service shop/cart", "file": "cluster.yaml", "line": 12}],
//!   "files": {"ipvs.rules": [{"line": 1, "from": [{"object": 0, "field": "spec.ports[0]"}]}]}
//! }
//! ```
//!
//! Lines that every node has, whatever the input, are left out. An object's line is that of the
//! text it was read from; fields are named, not located, as locating parses the manifest again.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::bundle::NodeArtefacts;
use crate::escape;
use crate::source::{ObjectId, Objects, Origin, Sources};

/// Name of the file, beside the artefacts of its node.
pub const FILE_NAME: &str = "source-map.json";

/// Where the lines of a node's artefacts come from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SourceMap<'a> {
    files: BTreeMap<&'static str, Vec<Line>>,
    format: &'static str,
    format_version: &'static str,
    objects: Vec<Object<'a>>,
}

#[derive(Debug, Serialize)]
struct Object<'a> {
    file: &'a str,
    line: usize,
    #[serde(rename = "object")]
    name: String,
}

#[derive(Debug, Serialize)]
struct Line {
    from: Vec<From>,
    line: usize,
}

#[derive(Debug, Serialize)]
struct From {
    #[serde(skip_serializing_if = "String::is_empty")]
    field: String,
    object: usize,
}

/// The source map of a node whose artefacts kept their origins, as JSON with a final newline.
pub fn render(artefacts: &NodeArtefacts, objects: &Objects, sources: &Sources) -> String {
    let mut used: BTreeMap<ObjectId, usize> = artefacts
        .files
        .iter()
        .flat_map(|file| file.origins.iter().flatten())
        .map(|origin| (origin.object, 0))
        .collect();
    for (number, (_, index)) in used.iter_mut().enumerate() {
        *index = number;
    }
    let map = SourceMap {
        files: artefacts
            .files
            .iter()
            .filter(|file| !file.origins.is_empty())
            .map(|file| (file.kind.as_str(), lines_of(&file.origins, &used)))
            .collect(),
        format: "portolan-source-map",
        format_version: "1.0",
        objects: used
            .keys()
            .map(|id| {
                let span = objects.document(*id).span;
                Object {
                    file: &sources.get(span.source).name,
                    line: sources.line_column(span.source, span.start).line,
                    name: objects.name(*id).to_string(),
                }
            })
            .collect(),
    };
    escape::json_line(&map)
}

fn lines_of(origins: &[Vec<Origin>], used: &BTreeMap<ObjectId, usize>) -> Vec<Line> {
    (1..)
        .zip(origins)
        .filter(|(_, origins)| !origins.is_empty())
        .map(|(line, origins)| Line {
            from: origins
                .iter()
                .filter_map(|origin| {
                    Some(From {
                        field: origin.field.path().to_string(),
                        object: *used.get(&origin.object)?,
                    })
                })
                .collect(),
            line,
        })
        .collect()
}
