//! One stretch of text into its object: the kind looked up, the value read, problems named.

use std::cell::OnceCell;
use std::sync::Arc;

use granit_parser::ScalarStyle;
use k8s_openapi::api::core::v1::{Endpoints, Node, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde::de::DeserializeOwned;
use serde_json::Value as Tree;

use super::config::{self, KubeProxyConfiguration};
use super::facts::NodeFacts;
use super::fault::{Fault, TEXT_HELP};
use super::foreign::{self, Foreign, Stray};
use super::header::{Class, Header, Probe, Unread, item_column, sniff_yaml};
use super::installer::{self, InstallerManifest};
use super::joined::{Joined, joined};
use super::kube_proxy::{self, DaemonSetManifest};
use super::lint_config::LintConfig;
use super::locate::{ScalarLines, first_line};
use super::objects::{Document, Format, ObjectKind, ObjectName};
use super::outline::Outline;
use super::parse::{Paths, Shape, parse};
use super::pod::PodManifest;
use super::service_cidr::ServiceCidrManifest;
use super::slice::SliceManifest;
use super::strict::{Strict, Watch, yaml11};
use super::{config_map, json, limits, merge, variables};
use crate::diag::{Code, Finding, Place, Severity};
use crate::source::{FieldPath, Segment, Span};

/// A stretch of a source that is parsed by itself.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) span: Span,
    pub(super) format: Format,
    pub(super) shape: Shape,
    /// The header of objects that bring none, in a list that says what it lists.
    pub(super) inherited: Option<Arc<Header>>,
    pub(super) part: Part,
    pub(super) standing: Standing,
}

/// What a piece of text is meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// An object: a document, or an item of a List.
    Object,
    /// An element of a list that is a whole document: an object, or something of others.
    Element,
}

/// What it means if a piece does not parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The text is wrong.
    Alone,
    /// The cut may be wrong: the whole must be read in one piece to tell.
    OfGroup,
}

/// What a piece gave.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) objects: Vec<Object>,
    /// Findings about text that belongs to no object.
    pub(super) findings: Vec<Finding>,
    /// What is no manifest.
    pub(super) strays: Vec<Stray>,
    /// Kinds of objects that passed by.
    pub(super) others: Vec<String>,
    /// A [`Part::OfGroup`] that did not parse; there is nothing else then.
    pub(super) broken: bool,
}

/// An object that has no id yet.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) name: ObjectName,
    pub(super) document: Document,
    /// Nothing if it could not be read.
    pub(super) value: Option<Value>,
    pub(super) problems: Vec<Problem>,
}

/// A finding about a field of an object that has no id yet.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) severity: Severity,
    pub(super) fault: Fault,
    pub(super) path: FieldPath,
}

/// An object's value.
#[derive(Debug)]
pub(super) enum Value {
    Service(Box<Service>),
    EndpointSlice(Box<SliceManifest>),
    Endpoints(Box<Endpoints>),
    Node(Box<Node>),
    Pod(Box<PodManifest>),
    DaemonSet(Box<DaemonSetManifest>),
    Installer(Box<InstallerManifest>),
    ServiceCidr(Box<ServiceCidrManifest>),
    Config(Box<KubeProxyConfiguration>),
    Facts(Box<NodeFacts>),
    Lint(Box<LintConfig>),
}

/// A type that an object can be read into.
trait Kind: DeserializeOwned {
    fn wrap(self) -> Value;
    /// Namespace and name.
    fn metadata(&self) -> (Option<&str>, Option<&str>);
}

macro_rules! kinds {
    ($($type:ident => $variant:ident,)*) => {
        $(impl Kind for $type {
            fn wrap(self) -> Value {
                Value::$variant(Box::new(self))
            }

            fn metadata(&self) -> (Option<&str>, Option<&str>) {
                (self.metadata.namespace.as_deref(), self.metadata.name.as_deref())
            }
        })*
    };
}

kinds! {
    Service => Service,
    Endpoints => Endpoints,
    Node => Node,
    PodManifest => Pod,
    DaemonSetManifest => DaemonSet,
    ServiceCidrManifest => ServiceCidr,
}

impl Kind for EndpointSlice {
    fn wrap(self) -> Value {
        Value::EndpointSlice(Box::new(self.into()))
    }

    fn metadata(&self) -> (Option<&str>, Option<&str>) {
        (
            self.metadata.namespace.as_deref(),
            self.metadata.name.as_deref(),
        )
    }
}

impl Kind for KubeProxyConfiguration {
    fn wrap(self) -> Value {
        Value::Config(Box::new(self))
    }

    fn metadata(&self) -> (Option<&str>, Option<&str>) {
        (None, None)
    }
}

impl Kind for NodeFacts {
    fn wrap(self) -> Value {
        Value::Facts(Box::new(self))
    }

    fn metadata(&self) -> (Option<&str>, Option<&str>) {
        (None, Some(&self.metadata.name))
    }
}

impl Kind for LintConfig {
    fn wrap(self) -> Value {
        Value::Lint(Box::new(self))
    }

