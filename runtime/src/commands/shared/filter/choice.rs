//! What a filter chooses among the Services of states, some of which may know neither labels nor names.

use std::collections::{BTreeMap, BTreeSet};

use portolan_compiler::diag::some;
use portolan_compiler::diff::Subject;
use portolan_compiler::english::{agree, count};
use portolan_compiler::escape::visible;
use portolan_compiler::model::filter::Shown;
use portolan_compiler::model::{Cluster, Filter};

use super::error::FilterError;
use crate::commands::shared::Context;
use crate::report::Verbosity;

/// A filter with what is known of the Services that it chooses among.
#[derive(Debug)]
pub(in crate::commands) struct Choice {
    filter: Filter,
    /// Whether it chooses them, for Services whose labels are known.
    known: BTreeMap<Box<str>, bool>,
    /// What else is looked at, and has no labels.
    unlabelled: Vec<String>,
    /// Whether something has labels.
    has_labels: bool,
}

/// What a filter makes of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Chosen,
    Other,
    /// Its namespace is right, and its labels are not known.
    Unlabelled,
    /// Its name is not known.
    Nameless,
}

/// What a filter leaves of a report.
#[derive(Debug)]
pub(in crate::commands) struct Looked {
    /// How much that is.
    pub(in crate::commands) shown: Shown,
    /// What has to be known of it, in sentences without a full stop.
    pub(in crate::commands) notes: Vec<String>,
}

impl Choice {
    /// One that chooses everything so far.
    pub(in crate::commands) fn new(filter: Filter) -> Self {
        Self {
            filter,
            known: BTreeMap::new(),
            unlabelled: Vec::new(),
            has_labels: false,
        }
    }

    /// One that chooses among what a node has records of: names, and no labels.
    pub(in crate::commands) fn of_records(filter: Filter) -> Self {
        let mut choice = Self::new(filter);
        choice.know_unlabelled("the records of this node");
        choice
    }

    /// Takes in what manifests say of labels. A Service is chosen that is so on either of two sides.
    pub(in crate::commands) fn know(&mut self, cluster: &Cluster) {
        self.has_labels = true;
        for service in &cluster.services {
            let chosen = self.filter.chooses(&service.key, &service.labels);
            let known = self.known.entry(service.key.to_string().into());
            *known.or_default() |= chosen;
        }
    }

    /// Takes in what has no labels, by what it is called.
    pub(in crate::commands) fn know_unlabelled(&mut self, label: &str) {
        self.unlabelled.push(label.to_owned());
    }

    /// Whether something is told about.
    pub(in crate::commands) fn shows(&self, subject: &Subject) -> bool {
        self.verdict(subject) != Some(Verdict::Other)
    }

    /// Services that are known and not told about.
    pub(in crate::commands) fn hidden(&self) -> impl Iterator<Item = &str> {
        let hidden = self.known.iter().filter(|(_, chosen)| !**chosen);
        hidden.map(|(name, _)| &**name)
    }

    fn verdict(&self, subject: &Subject) -> Option<Verdict> {
        let name = match subject {
            Subject::Everything => return None,
            Subject::Address(_) | Subject::Port(_) => return Some(Verdict::Nameless),
            Subject::Service(name) => name,
        };
        Some(match self.known.get(name) {
            Some(true) => Verdict::Chosen,
            Some(false) => Verdict::Other,
            None if !self.filter.has_namespace(namespace(name)) => Verdict::Other,
            None if self.filter.labels.is_open() => Verdict::Chosen,
            None => Verdict::Unlabelled,
        })
    }

    /// What it leaves of all that a report would be about; `None` where it leaves everything.
    ///
    /// # Errors
    /// It leaves nothing, or nobody knows what it leaves.
    pub(in crate::commands) fn look<'s>(
        &self,
        subjects: impl Iterator<Item = &'s Subject>,
    ) -> Result<Option<Looked>, FilterError> {
        if self.filter.is_open() {
            return Ok(None);
        }
        let labels = || self.unlabelled.join(" and ");
        if !self.filter.labels.is_open() && !self.has_labels {
            return Err(FilterError::LabelsUnknown(labels()));
        }
        let subjects: BTreeSet<&Subject> = subjects.collect();
        let mut unlabelled = Vec::new();
        let (mut nameless, mut chosen) = (0, 0);
        let mut names: BTreeSet<&str> = self.known.keys().map(|name| &**name).collect();
        chosen += self.known.values().filter(|chosen| **chosen).count();
        for subject in subjects {
            match (subject, self.verdict(subject)) {
                (Subject::Service(name), Some(verdict)) if names.insert(name) => {
                    chosen += usize::from(verdict != Verdict::Other);
                    if verdict == Verdict::Unlabelled {
                        unlabelled.push(&**name);
                    }
                }
                (_, Some(Verdict::Nameless)) => nameless += 1,
                _ => {}
            }
        }
        if names.is_empty() && nameless > 0 {
            return Err(FilterError::NamesUnknown(labels()));
        }
        let namespaces = names.iter().map(|name| namespace(name)).collect();
        let shown = self.filter.shown(chosen, names.len(), &namespaces);
        if chosen == 0 && !names.is_empty() {
            return Err(FilterError::Nobody(shown));
        }
        let mut notes = vec![shown.to_string()];
        if chosen > 0 {
            notes.extend(shown.missing.iter().map(ToString::to_string));
        }
        if !unlabelled.is_empty() {
            notes.push(format!(
                "labels of {} are not known, as no manifest has {}: {} shown ({})",
                count(unlabelled.len(), "Service"),
                agree(unlabelled.len(), "it", "them"),
                agree(unlabelled.len(), "it is", "they are"),
                some(unlabelled.iter())
            ));
        }
        if nameless > 0 {
            notes.push(format!(
                "{} whose Service is not known {} shown",
                count(nameless, "address or port"),
                agree(nameless, "is", "are")
            ));
        }
        Ok(Some(Looked { shown, notes }))
    }
}

impl Looked {
    /// Says it, where no report has room for it.
    pub(in crate::commands) fn say(&self, context: &mut Context<'_, '_>) {
        if context.verbosity > Verbosity::Quiet {
            for note in &self.notes {
                context
                    .streams
                    .stderr
                    .say(&format!("note: {}\n", visible(note)));
            }
        }
    }
}

/// The namespace of a Service, by its name.
fn namespace(service: &str) -> &str {
    service
        .split_once('/')
        .map_or(service, |(namespace, _)| namespace)
}
