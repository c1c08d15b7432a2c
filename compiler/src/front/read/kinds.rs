//! Kinds of objects: what each is read into, what it is called, and how much its problems weigh.

use k8s_openapi::api::core::v1::{Endpoints, Node, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde::de::DeserializeOwned;
use serde_json::Value as Tree;

use super::embedded;
use crate::diag::{Code, Finding, Place, Severity};
use crate::front::config::KubeProxyConfiguration;
use crate::front::facts::NodeFacts;
use crate::front::header::{Class, Header, Unread};
use crate::front::installer::InstallerManifest;
use crate::front::kube_proxy::DaemonSetManifest;
use crate::front::lint_config::LintConfig;
use crate::front::objects::{ObjectKind, ObjectName};
use crate::front::pod::PodManifest;
use crate::front::service_cidr::ServiceCidrManifest;
use crate::front::slice::SliceManifest;
use crate::front::workload::WorkloadManifest;
use crate::source::Segment;

/// An object's value.
#[derive(Debug)]
pub(in crate::front) enum Value {
    Service(Box<Service>),
    EndpointSlice(Box<SliceManifest>),
    Endpoints(Box<Endpoints>),
    Node(Box<Node>),
    Pod(Box<PodManifest>),
    DaemonSet(Box<DaemonSetManifest>),
    Workload(Box<WorkloadManifest>),
    Installer(Box<InstallerManifest>),
    ServiceCidr(Box<ServiceCidrManifest>),
    Config(Box<KubeProxyConfiguration>),
    Facts(Box<NodeFacts>),
    Lint(Box<LintConfig>),
}

/// A type that an object can be read into.
pub(super) trait Kind: DeserializeOwned {
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
    WorkloadManifest => Workload,
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

pub(super) fn named(kind: ObjectKind, namespace: Option<&str>, name: Option<&str>) -> ObjectName {
    let namespace = match kind {
        ObjectKind::Service
        | ObjectKind::EndpointSlice
        | ObjectKind::Endpoints
        | ObjectKind::Pod
        | ObjectKind::DaemonSet
        | ObjectKind::Workload(_)
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

/// Whether only some fields of a kind are read, which the others' are not held against.
pub(super) fn is_read_in_part(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Pod | ObjectKind::DaemonSet | ObjectKind::Workload(_)
    )
}

/// The name under which a kind is counted that is not compiled.
pub(super) fn counted(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::DaemonSet => "DaemonSet.apps",
        ObjectKind::Workload(kind) => kind.with_group(),
        _ => kind.as_str(),
    }
}

/// `kind.group` of an object that is not compiled.
pub(super) fn kind_group(class: &Class) -> String {
    match class {
        Class::Other(kind) => kind.clone(),
        Class::Used(kind) => counted(*kind).to_owned(),
        Class::List(_) | Class::Unread(_) | Class::Unknown => String::new(),
    }
}

/// How much a duplicate key of an object matters: what is compiled must not depend on which of the
/// two a reader takes.
pub(super) fn weight(kind: ObjectKind) -> Severity {
    match kind {
        ObjectKind::Pod | ObjectKind::DaemonSet | ObjectKind::Workload(_) => Severity::Warning,
        _ => Severity::Error,
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
