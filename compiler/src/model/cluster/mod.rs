//! All objects of the input together: validated, each once, the base's allocations merged in.

mod pods;
mod slices;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use rayon::prelude::*;

use super::base::Merged;
use super::config::{Config, Mode};
use super::name::NodeName;
use super::node::{Facts, Node, System};
use super::places::Places;
use super::pod::Pod;
use super::service::{API_SERVER, Service, ServiceKey};
use super::slice::Slice;
use super::workload::PodTemplate;
use super::{
    IpFamily, Meant, ProxyImage, allocation, config, flags, image, node, service, service_ranges,
    start,
};
use crate::diag::{Code, Finding, Findings, Place, some};
use crate::front::{
    KubeProxyConfiguration, Located, Manifests, NodeFacts, ServiceCidrManifest, SliceManifest,
};
use crate::source::{FieldPath, ObjectId, ObjectName, Objects};
use pods::{Owners, Ran};
use slices::{add_base_slices, all_slices, has_slice, owned, report_orphans, sort_slices};

/// Services that only the base has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BaseServices {
    /// Are left out, under a warning: the base only supplies what the input lacks.
    #[default]
    Leave,
    /// Are compiled too: the input is a change of a cluster, not all of it.
    Keep,
    /// Are compiled too but for these, which a change takes away: nor do these supply anything else.
    KeepBut(BTreeSet<ObjectName>),
}

/// What the model is built for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Mode that replaces the configuration's.
    pub mode: Option<Mode>,
    /// Services that only the base has.
    pub base_services: BaseServices,
    /// A node asked for by name, which need not have a Node object.
    pub node: Option<NodeName>,
}

/// A cluster as far as Services are concerned.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Sorted by key; those that kube-proxy passes by are among them.
    pub services: Vec<Service>,
    /// Families that cluster IPs of Services which are programmed have: asked for by every node.
    pub served_families: Vec<IpFamily>,
    /// Sorted by Service, then name.
    pub slices: Vec<Slice>,
    /// Sorted by namespace, then name.
    pub pods: Vec<Pod>,
    /// What makes Pods, sorted by namespace, then workload; who is made by another is left out.
    pub workloads: Vec<PodTemplate>,
    /// Sorted by name.
    pub nodes: Vec<Node>,
    /// Sorted by name.
    pub facts: Vec<Facts>,
    /// Ranges that cluster IPs come from, as far as the input has them; sorted.
    pub service_ranges: Vec<IpNet>,
    /// Images of kube-proxy `DaemonSet`s, in input order.
    pub proxy_images: Vec<ProxyImage>,
    /// The mode that flags of kube-proxy's command lines mean, which are not read.
    pub meant_by_flags: Option<Meant>,
    /// What says that no kube-proxy runs.
    pub switched_off: Option<ObjectId>,
    /// kube-proxy's configuration, with its defaults where the input has none or leaves fields out.
    pub config: Config,
    /// Nodes and zones by the indices that endpoints use.
    pub places: Places,
}

impl Cluster {
    /// Each slice with its Service, if there is one.
    pub fn slices_with_services(&self) -> impl Iterator<Item = (&Slice, Option<&Service>)> {
        owned(&self.slices, &self.services)
    }

    /// The slices of a Service, as a range of all.
    pub(crate) fn slices_of(&self, service: &ServiceKey) -> std::ops::Range<usize> {
        let slices = &self.slices;
        let start = slices.partition_point(|slice| slice.service < *service);
        let of_service = |slice: &Slice| slice.service == *service;
        start..start + slices[start..].partition_point(of_service)
    }

    /// Puts the slices into their order.
    pub(crate) fn sort_slices(&mut self) {
        sort_slices(&mut self.slices);
    }

    /// The Node with this name.
    pub fn node(&self, name: &NodeName) -> Option<&Node> {
        let at = self.nodes.binary_search_by(|node| node.name.cmp(name));
        at.ok().map(|at| &self.nodes[at])
    }

    /// The facts about the node with this name.
    pub fn facts(&self, name: &NodeName) -> Option<&Facts> {
        let at = self.facts.binary_search_by(|facts| facts.name.cmp(name));
        at.ok().map(|at| &self.facts[at])
    }

    /// Names of the nodes by their addresses; where several have the same, of the last.
    pub fn nodes_by_address(&self) -> BTreeMap<IpAddr, &str> {
        let nodes = self.nodes.iter();
        nodes
            .flat_map(|node| node.addresses.iter().map(|ip| (*ip, node.name.as_str())))
            .collect()
    }
}