    fn metadata(&self) -> (Option<&str>, Option<&str>) {
        (None, None)
    }
}

fn named(kind: ObjectKind, namespace: Option<&str>, name: Option<&str>) -> ObjectName {
    let namespace = match kind {
        ObjectKind::Service
        | ObjectKind::EndpointSlice
        | ObjectKind::Endpoints
        | ObjectKind::Pod
        | ObjectKind::DaemonSet
        | ObjectKind::ConfigMap => Some(
            namespace
                .filter(|name| !name.is_empty())
                .unwrap_or("default")
                .into(),
        ),
        ObjectKind::Node
        | ObjectKind::ServiceCidr
        | ObjectKind::KubeProxyConfiguration
        | ObjectKind::NodeFacts
        | ObjectKind::LintConfig
        | ObjectKind::Installer(_) => None,
    };
    ObjectName {
        kind,
        namespace,
        name: name.unwrap_or_default().into(),
    }
}

/// Reads a piece of a source's text.
pub(super) fn read(piece: &Piece, source: &str) -> Outcome {
    let mut reader = Reader {
        piece,
        text: &source[piece.span.range()],
        outcome: Outcome::default(),
        outline: OnceCell::new(),
    };
    reader.read();
    if reader.outcome.broken {
        return Outcome {
            broken: true,
            ..Outcome::default()
        };
    }
    reader.outcome
}

/// How the header of an object is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certainty {
    /// From a line that looks like it.
    Sniffed,
    /// From the list around it.
    Inherited,
    /// From parsing the text, which is sound then.
    Probed,
}

pub(super) struct Reader<'p> {
    piece: &'p Piece,
    text: &'p str,
    pub(super) outcome: Outcome,
    /// Of the text, once something is to be pointed at.
    outline: OnceCell<Option<Outline<'p>>>,
}

impl<'p> Reader<'p> {
    fn read(&mut self) {
        let sniffed = match (self.piece.format, self.piece.shape) {
            (Format::Yaml, Shape::Whole) => sniff_yaml(self.text, 0),
            (Format::Yaml, Shape::Item) => {
                item_column(self.text).and_then(|column| sniff_yaml(self.text, column))
            }
            (Format::Json, _) => json::sniff(self.text),
        };
        let is_list = sniffed
            .as_ref()
            .is_some_and(|header| matches!(header.classify(), Class::List(_)));
        if self.text.len() > limits::OBJECT_BYTES && !is_list {
            self.too_large();
            return;
        }
        match (sniffed, self.piece.inherited.as_deref()) {
            (Some(header), _) => self.dispatch(&header, Certainty::Sniffed),
            (None, Some(inherited)) if inherited.kind.is_some() => {
                self.dispatch(inherited, Certainty::Inherited);
            }
            (None, _) => self.probe(),
        }
    }

    fn parse<T: DeserializeOwned>(&self, paths: Paths) -> (Result<T, Fault>, Watch) {
        parse(self.text, self.piece.format, self.piece.shape, paths)
    }

    /// Learns the header by parsing the whole text.
    fn probe(&mut self) {
        let (result, watch) = self.parse::<Probe>(Paths::Forget);
        match result {
            Err(fault) => self.refuse(fault),
            Ok(Probe::Nothing) => {}
            Ok(Probe::List) => self.read_tree(),
            Ok(Probe::Misfit) => self.misfit(first_line(self.text)),
            Ok(Probe::Mapping(_)) if self.merges(&watch) => self.read_tree(),
            Ok(Probe::Mapping(_)) if watch.duplicate && self.is_joined() => {}
            Ok(Probe::Mapping(header)) => {
                let header = header.or(self.piece.inherited.as_deref());
                match header.classify() {
                    Class::Used(_) | Class::List(_) => {}
                    _ => self.report_duplicates(&watch, Severity::Warning, ""),
                }
                self.dispatch(&header, Certainty::Probed);
            }
        }
    }

    /// Whether the text has several objects with no line between them; tells of it then.
    fn is_joined(&mut self) -> bool {
        if (self.piece.format, self.piece.shape) != (Format::Yaml, Shape::Whole) {
            return false;
        }
        let Some(objects) = self.outline().and_then(joined) else {
            return false;
        };
        let severity = |class: &Class| match class {
            Class::Used(ObjectKind::ConfigMap) if !config_map::may_hold(self.text) => {
                Severity::Warning
            }
            Class::Used(kind) => weight(*kind),
            Class::List(_) | Class::Unread(_) => Severity::Error,
            Class::Other(_) | Class::Unknown => Severity::Warning,
        };
        let classes: Vec<Class> = objects.iter().map(|one| one.header.classify()).collect();
        let is_read = |class: &Class| severity(class) == Severity::Error;
        let severity = if classes.iter().any(is_read) {
            Severity::Error
        } else {
            Severity::Warning
        };
        for pair in objects.windows(2) {
            let [first, second] = pair else { continue };
            let kind = |one: &Joined| one.header.kind.clone().unwrap_or_default();
            let message = format!(
                "`apiVersion` and `kind` stand twice in one document: a {} follows a {} without a line `---` between them",
                kind(second),
                kind(first)
            );
            let (first, second) = (
                self.span(first.start.clone()),
                self.span(second.start.clone()),
            );
            let finding = Finding {
                severity,
                ..Finding::error(Code::DuplicateKey, Place::Span(second), message)
            };
            self.outcome.findings.push(
                finding
                    .help("write a line `---` before the second object; a file that others are put behind should end in one")
                    .also(Place::Span(first), "first here"),
            );
        }
        for class in classes {
            if let Class::Used(_) | Class::Other(_) = class {
                self.pass(&class, first_line(self.text));
            }
        }
        true
    }

