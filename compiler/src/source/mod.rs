//! Where text came from: sources, byte spans, lines and columns, the objects in it, and the origin of
//! every value.

mod kind;
pub(crate) mod limits;
pub(crate) mod locate;
mod objects;
pub(crate) mod outline;

pub(crate) use kind::{Extent, Scope, each_kind};
pub use kind::{ObjectKind, WorkloadKind};
pub use locate::span_in;
pub use objects::{Document, Format, ObjectName, Objects};

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

/// One input: a file, or what came through a pipe.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name people know it by: the path as given, or `<stdin>`.
    pub name: String,
    /// The whole text. A leading byte order mark is part of it; the front end skips it.
    pub text: String,
    /// What it is for.
    pub role: Role,
    /// How it came in.
    pub found: Found,
    /// How the command is typed again with other text in this one's place, where there is a command.
    pub again: Option<Arc<Again>>,
}

/// How a command is typed again, with what a program makes of files that are no manifests yet in the
/// place of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// The argument: a path, which the names of its sources begin with, or Git's `REV:PATH`.
    pub argument: String,
    /// Where its files are.
    pub stands: Stands,
    /// The command that reads the text in the argument's place.
    pub instead: Feed,
    /// The command that reads the text beside all that it reads now; nothing where it takes no more.
    pub beside: Option<Feed>,
}

/// Where the files of an argument are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// In folders of this machine.
    Here,
    /// In a revision of Git, where only git finds them.
    InRevision,
}

/// A command that reads text of another program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feed {
    /// Through a pipe.
    Pipe(String),
    /// From the file [`Feed::FILE`]: the pipe is taken.
    File(String),
}

impl Feed {
    /// The file that stands for the text where there is no pipe for it.
    pub const FILE: &'static str = "rendered.yaml";

    /// A command line with what a program prints.
    pub fn line(&self, program: &str) -> String {
        match self {
            Self::Pipe(command) => format!("{program} | {command}"),
            Self::File(command) => format!("{program} > {} && {command}", Self::FILE),
        }
    }
}

/// How a source came into the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Somebody named it: it is meant to be a manifest.
    Named,
    /// It stands in a folder that was named: it may be there for others.
    InFolder,
}

/// What a source is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is to be compiled.
    Input,
    /// It is a dump of the running cluster, which supplies what the cluster allocated.
    Base,
}

/// Index of a [`Source`] in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// All inputs of one run, in the order they were given.
#[derive(Debug, Default)]
pub struct Sources {
    list: Vec<Source>,
    /// Of each source, once somebody has asked.
    lines: Vec<OnceLock<LineIndex>>,
}

impl Sources {
    /// Adds an input, as if it stood in a folder, and returns its id.
    pub fn add(&mut self, name: impl Into<String>, text: String) -> SourceId {
        self.push(Source {
            name: name.into(),
            text,
            role: Role::Input,
            found: Found::InFolder,
            again: None,
        })
    }

    /// Adds a part of the base in the same way.
    pub fn add_base(&mut self, name: impl Into<String>, text: String) -> SourceId {
        self.push(Source {
            name: name.into(),
            text,
            role: Role::Base,
            found: Found::InFolder,
            again: None,
        })
    }

    /// Adds a source and returns its id.
    pub fn push(&mut self, source: Source) -> SourceId {
        let id = SourceId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(source);
        self.lines.push(OnceLock::new());
        id
    }

    /// Whether there is a base.
    pub fn has_base(&self) -> bool {
        self.list.iter().any(|source| source.role == Role::Base)
    }

    /// The source with this id.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.list[id.0 as usize]
    }

    /// All sources with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        (0u32..).map(SourceId).zip(&self.list)
    }

    /// Line and column of a byte offset, both starting at 1; columns count characters.
    pub fn line_column(&self, id: SourceId, offset: usize) -> LineColumn {
        let (text, index) = self.indexed(id);
        let offset = offset.min(text.len());
        let (line, start) = index.line(text, offset);
        LineColumn {
            line,
            column: index.characters(text, start, offset) + 1,
        }
    }

    /// The bytes of the line around an offset, without its line break.
    pub(crate) fn line_range(&self, id: SourceId, offset: usize) -> Range<usize> {
        let (text, index) = self.indexed(id);
        let offset = offset.min(text.len());
        let (_, start) = index.line(text, offset);
        let end = index.line_end(text, offset);
        let end = if end > start && text[end - 1] == b'\r' {
            end - 1
        } else {
            end
        };
        start..end.max(offset)
    }

    fn indexed(&self, id: SourceId) -> (&[u8], &LineIndex) {
        let text = self.get(id).text.as_bytes();
        let index = self.lines[id.0 as usize].get_or_init(|| LineIndex::new(text));
        (text, index)
    }
}

