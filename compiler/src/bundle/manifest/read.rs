//! Reading the text of a MANIFEST, line by line.

use std::collections::BTreeMap;

use super::{
    ArtefactPath, Emulates, FORMAT, FORMAT_1, Manifest, ManifestError, ManifestProblem, NodeEntry,
};
use crate::bundle::Digest;
use crate::model::name::NodeName;

impl Manifest {
    /// Reads the text of a MANIFEST.
    ///
    /// # Errors
    /// With the first line that a MANIFEST cannot have.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        Self::read(text).map_err(|error| ManifestError {
            written_by: another(text),
            ..error
        })
    }

    fn read(text: &str) -> Result<Self, ManifestError> {
        let mut lines = Lines::new(text);
        match lines.next()? {
            FORMAT => {
                let tool = lines.word_after("portolan ")?.to_owned();
                let mut manifest = Self {
                    tool,
                    nodes: BTreeMap::new(),
                    files: BTreeMap::new(),
                };
                while !lines.is_done() {
                    manifest.take_node(&mut lines)?;
                }
                Ok(manifest)
            }
            FORMAT_1 => Self::parse_1(&mut lines),
            other => Err(lines.error(match other.strip_prefix("portolan-manifest ") {
                Some(version) => ManifestProblem::Format(version.to_owned()),
                None => ManifestProblem::NotAManifest,
            })),
        }
    }

    fn take_node(&mut self, lines: &mut Lines<'_>) -> Result<(), ManifestError> {
        lines.empty()?;
        let name = lines.word_after("node ")?;
        let node = NodeName::parse(name)
            .map_err(|_| lines.error(ManifestProblem::Node(name.to_owned())))?;
        if self
            .nodes
            .last_key_value()
            .is_some_and(|(last, _)| *last >= node)
        {
            return Err(lines.error(ManifestProblem::Order));
        }
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
        let line = lines.next()?;
        let (digest, path) = line
            .split_once("  ")
            .ok_or_else(|| lines.expected("a digest and a path"))?;
        let digest = parse_digest(digest).map_err(|problem| lines.error(problem))?;
        let path = ArtefactPath::parse(path)
            .ok_or_else(|| lines.error(ManifestProblem::Path(path.to_owned())))?;
        if self
            .files
            .last_key_value()
            .is_some_and(|(last, _)| *last >= path)
        {
            return Err(lines.error(ManifestProblem::Order));
        }
        self.files.insert(path.clone(), digest);
        Ok(path)
    }

    /// Format 1: what is said of nodes is said once, and files name them.
    fn parse_1(lines: &mut Lines<'_>) -> Result<Self, ManifestError> {
        let tool = lines.word_after("portolan ")?.to_owned();
        let mut manifest = Self {
            tool,
            nodes: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        let entry = lines.entry()?;
        lines.empty()?;
        while !lines.is_done() {
            let path = manifest.take_file(lines)?;
            manifest.nodes.insert(path.node, entry);
        }
        Ok(manifest)
    }
}

/// The portolan that wrote a text, if it is another one: what that means by a line is not known here.
fn another(text: &str) -> Option<String> {
    let mut lines = text.lines();
    lines.next()?.strip_prefix("portolan-manifest ")?;
    let tool = lines.next()?.strip_prefix("portolan ")?;
    (!tool.is_empty() && tool != env!("CARGO_PKG_VERSION")).then(|| tool.to_owned())
}

fn parse_emulates(text: &str) -> Option<Emulates> {
    let (version, mode) = text.split_once(' ')?;
    let emulates = Emulates {
        version: version.parse().ok()?,
        mode: mode.parse().ok()?,
    };
    (emulates.version.to_string() == version).then_some(emulates)
}

fn parse_digest(text: &str) -> Result<Digest, ManifestProblem> {
    Ok(text.parse::<Digest>()?)
}

struct Lines<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 0,
        }
    }

    fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether another line of the same part follows.
    fn has_more(&self) -> bool {
        !self.is_done() && !self.rest.starts_with('\n')
    }

    /// What is said of a node.
    fn entry(&mut self) -> Result<NodeEntry, ManifestError> {
        let emulates = self.word_after("emulates kube-proxy ")?;
        let emulates = parse_emulates(emulates).ok_or_else(|| self.expected("emulates"))?;
        let objects = self.word_after("objects ")?;
        let objects = parse_digest(objects).map_err(|problem| self.error(problem))?;
        Ok(NodeEntry { emulates, objects })
    }

    fn empty(&mut self) -> Result<(), ManifestError> {
        if self.next()?.is_empty() {
            Ok(())
        } else {
            Err(self.expected("an empty line"))
        }
    }

    fn next(&mut self) -> Result<&'a str, ManifestError> {
        self.line += 1;
        let cut = if self.is_done() && self.line == 1 {
            ManifestProblem::NotAManifest
        } else {
            ManifestProblem::Cut
        };
        let (line, rest) = self.rest.split_once('\n').ok_or_else(|| self.error(cut))?;
        self.rest = rest;
        Ok(line)
    }

    fn word_after(&mut self, key: &'static str) -> Result<&'a str, ManifestError> {
        self.next()?
            .strip_prefix(key)
            .filter(|word| !word.is_empty())
            .ok_or_else(|| self.expected(key.trim_end()))
    }

    fn expected(&self, what: &'static str) -> ManifestError {
        self.error(ManifestProblem::Expected(what))
    }

    fn error(&self, problem: ManifestProblem) -> ManifestError {
        ManifestError {
            line: self.line,
            problem,
            written_by: None,
        }
    }
}
