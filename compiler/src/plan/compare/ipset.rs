//! Sets and their entries. Sets are ours by name.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Comparison, Effect, merge};
use crate::kernel::ipset;
use crate::kernel::ipset::{Entry, Set, SetName, TEMPORARY_SET};
use crate::kernel::text::{KeepOrigins, Text};
use crate::mode::NodeState;
use crate::mode::ipvs::sets::KubeSet;
use crate::model::{Mode, Port, Protocol, TransportAddress};
use crate::observed::Observed;
use crate::plan::object::ipset::{Role, role};
use crate::plan::order::Rank;
use crate::plan::{Claims, Delta, Interruption, IpsetChange, LeftAlone, Lines, Subject};

/// A set that has to be made anew: sets of another type, family or with options cannot be exchanged.
#[derive(Debug)]
pub(super) struct Replaced {
    /// What it is, in `ipset save`'s words.
    pub(super) found: Box<str>,
    /// What it has to be.
    pub(super) wanted: Box<str>,
}

/// Compares sets; tells which of them have to be made anew.
pub(super) fn compare(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
    comparison: &mut Comparison,
) -> BTreeMap<SetName, Replaced> {
    let serving = Serving::of(observed);
    let mut replaced = BTreeMap::new();
    for wanted in state.sets() {
        let found = observed
            .ipset
            .sets
            .iter()
            .find(|set| set.name == wanted.name);
        let mut kept = found.filter(|found| found.header.same_set(wanted.header));
        if let Some(found) = found.filter(|found| found.header.swaps_with(wanted.header))
            && kept.is_none()
        {
            exchange(found, wanted, comparison);
            kept = Some(found);
        }
        let other = observed
            .ipset
            .foreign
            .iter()
            .find(|set| *set.name == *wanted.name.as_str());
        let lines = match (found, other) {
            (Some(found), _) if kept.is_none() => Some(lines(found)),
            (_, Some(other)) => Some(other.lines.clone()),
            _ => None,
        };
        if let Some(lines) = lines {
            replaced.insert(wanted.name.clone(), replace(wanted, lines, comparison));
        }
        if kept.is_none() {
            let subject = Subject::Ipset(IpsetChange::Set(
                wanted.name.clone(),
                Delta::Add(wanted.header),
            ));
            comparison.step(subject, Effect::PLAIN, &[]);
        }
        entries(wanted, kept, &serving, comparison);
    }
    let going = unwanted(state, observed, claims, comparison);
    let ours: BTreeSet<&str> = state
        .sets()
        .iter()
        .map(|set| set.name.as_str())
        .chain(going)
        .collect();
    let known = observed.ipset.sets.iter().map(|set| set.name.as_str());
    let foreign = observed.ipset.foreign.iter().map(|set| &*set.name);
    let others = known.chain(foreign).filter(|name| !ours.contains(name));
    let others = others.filter(|name| !is_left_over(name));
    comparison
        .left_alone
        .extend(others.map(|name| LeftAlone::Set(name.into())));
    for left in observed
        .ipset
        .sets
        .iter()
        .filter(|set| is_left_over(set.name.as_str()))
    {
        let subject = Subject::Ipset(IpsetChange::ForeignSet(
            left.name.clone(),
            Delta::Remove(lines(left)),
        ));
        comparison.step_at(Rank::OldSets, subject, Effect::PLAIN, &[]);
    }
    replaced
}

/// Sets that have the names of mode ipvs and that the mode asked for has no use for: they go, with
/// their entries, where they are ours. Tells their names.
fn unwanted<'o>(
    state: &NodeState,
    observed: &'o Observed,
    claims: &Claims,
    comparison: &mut Comparison,
) -> Vec<&'o str> {
    if state.mode() == Mode::Ipvs || !claims.modes().any(|mode| mode == Mode::Ipvs) {
        return Vec::new();
    }
    let sets = observed.ipset.sets.iter();
    let going: Vec<&Set> = sets
        .filter(|set| KubeSet::named(set.name.as_str()).is_some())
        .collect();
    for set in &going {
        let subject = Subject::Ipset(IpsetChange::ForeignSet(
            set.name.clone(),
            Delta::Remove(lines(set)),
        ));
        comparison.step_at(Rank::OldSets, subject, Effect::PLAIN, &[]);
    }
    going.into_iter().map(|set| set.name.as_str()).collect()
}

