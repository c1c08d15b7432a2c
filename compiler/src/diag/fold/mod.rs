//! Findings that say the same of many objects, said once.
//!
//! A run over a thousand nodes finds the same thing a thousand times: a reader wants it once, with a
//! few names and a count; and what is found at a thousand places of one object as well. Two findings say the same where severity, kind and help are equal and their
//! words differ in nothing but what each is about: the name of its object, the text it points at,
//! addresses, ports, counts and Services ([`mask`]).

mod mask;

use std::collections::{BTreeMap, BTreeSet};

use super::{Diagnostic, Severity};
use crate::source::Sources;
use mask::masked;

/// What is said of so many objects is shown for each of them.
const SHOWN: usize = 2;

/// What is said so often is shown each time, of one object too.
const TIMES: usize = 10;

/// Longer text that a finding points at is no value that its message repeats.
const VALUE: usize = 64;

/// Whether what is said alike of many objects is told once or for each of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Alike {
    /// Once, with a few names and a count.
    #[default]
    Once,
    /// For each object.
    Each,
}

/// A finding to show, and those that say the same of other objects and are not shown.
pub(crate) struct Folded<'a> {
    /// The name it goes by.
    pub(crate) name: &'a str,
    /// The first of them.
    pub(crate) shown: &'a Diagnostic,
    /// The others, in order.
    pub(crate) others: Vec<&'a Diagnostic>,
}

/// What findings that say the same have in common.
type Key<'a> = (Severity, &'a str, String, String);

/// Folds findings, each under the first of its kind.
pub(crate) fn fold<'a>(
    named: impl Iterator<Item = (&'a str, &'a Diagnostic)>,
    sources: &Sources,
    alike: Alike,
) -> Vec<Folded<'a>> {
    let one = |(name, shown)| Folded {
        name,
        shown,
        others: Vec::new(),
    };
    match alike {
        Alike::Each => named.map(one).collect(),
        Alike::Once => fold_alike(named, sources),
    }
}

/// Each kind under its first; what is said of few objects stays where it was.
fn fold_alike<'a>(
    named: impl Iterator<Item = (&'a str, &'a Diagnostic)>,
    sources: &Sources,
) -> Vec<Folded<'a>> {
    let mut kinds: BTreeMap<Key<'a>, usize> = BTreeMap::new();
    let mut objects: Vec<BTreeSet<Option<&str>>> = Vec::new();
    let mut times: Vec<usize> = Vec::new();
    let mut all = Vec::new();
    for (name, diagnostic) in named {
        let key = (
            diagnostic.severity,
            name,
            shape(&diagnostic.message, diagnostic, sources),
            shape(&diagnostic.help, diagnostic, sources),
        );
        let kind = *kinds.entry(key).or_insert(objects.len());
        objects.resize_with(objects.len().max(kind + 1), BTreeSet::new);
        objects[kind].insert(diagnostic.object.as_deref());
        times.resize(objects.len(), 0);
        times[kind] += 1;
        all.push((kind, name, diagnostic));
    }
    let mut folded: Vec<Folded<'a>> = Vec::new();
    // The place in `folded` of each kind that is told once.
    let mut told: Vec<Option<usize>> = vec![None; objects.len()];
    for (kind, name, diagnostic) in all {
        let few = objects[kind].len() <= SHOWN && times[kind] <= TIMES;
        match told[kind] {
            Some(at) if !few => folded[at].others.push(diagnostic),
            _ => {
                told[kind] = Some(folded.len());
                folded.push(Folded {
                    name,
                    shown: diagnostic,
                    others: Vec::new(),
                });
            }
        }
    }
    folded
}

/// Words without what tells them from others that say the same.
fn shape(words: &str, diagnostic: &Diagnostic, sources: &Sources) -> String {
    // Addresses first: what a finding points at may be a part of one.
    let mut message = masked(words);
    let named = diagnostic.object.as_deref();
    let name = named
        .and_then(|object| object.split_once(' '))
        .map(|(_, name)| name);
    let bare = name
        .and_then(|name| name.rsplit_once('/'))
        .map(|(_, name)| name);
    let value = value(diagnostic, sources);
    for word in [name, bare, value].into_iter().flatten() {
        message = without(&message, word);
    }
    message
}