/// Builds the model from what was read, and from a base if there is one. What is refused is left
/// out or replaced by its default, so that the rest can be checked too.
pub fn build(
    input: Manifests,
    base: Option<Manifests>,
    objects: &Objects,
    request: &Request,
    findings: &mut Findings,
) -> Cluster {
    let _span = tracing::debug_span!("model").entered();
    let Manifests {
        services,
        slices,
        endpoints,
        nodes,
        configs,
        facts,
        pods,
        daemon_sets,
        workloads,
        installers,
        service_cidrs,
        lint: _,
        others: _,
    } = input;
    let has_base = base.is_some();
    let base = base.unwrap_or_default();

    let mut told_by_nodes = start::of_nodes(own_or_borrowed(&nodes, &base.nodes));
    let nodes = build_nodes(nodes, base.nodes, findings);
    let mut facts: Vec<Facts> = collect(
        unique([facts, base.facts].concat(), facts_key, findings),
        node::facts,
        findings,
    );
    facts.sort_by(|a, b| a.name.cmp(&b.name));
    let places = places(&nodes, &facts, request.node.as_ref());
    let configs = config_choice(configs, base.configs, objects, findings);
    let service_cidrs = own_or(service_cidrs, base.service_cidrs);
    let service_ranges: BTreeSet<IpNet> = collect(
        unique(service_cidrs, service_cidr_key, findings),
        service_ranges::service_ranges,
        findings,
    )
    .into_iter()
    .flatten()
    .collect();
    let config = build_config(configs, objects, request, findings);
    let daemon_sets = own_or(daemon_sets, base.daemon_sets);
    let starting = own_or_borrowed(&pods, &base.pods);
    let with_windows = nodes.iter().filter(|node| node.system == System::Windows);
    let with_windows: Vec<&Node> = with_windows.collect();
    told_by_nodes.retain(|start| with_windows.iter().all(|node| node.object != start.object));
    let installers = own_or(installers, base.installers);
    let starts = start::starts(&daemon_sets, starting, &installers, &with_windows);
    let starts = [starts, told_by_nodes].concat();
    flags::report_off(&installers, objects, findings);
    let mut off = installers.iter().filter(|one| one.value.off.is_some());
    let switched_off = off.next().map(|one| one.object);
    let meant_by_flags = flags::meant(&starts);
    match (config.object, request.mode) {
        (None, _) => flags::report(&starts, None, objects, findings),
        (Some(_), None) => flags::report(&starts, Some(config.mode), objects, findings),
        // Who asks for a mode knows that it is another one.
        (Some(_), Some(_)) => {}
    }

    let (mut of_services, mut of_slices) = (Findings::default(), Findings::default());
    let ((mut services, port_names), (mut slices, base_slices)) = rayon::join(
        || {
            let base = has_base.then_some(base.services);
            build_services(services, base, request, &mut of_services)
        },
        || {
            let own = all_slices(slices, endpoints, &places, &mut of_slices);
            let base = all_slices(base.slices, base.endpoints, &places, &mut of_slices);
            (own, base)
        },
    );
    findings.append(of_services);
    findings.append(of_slices);
    let (pods, base_pods) = (Ran::of(pods), Ran::of(base.pods));
    let to_come = [pods.never, base_pods.never];
    let owners = Owners::of([&workloads, &base.workloads], objects);
    let mut pods = pods::pods(pods.ran, base_pods.ran, findings);
    owners.resolve(&mut pods);
    let workloads = pods::workloads([workloads, base.workloads], to_come, objects, findings);
    if has_base {
        let own = |service: &Service| has_slice(&slices, &service.key);
        for service in services.iter_mut().filter(|service| own(service)) {
            service.outdated.clear();
        }
        add_base_slices(&mut slices, base_slices, &services, &port_names);
        sort_slices(&mut slices);
    }
    // Without the objects that were refused these would only report that they are missing.
    if !findings.has_errors() {
        allocation::report(&services, has_base, findings);
        report_orphans(&services, &slices, findings);
    }
    let is_served = |family: &IpFamily| {
        let mut programmed = services.iter().filter(|service| service.skipped.is_none());
        programmed.any(|service| service.cluster_ip(*family).is_some())
    };
    Cluster {
        served_families: IpFamily::ALL.into_iter().filter(is_served).collect(),
        services,
        slices,
        pods,
        workloads,
        nodes,
        facts,
        service_ranges: service_ranges.into_iter().collect(),
        proxy_images: image::images(&daemon_sets),
        meant_by_flags,
        switched_off,
        config,
        places,
    }
}

/// What the input has of a kind, or else what the base has.
fn own_or<T>(own: Vec<T>, base: Vec<T>) -> Vec<T> {
    if own.is_empty() { base } else { own }
}

/// The same of lists that are used further on.
fn own_or_borrowed<'m, T>(own: &'m [T], base: &'m [T]) -> &'m [T] {
    if own.is_empty() { base } else { own }
}