    fn dispatch(&mut self, header: &Header, certainty: Certainty) {
        let class = header.classify();
        match class {
            Class::Used(ObjectKind::Service) => self.typed::<Service>(header, certainty),
            Class::Used(ObjectKind::EndpointSlice) => {
                self.typed::<EndpointSlice>(header, certainty);
            }
            Class::Used(ObjectKind::Endpoints) => self.typed::<Endpoints>(header, certainty),
            Class::Used(ObjectKind::Node) => self.typed::<Node>(header, certainty),
            Class::Used(ObjectKind::Pod) => self.typed::<PodManifest>(header, certainty),
            Class::Used(ObjectKind::ServiceCidr) => {
                self.typed::<ServiceCidrManifest>(header, certainty);
            }
            Class::Used(ObjectKind::KubeProxyConfiguration) => {
                self.typed::<KubeProxyConfiguration>(header, certainty);
            }
            Class::Used(ObjectKind::NodeFacts) => self.typed::<NodeFacts>(header, certainty),
            Class::Used(ObjectKind::LintConfig) => self.typed::<LintConfig>(header, certainty),
            Class::Used(ObjectKind::DaemonSet) if kube_proxy::may_run(self.text) => {
                self.typed::<DaemonSetManifest>(header, certainty);
            }
            Class::Used(ObjectKind::ConfigMap) if config_map::may_hold(self.text) => {
                self.read_tree();
            }
            Class::List(_) => self.read_tree(),
            class @ (Class::Used(ObjectKind::ConfigMap) | Class::Other(_) | Class::Unknown)
                if self.installer(&class) => {}
            Class::Used(
                ObjectKind::ConfigMap | ObjectKind::DaemonSet | ObjectKind::Installer(_),
            )
            | Class::Unread(_)
            | Class::Other(_)
            | Class::Unknown => {
                if certainty == Certainty::Probed {
                    self.pass(&class, first_line(self.text));
                } else {
                    self.check(&class);
                }
            }
        }
    }

    /// Checks an object that passes by, and that it is what it was taken for.
    fn check(&mut self, class: &Class) {
        let (result, watch) = self.parse::<Probe>(Paths::Forget);
        match result {
            Ok(Probe::Mapping(header))
                if !self.merges(&watch)
                    && header
                        .clone()
                        .or(self.piece.inherited.as_deref())
                        .classify()
                        == *class =>
            {
                self.report_duplicates(&watch, Severity::Warning, "");
                self.pass(class, first_line(self.text));
            }
            _ => self.probe(),
        }
    }

    /// Counts an object that is not read.
    fn pass(&mut self, class: &Class, place: std::ops::Range<usize>) {
        match class {
            Class::Used(kind) => self.outcome.others.push(counted(*kind).to_owned()),
            Class::List(_) => {}
            Class::Other(kind) => {
                self.outcome.others.push(kind.clone());
                if kind.ends_with(".kustomize.config.k8s.io") {
                    self.stray(Foreign::Kustomization, place);
                } else if kind.starts_with("ENC[") {
                    self.stray(Foreign::EncryptedUnknown, place);
                }
            }
            Class::Unknown if self.piece.standing == Standing::Element => {
                self.stray(Foreign::Element, place);
            }
            Class::Unknown => {
                self.outcome.others.push("unknown".to_owned());
                let what = if foreign::is_encrypted(self.text) {
                    Foreign::EncryptedUnknown
                } else {
                    Foreign::NoObject
                };
                self.stray(what, place);
            }
            Class::Unread(unread_api) => {
                let place = Place::Span(self.span(place));
                self.outcome
                    .others
                    .push(unread_kind(*unread_api).to_owned());
                self.outcome.findings.push(unread(*unread_api, place));
            }
        }
    }

    /// Reads text that no other reader takes as the configuration of what installs clusters; whether it is
    /// one that says something of kube-proxy, or one that is nothing else.
    fn installer(&mut self, class: &Class) -> bool {
        let could_be = match class {
            Class::Unknown => {
                let is_object = self.piece.standing == Standing::Object;
                is_object && (installer::may_tell(self.text) || kube_proxy::is_k3s(self.text))
            }
            class => installer::may_tell(self.text) && installer::is_kind(&kind_group(class)),
        };
        if !could_be {
            return false;
        }
        let (Ok(tree), watch) = self.parse::<Tree>(Paths::Forget) else {
            return false;
        };
        if !self.installer_tree(class, &tree, &FieldPath::root()) {
            return false;
        }
        self.report_duplicates(&watch, Severity::Warning, "");
        true
    }

