//! A difference as sections of signed lines, which is what most formats print.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::{EntryShape, Shape};
use super::words;
use crate::diag::some;
use crate::diff::kernel::{KernelDiff, ObjectOp};
use crate::diff::service::{Beneath, Change, Fate, ModeChange, ServiceDiff};
use crate::diff::{Gathered, Subject};
use crate::english::{agree, count};
use crate::escape::visible;
use crate::model::filter::Shown;
use crate::model::name::NodeName;

closed_set! {
    /// Which verb reports, for forges that show several reports side by side.
    #[derive(Default)]
    pub enum Reporter {
        /// `portolan diff`.
        #[default]
        Diff = "diff",
        /// `portolan what-if`.
        WhatIf = "what-if",
    }
}

/// A difference, ready to be printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// Who reports it.
    pub reporter: Reporter,
    /// What was compared.
    pub old: String,
    /// What it was compared with.
    pub new: String,
    /// The difference in a few words.
    pub headline: String,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// By Service, kind of object or file.
    pub sections: Vec<Section>,
    /// A picture, in Mermaid's language.
    pub picture: Option<String>,
    /// What is told of several things alike, in place of a row for each change.
    pub table: Option<Table>,
}

/// A table, whose cells are printable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// What the columns are.
    pub header: Vec<String>,
    /// Each as long as the header.
    pub rows: Vec<Vec<String>>,
}

/// What is compared, and what has to be known of it beside how it differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// What was, in words: a folder, a revision, a node.
    pub old: String,
    /// What will be.
    pub new: String,
    /// Sentences without a full stop.
    pub notes: Vec<String>,
    /// What a filter left of it; `None` where nothing was filtered.
    pub shown: Option<Shown>,
    /// What has to be known of Services that change.
    pub of_services: BTreeMap<Subject, Vec<String>>,
}

/// What changes for one Service, or about one kind of object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The Service, kind of object or file.
    pub heading: String,
    /// Whether all of it comes or goes.
    pub fate: Option<Fate>,
    /// Where a manifest says it.
    pub place: Option<ManifestLine>,
    /// The changes, by port and nodes.
    pub entries: Vec<PortChanges>,
    /// What is the same of other Services of which the same is said; `None` where it is told of each.
    pub shape: Option<BTreeSet<EntryShape>>,
}

/// A place in a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestLine {
    /// The file, as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

/// Changes of one port on some nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortChanges {
    /// The port, where there is one.
    pub port: String,
    /// The nodes; `None` for all.
    pub nodes: Option<String>,
    /// A line for each change, in the order in which they are printed.
    pub lines: Vec<Line>,
    /// The changes in a few words.
    pub summary: String,
    /// Whether open connections end, or new ones are refused.
    pub disrupts: bool,
    /// Whether nobody answers any more.
    pub silences: bool,
}

/// One change, as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What goes before the text, and how it is coloured.
    pub sign: Sign,
    /// What it says.
    pub text: String,
}

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// Something comes (`+`).
    Add,
    /// Something is changed in place.
    Change,
    /// Something goes (`-`).
    Remove,
    /// Nobody answers any more.
    Alarm,
    /// Nothing comes or goes: words that go with other lines.
    None,
}

impl Sign {
    /// As it is printed.
    pub fn as_char(self) -> char {
        match self {
            Self::Add => '+',
            Self::Change => '~',
            Self::Remove => '-',
            Self::Alarm => '!',
            Self::None => ' ',
        }
    }
}

