//! kube-proxy configurations in `ConfigMap`s: kubeadm, EKS, RKE2 and others keep them under names of
//! their own, so it is the text that tells, and not the name of the map or of the key.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde_json::Value as Tree;

use super::kinds::{Value, name_in, unread};
use super::report::{data_problem, duplicate_finding, unknown_problems};
use super::{Object, Reader, offset, word};
use crate::diag::{Code, Finding, Place};
use crate::front::config::KubeProxyConfiguration;
use crate::front::header::{Class, Header, Probe, Unread, sniff_yaml};
use crate::front::json;
use crate::front::parse::{Paths, Shape, parse};
use crate::front::split::{self, Cut};
use crate::source::locate::ScalarLines;
use crate::source::outline::Outline;
use crate::source::{Document, FieldPath, Format, ObjectKind, ObjectName, Span};

/// The kind, as the text of a configuration has it.
const KIND: &str = "KubeProxyConfiguration";

/// Whether the text of a `ConfigMap` could be that of one with a configuration; a cheap look.
pub(super) fn may_hold(text: &str) -> bool {
    static KIND_FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(KIND));
    KIND_FINDER.find(text.as_bytes()).is_some()
}

/// Whether any value of a `ConfigMap` could be a configuration.
pub(super) fn holds(map: &Tree) -> bool {
    let values = map.get("data").and_then(Tree::as_object);
    values
        .into_iter()
        .flat_map(|values| values.values())
        .any(|value| value.as_str().is_some_and(may_hold))
}

/// One value of a `ConfigMap`.
struct Entry<'t> {
    /// Name of the `ConfigMap`: `ConfigMap kube-system/kube-proxy`.
    map: &'t ObjectName,
    key: &'t str,
    /// Where it stands.
    path: FieldPath,
    text: &'t str,
    /// Where its lines stand, once somebody asked.
    lines: OnceCell<Option<ScalarLines>>,
}

/// What a document within a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Configuration,
    /// A configuration that cannot be read.
    Unreadable,
    /// Another object, or nothing: what follows may be a configuration.
    Other,
    /// No object. The value is a script or prose then, and what follows is part of it.
    Text,
}

/// What text that does not parse was meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    Configuration,
    /// Another kind of object.
    Object,
    /// Prose or a script that shows a configuration.
    Quotes,
    /// Prose, a script, a template.
    Text,
}

impl Meant {
    fn of(text: &str) -> Self {
        let is_configuration = |header: &Header| header.kind.as_deref() == Some(KIND);
        if json::looks_like(text) {
            return match json::sniff(text) {
                Some(header) if is_configuration(&header) => Self::Configuration,
                Some(_) => Self::Object,
                None => Self::Text,
            };
        }
        match (sniff_yaml(text, 0), begins_as_object(text)) {
            (Some(header), true) if is_configuration(&header) => Self::Configuration,
            (Some(_), true) => Self::Object,
            (Some(header), false) if is_configuration(&header) => Self::Quotes,
            (_, _) => Self::Text,
        }
    }
}

/// Whether a text that cannot be read starts as a YAML object does: no line stands at the margin before
/// its `apiVersion` or `kind` but those that are keys.
fn begins_as_object(text: &str) -> bool {
    for line in text.lines().map(str::trim_end) {
        let is_content = !line.is_empty()
            && !line.starts_with([' ', '\t', '#', '%', '-', '}', ']'])
            && line != "...";
        if !is_content {
            continue;
        }
        let Some((key, rest)) = line.split_once(':') else {
            return false;
        };
        let is_key = !key.is_empty()
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && (rest.is_empty() || rest.starts_with(' '));
        match key {
            "apiVersion" | "kind" if is_key => return true,
            _ if !is_key => return false,
            _ => {}
        }
    }
    false
}