    fn installer_tree(&mut self, class: &Class, tree: &Tree, path: &FieldPath) -> bool {
        let found = match class {
            Class::Unknown if path.is_root() => installer::of_text(self.text, tree),
            Class::Unknown => None,
            class => installer::of_kind(&kind_group(class), tree),
        };
        let Some(found) = found else {
            return false;
        };
        let kind = ObjectKind::Installer(found.what);
        self.outcome.others.push(match class {
            Class::Unknown => kind.as_str().to_owned(),
            class => kind_group(class),
        });
        let document = self.document(path);
        self.outcome.objects.push(Object {
            name: name_in(kind, tree),
            document,
            value: Some(Value::Installer(Box::new(found.manifest))),
            problems: Vec::new(),
        });
        true
    }

    fn stray(&mut self, what: Foreign, place: std::ops::Range<usize>) {
        let place = self.span(place);
        self.outcome.strays.push(Stray { what, place });
    }

    /// Whether an object of a kind that is read is none yet; tells of it then.
    fn not_yet(&mut self) -> bool {
        let what = if foreign::is_encrypted(self.text) {
            Some(Foreign::Encrypted)
        } else {
            foreign::template(self.text)
        };
        if let Some(what) = what {
            self.stray(what, first_line(self.text));
        }
        what.is_some()
    }

    /// Whether a value stands for one that is filled in before the object is one. Annotations may speak of
    /// variables to others.
    fn has_variables(&self) -> bool {
        variables::is_in(self.text) && self.outline().is_some_and(variables::is_in_object)
    }

    /// Counts what is read and not compiled.
    fn count(&mut self, kind: ObjectKind) {
        if is_read_in_part(kind) {
            self.outcome.others.push(counted(kind).to_owned());
        }
    }

    /// The way of most objects: text straight into its type.
    fn typed<T: Kind>(&mut self, header: &Header, certainty: Certainty) {
        let (result, watch) = self.parse::<T>(Paths::Forget);
        if self.merges(&watch) {
            self.read_tree();
            return;
        }
        let verified = match certainty {
            Certainty::Sniffed => watch.has_kind && watch.has_api_version,
            Certainty::Inherited | Certainty::Probed => true,
        };
        let Class::Used(kind) = header.classify() else {
            return;
        };
        match result {
            Ok(value) if verified => {
                let (namespace, name) = value.metadata();
                let name = named(kind, namespace, name);
                let suspect = name.name.contains("{{") || watch.unknown;
                if suspect && !is_read_in_part(kind) && self.not_yet() {
                    return;
                }
                if !is_read_in_part(kind) && self.has_variables() {
                    return self.stray(Foreign::Variables, first_line(self.text));
                }
                let problems = if (watch.unknown || watch.words) && !is_read_in_part(kind) {
                    self.look_again::<T>(kind)
                } else {
                    Vec::new()
                };
                self.report_duplicates(&watch, weight(kind), &format_args!(" of {name}"));
                self.count(kind);
                let document = self.document(&FieldPath::root());
                // Nearly always the only one.
                self.outcome.objects.reserve_exact(1);
                self.outcome.objects.push(Object {
                    name,
                    document,
                    value: Some(value.wrap()),
                    problems,
                });
            }
            Ok(_) => self.probe(),
            Err(_) if certainty == Certainty::Probed => self.failed::<T>(kind),
            Err(_) => {
                // Is the text wrong, or the header, or a value?
                match self.parse::<Probe>(Paths::Forget).0 {
                    Ok(Probe::Mapping(found))
                        if found.clone().or(self.piece.inherited.as_deref()).classify()
                            == Class::Used(kind) =>
                    {
                        self.failed::<T>(kind);
                    }
                    _ => self.probe(),
                }
            }
        }
    }

    /// Reports why sound text does not fit its type.
    fn failed<T: Kind>(&mut self, kind: ObjectKind) {
        let (result, watch) = self.parse::<T>(Paths::Track);
        let Err(fault) = result.map(drop) else { return };
        self.count(kind);
        if is_read_in_part(kind) {
            return self.report_duplicates(&watch, weight(kind), "");
        }
        if self.not_yet() {
            return;
        }
        if self.has_variables() {
            return self.stray(Foreign::Variables, first_line(self.text));
        }
        let (sketch, _) = self.parse::<Tree>(Paths::Forget);
        let name = name_in(kind, &sketch.unwrap_or_default());
        self.report_duplicates(&watch, weight(kind), &format_args!(" of {name}"));
        let skip = self.piece.shape.wrappers();
        let mut problems = unknown_problems(&watch, skip, kind);
        problems.extend(self.word_problems(&watch, &FieldPath::root(), skip, kind));
        problems.extend(data_problem(fault, &watch, skip));
        let document = self.document(&FieldPath::root());
        self.outcome.objects.push(Object {
            name,
            document,
            value: None,
            problems,
        });
    }