impl Outline {
    /// What changes for the users of Services.
    pub fn services(diff: &ServiceDiff, places: &BTreeMap<Subject, ManifestLine>) -> Self {
        let mut outline = Self {
            headline: words::headline(diff),
            notes: nodes(&diff.gathered),
            ..Self::default()
        };
        for (owner, groups) in diff.gathered.told(words::told) {
            let shapes: Option<BTreeSet<EntryShape>> = groups
                .iter()
                .map(|(nodes, changes)| {
                    let shapes: Option<BTreeSet<Shape>> = changes
                        .iter()
                        .map(|change| Shape::of(change, diff.modes))
                        .collect();
                    Some((diff.gathered.place(nodes).is_none(), shapes?))
                })
                .collect();
            let entries = groups.iter().map(|(nodes, changes)| {
                let changes: Vec<&Change> = changes.iter().collect();
                let changes = words::meant(&changes);
                PortChanges {
                    port: visible(&owner.port.to_string()),
                    nodes: diff.gathered.place(nodes),
                    lines: changes
                        .iter()
                        .flat_map(|change| words::lines(change))
                        .collect(),
                    summary: words::summary(&changes),
                    disrupts: changes.iter().any(|change| change.facet.disrupts()),
                    silences: changes.iter().any(|change| change.facet.silences()),
                }
            });
            let entries: Vec<PortChanges> = entries.collect();
            let heading = visible(&owner.subject.to_string());
            match outline.sections.last_mut() {
                Some(section) if section.heading == heading => {
                    section.entries.extend(entries);
                    section.shape = section.shape.take().zip(shapes).map(|(mut all, further)| {
                        all.extend(further);
                        all
                    });
                }
                _ => outline.sections.push(Section {
                    heading,
                    fate: diff.totals.fate(&owner.subject),
                    place: places.get(&owner.subject).cloned(),
                    entries,
                    shape: shapes.filter(|_| diff.totals.fate(&owner.subject).is_none()),
                }),
            }
        }
        outline.sections.extend(releases(diff));
        outline.notes.extend(half_served(diff));
        outline.notes.extend(beneath(diff));
        outline.notes.extend(modes(diff.modes));
        outline
    }

    /// Adds what has to be known of Services at their sections.
    pub fn say(&mut self, of_services: &BTreeMap<Subject, Vec<String>>) {
        for (subject, said) in of_services {
            let heading = visible(&subject.to_string());
            let mut sections = self.sections.iter_mut();
            let Some(section) = sections.find(|section| section.heading == heading) else {
                continue;
            };
            section.entries.push(PortChanges {
                port: String::new(),
                nodes: None,
                lines: said.iter().map(|one| Line::new(Sign::None, one)).collect(),
                summary: visible(&said.join("; ")),
                disrupts: false,
                silences: false,
            });
            // What is said of it is not said of others.
            section.shape = None;
        }
    }

    /// Object by object.
    pub fn kernel(diff: &KernelDiff) -> Self {
        let mut counts = [0; 3];
        let mut sections = Vec::new();
        for ((part, within), groups) in diff.gathered.iter() {
            let heading = match &**within {
                "" => part.to_string(),
                within => visible(&format!("{part} {within}")),
            };
            let entries = groups.into_iter().map(|group| {
                let mut of_group = [0; 3];
                for change in &group.changes {
                    of_group[match change.op {
                        ObjectOp::Add(_) => 0,
                        ObjectOp::Change { .. } | ObjectOp::Move => 1,
                        ObjectOp::Remove(_) => 2,
                    }] += 1;
                }
                for (count, of_group) in counts.iter_mut().zip(of_group) {
                    *count += of_group;
                }
                PortChanges {
                    port: String::new(),
                    nodes: diff.gathered.place(group.nodes),
                    lines: group
                        .changes
                        .iter()
                        .map(|change| Line::read(&change.say()))
                        .collect(),
                    summary: signed(of_group),
                    disrupts: false,
                    silences: false,
                }
            });
            sections.push(Section {
                heading,
                fate: None,
                place: None,
                entries: entries.collect(),
                shape: None,
            });
        }
        let [add, change, remove] = counts;
        Self {
            headline: match counts {
                [0, 0, 0] => "No object changes".to_owned(),
                _ => format!(
                    "{} to add, {change} to change, {remove} to remove",
                    count(add, "object")
                ),
            },
            notes: nodes(&diff.gathered),
            sections,
            ..Self::default()
        }
    }

    /// Files as text: names, and the lines of their unified diffs.
    pub fn unified(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let sections: Vec<Section> = files
            .into_iter()
            .map(|(name, diff)| {
                // The first two lines name the file, as the heading does.
                let lines: Vec<Line> = diff.lines().skip(2).map(Line::read).collect();
                let number = |sign| lines.iter().filter(|line| line.sign == sign).count();
                Section {
                    heading: visible(&name),
                    fate: None,
                    place: None,
                    entries: vec![PortChanges {
                        port: String::new(),
                        nodes: None,
                        summary: signed([number(Sign::Add), 0, number(Sign::Remove)]),
                        lines,
                        disrupts: false,
                        silences: false,
                    }],
                    shape: None,
                }
            })
            .collect();
        Self {
            headline: match sections.len() {
                0 => "No file changes".to_owned(),
                1 => "1 file changes".to_owned(),
                number => format!("{number} files change"),
            },
            sections,
            ..Self::default()
        }
    }
}

