//! MANIFEST: what a run made, of what, as which kube-proxy.
//!
//! ```text
//! portolan-manifest 1
//! portolan 0.1.0
//! emulates kube-proxy 1.37 ipvs
//! objects sha256:…
//!
//! sha256:…  nodes/node-a/ipset.restore
//! ```
//!
//! The reader takes nothing but what the writer writes: files named in a MANIFEST are removed and,
//! later, applied, so no path may lead anywhere else.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::folder::{folder_name, node_of_folder};
use super::{ArtefactKind, Digest, NodeArtefacts, NotADigest};
use crate::compile::Mode;
use crate::model::KubeVersion;
use crate::model::name::NodeName;

const FORMAT: &str = "portolan-manifest 1";

/// Which kube-proxy a bundle mirrors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Emulates {
    /// Its release.
    pub version: KubeVersion,
    /// Its mode.
    pub mode: Mode,
}

/// Where an artefact lies: `nodes/<node>/<file>`. Ordered by node, then as a node takes them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArtefactPath {
    /// The node.
    pub node: NodeName,
    /// Which artefact.
    pub kind: ArtefactKind,
}

impl ArtefactPath {
    /// Reads a path; `None` for any that portolan does not write.
    pub fn parse(text: &str) -> Option<Self> {
        let (node, file) = text.strip_prefix("nodes/")?.split_once('/')?;
        Some(Self {
            node: node_of_folder(node)?,
            kind: ArtefactKind::from_file_name(file)?,
        })
    }
}

impl fmt::Display for ArtefactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = folder_name(&self.node);
        write!(f, "nodes/{folder}/{}", self.kind.file_name())
    }
}

/// The content of MANIFEST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Version of the portolan that wrote it.
    pub tool: String,
    /// Which kube-proxy is mirrored.
    pub emulates: Emulates,
    /// Digest of the canonicalised objects that were used.
    pub objects: Digest,
    /// Every artefact with the digest of its bytes.
    pub files: BTreeMap<ArtefactPath, Digest>,
}

impl Manifest {
    /// Name of the file.
    pub const FILE_NAME: &'static str = "MANIFEST";

    /// A MANIFEST of this portolan without artefacts so far.
    pub fn new(emulates: Emulates, objects: Digest) -> Self {
        Self {
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            emulates,
            objects,
            files: BTreeMap::new(),
        }
    }

    /// Adds the artefacts of a node.
    pub fn add(&mut self, artefacts: &NodeArtefacts) {
        for file in &artefacts.files {
            let path = ArtefactPath {
                node: artefacts.node.clone(),
                kind: file.kind,
            };
            self.files.insert(path, Digest::of(&file.bytes));
        }
    }

    /// Reads the text of a MANIFEST.
    ///
    /// # Errors
    /// With the first line that a MANIFEST cannot have.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let mut lines = Lines::new(text);
        let format = lines.next()?;
        if format != FORMAT {
            return Err(
                lines.error(match format.strip_prefix("portolan-manifest ") {
                    Some(version) => ManifestProblem::Format(version.to_owned()),
                    None => ManifestProblem::NotAManifest,
                }),
            );
        }
        let tool = lines.word_after("portolan ")?.to_owned();
        let emulates = lines.word_after("emulates kube-proxy ")?;
        let emulates = parse_emulates(emulates).ok_or_else(|| lines.expected("emulates"))?;
        let objects = lines.word_after("objects ")?;
        let objects = parse_digest(objects).map_err(|problem| lines.error(problem))?;
        if !lines.next()?.is_empty() {
            return Err(lines.expected("an empty line"));
        }
        let mut files = BTreeMap::new();
        while !lines.is_done() {
            let line = lines.next()?;
            let (digest, path) = line
                .split_once("  ")
                .ok_or_else(|| lines.expected("a digest and a path"))?;
            let digest = parse_digest(digest).map_err(|problem| lines.error(problem))?;
            let path = ArtefactPath::parse(path)
                .ok_or_else(|| lines.error(ManifestProblem::Path(path.to_owned())))?;
            if files
                .last_key_value()
                .is_some_and(|(last, _)| *last >= path)
            {
                return Err(lines.error(ManifestProblem::Order));
            }
            files.insert(path, digest);
        }
        Ok(Self {
            tool,
            emulates,
            objects,
            files,
        })
    }
}