/// The Services, sorted, and which of their ports the input renamed.
fn build_services(
    input: Vec<Located<core::Service>>,
    base: Option<Vec<Located<core::Service>>>,
    request: &Request,
    findings: &mut Findings,
) -> (Vec<Service>, PortNames) {
    let mut input = unique(input, service_key, findings);
    let mut port_names = BTreeMap::new();
    let merged = match base {
        Some(base) => {
            let base = unique(base, service_key, findings);
            merge(
                &mut input,
                base,
                &request.base_services,
                &mut port_names,
                findings,
            )
        }
        None => input.into_iter().map(Merged::alone).collect(),
    };
    let mut services: Vec<Service> = collect(merged, service::service, findings);
    services.sort_by(|a, b| a.key.cmp(&b.key));
    (services, port_names)
}

fn collect<T: Send, U: Send>(
    list: Vec<T>,
    convert: impl Fn(T) -> (Option<U>, Findings) + Sync + Send,
    findings: &mut Findings,
) -> Vec<U> {
    let converted: Vec<_> = list.into_par_iter().map(convert).collect();
    let values = converted.into_iter().filter_map(|(value, found)| {
        findings.append(found);
        value
    });
    values.collect()
}

/// Namespace and name.
type ObjectKey<'a> = (&'a str, &'a str);

fn service_key(service: &core::Service) -> ObjectKey<'_> {
    object_key(&service.metadata)
}

fn slice_key(slice: &SliceManifest) -> ObjectKey<'_> {
    namespaced(slice.namespace.as_deref(), slice.name.as_deref())
}

fn endpoints_key(endpoints: &core::Endpoints) -> ObjectKey<'_> {
    object_key(&endpoints.metadata)
}

fn object_key(metadata: &ObjectMeta) -> ObjectKey<'_> {
    namespaced(metadata.namespace.as_deref(), metadata.name.as_deref())
}

fn namespaced<'a>(namespace: Option<&'a str>, name: Option<&'a str>) -> ObjectKey<'a> {
    (namespace.unwrap_or("default"), name.unwrap_or_default())
}

fn node_key(node: &core::Node) -> ObjectKey<'_> {
    ("", node.metadata.name.as_deref().unwrap_or_default())
}

fn service_cidr_key(range: &ServiceCidrManifest) -> ObjectKey<'_> {
    ("", range.metadata.name.as_deref().unwrap_or_default())
}

fn to_owned((namespace, name): ObjectKey<'_>) -> (String, String) {
    (namespace.to_owned(), name.to_owned())
}

fn facts_key(facts: &NodeFacts) -> ObjectKey<'_> {
    ("", &facts.metadata.name)
}