/// What the releases mirrored have in ways of their own; `None` where nothing differs.
fn releases(diff: &ServiceDiff) -> Option<Section> {
    let entries = diff.releases.iter().flat_map(|(about, groups)| {
        groups.into_iter().map(|group| {
            let about = about.words();
            let lines = group.changes.iter().map(|change| {
                let (from, to) = (change.from, change.to);
                Line::new(Sign::Change, format!("{about}: {from} -> {to}"))
            });
            PortChanges {
                port: String::new(),
                nodes: diff.releases.place(group.nodes),
                lines: lines.collect(),
                summary: about.into_owned(),
                disrupts: false,
                silences: false,
            }
        })
    });
    let mut merged: Vec<PortChanges> = Vec::new();
    for entry in entries {
        match merged.last_mut() {
            Some(last) if last.nodes == entry.nodes => {
                last.lines.extend(entry.lines);
                last.summary.push_str(", ");
                last.summary.push_str(&entry.summary);
            }
            _ => merged.push(entry),
        }
    }
    (!merged.is_empty()).then(|| Section {
        heading: "kube-proxy itself".to_owned(),
        fate: None,
        place: None,
        entries: merged,
        shape: None,
    })
}

/// What is not told of a change of modes.
pub(super) fn modes(modes: ModeChange) -> Option<String> {
    (modes == ModeChange::HalfTold).then(|| {
        "The modes differ; which endpoints are on a node, and so whose answers are lost, is told of manifests \
         only: `portolan diff --mode OLD --mode NEW FILE`"
            .to_owned()
    })
}

/// What is not compared of Services that have their addresses on one side alone.
pub(super) fn half_served(diff: &ServiceDiff) -> Option<String> {
    let half = diff.half_served.iter();
    (half.len() > 0).then(|| {
        let verb = agree(half.len(), "has", "have");
        format!(
            "{} {verb} a cluster IP on one side alone, and what manifests declare is compared ({})",
            count(half.len(), "Service"),
            some(half)
        )
    })
}

/// Where to look for what differs beneath.
fn beneath(diff: &ServiceDiff) -> Option<String> {
    // The headline tells of them where it has nothing else to tell.
    let whole = diff.totals.is_whole();
    match diff.beneath {
        Beneath { objects: 0, .. } => None,
        drift if drift.is_drift() && whole => Some("--view kernel shows them".to_owned()),
        some => Some(format!(
            "{}: --view kernel shows them",
            words::differ(some.objects)
        )),
    }
}

fn signed(counts: [usize; 3]) -> String {
    let signs = ['+', '~', '-'];
    let counts = counts.into_iter().zip(signs);
    let said: Vec<String> = counts
        .filter(|(number, _)| *number > 0)
        .map(|(number, sign)| format!("{sign}{number}"))
        .collect();
    said.join(" ")
}

fn nodes<Key: Ord, Change: Ord>(gathered: &Gathered<Key, Change>) -> Vec<String> {
    let mut notes = Vec::new();
    for (names, what) in [
        (&gathered.nodes_new, "new, and not compared"),
        (&gathered.nodes_gone, "gone, and not compared"),
    ] {
        if !names.is_empty() {
            let some = crate::diff::gathered::some_of(names.iter().map(NodeName::as_str));
            notes.push(format!("{}: {some}", words::are(names.len(), "node", what)));
        }
    }
    notes
}

impl Section {
    /// The heading, and whether all of it comes or goes.
    pub(super) fn title(&self) -> String {
        match self.fate {
            None => self.heading.clone(),
            Some(Fate::Comes) => format!("{} (new)", self.heading),
            Some(Fate::Goes) => format!("{} (gone)", self.heading),
        }
    }
}

impl Line {
    pub(super) fn new(sign: Sign, text: impl Into<String>) -> Self {
        Self {
            sign,
            text: visible(&text.into()),
        }
    }

    /// Takes a line apart that begins with its sign.
    fn read(line: &str) -> Self {
        let mut chars = line.chars();
        let sign = match chars.next() {
            Some('+') => Sign::Add,
            Some('~') => Sign::Change,
            Some('-') => Sign::Remove,
            _ => Sign::None,
        };
        let rest = match sign {
            Sign::None if !line.starts_with(' ') => line,
            _ => chars.as_str(),
        };
        Self::new(sign, rest.strip_prefix(' ').unwrap_or(rest))
    }
}
