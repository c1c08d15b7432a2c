//! What clients meet at a frontend, before and after, as [`crate::explain`] reads it off the rules: an
//! answer, a refusal, silence.
//!
//! Asking takes a walk through rules that may be as many as there are Services. What is met depends on
//! little of a frontend, its class, so each class is asked for once, and only where a class changes
//! or the whole node does.

mod ask;
mod class;
mod clients;
mod found;
mod read_off;
mod sides;

use std::collections::{BTreeMap, BTreeSet};

use super::Listener;
use super::service::{Audience, Facet};
use super::view::listener;
pub use crate::explain::Source;
use crate::ir;
use crate::ir::{FrontendKind, Program, ServicePort, SourceFilter};
use crate::mode::NodeState;
use ask::Questions;
use class::Class;
pub use sides::{Known, Side, both};

/// A kind of client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// One outside of the cluster that may connect.
    Outside,
    /// One outside of a load balancer's source ranges.
    Barred,
    /// A pod on the node that is no endpoint.
    Pod,
    /// A program on the node.
    Node,
    /// The same, by way of 127.0.0.1.
    Loopback,
    /// One outside of the cluster that asks another address of the node than its primary one.
    OtherAddress,
}

impl Client {
    /// Whether it is outside of the cluster.
    pub(super) fn is_outside(self) -> bool {
        match self {
            Self::Outside | Self::Barred | Self::OtherAddress => true,
            Self::Pod | Self::Node | Self::Loopback => false,
        }
    }
}

/// What a client meets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Met {
    /// Endpoints that answer.
    Answer {
        /// Where these are; nothing where that is told elsewhere.
        by: BTreeSet<Whereabouts>,
        /// Whose address they see.
        sees: Source,
    },
    /// Endpoints on other nodes, whose answer does not come back by this node.
    LostAnswer,
    /// Endpoints that see the sender's address, and nobody knows where they are: what those on other nodes
    /// answer is lost.
    AnswerUnlessElsewhere,
    /// The answer that nobody is there.
    Refusal,
    /// Nothing at all.
    Silence,
    /// The node itself, and no Service.
    NodeItself,
    /// Whatever is there beyond this node, and no Service.
    Beyond,
}

/// Where an endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whereabouts {
    /// On the node.
    Here,
    /// On another, or manifests do not say where.
    Elsewhere,
    /// Rules do not say.
    Unknown,
}

/// All that a client may meet; at least one thing.
pub type Treatment = BTreeSet<Met>;

/// What a node is asked to do: a program, and the state it was lowered to.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What is wanted of the node.
    pub program: &'a Program,
    /// What its mode keeps.
    pub state: &'a NodeState,
    /// How much the program tells.
    pub told: Told,
    /// How it is told where endpoints are.
    pub places: Places,
    /// How much is asked for.
    pub asking: Asking,
}

/// How much both sides of a comparison tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// All that a program says: both sides were compiled.
    Whole,
    /// What rules say: a program was read off them.
    ByRules,
}

/// How it is told where the endpoints of a port are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// By the nodes that manifests name.
    Named,
    /// By which of them policy Local leaves over, where it applies.
    ByPolicy,
}

/// For how much of a program is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asking {
    /// For one frontend of each class: rules that were compiled treat all of it alike.
    Classes,
    /// For each frontend, as far as there are not too many: on a node that was found anything may be
    /// changed.
    Frontends,
}

/// More frontends than this are asked for by class: a walk takes as long as there are rules.
const EACH: usize = 500;

/// Where clients meet something else than before.
pub(super) fn between(old: Asked<'_>, new: Asked<'_>) -> BTreeMap<Listener, Vec<Facet>> {
    if old.told == Told::ByRules && old.state == new.state {
        return BTreeMap::new();
    }
    let each = old.asking.max(new.asking) == Asking::Frontends;
    let whole = each || !alike(old, new);
    let (before, after) = (frontends(old.program), frontends(new.program));
    let each = each && before.len() <= EACH;
    let (was, is) = (Questions::new(old), Questions::new(new));
    let same_mode = old.state.mode() == new.state.mode();
    let mut told: BTreeMap<(Class, Class), Vec<Facet>> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (listener, (port, frontend)) in after {
        let Some((old_port, old_frontend)) = before.get(&listener).copied() else {
            continue;
        };
        let shared = [(old_port, old_frontend), (port, frontend)];
        let by_rules = old.told == Told::ByRules;
        let shared = by_rules.then(|| shared_ranges(shared)).flatten();
        let (old_frontend, frontend) = match &shared {
            Some(ranged) => (ranged, ranged),
            None => (old_frontend, frontend),
        };
        let classes = (
            Class::of(old.program, old_port, old_frontend),
            Class::of(new.program, port, frontend),
        );
        if !whole && classes.0 == classes.1 {
            continue;
        }
        let ask = || {
            let before = was.treatments(old_port, old_frontend);
            let after = is.treatments(port, frontend);
            apart(before, after, same_mode)
        };
        if each {
            let facets = ask();
            if !facets.is_empty() {
                found.insert(listener, facets);
            }
            continue;
        }
        let facets = told.entry(classes).or_insert_with(ask);
        if !facets.is_empty() {
            found.insert(listener, facets.clone());
        }
    }
    found
}