/// What a finding points at, as far as it is short.
fn value<'a>(diagnostic: &Diagnostic, sources: &'a Sources) -> Option<&'a str> {
    let span = diagnostic.location.as_ref()?.span;
    let value = sources.get(span.source).text.get(span.start..span.end)?;
    (value.len() <= VALUE).then_some(value)
}

impl Folded<'_> {
    /// The values that the others point at and name, where they are not what the shown one points at: one
    /// of them may be what matters.
    pub(crate) fn values<'s>(&self, sources: &'s Sources) -> BTreeSet<&'s str> {
        let named = |diagnostic: &&Diagnostic| {
            let value = value(diagnostic, sources)?;
            let bare = value.trim_matches(['"', '\'']);
            diagnostic.message.contains(bare).then_some(bare)
        };
        let mut values: BTreeSet<&str> = self.others.iter().filter_map(named).collect();
        if let Some(shown) = named(&self.shown) {
            values.remove(shown);
        }
        values
    }
}

/// A text in which a word, wherever it stands by itself, is a mere mark.
fn without(text: &str, word: &str) -> String {
    if word.is_empty() || !text.contains(word) {
        return text.to_owned();
    }
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        out.push_str(before);
        let alone = !out.ends_with(part) && !after.starts_with(part);
        out.push_str(if alone { "\0" } else { word });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, FieldPath};

    fn about(object: &str, message: &str) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            code: Code::NoEndpoints,
            object: Some(object.to_owned()),
            field: Some(FieldPath::root()),
            location: None,
            message: message.to_owned(),
            help: String::new(),
            also: Vec::new(),
        }
    }

    #[test]
    fn what_says_the_same_of_many_objects_is_said_once() {
        let mut all: Vec<Diagnostic> = (0..100)
            .map(|i| {
                about(
                    &format!("Node n{i}"),
                    &format!("no facts for n{i}: none known"),
                )
            })
            .collect();
        all.push(about("Node other", "no facts for somebody: none known"));
        all.push(about("Service shop/cart", "shop/cart:http has no endpoint"));
        all.push(about("Service shop/tea", "shop/tea:http has no endpoint"));
        let sources = Sources::default();
        let named = || all.iter().map(|one| (one.code.as_str(), one));
        let folded = fold(named(), &sources, Alike::Once);
        let shown: Vec<(&str, usize)> = folded
            .iter()
            .map(|folded| (folded.shown.message.as_str(), folded.others.len()))
            .collect();
        assert_eq!(
            shown,
            [
                ("no facts for n0: none known", 99),
                ("no facts for somebody: none known", 0),
                ("shop/cart:http has no endpoint", 0),
                ("shop/tea:http has no endpoint", 0),
            ]
        );
        assert_eq!(fold(named(), &sources, Alike::Each).len(), all.len());
    }

    #[test]
    fn what_is_said_often_of_one_object_is_said_once() {
        for (times, expected) in [(TIMES, TIMES), (2_000, 1)] {
            let all: Vec<Diagnostic> = (0..times)
                .map(|i| about("Service shop/cart", &format!("port {i} is no port")))
                .collect();
            let named = all.iter().map(|one| (one.code.as_str(), one));
            let folded = fold(named, &Sources::default(), Alike::Once);
            assert_eq!(folded.len(), expected, "{times}");
        }
    }

    #[test]
    fn only_whole_words_are_taken_out() {
        assert_eq!(
            without("no a in a, a-b and ab", "a"),
            "no \0 in \0, a-b and ab"
        );
        assert_eq!(without("d/s1:http", "d/s1"), "\0:http");
        assert_eq!(without("nothing", "x"), "nothing");
    }
}