    /// Reads once more, to know where what was noticed is.
    fn look_again<T: Kind>(&self, kind: ObjectKind) -> Vec<Problem> {
        let (_, watch) = self.parse::<T>(Paths::Track);
        let skip = self.piece.shape.wrappers();
        let mut problems = unknown_problems(&watch, skip, kind);
        problems.extend(self.word_problems(&watch, &FieldPath::root(), skip, kind));
        problems
    }

    /// Texts of an object at a path that kubectl takes for something else, as they have no quotes.
    fn word_problems(
        &self,
        watch: &Watch,
        object: &FieldPath,
        skip: usize,
        kind: ObjectKind,
    ) -> Vec<Problem> {
        if kind == ObjectKind::Pod || watch.word_paths.is_empty() {
            return Vec::new();
        }
        let Some(outline) = self.outline() else {
            return Vec::new();
        };
        let object = self.in_piece(object);
        let paths = watch
            .word_paths
            .iter()
            .map(|path| &path[skip.min(path.len())..]);
        paths
            .filter_map(|path| {
                let full: Vec<Segment> = object.segments().iter().chain(path).cloned().collect();
                let spot = outline.find(&full);
                let scalar = spot.scalar.filter(|scalar| {
                    spot.steps == full.len() && scalar.style == ScalarStyle::Plain
                })?;
                let what = yaml11(scalar.text)?;
                Some(Problem {
                    severity: Severity::Error,
                    fault: Fault {
                        code: Code::WrongType,
                        message: format!("expected text, found {what}: {}", scalar.text),
                        help: TEXT_HELP.to_owned(),
                        place: None,
                    },
                    path: to_path(path, 0),
                })
            })
            .collect()
    }

    /// The way of whatever needs a look at the whole first: lists in one piece, merge keys, the
    /// `ConfigMap` around a configuration.
    fn read_tree(&mut self) {
        let (result, watch) = self.parse::<Tree>(Paths::Forget);
        let Ok(mut tree) = result else {
            if let Err(fault) = self.parse::<Probe>(Paths::Forget).0 {
                return self.refuse(fault);
            }
            // Sound, but with values that JSON cannot express, such as tags.
            let (result, watch) = self.parse::<Tree>(Paths::Track);
            return self.refuse_at(result.err(), watch.trail());
        };
        self.report_duplicates_within(&watch, &tree);
        if self.merges(&watch) && merge::expand(&mut tree).is_err() {
            let place = Place::Span(self.span(first_line(self.text)));
            self.outcome.findings.push(
                Finding::error(
                    Code::Syntax,
                    place,
                    "a merge key `<<` whose value is neither a mapping nor a list of mappings",
                )
                .help("merge an alias of a mapping, or quote the key"),
            );
            return;
        }
        let inherited = self.piece.inherited.clone();
        self.tree(tree, &FieldPath::root(), inherited.as_deref());
    }

    fn tree(&mut self, tree: Tree, path: &FieldPath, inherited: Option<&Header>) {
        let text = |tree: &Tree, key: &str| tree.get(key)?.as_str().map(str::to_owned);
        match &tree {
            Tree::Null => return,
            Tree::Object(_) => {}
            Tree::Array(_) if path.is_root() && self.piece.standing == Standing::Object => {
                return self.elements(tree);
            }
            Tree::Array(_) | Tree::String(_) | Tree::Bool(_) | Tree::Number(_) => {
                return self.misfit(self.find(path));
            }
        }
        let header = Header {
            api_version: text(&tree, "apiVersion"),
            kind: text(&tree, "kind"),
        };
        let header = header.or(inherited);
        match header.classify() {
            Class::List(inherited) => self.items(tree, path, &inherited),
            Class::Used(ObjectKind::Service) => {
                self.typed_tree::<Service>(tree, path, ObjectKind::Service);
            }
            Class::Used(ObjectKind::EndpointSlice) => {
                self.typed_tree::<EndpointSlice>(tree, path, ObjectKind::EndpointSlice);
            }
            Class::Used(ObjectKind::Endpoints) => {
                self.typed_tree::<Endpoints>(tree, path, ObjectKind::Endpoints);
            }
            Class::Used(ObjectKind::Node) => self.typed_tree::<Node>(tree, path, ObjectKind::Node),
            Class::Used(ObjectKind::Pod) => {
                self.typed_tree::<PodManifest>(tree, path, ObjectKind::Pod);
            }
            Class::Used(ObjectKind::DaemonSet) => {
                self.typed_tree::<DaemonSetManifest>(tree, path, ObjectKind::DaemonSet);
            }
            Class::Used(ObjectKind::ServiceCidr) => {
                self.typed_tree::<ServiceCidrManifest>(tree, path, ObjectKind::ServiceCidr);
            }
            Class::Used(ObjectKind::KubeProxyConfiguration) => {
                let kind = ObjectKind::KubeProxyConfiguration;
                self.typed_tree::<KubeProxyConfiguration>(tree, path, kind);
            }
            Class::Used(ObjectKind::NodeFacts) => {
                self.typed_tree::<NodeFacts>(tree, path, ObjectKind::NodeFacts);
            }
            Class::Used(ObjectKind::LintConfig) => {
                self.typed_tree::<LintConfig>(tree, path, ObjectKind::LintConfig);
            }
            Class::Used(ObjectKind::ConfigMap) => self.config_map(&tree, path),
            Class::Other(kind)
                if installer::is_kind(&kind)
                    && self.installer_tree(&Class::Other(kind.clone()), &tree, path) => {}
            class @ (Class::Used(ObjectKind::Installer(_))
            | Class::Unread(_)
            | Class::Other(_)
            | Class::Unknown) => {
                let place = match class {
                    Class::Other(_) => 0..0,
                    _ => self.find(path),
                };
                self.pass(&class, place);
            }
        }
    }