impl Reader<'_> {
    /// Reads every configuration that a `ConfigMap` holds; their texts are YAML within scalars.
    pub(super) fn config_map(&mut self, map: &Tree, path: &FieldPath) {
        let name = name_in(ObjectKind::ConfigMap, map);
        let entries = map.get("data").and_then(Tree::as_object).into_iter();
        let mut holds_any = false;
        for (key, value) in entries.flatten() {
            let Some(text) = value.as_str().filter(|text| may_hold(text)) else {
                continue;
            };
            let entry = Entry {
                map: &name,
                key,
                path: path.clone().key("data").key(key.clone()),
                text,
                lines: OnceCell::new(),
            };
            for Cut {
                range: document, ..
            } in split::documents(text, 0)
            {
                match self.held(&entry, document) {
                    Held::Configuration | Held::Unreadable => holds_any = true,
                    Held::Other => {}
                    Held::Text => break,
                }
            }
        }
        if !holds_any {
            let kind = ObjectKind::ConfigMap.as_str().to_owned();
            self.outcome.others.push(kind);
        }
    }

    fn held(&mut self, entry: &Entry<'_>, document: Range<usize>) -> Held {
        let start = document.start;
        let text = &entry.text[document];
        let class = match parse::<Probe>(text, Format::Yaml, Shape::Whole, Paths::Forget).0 {
            Ok(Probe::Mapping(header)) => header.classify(),
            Ok(Probe::Nothing) => return Held::Other,
            Ok(Probe::List | Probe::Misfit) => return Held::Text,
            Err(fault) => {
                match Meant::of(text) {
                    Meant::Configuration => {}
                    Meant::Object => return Held::Other,
                    Meant::Quotes => {
                        self.quotes(entry);
                        return Held::Text;
                    }
                    Meant::Text => return Held::Text,
                }
                let at = fault.place.map(|(line, column)| offset(text, line, column));
                let place = self.within(entry, at.map(|at| start + at));
                let message = format!("{} in {} of {}", fault.message, entry.key, entry.map);
                self.outcome
                    .findings
                    .push(Finding::error(fault.code, Place::Span(place), message).help(fault.help));
                return Held::Unreadable;
            }
        };
        match class {
            Class::Used(ObjectKind::KubeProxyConfiguration) => {
                self.configuration(entry, text, start);
                Held::Configuration
            }
            Class::Unread(unread_api @ Unread::ConfigVersion) => {
                let place = Place::Span(self.span(self.find(&entry.path)));
                self.outcome.findings.push(unread(unread_api, place));
                Held::Unreadable
            }
            _ => Held::Other,
        }
    }

    /// Notes a configuration within other text: nobody runs kube-proxy with it.
    fn quotes(&mut self, entry: &Entry<'_>) {
        let place = Place::Span(self.span(self.find(&entry.path)));
        let message = format!(
            "{} of {} shows a {KIND} within other text, which is not read as one",
            entry.key, entry.map
        );
        self.outcome.findings.push(
            Finding::info(Code::ConfigIgnored, place, message)
                .help("if kube-proxy runs with it, pass it as a file of its own"),
        );
    }

    fn configuration(&mut self, entry: &Entry<'_>, text: &str, start: usize) {
        let (result, watch) =
            parse::<KubeProxyConfiguration>(text, Format::Yaml, Shape::Whole, Paths::Track);
        if watch.duplicate
            && let Some(outline) = Outline::parse(text)
        {
            for duplicate in outline.duplicates() {
                let first = self.within(entry, Some(start + duplicate.first.start));
                let second = self.within(entry, Some(start + duplicate.second.start));
                let owner = format!(" in {} of {}", entry.key, entry.map);
                self.outcome.findings.push(duplicate_finding(
                    &duplicate.key,
                    &duplicate.path,
                    &owner,
                    first,
                    second,
                ));
            }
        }
        let mut problems = unknown_problems(&watch, 0, ObjectKind::KubeProxyConfiguration);
        let value = match result {
            Ok(value) => Some(Value::KubeProxyConfiguration(Box::new(value))),
            Err(fault) => {
                let fault = fault.of(ObjectKind::KubeProxyConfiguration);
                problems.extend(data_problem(fault, &watch, 0));
                None
            }
        };
        let document = Document {
            start,
            ..self.document(&entry.path)
        };
        self.outcome.objects.push(Object {
            name: entry.map.clone(),
            document,
            value,
            problems,
        });
    }

    /// The word at an offset of an entry's text.
    fn within(&self, entry: &Entry<'_>, offset: Option<usize>) -> Span {
        let lines = entry.lines.get_or_init(|| self.scalar_lines(&entry.path));
        let exact = lines.as_ref().zip(offset).and_then(|(lines, offset)| {
            let rest = entry.text.get(offset..)?;
            lines.outward(offset..offset + word(rest))
        });
        self.span(exact.unwrap_or_else(|| self.find(&entry.path)))
    }
}
