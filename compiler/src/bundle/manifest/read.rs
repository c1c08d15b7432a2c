//! Reading the text of a MANIFEST, line by line.

use std::collections::BTreeMap;

use super::{
    ArtefactPath, FORMAT, FORMAT_1, FORMAT_2, Head, Manifest, ManifestError, ManifestProblem,
    NODE_FORMAT, NodeEntry,
};
use crate::bundle::ArtefactKind;
use crate::bundle::lines::Lines;
use crate::model::name::NodeName;

impl Head {
    /// Reads the text of a folder's own MANIFEST.
    ///
    /// # Errors
    /// With the first line that it cannot have.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let read = || {
            let mut lines = Lines::new(text);
            Ok(match lines.next()? {
                FORMAT => {
                    let tool = lines.word_after("portolan ")?.to_owned();
                    let input = lines.digest("input ")?;
                    lines.end()?;
                    Self::Parts { tool, input }
                }
                FORMAT_2 => Self::Whole(Manifest::parse_2(&mut lines)?),
                FORMAT_1 => Self::Whole(Manifest::parse_1(&mut lines)?),
                other => return Err(lines.error(unknown(other, "portolan-manifest "))),
            })
        };
        read().map_err(|error| ManifestError {
            written_by: another(text),
            ..error
        })
    }
}

impl Manifest {
    /// Reads the text of a node's part, and adds what it says.
    ///
    /// # Errors
    /// With the first line that the part of this node cannot have.
    pub fn add_part(&mut self, node: &NodeName, text: &str) -> Result<(), ManifestError> {
        self.take_part(text, |name| name == node)
    }

    /// Reads the text of a node's part, wherever it comes from.
    ///
    /// # Errors
    /// With the first line that no node's part can have.
    pub fn of_part(text: &str) -> Result<Self, ManifestError> {
        let mut manifest = Self::written_by(String::new(), None);
        manifest.take_part(text, |_| true)?;
        Ok(manifest)
    }

    fn take_part(
        &mut self,
        text: &str,
        belongs: impl FnOnce(&NodeName) -> bool,
    ) -> Result<(), ManifestError> {
        let mut lines = Lines::new(text);
        let format = lines.next()?;
        if format != NODE_FORMAT {
            return Err(lines.error(unknown(format, "portolan-node ")));
        }
        let node = lines.node()?;
        if !belongs(&node) {
            return Err(lines.error(ManifestProblem::Elsewhere(node)));
        }
        self.take_entry(node, &mut lines)?;
        lines.end()
    }

    /// Reads what follows the name of a node: what is said of it, and its files, up to an empty line.
    pub(in crate::bundle) fn take_entry(
        &mut self,
        node: NodeName,
        lines: &mut Lines<'_>,
    ) -> Result<(), ManifestError> {
        let emulates = lines.emulates()?;
        let input = lines.digest("input ")?;
        let target = lines.digest("target ")?.into();
        let mut files = BTreeMap::new();
        while lines.has_more() {
            let (digest, name) = lines.file()?;
            let kind = name.parse::<ArtefactKind>();
            let kind = kind.map_err(|_| lines.error(ManifestProblem::Path(name.to_owned())))?;
            let path = ArtefactPath {
                node: node.clone(),
                kind,
            };
            lines.in_order(files.last_key_value().map(|(last, _)| last), &path)?;
            files.insert(path, digest);
        }
        let entry = NodeEntry {
            emulates,
            input,
            target: Some(target),
        };
        self.nodes.insert(node, entry);
        self.files.extend(files);
        Ok(())
    }

    /// Format 2: nodes one after the other.
    fn parse_2(lines: &mut Lines<'_>) -> Result<Self, ManifestError> {
        let mut manifest = Self::written_by(lines.word_after("portolan ")?.to_owned(), None);
        while !lines.is_done() {
            manifest.take_node(lines)?;
        }
        Ok(manifest)
    }

    fn take_node(&mut self, lines: &mut Lines<'_>) -> Result<(), ManifestError> {
        lines.empty()?;
        let node = lines.node()?;
        lines.in_order(self.nodes.last_key_value().map(|(last, _)| last), &node)?;
        let entry = lines.entry()?;
        while lines.has_more() {
            let path = self.take_file(lines)?;
            if path.node != node {
                return Err(lines.error(ManifestProblem::Path(path.to_string())));
            }
        }
        self.nodes.insert(node, entry);
        Ok(())
    }

    fn take_file(&mut self, lines: &mut Lines<'_>) -> Result<ArtefactPath, ManifestError> {
        let (digest, path) = lines.file()?;
        let path = ArtefactPath::parse(path)
            .ok_or_else(|| lines.error(ManifestProblem::Path(path.to_owned())))?;
        lines.in_order(self.files.last_key_value().map(|(last, _)| last), &path)?;
        self.files.insert(path.clone(), digest);
        Ok(path)
    }

    /// Format 1: what is said of nodes is said once, and files name them.
    fn parse_1(lines: &mut Lines<'_>) -> Result<Self, ManifestError> {
        let mut manifest = Self::written_by(lines.word_after("portolan ")?.to_owned(), None);
        let entry = lines.entry()?;
        lines.empty()?;
        while !lines.is_done() {
            let path = manifest.take_file(lines)?;
            manifest.nodes.insert(path.node, entry);
        }
        Ok(manifest)
    }
}

/// What is wrong with the first line of something else.
fn unknown(line: &str, format: &str) -> ManifestProblem {
    match line.strip_prefix(format) {
        Some(version) => ManifestProblem::Format(version.to_owned()),
        None => ManifestProblem::NotAManifest,
    }
}

/// The portolan that wrote a text, if it is another one: what that means by a line is not known here.
fn another(text: &str) -> Option<String> {
    let mut lines = text.lines();
    lines.next()?.strip_prefix("portolan-manifest ")?;
    let tool = lines.next()?.strip_prefix("portolan ")?;
    (!tool.is_empty() && tool != env!("CARGO_PKG_VERSION")).then(|| tool.to_owned())
}