    fn items(&mut self, mut tree: Tree, path: &FieldPath, inherited: &Header) {
        match tree.get_mut("items").map(Tree::take) {
            None | Some(Tree::Null) => {}
            Some(Tree::Array(items)) => {
                for (index, item) in items.into_iter().enumerate() {
                    self.tree(
                        item,
                        &path.clone().key("items").index(index),
                        Some(inherited),
                    );
                }
            }
            Some(_) => {
                let place = Place::Span(self.span(self.find(&path.clone().key("items"))));
                self.outcome.findings.push(
                    Finding::error(Code::WrongType, place, "the items of a List are not a list")
                        .help("write each object as an item of its own"),
                );
            }
        }
    }

    /// Reads a list that is a whole document like the items of a List.
    fn elements(&mut self, tree: Tree) {
        let Tree::Array(elements) = tree else { return };
        for (index, element) in elements.into_iter().enumerate() {
            let path = FieldPath::root().index(index);
            let is_object = element.get("apiVersion").is_some() && element.get("kind").is_some();
            if is_object {
                self.tree(element, &path, None);
            } else if !element.is_null() {
                let place = self.find(&path);
                self.stray(Foreign::Element, place);
            }
        }
    }

    fn typed_tree<T: Kind>(&mut self, tree: Tree, path: &FieldPath, kind: ObjectKind) {
        let name = name_in(kind, &tree);
        let mut watch = Watch::new(self.text.len(), self.piece.format, 0).tracking();
        let result = T::deserialize(Strict::new(tree, &mut watch));
        self.count(kind);
        if is_read_in_part(kind) && result.is_err() {
            return;
        }
        let mut problems = unknown_problems(&watch, 0, kind);
        problems.extend(self.word_problems(&watch, path, 0, kind));
        let value = match result {
            Ok(value) => Some(value.wrap()),
            Err(error) => {
                problems.extend(data_problem(Fault::json(&error, &watch), &watch, 0));
                None
            }
        };
        let document = self.document(path);
        self.outcome.objects.push(Object {
            name,
            document,
            value,
            problems,
        });
    }

    /// Where the lines of a scalar of this piece stand.
    pub(super) fn scalar_lines(&self, path: &FieldPath) -> Option<ScalarLines> {
        let spot = self.outline()?.find(self.in_piece(path).segments());
        ScalarLines::new(self.text, &spot.scalar?)
    }

