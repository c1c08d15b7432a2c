//! What differs in a folder, short: most of it is the same on every node.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use portolan_compiler::bundle::{ArtefactKind, ArtefactPath, Manifest};
use portolan_compiler::diag::some;
use portolan_compiler::english::count;
use portolan_compiler::escape::visible;
use portolan_compiler::model::name::NodeName;

use crate::out::Change;
use crate::out::diff::{ChangedLine, Side};

/// More lines of one artefact are counted.
const LINES: usize = 20;

/// What of a folder is not as it would be compiled now.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    artefacts: BTreeMap<(ArtefactKind, Change), OfArtefact>,
    /// Nodes whose MANIFEST differs.
    parts: BTreeMap<Change, Vec<NodeName>>,
    /// The folder's own.
    manifest: Option<Change>,
}

/// What differs of one artefact, on all nodes on which the same becomes of it.
#[derive(Debug, Default)]
pub(crate) struct OfArtefact {
    nodes: Vec<NodeName>,
    /// What these nodes have in common, in the order of the first.
    common: Vec<ChangedLine>,
    /// How many lines change on the node with the fewest, and on that with the most.
    fewest: usize,
    most: usize,
}

impl Differences {
    /// Adds a file of a node; lines where they are worth a look.
    pub(super) fn add(&mut self, path: &ArtefactPath, change: Change, lines: Vec<ChangedLine>) {
        let of = self.artefacts.entry((path.kind, change)).or_default();
        let number = lines.len();
        if of.nodes.is_empty() {
            (of.common, of.fewest, of.most) = (lines, number, number);
        } else {
            let mut left: BTreeMap<ChangedLine, usize> = BTreeMap::new();
            for line in lines {
                *left.entry(line).or_default() += 1;
            }
            of.common.retain(|line| match left.get_mut(line) {
                Some(number) if *number > 0 => {
                    *number -= 1;
                    true
                }
                _ => false,
            });
            of.fewest = of.fewest.min(number);
            of.most = of.most.max(number);
        }
        of.nodes.push(path.node.clone());
    }

    /// Adds a node's MANIFEST.
    pub(super) fn add_part(&mut self, node: &NodeName, change: Change) {
        self.parts.entry(change).or_default().push(node.clone());
    }

    /// Adds the folder's own MANIFEST.
    pub(super) fn add_manifest(&mut self, change: Change) {
        self.manifest = Some(change);
    }

    /// By artefact: what becomes of it, and on which nodes.
    pub(crate) fn artefacts(&self) -> impl Iterator<Item = (ArtefactKind, Change, &OfArtefact)> {
        let artefacts = self.artefacts.iter();
        artefacts.map(|((kind, change), of)| (*kind, *change, of))
    }

    /// The MANIFESTs that differ: what becomes of them, and on which nodes; the folder's own is of none.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = (Change, &[NodeName])> {
        let parts = self.parts.iter();
        let own = self.manifest.map(|change| (change, &[][..]));
        parts
            .map(|(change, nodes)| (*change, &nodes[..]))
            .chain(own)
    }

    /// For people, with colours.
    pub(crate) fn styled(&self) -> String {
        const BOLD: Style = Style::new().bold();
        let mut text = String::new();
        let mut rest = Vec::new();
        for (kind, change, of) in self.artefacts() {
            let what = format!("{} {}", of.heading(kind), word(change));
            if of.common.is_empty() && of.most == 0 {
                rest.push(what);
                continue;
            }
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{BOLD}{what}:{BOLD:#}");
            for line in of.shown() {
                let style = match line.side {
                    Side::Old => AnsiColor::Red.on_default(),
                    Side::New => AnsiColor::Green.on_default(),
                };
                let body = visible(&line.text);
                let _ = writeln!(text, "{style}{}{body}{style:#}", line.side.sign());
            }
            if let Some(more) = of.more() {
                let _ = writeln!(text, "  {more}");
            }
        }
        let parts = self.parts.iter().map(|(change, nodes)| {
            let what = of_nodes(Manifest::FILE_NAME, nodes);
            format!("{what} {}", word(*change))
        });
        rest.extend(parts);
        let manifest = self
            .manifest
            .map(|change| format!("{} {}", Manifest::FILE_NAME, word(change)));
        rest.extend(manifest);
        for line in rest {
            let _ = writeln!(text, "{BOLD}{line}{BOLD:#}");
        }
        text
    }
}

impl OfArtefact {
    /// The nodes on which it differs.
    pub(crate) fn nodes(&self) -> &[NodeName] {
        &self.nodes
    }