/// Whether what a node does for a class of frontends is the same: only elements of the two differ.
fn alike(old: Asked<'_>, new: Asked<'_>) -> bool {
    old.told == Told::Whole
        && old.state.mode() == new.state.mode()
        && old.state.sysctls == new.state.sysctls
        && old.program.node == new.program.node
        && old.program.masquerading == new.program.masquerading
}

/// One frontend for each listener: where an address is both, that of a load balancer, which may have
/// source ranges.
fn frontends(program: &Program) -> BTreeMap<Listener, (&ServicePort, &ir::Frontend)> {
    let mut found: BTreeMap<Listener, (&ServicePort, &ir::Frontend)> = BTreeMap::new();
    for port in &program.service_ports {
        for frontend in &port.frontends {
            let one = found
                .entry(listener(port, frontend))
                .or_insert((port, frontend));
            if is_ranged(frontend) || !is_ranged(one.1) {
                *one = (port, frontend);
            }
        }
    }
    found
}

fn is_ranged(frontend: &ir::Frontend) -> bool {
    matches!(
        frontend.kind,
        FrontendKind::LoadBalancer(_, SourceFilter::Ranges { .. })
    )
}

/// The frontend of a load balancer as the side knows it whose rules have its source ranges, where the
/// other serves it by none: rules that refuse everybody have no ranges in some modes.
fn shared_ranges(sides: [(&ServicePort, &ir::Frontend); 2]) -> Option<ir::Frontend> {
    let hides = |(port, frontend): (&ServicePort, &ir::Frontend)| {
        matches!(
            frontend.kind,
            FrontendKind::LoadBalancer(_, SourceFilter::Everyone)
        ) && port.endpoints.is_empty()
    };
    match sides {
        [hidden, (_, ranged)] | [(_, ranged), hidden] if is_ranged(ranged) && hides(hidden) => {
            Some(ranged.clone())
        }
        _ => None,
    }
}

/// Who meets something else, by what it is.
fn apart(
    mut old: BTreeMap<Client, Treatment>,
    new: BTreeMap<Client, Treatment>,
    same_mode: bool,
) -> Vec<Facet> {
    let mut changes: BTreeMap<(Treatment, Treatment), Vec<Client>> = BTreeMap::new();
    for (client, to) in new {
        let Some(from) = old.remove(&client) else {
            continue;
        };
        // In one mode that is a change of endpoints, which is told as such.
        let (from, to) = if same_mode || !is_placed(&from) || !is_placed(&to) {
            (wherever(from), wherever(to))
        } else {
            (from, to)
        };
        let unsure =
            from.contains(&Met::AnswerUnlessElsewhere) || to.contains(&Met::AnswerUnlessElsewhere);
        let same = if unsure {
            unplaced(&from) == unplaced(&to)
        } else {
            from == to
        };
        if !same {
            changes.entry((from, to)).or_default().push(client);
        }
    }
    let facets = changes.into_iter();
    facets
        .map(|((from, to), clients)| Facet::Treatment {
            // Until it is known at which addresses.
            audience: Audience::Everyone,
            clients,
            from,
            to,
        })
        .collect()
}

/// Without where endpoints are.
fn wherever(treatment: Treatment) -> Treatment {
    let without = |met| match met {
        Met::Answer { sees, .. } => Met::Answer {
            by: BTreeSet::new(),
            sees,
        },
        other => other,
    };
    treatment.into_iter().map(without).collect()
}

/// Whether it is known where all endpoints are.
fn is_placed(treatment: &Treatment) -> bool {
    let unknown =
        |met: &Met| matches!(met, Met::Answer { by, .. } if by.contains(&Whereabouts::Unknown));
    !treatment.iter().any(unknown)
}

/// As who does not know where endpoints are would tell it.
fn unplaced(treatment: &Treatment) -> Treatment {
    let unplaced = |met: &Met| match met {
        Met::LostAnswer
        | Met::Answer {
            sees: Source::Kept, ..
        } => Met::AnswerUnlessElsewhere,
        other => other.clone(),
    };
    treatment.iter().map(unplaced).collect()
}