    fn outline(&self) -> Option<&Outline<'p>> {
        self.outline
            .get_or_init(|| Outline::parse(self.text))
            .as_ref()
    }

    fn merges(&self, watch: &Watch) -> bool {
        watch.merge && self.piece.format == Format::Yaml
    }

    fn report_duplicates(
        &mut self,
        watch: &Watch,
        severity: Severity,
        owner: &(impl std::fmt::Display + ?Sized),
    ) {
        self.report_each_duplicate(watch, owner, |_| severity);
    }

    /// Reports duplicates in a tree, each by what the object around it is.
    fn report_duplicates_within(&mut self, watch: &Watch, tree: &Tree) {
        let inherited = self.piece.inherited.clone();
        self.report_each_duplicate(watch, "", |path| {
            weight_at(tree, path, inherited.as_deref())
        });
    }

    fn report_each_duplicate(
        &mut self,
        watch: &Watch,
        owner: &(impl std::fmt::Display + ?Sized),
        severity: impl Fn(&[Segment]) -> Severity,
    ) {
        if !watch.duplicate {
            return;
        }
        let Some(duplicates) = self.outline().map(Outline::duplicates) else {
            let place = Place::Span(self.span(first_line(self.text)));
            let finding = Finding {
                severity: severity(&[]),
                ..Finding::error(
                    Code::DuplicateKey,
                    place,
                    format!("a key stands twice{owner}"),
                )
            };
            self.outcome.findings.push(finding.help("keep one of them"));
            return;
        };
        for duplicate in duplicates {
            let path = &duplicate.path[self.piece.shape.wrappers().min(duplicate.path.len())..];
            let (first, second) = (self.span(duplicate.first), self.span(duplicate.second));
            let finding = Finding {
                severity: severity(path),
                ..duplicate_finding(&duplicate.key, path, owner, first, second)
            };
            self.outcome.findings.push(finding);
        }
    }

    fn too_large(&mut self) {
        let place = Place::Span(self.span(first_line(self.text)));
        self.outcome.findings.push(
            Finding::error(
                Code::Limit,
                place,
                format!("an object of more than {}", limits::OBJECT_SIZE),
            )
            .help("the API server takes no object of that size; split the file into its objects"),
        );
    }

    /// Tells of a value that is no mapping where an object is expected.
    fn misfit(&mut self, place: std::ops::Range<usize>) {
        self.pass(&Class::Unknown, place);
    }

    /// Reports text that does not parse.
    fn refuse(&mut self, fault: Fault) {
        if self.piece.part == Part::OfGroup {
            self.outcome.broken = true;
            return;
        }
        let what = foreign::by_beginning(self.text).or_else(|| foreign::template(self.text));
        if let Some(what) = what {
            return self.stray(what, first_line(self.text));
        }
        let line = fault
            .place
            .and_then(|(line, _)| self.text.lines().nth(line - 1));
        if line.is_some_and(variables::is_in) {
            return self.stray(Foreign::Variables, first_line(self.text));
        }
        let range = fault.place.map(|(line, column)| {
            let start = offset(self.text, line, column);
            start..start + word(&self.text[start..])
        });
        let place = Place::Span(self.span(range.unwrap_or_else(|| first_line(self.text))));
        self.outcome
            .findings
            .push(Finding::error(fault.code, place, fault.message).help(fault.help));
    }

    fn refuse_at(&mut self, fault: Option<Fault>, path: &[Segment]) {
        let Some(fault) = fault else { return };
        let path = to_path(path, self.piece.shape.wrappers());
        let place = Place::Span(self.span(self.find(&path)));
        self.outcome
            .findings
            .push(Finding::error(fault.code, place, fault.message).help(fault.help));
    }

    pub(super) fn document(&self, path: &FieldPath) -> Document {
        Document {
            span: self.piece.span,
            format: self.piece.format,
            path: self.in_piece(path),
        }
    }

    /// A path from the object, as a path from the start of the piece.
    fn in_piece(&self, path: &FieldPath) -> FieldPath {
        match self.piece.shape {
            Shape::Whole => path.clone(),
            Shape::Item => {
                path.segments()
                    .iter()
                    .fold(FieldPath::root().index(0), |path, segment| match segment {
                        Segment::Key(key) => path.key(key.clone()),
                        Segment::Index(index) => path.index(*index),
                    })
            }
        }
    }

    pub(super) fn find(&self, path: &FieldPath) -> std::ops::Range<usize> {
        let path = self.in_piece(path);
        self.outline()
            .map(|outline| outline.find(path.segments()).span)
            .filter(|span| !span.is_empty())
            .unwrap_or_else(|| first_line(self.text))
    }

    pub(super) fn span(&self, range: std::ops::Range<usize>) -> Span {
        let Span { source, start, .. } = self.piece.span;
        Span {
            source,
            start: start + range.start,
            end: start + range.end,
        }
    }
}

/// Whether only some fields of a kind are read, which the others' are not held against.
fn is_read_in_part(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::Pod | ObjectKind::DaemonSet)
}

/// The name under which a kind is counted that is not compiled.
fn counted(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::DaemonSet => "DaemonSet.apps",
        _ => kind.as_str(),
    }
}

/// `kind.group` of an object that is not compiled.
fn kind_group(class: &Class) -> String {
    match class {
        Class::Other(kind) => kind.clone(),
        Class::Used(kind) => counted(*kind).to_owned(),
        Class::List(_) | Class::Unread(_) | Class::Unknown => String::new(),
    }
}

/// How much a duplicate key of an object matters: what is compiled must not depend on which of the
/// two a reader takes.
fn weight(kind: ObjectKind) -> Severity {
    match kind {
        ObjectKind::Pod | ObjectKind::DaemonSet => Severity::Warning,
        _ => Severity::Error,
    }
}

/// The same for the object around a path.
fn weight_at(tree: &Tree, path: &[Segment], inherited: Option<&Header>) -> Severity {
    if let (Tree::Array(elements), [Segment::Index(index), rest @ ..]) = (tree, path)
        && let Some(element) = elements.get(*index)
    {
        return weight_at(element, rest, inherited);
    }
    let text = |key: &str| tree.get(key)?.as_str().map(str::to_owned);
    let header = Header {
        api_version: text("apiVersion"),
        kind: text("kind"),
    };
    match (header.or(inherited).classify(), path) {
        (Class::List(of), [Segment::Key(key), rest @ ..]) if &**key == "items" => {
            let items = tree.get("items").unwrap_or(&Tree::Null);
            weight_at(items, rest, Some(&of))
        }
        (Class::Used(ObjectKind::ConfigMap), _) if !config_map::holds(tree) => Severity::Warning,
        (Class::Used(kind), _) => weight(kind),
        (Class::List(_), _) => Severity::Error,
        (Class::Unread(_) | Class::Other(_) | Class::Unknown, _) => Severity::Warning,
    }
}

