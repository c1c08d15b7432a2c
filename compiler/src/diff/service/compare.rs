//! Tells two views of one node apart.

use std::collections::{BTreeMap, BTreeSet};

use super::{At, Audience, Cause, Change, Facet, Fate};
use crate::diff::{
    Balancing, Frontend, Listener, ListenerKind, ModeDifference, NodeView, Owner, Reach, Subject,
};

/// A listener before and after; at least one of the two is there.
type Pair<'a> = (Option<&'a Frontend>, Option<&'a Frontend>);

/// What clients meet that they did not meet before.
type Treatments = BTreeMap<Listener, Vec<Facet>>;

pub(super) fn compare(
    old: &NodeView,
    new: &NodeView,
    treatments: &Treatments,
) -> Vec<(Owner, Change)> {
    let mut ports: BTreeMap<Owner, BTreeMap<Listener, Pair<'_>>> = BTreeMap::new();
    let was = old.frontends.iter();
    for (listener, frontend) in was.filter(|(listener, _)| !new.is_unread(listener, old)) {
        // What stays, stays under the name it will have.
        let owner = if new.frontends.contains_key(listener) {
            new.owner(*listener, old)
        } else {
            old.owner(*listener, new)
        };
        let listeners = ports.entry(owner).or_default();
        listeners.entry(*listener).or_default().0 = Some(frontend);
    }
    let is = new.frontends.iter();
    for (listener, frontend) in is.filter(|(listener, _)| !old.is_unread(listener, new)) {
        let listeners = ports.entry(new.owner(*listener, old)).or_default();
        listeners.entry(*listener).or_default().1 = Some(frontend);
    }
    let mut changes = Vec::new();
    let everywhere = scheduler_of_all(&ports);
    if let Some((from, to)) = everywhere {
        changes.push((
            all(),
            Change {
                facet: Facet::Scheduler { from, to },
                at: At::Everywhere,
            },
        ));
    }
    changes.extend(mode_differences(old, new));
    for (owner, listeners) in &ports {
        let before = |listener| old.owners.get(&listener).filter(|was| *was != owner);
        let found = port(listeners, everywhere.is_some(), before, treatments);
        changes.extend(found.into_iter().map(|change| (owner.clone(), change)));
    }
    let checks = |checks: &BTreeSet<u16>, others: &BTreeSet<u16>, fate| {
        let ports: Vec<u16> = checks.difference(others).copied().collect();
        ports.into_iter().map(move |port| {
            let listener = Listener::HealthCheck(port);
            let change = Change {
                facet: Facet::HealthCheck(fate),
                at: At::Some(vec![(listener, Vec::new())]),
            };
            (listener, change)
        })
    };
    if let (Some(was), Some(is)) = (&old.health_checks, &new.health_checks) {
        let gone = checks(was, is, Fate::Goes);
        let come = checks(is, was, Fate::Comes);
        changes.extend(gone.map(|(listener, change)| (old.owner(listener, new), change)));
        changes.extend(come.map(|(listener, change)| (new.owner(listener, old), change)));
    }
    changes
}

/// What the modes do in ways of their own.
fn mode_differences(old: &NodeView, new: &NodeView) -> Vec<(Owner, Change)> {
    let (Some(from), Some(to)) = (old.mode, new.mode) else {
        return Vec::new();
    };
    let change = |mode_difference: &ModeDifference| Change {
        facet: Facet::ModeDifference {
            mode_difference: *mode_difference,
            from,
            to,
        },
        at: At::Everywhere,
    };
    let mut changes = Vec::new();
    for (owner, mode_differences) in &new.mode_differences {
        let owner = owner.clone().unwrap_or_else(all);
        let apart = mode_differences
            .iter()
            .filter(|mode_difference| mode_difference.of(from) != mode_difference.of(to));
        changes.extend(apart.map(|mode_difference| (owner.clone(), change(mode_difference))));
    }
    changes
}

/// What changes that concern all Services are put under.
fn all() -> Owner {
    Owner::whole(Subject::Everything)
}

/// The change of scheduler that all of several virtual servers share: it is the node's setting, and
/// is told once.
fn scheduler_of_all(
    ports: &BTreeMap<Owner, BTreeMap<Listener, Pair<'_>>>,
) -> Option<(Balancing, Balancing)> {
    let pairs = ports.values().flat_map(BTreeMap::values);
    let mut schedulers =
        pairs.filter_map(|(old, new)| Some((old.as_ref()?.scheduler, new.as_ref()?.scheduler)));
    let first = schedulers.next()?;
    let mut others = 0;
    let same = schedulers
        .inspect(|_| others += 1)
        .all(|pair| pair == first);
    (same && others > 0 && first.0 != first.1).then_some(first)
}