impl fmt::Display for Manifest {
    /// The text of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = self.emulates.mode.as_str();
        writeln!(f, "{FORMAT}")?;
        writeln!(f, "portolan {}", self.tool)?;
        writeln!(f, "emulates kube-proxy {} {mode}", self.emulates.version)?;
        writeln!(f, "objects {}", self.objects)?;
        f.write_char('\n')?;
        self.files
            .iter()
            .try_for_each(|(path, digest)| writeln!(f, "{digest}  {path}"))
    }
}

fn parse_emulates(text: &str) -> Option<Emulates> {
    let (version, mode) = text.split_once(' ')?;
    let emulates = Emulates {
        version: version.parse().ok()?,
        mode: Mode::ALL.into_iter().find(|known| known.as_str() == mode)?,
    };
    (emulates.version.to_string() == version).then_some(emulates)
}

fn parse_digest(text: &str) -> Result<Digest, ManifestProblem> {
    Ok(text.parse::<Digest>()?)
}

/// A line that a MANIFEST cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ManifestError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: ManifestProblem,
}

/// What is wrong with a line of a MANIFEST.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestProblem {
    /// The file is something else.
    #[error("not a MANIFEST of portolan")]
    NotAManifest,
    /// A format of another portolan.
    #[error("format {0:?} is not known; this portolan reads format 1")]
    Format(String),
    /// Something else was due here.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A digest that is none.
    #[error(transparent)]
    Digest(#[from] NotADigest),
    /// A path that portolan does not write.
    #[error("{0:?} is not the path of an artefact")]
    Path(String),
    /// Paths not in order, or one twice.
    #[error("paths are out of order")]
    Order,
    /// The last line lacks its line feed.
    #[error("the file ends in the middle of a line")]
    Cut,
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::Artefact;

    fn manifest() -> Manifest {
        let emulates = Emulates {
            version: KubeVersion::OLDEST,
            mode: Mode::Ipvs,
        };
        let mut manifest = Manifest::new(emulates, Digest::of(b"objects"));
        for node in ["node-b", "node-a"] {
            manifest.add(&NodeArtefacts {
                node: NodeName::parse(node).unwrap(),
                files: [ArtefactKind::Ipset, ArtefactKind::Sysctl]
                    .map(|kind| Artefact {
                        kind,
                        bytes: node.into(),
                        origins: Vec::new(),
                    })
                    .into(),
            });
        }
        manifest
    }

    #[test]
    fn what_is_written_is_read_back() {
        let manifest = manifest();
        let text = manifest.to_string();
        assert_eq!(Manifest::parse(&text), Ok(manifest));
        let paths: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split("  ").nth(1))
            .collect();
        assert_eq!(
            paths,
            [
                "nodes/node-a/sysctl.conf",
                "nodes/node-a/ipset.restore",
                "nodes/node-b/sysctl.conf",
                "nodes/node-b/ipset.restore",
            ]
        );
    }

    #[test]
    fn anything_else_is_refused_with_its_line() {
        let text = manifest().to_string();
        let swap = |from: &str, to: &str| text.replacen(from, to, 1);
        let last = text.lines().last().unwrap();
        for (text, line, problem) in [
            (String::new(), 1, ManifestProblem::NotAManifest),
            ("hello\n".to_owned(), 1, ManifestProblem::NotAManifest),
            (
                swap("manifest 1", "manifest 2"),
                1,
                ManifestProblem::Format("2".to_owned()),
            ),
            (
                swap("portolan 0", "portolano 0"),
                2,
                ManifestProblem::Expected("portolan"),
            ),
            (
                swap("1.30", "1.030"),
                3,
                ManifestProblem::Expected("emulates"),
            ),
            (
                swap("ipvs", "IPVS"),
                3,
                ManifestProblem::Expected("emulates"),
            ),
            (swap("objects sha256", "objects sha1"), 4, NotADigest.into()),
            (
                swap("\n\n", "\nx\n"),
                5,
                ManifestProblem::Expected("an empty line"),
            ),
            (swap("\nsha256", "\nsha255"), 6, NotADigest.into()),
            (
                swap("nodes/node-a/sysctl.conf", "nodes/../sysctl.conf"),
                6,
                ManifestProblem::Path("nodes/../sysctl.conf".to_owned()),
            ),
            (
                swap("nodes/node-a/sysctl.conf", "/etc/sysctl.conf"),
                6,
                ManifestProblem::Path("/etc/sysctl.conf".to_owned()),
            ),
            (format!("{text}{last}\n"), 10, ManifestProblem::Order),
            (text[..text.len() - 1].to_owned(), 9, ManifestProblem::Cut),
        ] {
            assert_eq!(
                Manifest::parse(&text),
                Err(ManifestError { line, problem }),
                "{text}"
            );
        }
    }
}