/// Each object once, in input order; the same object with different content is refused.
fn unique<T: PartialEq>(
    list: Vec<Located<T>>,
    key: fn(&T) -> ObjectKey<'_>,
    findings: &mut Findings,
) -> Vec<Located<T>> {
    // Objects are large: their order is looked for without moving them.
    let mut order: Vec<(ObjectKey<'_>, usize)> = list
        .iter()
        .enumerate()
        .map(|(at, object)| (key(&object.value), at))
        .collect();
    order.par_sort_unstable();
    let mut repeated = Vec::new();
    for same in order.chunk_by(|a, b| a.0 == b.0) {
        let [(_, first), others @ ..] = same else {
            continue;
        };
        for (_, other) in others {
            repeated.push(*other);
            let (first, other) = (&list[*first], &list[*other]);
            if first.value != other.value {
                findings.push(
                    Finding::error(
                        Code::DuplicateObject,
                        other.object,
                        "the same object stands in the input twice, with different content",
                    )
                    .help(
                        "remove one of them; a dump of the cluster beside manifests goes to --base",
                    )
                    .also(first.object, "first here"),
                );
            }
        }
    }
    drop(order);
    if repeated.is_empty() {
        return list;
    }
    let repeated: BTreeSet<usize> = repeated.into_iter().collect();
    list.into_iter()
        .enumerate()
        .filter(|(at, _)| !repeated.contains(at))
        .map(|(_, object)| object)
        .collect()
}

/// The input's objects of a kind, each once, and those that only the base has.
fn completed<T: PartialEq>(
    input: Vec<Located<T>>,
    base: Vec<Located<T>>,
    key: fn(&T) -> ObjectKey<'_>,
    findings: &mut Findings,
) -> Vec<Located<T>> {
    let input = unique(input, key, findings);
    let base = unique(base, key, findings);
    let known: BTreeSet<ObjectKey<'_>> = input.iter().map(|one| key(&one.value)).collect();
    let added: Vec<_> = base
        .into_iter()
        .filter(|one| !known.contains(&key(&one.value)))
        .collect();
    drop(known);
    input.into_iter().chain(added).collect()
}

fn build_nodes(
    input: Vec<Located<core::Node>>,
    base: Vec<Located<core::Node>>,
    findings: &mut Findings,
) -> Vec<Node> {
    let all = completed(input, base, node_key, findings);
    let mut nodes = collect(all, node::node, findings);
    nodes.sort_by(|a: &Node, b| a.name.cmp(&b.name));
    nodes
}

fn places(nodes: &[Node], facts: &[Facts], asked: Option<&NodeName>) -> Places {
    let names = nodes
        .iter()
        .map(|node| node.name.clone())
        .chain(facts.iter().map(|facts| facts.name.clone()))
        .chain(asked.cloned());
    let zones = nodes.iter().filter_map(|node| node.zone.clone());
    Places::new(names.collect(), zones.collect())
}

/// The configurations that count: the input's or else the base's, and those for Windows only where
/// there are no others. A cluster of both has one of each.
fn config_choice(
    own: Vec<Located<KubeProxyConfiguration>>,
    base: Vec<Located<KubeProxyConfiguration>>,
    objects: &Objects,
    findings: &mut Findings,
) -> Vec<Located<KubeProxyConfiguration>> {
    let is_for_windows = |config: &Located<KubeProxyConfiguration>| {
        config.value.mode.as_deref() == Some("kernelspace")
    };
    let (windows_own, own): (Vec<_>, Vec<_>) = own.into_iter().partition(is_for_windows);
    let (windows_base, base): (Vec<_>, Vec<_>) = base.into_iter().partition(is_for_windows);
    let (windows, linux) = (own_or(windows_own, windows_base), own_or(own, base));
    if linux.is_empty() {
        return windows;
    }
    for passed_by in windows {
        findings.push(
            Finding::info(
                Code::ConfigIgnored,
                Place::Field(passed_by.object, FieldPath::root().key("mode")),
                format!(
                    "mode kernelspace is for Windows nodes: {} is passed by",
                    objects.described(passed_by.object)
                ),
            )
            .help("nothing is to be done: another configuration is the one of Linux nodes"),
        );
    }
    linux
}

fn build_config(
    configs: Vec<Located<KubeProxyConfiguration>>,
    objects: &Objects,
    request: &Request,
    findings: &mut Findings,
) -> Config {
    let mut configs = configs.into_iter();
    let Some(first) = configs.next() else {
        return Config::defaults(request.mode);
    };
    for other in configs {
        if other.value != first.value {
            findings.push(
                Finding::error(
                    Code::ConflictingConfig,
                    other.object,
                    conflict(
                        &objects.described(first.object),
                        &objects.described(other.object),
                    ),
                )
                .help("pass the one that the nodes run with")
                .also(first.object, "the first"),
            );
        }
    }
    let (config, found) = config::config(first, request.mode);
    findings.append(found);
    config
}

/// Configurations that are objects of their own have no names: their places tell them apart.
fn conflict(first: &str, second: &str) -> String {
    if first == second {
        return "a second kube-proxy configuration, and it differs from the first".to_owned();
    }
    format!("a second kube-proxy configuration ({second}), and it differs from the first ({first})")
}

type PortNames = BTreeMap<ServiceKey, Vec<(String, String)>>;

/// Completes the input's Services from the base.
fn merge(
    services: &mut Vec<Located<core::Service>>,
    base: Vec<Located<core::Service>>,
    keep: &BaseServices,
    port_names: &mut PortNames,
    findings: &mut Findings,
) -> Vec<Merged> {
    let mut base: BTreeMap<_, _> = base
        .into_iter()
        .map(|service| (to_owned(service_key(&service.value)), service))
        .collect();
    let mut merged = Vec::with_capacity(services.len());
    for service in services.drain(..) {
        match base.remove(&to_owned(service_key(&service.value))) {
            Some(old) => {
                if let Some((key, names)) = super::base::renamed_ports(&service.value, &old.value) {
                    port_names.insert(key, names);
                }
                merged.push(Merged::with_base(service, &old));
            }
            None => merged.push(Merged::alone(service)),
        }
    }
    // The API server keeps its own Service, and no repository holds it.
    let (namespace, name) = API_SERVER;
    merged.extend(
        base.remove(&(namespace.to_owned(), name.to_owned()))
            .map(Merged::alone),
    );
    match keep {
        BaseServices::Keep | BaseServices::KeepBut(_) => {
            merged.extend(base.into_values().map(Merged::alone));
        }
        BaseServices::Leave if base.is_empty() => {}
        BaseServices::Leave => {
            let names = base.keys();
            let names = names.map(|(namespace, name)| format!("{namespace}/{name}"));
            findings.push(
                Finding::warning(
                    Code::Dropped,
                    Place::Nowhere,
                    format!(
                        "Services of the base that the input lacks are not compiled: {}",
                        some(names)
                    ),
                )
                .help("pass --keep-base where the input is only a part of the cluster"),
            );
        }
    }
    merged
}