    /// `ipvs.rules of 40 nodes (node-a, node-b, node-c and 37 more)`.
    pub(crate) fn heading(&self, kind: ArtefactKind) -> String {
        of_nodes(kind.as_str(), &self.nodes)
    }

    /// The lines in common, as many as one reads.
    pub(crate) fn shown(&self) -> &[ChangedLine] {
        &self.common[..self.common.len().min(LINES)]
    }

    /// What is not shown.
    pub(crate) fn more(&self) -> Option<String> {
        let shown = self.shown().len();
        let (fewest, most) = (self.fewest - shown, self.most - shown);
        let lines = match (fewest, most) {
            (_, 0) => return None,
            (few, many) if few == many => count(many, "line"),
            (0, many) => format!("up to {}", count(many, "line")),
            (few, many) => format!("{few} to {}", count(many, "line")),
        };
        let and = if shown == 0 { "" } else { "and " };
        Some(match self.nodes.len() {
            1 => format!("{and}{lines}, which -v shows"),
            _ => format!("{and}{lines} on each, which -v shows"),
        })
    }
}

/// `ipvs.rules of 40 nodes (node-a, node-b, node-c and 37 more)`.
fn of_nodes(file: &str, nodes: &[NodeName]) -> String {
    let names = some(nodes.iter().map(NodeName::as_str));
    let names = visible(&names);
    match nodes.len() {
        1 => format!("{file} of {names}"),
        number => format!("{file} of {} ({names})", count(number, "node")),
    }
}

/// What becomes of a file.
pub(crate) fn word(change: Change) -> &'static str {
    match change {
        Change::Added => "is missing",
        Change::Modified => "differs",
        Change::Deleted => "is not made any more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(differences: &mut Differences, node: &str, lines: &[(Side, &str)]) {
        let path = ArtefactPath {
            node: NodeName::parse(node).unwrap(),
            kind: ArtefactKind::IpvsRules,
        };
        let lines = lines.iter().map(|(side, text)| ChangedLine {
            side: *side,
            text: (*text).to_owned(),
        });
        differences.add(&path, Change::Modified, lines.collect());
    }

    fn plain(differences: &Differences) -> String {
        anstream::adapter::strip_str(&differences.styled()).to_string()
    }

    #[test]
    fn what_nodes_have_in_common_is_told_once() {
        let mut differences = Differences::default();
        let common = [(Side::Old, "a"), (Side::New, "b")];
        add(
            &mut differences,
            "n1",
            &[common[0], common[1], (Side::New, "own")],
        );
        add(&mut differences, "n2", &common);
        add(
            &mut differences,
            "n3",
            &[(Side::New, "c"), common[0], common[1], (Side::New, "b")],
        );
        differences.add_manifest(Change::Modified);
        assert_eq!(
            plain(&differences),
            "ipvs.rules of 3 nodes (n1, n2, n3) differs:\n-a\n+b\n  and up to 2 lines on each, which -v \
             shows\nMANIFEST differs\n"
        );
    }

    #[test]
    fn a_line_counts_as_often_as_each_node_has_it() {
        let mut differences = Differences::default();
        let twice = [(Side::New, "a"), (Side::New, "a")];
        add(&mut differences, "n1", &twice);
        add(&mut differences, "n2", &twice[..1]);
        let said = "ipvs.rules of 2 nodes (n1, n2) differs:\n+a\n  and up to 1 line on each, which -v shows\n";
        assert_eq!(plain(&differences), said);
    }

    #[test]
    fn nodes_that_have_nothing_in_common_are_counted() {
        let mut differences = Differences::default();
        add(&mut differences, "n1", &[(Side::New, "a")]);
        add(&mut differences, "n2", &[(Side::New, "b")]);
        let said = "ipvs.rules of 2 nodes (n1, n2) differs:\n  1 line on each, which -v shows\n";
        assert_eq!(plain(&differences), said);
    }

    #[test]
    fn more_than_one_reads_is_counted() {
        let mut differences = Differences::default();
        let lines: Vec<String> = (0..50).map(|number| format!("line {number}")).collect();
        let lines: Vec<_> = lines
            .iter()
            .map(|line| (Side::New, line.as_str()))
            .collect();
        add(&mut differences, "n1", &lines);
        let said = plain(&differences);
        assert_eq!(said.matches("\n+line").count(), LINES);
        assert!(said.ends_with("  and 30 lines, which -v shows\n"), "{said}");
    }
}