/// A set of another size takes the place of the one that is there, with the same entries, so that
/// rules that name it never miss one.
fn exchange(found: &Set, wanted: &Set, comparison: &mut Comparison) {
    let to = Set {
        header: wanted.header,
        ..found.clone()
    };
    let delta = Delta::Change {
        from: lines(found),
        to: lines(&to),
    };
    let subject = Subject::Ipset(IpsetChange::ForeignSet(wanted.name.clone(), delta));
    comparison.step_at(Rank::Sets, subject, Effect::PLAIN, &[]);
}

fn lines(set: &Set) -> Lines {
    let mut text = Text::new(KeepOrigins::No);
    ipset::write(std::slice::from_ref(set), &mut text);
    text.finish().0.lines().map(Into::into).collect()
}

fn replace(wanted: &Set, lines: Lines, comparison: &mut Comparison) -> Replaced {
    let create = format!("create {} ", wanted.name);
    let found = lines
        .first()
        .map_or("", |line| line.strip_prefix(&*create).unwrap_or(line));
    let replaced = Replaced {
        found: found.into(),
        wanted: wanted.header.to_string().into(),
    };
    comparison.step(
        Subject::Ipset(IpsetChange::ForeignSet(
            wanted.name.clone(),
            Delta::Remove(lines),
        )),
        Effect::interrupting(Interruption::Unguarded),
        &[],
    );
    replaced
}

/// Whether a set was made to be exchanged, by somebody who was cut off.
fn is_left_over(name: &str) -> bool {
    name.starts_with(TEMPORARY_SET)
}

fn entries(wanted: &Set, found: Option<&Set>, serving: &Serving, comparison: &mut Comparison) {
    let found = found.map_or(&[][..], |set| &set.entries);
    let role = role(&wanted.name);
    merge(
        &wanted.entries,
        |(entry, _)| *entry,
        found,
        |(entry, _)| *entry,
        |wants, has| {
            let (delta, (entry, origins)) = match (wants, has) {
                (Some(wants), None) => (Delta::Add(()), wants),
                (None, Some(has)) => (Delta::Remove(()), has),
                _ => return,
            };
            let rank = match (&delta, role) {
                // Where connections go to other nodes still, masquerading ends after that.
                (Delta::Add(()), Role::Unmasked) if serving.has(&wanted.name, *entry) => {
                    Rank::Unmasked
                }
                // A guard keeps the address from the node's own ports until something is served.
                (Delta::Add(()), Role::Allowed)
                    if serving.binds(*entry) && !serving.has(&wanted.name, *entry) =>
                {
                    Rank::Allowed
                }
                _ => role.rank(&delta),
            };
            let subject = Subject::Ipset(IpsetChange::Entry(wanted.name.clone(), *entry, delta));
            comparison.step_at(rank, subject, Effect::PLAIN, origins);
        },
    );
}

/// The virtual servers and addresses that exist.
struct Serving {
    addresses: BTreeSet<IpAddr>,
    servers: BTreeSet<TransportAddress>,
    ports: BTreeSet<(Protocol, Port)>,
}

impl Serving {
    fn of(observed: &Observed) -> Self {
        let servers: BTreeSet<_> = observed
            .ipvs
            .servers
            .iter()
            .map(|server| server.key)
            .collect();
        Self {
            ports: servers.iter().map(|key| (key.protocol, key.port)).collect(),
            servers,
            addresses: observed.dummy.addresses().iter().copied().collect(),
        }
    }

    /// Whether an entry is about an address that kube-ipvs0 has.
    fn binds(&self, entry: Entry) -> bool {
        matches!(entry, Entry::IpPort(key) if self.addresses.contains(&key.address))
    }

    /// Whether an entry may be about one of them; a port alone may be about any with that port.
    fn has(&self, set: &SetName, entry: Entry) -> bool {
        match entry {
            Entry::IpPort(key) => self.servers.contains(&*key),
            Entry::Port(port) => {
                let protocol = if set.as_str().ends_with("UDP") {
                    Protocol::Udp
                } else {
                    Protocol::Tcp
                };
                Port::new(port).is_some_and(|port| self.ports.contains(&(protocol, port)))
            }
            Entry::Ip(_) | Entry::IpPortIp(..) | Entry::IpPortNet(..) => false,
        }
    }
}