/// How many lines and characters come before each block: a report on a large input looks up
/// thousands of offsets, and a line may be as long as the input.
#[derive(Debug)]
struct LineIndex {
    blocks: Vec<Block>,
    /// Characters before each block, once somebody has asked about a long line.
    characters: OnceLock<Vec<usize>>,
}

/// A stretch of [`BLOCK`] bytes; there is one past the end too.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    /// Line breaks before it.
    lines: usize,
    /// Where the line starts that its first byte is in.
    line_start: usize,
}

const BLOCK: usize = 4096;

impl LineIndex {
    fn new(text: &[u8]) -> Self {
        let counts: Vec<(usize, Option<usize>)> = text
            .par_chunks(BLOCK)
            .with_min_len(256)
            .map(|block| {
                let breaks = memchr::memchr_iter(b'\n', block).count();
                (breaks, memchr::memrchr(b'\n', block))
            })
            .collect();
        let mut blocks = vec![Block::default()];
        let mut next = Block::default();
        for (at, (breaks, last)) in counts.into_iter().enumerate() {
            next.lines += breaks;
            if let Some(last) = last {
                next.line_start = at * BLOCK + last + 1;
            }
            blocks.push(next);
        }
        Self {
            blocks,
            characters: OnceLock::new(),
        }
    }

    /// The line of an offset, from 1, and where it starts.
    fn line(&self, text: &[u8], offset: usize) -> (usize, usize) {
        let at = offset / BLOCK;
        let block = self.blocks[at];
        let before = &text[at * BLOCK..offset];
        let breaks = memchr::memchr_iter(b'\n', before).count();
        let start =
            memchr::memrchr(b'\n', before).map_or(block.line_start, |last| at * BLOCK + last + 1);
        (block.lines + breaks + 1, start)
    }

    /// The first line break from an offset on, or the end of the text.
    fn line_end(&self, text: &[u8], offset: usize) -> usize {
        // The first block that starts in a later line: the break is in the one before.
        let after = self
            .blocks
            .partition_point(|block| block.line_start <= offset);
        let from = offset.max(after.saturating_sub(1) * BLOCK).min(text.len());
        memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |at| from + at)
    }

    fn characters(&self, text: &[u8], start: usize, end: usize) -> usize {
        if end.saturating_sub(start) <= BLOCK {
            return count(text.get(start..end).unwrap_or_default());
        }
        let blocks = self.characters.get_or_init(|| {
            let mut before = 0;
            let counts = text.chunks(BLOCK).map(|block| {
                before += count(block);
                before
            });
            std::iter::once(0).chain(counts).collect()
        });
        let before = |at: usize| {
            let block = at / BLOCK;
            blocks[block] + count(&text[block * BLOCK..at])
        };
        before(end) - before(start)
    }
}

/// Characters that start within these bytes.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

/// A position for people: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line number, from 1.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

impl fmt::Display for LineColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A stretch of bytes of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The source it lies in.
    pub source: SourceId,
    /// Offset of the first byte.
    pub start: usize,
    /// Offset past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes as a range.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// Index of an object among everything that was read; see [`Objects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(crate) u32);

/// Which object and field a value came from: what a source map and a diagnostic lead back to.
///
/// Small and `Copy`, because every endpoint of a cluster carries one; file, line and column are
/// looked up only when somebody asks (see [`Objects::locate`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Which of the objects that were read.
    pub object: ObjectId,
    /// The field within it.
    pub field: Field,
}

/// Where a value comes from: nearly always from one field, which then needs no allocation.
pub type Origins = smallvec::SmallVec<[Origin; 1]>;

