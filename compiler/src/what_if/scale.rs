//! Workloads with another number of Pods.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::event::{Target, Unknown, is_scalable};
use super::situation::{Situation, WorkloadKey};
use crate::model::name::NodeName;
use crate::model::pod::{Phase, Pod, Readiness};
use crate::model::slice::Termination;
use crate::nearest::{self, Slips};

/// The most Pods that a workload is scaled to: as many addresses can stand for theirs.
const MOST: u32 = 100_000;

/// What a workload with another number of Pods loses or gets.
pub(super) enum Scaled<'c> {
    /// These Pods go.
    Down(Vec<usize>),
    /// As many come, made of this.
    Up(WorkloadKey<'c>, u32, Box<Pod>),
    /// It runs as many already, or has nothing to make Pods of.
    Same,
}

/// What is wrong with the workloads that a question names.
pub(super) fn faults(situation: &Situation<'_>, scaled: &[(Target, u32)]) -> Vec<Unknown> {
    let mut known = BTreeSet::new();
    let mut faults = Vec::new();
    for (target, number) in scaled {
        match find(situation, target) {
            Err(fault) => faults.push(fault),
            Ok(workload) if !known.insert(workload) => faults.push(Unknown::Twice(target.clone())),
            Ok(_) if *number > MOST => faults.push(Unknown::TooMany {
                target: target.clone(),
                number: *number,
                most: MOST,
            }),
            Ok(workload) => faults.extend(unknown_pods(situation, workload, target, *number)),
        }
    }
    faults
}

/// A workload that is to have Pods, more than it is scaled to, and has none that is known: which endpoints
/// would go, nobody knows.
fn unknown_pods(
    situation: &Situation<'_>,
    (namespace, workload): WorkloadKey<'_>,
    target: &Target,
    number: u32,
) -> Option<Unknown> {
    let mut templates = situation.cluster.workloads.iter();
    let template =
        templates.find(|one| one.namespace == *namespace && one.workload == *workload)?;
    let replicas = template
        .replicas
        .filter(|replicas| *replicas > u64::from(number))?;
    let has_any = situation.has_pods((namespace, workload));
    (!has_any).then(|| Unknown::NoneOf {
        target: target.clone(),
        replicas,
    })
}

/// The workload that is called so.
fn find<'c>(situation: &Situation<'c>, target: &Target) -> Result<WorkloadKey<'c>, Unknown> {
    let cluster = situation.cluster;
    if cluster.pods.is_empty() {
        return Err(Unknown::NoPods(target.clone()));
    }
    let templates = cluster.workloads.iter();
    let templates = templates.map(|one| (&one.namespace, &one.workload));
    let all: BTreeSet<WorkloadKey<'c>> = situation.workloads().chain(templates).collect();
    let called: Vec<WorkloadKey<'c>> = all
        .iter()
        .filter(|(namespace, workload)| target.is(namespace.as_str(), workload))
        .copied()
        .collect();
    let scalable: Vec<WorkloadKey<'c>> = called
        .iter()
        .filter(|(_, workload)| is_scalable(&workload.kind))
        .copied()
        .collect();
    match (&scalable[..], &called[..]) {
        ([(namespace, _)], _) if !cluster.knows_pods_of(namespace) => {
            Err(Unknown::NoPods(target.clone()))
        }
        ([one], _) => Ok(*one),
        ([], [(_, other), ..]) => Err(Unknown::Kind {
            target: target.clone(),
            kind: other.kind.to_string(),
        }),
        ([], []) => {
            let names = all.iter().filter(|(_, one)| is_scalable(&one.kind));
            let names: Vec<String> = names
                .map(|(namespace, one)| format!("{namespace}/{}", one.name))
                .collect();
            let wanted = format!("{}/{}", target.namespace, target.name);
            Err(Unknown::Workload {
                target: target.clone(),
                near: nearest::few(&wanted, names.iter().map(String::as_str), Slips::Half),
            })
        }
        (several, _) => Err(Unknown::Ambiguous {
            target: target.clone(),
            each: several
                .iter()
                .map(|(namespace, one)| {
                    format!("{}/{namespace}/{}", one.kind.to_lowercase(), one.name)
                })
                .collect(),
        }),
    }
}

/// What becomes of a workload that a question names.
pub(super) fn scale<'c>(situation: &Situation<'c>, target: &Target, number: u32) -> Scaled<'c> {
    let Ok(workload) = find(situation, target) else {
        return Scaled::Same;
    };
    let pods = situation.pods_of(workload);
    let has = u32::try_from(pods.len()).unwrap_or(u32::MAX);
    if number < has {
        let mut order = pods;
        removal_order(situation, workload, &mut order);
        order.truncate((has - number) as usize);
        return Scaled::Down(order);
    }
    let model = match pods.first() {
        Some(first) => Some(Pod {
            readiness: Readiness::Ready,
            ..situation.cluster.pods[*first].clone()
        }),
        None => of_template(situation, workload),
    };
    match model {
        Some(model) if number > has => Scaled::Up(workload, number - has, Box::new(model)),
        _ => Scaled::Same,
    }
}

/// Which Pods go first. Of a `StatefulSet` those with the highest ordinals; of the others those on no
/// node, then those that are not ready, then those that share their node with the most others of the
/// workload, then the last by name (`ActivePodsWithRanks` in `pkg/controller/controller_utils.go`, which
/// goes on with ages that are not read).
fn removal_order(situation: &Situation<'_>, (_, workload): WorkloadKey<'_>, pods: &mut [usize]) {
    let all = &situation.cluster.pods;
    if &*workload.kind == "StatefulSet" {
        let ordinal = |pod: &Pod| -> Option<u64> {
            let rest = pod.name.strip_prefix(&*workload.name)?;
            rest.strip_prefix('-')?.parse().ok()
        };
        pods.sort_by_key(|pod| Reverse((ordinal(&all[*pod]), all[*pod].name.clone())));
        return;
    }
    let mut on_node: BTreeMap<&NodeName, usize> = BTreeMap::new();
    for node in pods.iter().filter_map(|pod| all[*pod].node.as_ref()) {
        *on_node.entry(node).or_default() += 1;
    }
    pods.sort_by_key(|pod| {
        let pod = &all[*pod];
        let shared = pod.node.as_ref().and_then(|node| on_node.get(node));
        (
            pod.node.is_some(),
            pod.readiness == Readiness::Ready,
            Reverse(shared.copied()),
            Reverse(pod.name.clone()),
        )
    });
}

/// A Pod as a workload makes it that has none.
fn of_template(situation: &Situation<'_>, (namespace, workload): WorkloadKey<'_>) -> Option<Pod> {
    let mut templates = situation.cluster.workloads.iter();
    let template =
        templates.find(|one| one.namespace == *namespace && one.workload == *workload)?;
    Some(Pod {
        object: template.object,
        namespace: namespace.clone(),
        name: workload.name.clone(),
        labels: template.labels.clone(),
        node: None,
        addresses: Vec::new(),
        phase: Phase::Alive,
        readiness: Readiness::Ready,
        termination: Termination::Running,
        ports: template.ports.clone(),
        workload: Some(workload.clone()),
    })
}
