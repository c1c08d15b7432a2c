//! Kinds of objects: what each is read into, what it is called, and how much its problems weigh.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Endpoints, Node, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde::de::DeserializeOwned;
use serde_json::Value as Tree;

use super::{Certainty, Reader, embedded};
use crate::diag::{Code, Finding, Place, Severity};
use crate::front::config::KubeProxyConfiguration;
use crate::front::facts::NodeFacts;
use crate::front::header::{Class, Header, Unread};
use crate::front::installer::InstallerManifest;
use crate::front::kube_proxy::{self, DaemonSetManifest};
use crate::front::lint_config::LintConfig;
use crate::front::pod::PodManifest;
use crate::front::service_cidr::ServiceCidrManifest;
use crate::front::slice::SliceManifest;
use crate::front::workload::WorkloadManifest;
use crate::source::{
    Extent, FieldPath, ObjectId, ObjectKind, ObjectName, Scope, Segment, each_kind,
};

/// A type that an object can be read into.
pub(super) trait Readable: DeserializeOwned {
    fn wrap(self) -> Value;
    /// Namespace and name.
    fn metadata(&self) -> (Option<&str>, Option<&str>);
}

macro_rules! read_into {
    (@metadata File $value:ident) => {
        (None, $value.name())
    };
    (@metadata $_scope:ident $value:ident) => {
        (
            $value.metadata.namespace.as_deref(),
            $value.metadata.name.as_deref(),
        )
    };
    ($(
        $(#[$_doc:meta])*
        $Readable:ident = $_word:literal of $_group:literal [$($_version:literal),+], $scope:ident, $_extent:ident;
        $(#[$list_doc:meta])*
        $list:ident: $Read:ident as $Kept:ident;
    )+) => {
        /// An object's value.
        #[derive(Debug)]
        pub(in crate::front) enum Value {
            $($Readable(Box<$Kept>),)+
            Workload(Box<WorkloadManifest>),
            Installer(Box<InstallerManifest>),
        }

        $(impl Readable for $Read {
            fn wrap(self) -> Value {
                Value::$Readable(Box::new(self.into()))
            }

            fn metadata(&self) -> (Option<&str>, Option<&str>) {
                read_into!(@metadata $scope self)
            }
        })+

        impl Reader<'_> {
            /// Reads text into the type of its kind, which is handed back where it has none.
            pub(super) fn typed_of(
                &mut self,
                kind: ObjectKind,
                header: &Header,
                certainty: Certainty,
            ) -> Option<ObjectKind> {
                match kind {
                    ObjectKind::DaemonSet if !kube_proxy::may_run(self.text) => {
                        self.typed::<WorkloadManifest>(header, certainty);
                    }
                    $(ObjectKind::$Readable => self.typed::<$Read>(header, certainty),)+
                    ObjectKind::Workload(_) => self.typed::<WorkloadManifest>(header, certainty),
                    ObjectKind::ConfigMap | ObjectKind::Installer(_) => return Some(kind),
                }
                None
            }

            /// Reads a tree into the type of its kind, which is handed back where it has none.
            pub(super) fn typed_tree_of(
                &mut self,
                kind: ObjectKind,
                tree: &Tree,
                path: &FieldPath,
            ) -> Option<ObjectKind> {
                match kind {
                    $(ObjectKind::$Readable => self.typed_tree::<$Read>(tree, path, kind),)+
                    ObjectKind::Workload(_) => self.typed_tree::<WorkloadManifest>(tree, path, kind),
                    ObjectKind::ConfigMap | ObjectKind::Installer(_) => return Some(kind),
                }
                None
            }
        }

        /// Everything of use that the input holds, by kind, in input order.
        #[derive(Debug, Default, Clone)]
        pub struct Manifests {
            $($(#[$list_doc])* pub $list: Vec<Located<$Kept>>,)+
            /// What makes Pods and is not kube-proxy's, as far as it could be read.
            pub workloads: Vec<Located<WorkloadManifest>>,
            /// Configurations of what installs clusters, and starts kube-proxy there.
            pub installers: Vec<Located<InstallerManifest>>,
            /// How many objects of kinds that are not compiled there were, under `kind.group`.
            pub others: BTreeMap<String, usize>,
        }

        impl Manifests {
            /// Splits by object: those that are wanted, and the rest. Other kinds are counted with the
            /// former.
            pub fn partition(mut self, wanted: impl Fn(ObjectId) -> bool) -> (Self, Self) {
                let rest = Self {
                    $($list: unwanted(&mut self.$list, &wanted),)+
                    workloads: unwanted(&mut self.workloads, &wanted),
                    installers: unwanted(&mut self.installers, &wanted),
                    others: BTreeMap::new(),
                };
                (self, rest)
            }

            /// Adds a value to the list of its kind.
            pub(in crate::front) fn push(&mut self, object: ObjectId, value: Value) {
                match value {
                    $(Value::$Readable(value) => self.$list.push(Located { object, value }),)+
                    Value::Workload(value) => self.workloads.push(Located { object, value }),
                    Value::Installer(value) => self.installers.push(Located { object, value }),
                }
            }
        }
    };
}

each_kind!(read_into);

impl Readable for WorkloadManifest {
    fn wrap(self) -> Value {
        Value::Workload(Box::new(self))
    }

    fn metadata(&self) -> (Option<&str>, Option<&str>) {
        read_into!(@metadata Namespaced self)
    }
}

/// What has a file of its own, and perhaps a name.
trait OwnFile {
    fn name(&self) -> Option<&str> {
        None
    }
}

impl OwnFile for KubeProxyConfiguration {}

impl OwnFile for LintConfig {}

impl OwnFile for NodeFacts {
    fn name(&self) -> Option<&str> {
        Some(&self.metadata.name)
    }
}

/// A value and the object it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// Where its manifest stands.
    pub object: ObjectId,
    /// What it holds, as written: nothing is defaulted or validated yet.
    pub value: Box<T>,
}

/// Takes what is not wanted out of a list.
fn unwanted<T>(list: &mut Vec<Located<T>>, wanted: &impl Fn(ObjectId) -> bool) -> Vec<Located<T>> {
    list.extract_if(.., |located| !wanted(located.object))
        .collect()
}

pub(super) fn named(kind: ObjectKind, namespace: Option<&str>, name: Option<&str>) -> ObjectName {
    let namespace = match kind.scope() {
        Scope::Namespaced => Some(
            namespace
                .filter(|name| !name.is_empty())
                .unwrap_or("default")
                .into(),
        ),
        Scope::Clustered | Scope::File => None,
    };
    ObjectName {
        kind,
        namespace,
        name: name.unwrap_or_default().into(),
    }
}

/// `kind.group` of an object that is not compiled.
pub(super) fn kind_group(class: &Class) -> String {
    match class {
        Class::Other(kind) => kind.clone(),
        Class::Used(kind) => kind.with_group(),
        Class::List(_) | Class::Unread(_) | Class::Unknown => String::new(),
    }
}

/// How much a duplicate key of an object matters: what is compiled must not depend on which of the
/// two a reader takes.
pub(super) fn weight(kind: ObjectKind) -> Severity {
    match kind.extent() {
        Extent::Part => Severity::Warning,
        Extent::Whole => Severity::Error,
    }
}

/// The same for the object around a path.
pub(super) fn weight_at(tree: &Tree, path: &[Segment], inherited: Option<&Header>) -> Severity {
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
        (Class::Used(ObjectKind::ConfigMap), _) if !embedded::holds(tree) => Severity::Warning,
        (Class::Used(kind), _) => weight(kind),
        (Class::List(_), _) => Severity::Error,
        (Class::Unread(_) | Class::Other(_) | Class::Unknown, _) => Severity::Warning,
    }
}

pub(super) fn name_in(kind: ObjectKind, tree: &Tree) -> ObjectName {
    let text = |key: &str| tree.get("metadata")?.get(key)?.as_str();
    named(kind, text("namespace"), text("name"))
}

/// The name under which what is not read is counted.
pub(super) fn unread_kind(unread: Unread) -> &'static str {
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