/// The fields values are made from. Indices count from 0, as in the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The object as a whole.
    Whole,
    /// `spec.clusterIP` of a Service.
    ClusterIp,
    /// `spec.clusterIPs[i]` of a Service.
    ClusterIps(u32),
    /// `spec.externalIPs[i]` of a Service.
    ExternalIps(u32),
    /// `status.loadBalancer.ingress[i].ip` of a Service.
    IngressIp(u32),
    /// `spec.loadBalancerSourceRanges[i]` of a Service.
    SourceRange(u32),
    /// `spec.ports[i]` of a Service.
    Port(u32),
    /// `spec.ports[i].nodePort` of a Service.
    NodePort(u32),
    /// `spec.healthCheckNodePort` of a Service.
    HealthCheckNodePort,
    /// `endpoints[i].addresses[0]` of an `EndpointSlice`.
    EndpointAddress(u32),
    /// `status.podIPs[i].ip` of a Pod.
    PodIp(u32),
    /// `subsets[i].addresses[j].ip` of an Endpoints object; `ready` tells `addresses` from
    /// `notReadyAddresses`.
    SubsetAddress {
        /// Index of the subset.
        subset: u16,
        /// Which of the subset's two lists.
        list: SubsetList,
        /// Index of the address in that list.
        address: u32,
    },
}

/// The two address lists of a subset in an Endpoints object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubsetList {
    /// `addresses`: those that are ready.
    Ready,
    /// `notReadyAddresses`: those that are not.
    NotReady,
}

impl Field {
    /// The field as a path into the manifest.
    pub fn path(self) -> FieldPath {
        let path = FieldPath::root();
        match self {
            Self::Whole => path,
            Self::ClusterIp => path.key("spec").key("clusterIP"),
            Self::ClusterIps(i) => path.key("spec").key("clusterIPs").index(i as usize),
            Self::ExternalIps(i) => path.key("spec").key("externalIPs").index(i as usize),
            Self::IngressIp(i) => path
                .key("status")
                .key("loadBalancer")
                .key("ingress")
                .index(i as usize)
                .key("ip"),
            Self::SourceRange(i) => path
                .key("spec")
                .key("loadBalancerSourceRanges")
                .index(i as usize),
            Self::Port(i) => path.key("spec").key("ports").index(i as usize),
            Self::NodePort(i) => path
                .key("spec")
                .key("ports")
                .index(i as usize)
                .key("nodePort"),
            Self::HealthCheckNodePort => path.key("spec").key("healthCheckNodePort"),
            Self::EndpointAddress(i) => path
                .key("endpoints")
                .index(i as usize)
                .key("addresses")
                .index(0),
            Self::PodIp(i) => path.key("status").key("podIPs").index(i as usize).key("ip"),
            Self::SubsetAddress {
                subset,
                list,
                address,
            } => path
                .key("subsets")
                .index(usize::from(subset))
                .key(match list {
                    SubsetList::Ready => "addresses",
                    SubsetList::NotReady => "notReadyAddresses",
                })
                .index(address as usize)
                .key("ip"),
        }
    }
}

/// A path into a manifest: `spec.ports[0].nodePort`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath(Vec<Segment>);

/// One step of a [`FieldPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A key of a mapping. Nearly all are known before anything is read.
    Key(Cow<'static, str>),
    /// An index into a list.
    Index(usize),
}

impl FieldPath {
    /// The path of the whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// This path, one key deeper.
    #[must_use]
    pub fn key(mut self, key: impl Into<Cow<'static, str>>) -> Self {
        self.0.push(Segment::Key(key.into()));
        self
    }

    /// This path, one list index deeper.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Segment::Index(index));
        self
    }

    /// The steps from the document's root.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether this is the whole document.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Segment> for FieldPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    // Keys with dots are labels and annotations; kubectl writes them in brackets.
                    if key.contains('.') {
                        write!(f, "[{key}]")?;
                    } else {
                        write!(f, "{}{key}", if at == 0 { "" } else { "." })?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters() {
        let mut sources = Sources::default();
        let long = "é".repeat(3 * BLOCK);
        let id = sources.add("a", format!("ab\né{long}x\r\n"));
        let at = |offset| sources.line_column(id, offset);
        assert_eq!(at(0), LineColumn { line: 1, column: 1 });
        assert_eq!(at(2), LineColumn { line: 1, column: 3 });
        assert_eq!(at(3), LineColumn { line: 2, column: 1 });
        assert_eq!(at(5), LineColumn { line: 2, column: 2 });
        assert_eq!(
            at(5 + long.len()),
            LineColumn {
                line: 2,
                column: 3 * BLOCK + 2
            }
        );
        assert_eq!(at(usize::MAX).line, 3);
        assert_eq!(sources.line_range(id, 0), 0..2);
        assert_eq!(sources.line_range(id, 5), 3..6 + long.len());
    }
}