pub(super) fn name_in(kind: ObjectKind, tree: &Tree) -> ObjectName {
    let text = |key: &str| tree.get("metadata")?.get(key)?.as_str();
    named(kind, text("namespace"), text("name"))
}

fn to_path(trail: &[Segment], skip: usize) -> FieldPath {
    trail
        .iter()
        .skip(skip)
        .fold(FieldPath::root(), |path, segment| match segment {
            Segment::Key(key) => path.key(key.clone()),
            Segment::Index(index) => path.index(*index),
        })
}

/// A value that does not fit; a duplicate key is reported with both its places instead.
pub(super) fn data_problem(fault: Fault, watch: &Watch, skip: usize) -> Option<Problem> {
    (fault.code != Code::DuplicateKey).then(|| Problem {
        severity: Severity::Error,
        fault,
        path: to_path(watch.trail(), skip),
    })
}

pub(super) fn unknown_problems(watch: &Watch, skip: usize, kind: ObjectKind) -> Vec<Problem> {
    watch
        .unknown_paths
        .iter()
        .filter(|path| {
            !is_read_in_part(kind)
                && (kind != ObjectKind::KubeProxyConfiguration || !config::is_inert(&path[skip..]))
        })
        .map(|path| {
            let name = match path.last() {
                Some(Segment::Key(key)) => key,
                _ => "",
            };
            Problem {
                severity: Severity::Warning,
                fault: Fault {
                    code: Code::UnknownField,
                    message: format!("the field `{name}` is not in the API and is ignored"),
                    help: "correct the spelling, or remove the field".to_owned(),
                    place: None,
                },
                path: to_path(path, skip),
            }
        })
        .collect()
}

pub(super) fn duplicate_finding(
    key: &str,
    path: &[Segment],
    owner: &(impl std::fmt::Display + ?Sized),
    first: Span,
    second: Span,
) -> Finding {
    let path = to_path(path, 0);
    let within = if path.is_root() {
        String::new()
    } else {
        format!(" in `{path}`")
    };
    Finding::error(
        Code::DuplicateKey,
        Place::Span(second),
        format!("the key `{key}` stands twice{within}{owner}"),
    )
    .help("keep one of them; readers disagree on which one counts")
    .also(Place::Span(first), "first here")
}

/// The name under which what is not read is counted.
fn unread_kind(unread: Unread) -> &'static str {
    match unread {
        Unread::SliceV1Beta1 => "EndpointSlice.discovery.k8s.io",
        Unread::ConfigVersion => "KubeProxyConfiguration.kubeproxy.config.k8s.io",
        Unread::FactsVersion => "NodeFacts.portolan.dev",
        Unread::LintVersion => "LintConfig.portolan.dev",
    }
}

/// What is said of an API that is not read. kube-proxy does not start with a configuration of another
/// version, so there is nothing to mirror.
pub(super) fn unread(unread: Unread, place: Place) -> Finding {
    let (severity, message, help) = match unread {
        Unread::SliceV1Beta1 => (
            Severity::Warning,
            "`discovery.k8s.io/v1beta1` was removed in Kubernetes 1.25; this EndpointSlice is not read",
            "dump the slices again as `discovery.k8s.io/v1`",
        ),
        Unread::ConfigVersion => (
            Severity::Error,
            "kube-proxy takes a KubeProxyConfiguration of `kubeproxy.config.k8s.io/v1alpha1` and does not start with any other",
            "write it as `apiVersion: kubeproxy.config.k8s.io/v1alpha1`",
        ),
        Unread::FactsVersion => (
            Severity::Warning,
            "only version v1alpha1 of NodeFacts is known; these are not read",
            "write them as `portolan.dev/v1alpha1`",
        ),
        Unread::LintVersion => (
            Severity::Warning,
            "only version v1alpha1 of LintConfig is known; this one is not read",
            "write it as `portolan.dev/v1alpha1`",
        ),
    };
    let finding = match severity {
        Severity::Error => Finding::error(Code::UnknownValue, place, message),
        Severity::Warning | Severity::Info => Finding::warning(Code::UnknownValue, place, message),
    };
    finding.help(help)
}

/// The byte at a line and column, both from 1, or the end of the text.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => memchr::memchr_iter(b'\n', text.as_bytes())
            .nth(line - 2)
            .map_or(text.len(), |at| at + 1),
    };
    let rest = text[start..].split('\n').next().unwrap_or_default();
    let within = rest
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(rest.len(), |(at, _)| at);
    start + within
}

/// Bytes up to the next white space, but at least a character if the line has one.
pub(super) fn word(rest: &str) -> usize {
    /// Characters of a word that are shown: a text may be one line of many megabytes.
    const LONGEST: usize = 1_000;
    let mut chars = rest.char_indices().take(LONGEST);
    match chars.find(|(_, c)| c.is_whitespace()) {
        Some((0, '\n' | '\r')) => 0,
        Some((0, first)) => first.len_utf8(),
        Some((end, _)) => end,
        None => {
            let mut rest_of_it = rest.char_indices().skip(LONGEST);
            rest_of_it.next().map_or(rest.len(), |(at, _)| at)
        }
    }
}