fn port<'a>(
    listeners: &BTreeMap<Listener, Pair<'_>>,
    scheduler_told: bool,
    other_owner: impl Fn(Listener) -> Option<&'a Owner>,
    treatments: &Treatments,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut facets: BTreeMap<Facet, Vec<(Listener, Vec<ListenerKind>)>> = BTreeMap::new();
    let mut stay = 0;
    for (listener, pair) in listeners {
        let (frontend, fate, by) = match pair {
            (Some(old), Some(new)) if old.reach < new.reach => (old, Fate::Goes, Cause::Address),
            (Some(old), Some(new)) if old.reach > new.reach => (new, Fate::Comes, Cause::Address),
            (Some(old), Some(new)) => {
                stay += 1;
                let owner = other_owner(*listener).cloned();
                let owner = owner.map(|from| Facet::Owner { from });
                let met = treatments.get(listener).into_iter().flatten().cloned();
                for facet in owner.into_iter().chain(differences(old, new)).chain(met) {
                    if scheduler_told && matches!(facet, Facet::Scheduler { .. }) {
                        continue;
                    }
                    // What the address is, is what changes then.
                    let kinds = match facet {
                        Facet::Kinds { .. } => Vec::new(),
                        _ => new.kinds.clone(),
                    };
                    let at = (*listener, kinds);
                    facets.entry(facet).or_default().push(at);
                }
                continue;
            }
            (Some(one), None) | (None, Some(one)) if is_no_use(one) => continue,
            // Nobody was reachable there, and clients are treated in another way all the same.
            (Some(one), None) | (None, Some(one))
                if one.endpoints.is_empty() && treatments.contains_key(listener) =>
            {
                stay += 1;
                for facet in treatments.get(listener).into_iter().flatten().cloned() {
                    let at = (*listener, one.kinds.clone());
                    facets.entry(facet).or_default().push(at);
                }
                continue;
            }
            (Some(old), None) => (old, Fate::Goes, Cause::Serving),
            (None, Some(new)) => (new, Fate::Comes, Cause::Serving),
            (None, None) => continue,
        };
        changes.push(Change {
            facet: Facet::Reachable {
                fate,
                endpoints: frontend.endpoints.keys().copied().collect(),
                sources: frontend.sources.clone(),
                by,
            },
            at: At::Some(vec![(*listener, frontend.kinds.clone())]),
        });
    }
    let facets = facets.into_iter().map(|(mut facet, listeners)| {
        if let Facet::Treatment { audience, .. } = &mut facet {
            *audience = Audience::of(&listeners);
        }
        (facet, listeners)
    });
    changes.extend(facets.map(|(facet, listeners)| Change {
        at: match &facet {
            // These are about an address, and say which.
            Facet::Kinds { .. } | Facet::Addresses { .. } | Facet::Sources { .. } => {
                At::Some(listeners)
            }
            _ if listeners.len() == stay => At::Everywhere,
            _ => At::Some(listeners),
        },
        facet,
    }));
    changes
}

/// Whether a virtual server is a Service's, by the sets, and no packet comes to it. That of others may
/// have its address on another link.
fn is_no_use(frontend: &Frontend) -> bool {
    frontend.reach == Reach::Unbound && !frontend.kinds.is_empty()
}

fn differences(old: &Frontend, new: &Frontend) -> Vec<Facet> {
    let mut facets = Vec::new();
    if old.kinds != new.kinds && !old.kinds.is_empty() && !new.kinds.is_empty() {
        facets.push(Facet::Kinds {
            from: old.kinds.clone(),
            to: new.kinds.clone(),
        });
    }
    // Rules do not list the addresses that they serve.
    let listed = !old.addresses.is_empty() && !new.addresses.is_empty();
    if listed && old.addresses != new.addresses {
        facets.push(Facet::Addresses {
            gained: new.addresses.difference(&old.addresses).copied().collect(),
            lost: old.addresses.difference(&new.addresses).copied().collect(),
        });
    }
    // Rules that lead to nobody say neither who may connect nor who keeps an endpoint.
    let says = |one: &Frontend| {
        !one.endpoints.is_empty() || matches!(one.scheduler, Balancing::Scheduler(_))
    };
    let both_say = says(old) && says(new);
    if both_say && old.sources != new.sources {
        facets.push(Facet::Sources {
            from: old.sources.clone(),
            to: new.sources.clone(),
        });
    }
    if !old.endpoints.keys().eq(new.endpoints.keys()) {
        let lacking = |a: &Frontend, b: &Frontend| {
            let sockets = a.endpoints.keys().copied();
            sockets
                .filter(|one| !b.endpoints.contains_key(one))
                .collect()
        };
        facets.push(Facet::Endpoints {
            gained: lacking(new, old),
            lost: lacking(old, new),
            before: old.endpoints.len(),
        });
    }
    let weights: Vec<_> = old
        .endpoints
        .iter()
        .filter_map(|(socket, from)| Some((*socket, *from, *new.endpoints.get(socket)?)))
        .filter(|(_, from, to)| from != to)
        .collect();
    if !weights.is_empty() {
        facets.push(Facet::Weights(weights));
    }
    if both_say && old.affinity != new.affinity {
        facets.push(Facet::Affinity {
            from: old.affinity,
            to: new.affinity,
        });
    }
    if let (Some(from), Some(to)) = (old.policy, new.policy)
        && from != to
    {
        facets.push(Facet::Policy { from, to });
    }
    if old.scheduler != new.scheduler {
        facets.push(Facet::Scheduler {
            from: old.scheduler,
            to: new.scheduler,
        });
    }
    facets
}
