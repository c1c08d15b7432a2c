//! Whether a node shows an object as it is before a step, or after it.

use std::collections::BTreeMap;

use super::End;
use crate::kernel::ipset;
use crate::kernel::ipset::{Entry, Set, SetHeader, SetName};
use crate::kernel::iptables::SavedRule;
use crate::kernel::ipvs::{VirtualServer, VirtualServerKey};
use crate::kernel::nftables::{ObservedTable, Table};
use crate::kernel::text::{KeepOrigins, Text};
use crate::model::IpFamily;
use crate::observed::{Dummy, Observed};
use crate::plan::compare::same_rules;
use crate::plan::{
    Delta, DestinationKey, Lines, RuleChain, RulePosition, Step, Subject, TableChange,
};

/// How an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// As before the step.
    Before,
    /// As after it.
    After,
    /// As neither: the step was cut off, or somebody else was there.
    Neither,
}

/// What a node holds, for looking things up.
#[derive(Debug)]
pub(super) struct Node<'a> {
    now: &'a Observed,
    servers: BTreeMap<VirtualServerKey, &'a VirtualServer>,
    sets: BTreeMap<&'a str, &'a Set>,
    /// Sets that have a name of ours and, still or again, are not ours.
    others: BTreeMap<SetName, Lines>,
}

impl<'a> Node<'a> {
    pub(super) fn new(steps: &[Step], now: &'a Observed) -> Self {
        let found = &now.sets.sets;
        let mut node = Self {
            now,
            servers: now
                .virtual_servers
                .servers
                .iter()
                .map(|server| (server.key, server))
                .collect(),
            sets: found.iter().map(|set| (set.name.as_str(), set)).collect(),
            others: BTreeMap::new(),
        };
        for step in steps {
            if let Subject::OtherSet(name, delta @ (Delta::Add(_) | Delta::Remove(_))) =
                &step.subject
                && let Some(lines) = delta.before().or(delta.after())
                && node.set_lines(name).as_ref() == Some(lines)
            {
                node.others.insert(name.clone(), lines.clone());
            }
        }
        node
    }

    /// How the object of a step is.
    pub(super) fn stand(&self, subject: &Subject) -> Stand {
        match subject {
            Subject::Sysctl(key, delta) => known(values(self.now.sysctls.get(key), delta), delta),
            Subject::Timeouts(delta) => known(values(self.now.timeouts.as_ref(), delta), delta),
            Subject::Dummy(delta) => values(self.dummy().as_ref(), delta),
            Subject::Address(address, delta) => values(self.address(*address).as_ref(), delta),
            Subject::Set(name, delta) => compare(self.header(name), delta, |a, b| a.same_set(*b)),
            Subject::OtherSet(name, delta) => match (self.others.get(name), delta) {
                (Some(_), Delta::Remove(_)) | (None, Delta::Add(_)) => Stand::Before,
                (None, Delta::Remove(_)) | (Some(_), Delta::Add(_)) => Stand::After,
                (_, Delta::Change { from, to }) => self.exchanged(name, from, to),
            },
            Subject::Entry(set, entry, delta) => values(self.entry(set, *entry).as_ref(), delta),
            Subject::Chain(at, delta) => compare(self.chain(at), delta, |a, b| same_rules(a, b)),
            Subject::Jump(at, delta) => match (self.jumps(at, delta), delta) {
                (true, Delta::Add(_)) | (false, Delta::Remove(_)) => Stand::After,
                (false, _) | (true, Delta::Remove(_)) => Stand::Before,
                (true, Delta::Change { .. }) => Stand::After,
            },
            Subject::Server(key, delta) => self.server(*key, delta),
            Subject::OtherServer(key, delta) => values(self.other_server(*key).as_ref(), delta),
            Subject::Destination(key, delta) => self.destination_stand(key, delta),
            Subject::Table(family, change) => self.table_stand(*family, change),
            // Whatever is in it: one that a kube-proxy made meanwhile is as good as the one before.
            Subject::KubeProxyTable(family, delta) => {
                let found = self.now.tables.kube_proxy[*family as usize].as_ref();
                compare(found, delta, |_, _| true)
            }
            Subject::Affinity(..) | Subject::Flows(..) => Stand::Neither,
        }
    }

    /// Steps from what an object is to what it is at one end of a step.
    pub(super) fn towards(&self, subject: &Subject, to: End) -> Vec<Subject> {
        match subject {
            Subject::Sysctl(key, delta) => {
                let way = way(self.now.sysctls.get(key).copied(), delta, to);
                way.map(|delta| Subject::Sysctl(*key, delta))
            }
            Subject::Timeouts(delta) => way(self.now.timeouts, delta, to).map(Subject::Timeouts),
            Subject::Dummy(delta) => way(self.dummy(), delta, to).map(Subject::Dummy),
            Subject::Address(address, delta) => way(self.address(*address), delta, to)
                .map(|delta| Subject::Address(*address, delta)),
            Subject::Set(name, delta) => {
                way(self.header(name), delta, to).map(|delta| Subject::Set(name.clone(), delta))
            }
            Subject::Entry(set, entry, delta) => way(self.entry(set, *entry), delta, to)
                .map(|delta| Subject::Entry(set.clone(), *entry, delta)),
            Subject::Chain(at, delta) => way(self.chain(at).map(<[_]>::to_vec), delta, to)
                .map(|delta| Subject::Chain(at.clone(), delta)),
            Subject::Destination(key, delta) => {
                way(self.weight(key), delta, to).map(|delta| Subject::Destination(*key, delta))
            }
            Subject::Server(key, delta) => {
                return anew(self.servers.get(key).map(|has| (*has).clone()), delta, to)
                    .map(|delta| Subject::Server(*key, delta))
                    .collect();
            }
            Subject::OtherServer(key, delta) => {
                return anew(self.other_server(*key), delta, to)
                    .map(|delta| Subject::OtherServer(*key, delta))
                    .collect();
            }
            Subject::OtherSet(name, delta) => {
                return anew(self.set_lines(name), delta, to)
                    .map(|delta| Subject::OtherSet(name.clone(), delta))
                    .collect();
            }
            // It is there or it is not, so it is always as before or as after.
            Subject::Table(family, change) => self.table_way(*family, change, to),
            Subject::Jump(..)
            | Subject::KubeProxyTable(..)
            | Subject::Affinity(..)
            | Subject::Flows(..) => None,
        }
        .into_iter()
        .collect()
    }

    fn dummy(&self) -> Option<()> {
        (self.now.dummy != Dummy::Absent).then_some(())
    }

    fn address(&self, address: std::net::IpAddr) -> Option<()> {
        let addresses = self.now.dummy.addresses();
        addresses.binary_search(&address).is_ok().then_some(())
    }

    /// Of a set that is ours.
    fn set(&self, name: &SetName) -> Option<&'a Set> {
        let ours = !self.others.contains_key(name);
        self.sets.get(name.as_str()).copied().filter(|_| ours)
    }

    fn header(&self, name: &SetName) -> Option<SetHeader> {
        self.set(name).map(|set| set.header)
    }

    fn entry(&self, set: &SetName, entry: Entry) -> Option<()> {
        let entries = &self.set(set)?.entries;
        let found = entries.binary_search_by(|(has, _)| has.cmp(&entry));
        found.ok().map(|_| ())
    }

    /// A set in the words of `ipset save`, whatever it is.
    fn set_lines(&self, name: &SetName) -> Option<Lines> {
        if let Some(set) = self.sets.get(name.as_str()) {
            let mut text = Text::new(KeepOrigins::No);
            ipset::write(std::slice::from_ref(*set), &mut text);
            return Some(text.finish().0.lines().map(Into::into).collect());
        }
        let mut others = self.now.sets.foreign.iter();
        let other = others.find(|set| *set.name == *name.as_str())?;
        Some(other.lines.clone())
    }

    /// A set of another size with the same entries, which other steps change then.
    fn exchanged(&self, name: &SetName, from: &Lines, to: &Lines) -> Stand {
        let header = |lines: &Lines| {
            let create = lines.first()?;
            Some(ipset::read(create).ok()?.sets.first()?.header)
        };
        let is = |lines| {
            let found = self.sets.get(name.as_str()).zip(header(lines));
            found.is_some_and(|(set, header)| set.header.same_set(header))
        };
        match (is(to), is(from)) {
            (true, _) => Stand::After,
            (false, true) => Stand::Before,
            (false, false) => Stand::Neither,
        }
    }

    fn chain(&self, at: &RuleChain) -> Option<&'a [SavedRule]> {
        let table = self.now.rules(at.family).table(at.table)?;
        table.chain(&at.chain).map(|chain| &*chain.rules)
    }

    fn jumps(&self, at: &RuleChain, delta: &Delta<RulePosition>) -> bool {
        let wanted = delta.after().or(delta.before());
        let wanted = wanted.map(|position| position.rule.to_string());
        let rules = self.chain(at).unwrap_or_default();
        wanted.is_some_and(|wanted| rules.iter().any(|rule| rule.to_string() == wanted))
    }

    fn server(&self, key: VirtualServerKey, delta: &Delta<VirtualServer>) -> Stand {
        let settings = |a: &VirtualServer, b: &VirtualServer| {
            (a.scheduler, a.persistence) == (b.scheduler, b.persistence)
        };
        let pools = |a: &VirtualServer, b: &VirtualServer| {
            let plain = |server: &VirtualServer| -> Vec<_> {
                let all = server.destinations.iter();
                all.map(|one| (one.address, one.port, one.weight)).collect()
            };
            settings(a, b) && plain(a) == plain(b)
        };
        match (self.servers.get(&key), delta) {
            (None, Delta::Add(_)) | (Some(_), Delta::Remove(_)) => Stand::Before,
            (None, Delta::Remove(_)) => Stand::After,
            (Some(has), Delta::Add(wants)) if pools(has, wants) => Stand::After,
            (Some(has), Delta::Change { to, .. }) if settings(has, to) => Stand::After,
            (Some(has), Delta::Change { from, .. }) if settings(has, from) => Stand::Before,
            _ => Stand::Neither,
        }
    }

    fn table(&self, family: IpFamily) -> Option<&'a ObservedTable> {
        self.now.tables.tables[family as usize].as_ref()
    }

    fn table_stand(&self, family: IpFamily, change: &TableChange) -> Stand {
        let found = self.table(family);
        match change {
            TableChange::Whole(delta) => {
                let ours = found.filter(|found| found.foreign.is_empty());
                let is = |end: Option<&Box<Table>>| match end {
                    None => found.is_none(),
                    Some(end) => ours.is_some_and(|ours| ours.table == **end),
                };
                match (is(delta.after()), is(delta.before())) {
                    (true, _) => Stand::After,
                    (false, true) => Stand::Before,
                    (false, false) => Stand::Neither,
                }
            }
            TableChange::Part { from, to } => {
                let Some(found) = found else {
                    return Stand::Neither;
                };
                let now = found.table.within([from, to]);
                match (now == *to, now == *from) {
                    (true, _) => Stand::After,
                    (false, true) => Stand::Before,
                    (false, false) => Stand::Neither,
                }
            }
        }
    }

    fn table_way(&self, family: IpFamily, change: &TableChange, end: End) -> Option<Subject> {
        let found = self.table(family);
        let now = || found.map(|found| Box::new(found.table.clone()));
        let change = match change {
            TableChange::Whole(delta) => {
                TableChange::Whole(Delta::between(now(), goal(delta, end).cloned())?)
            }
            TableChange::Part { from, to } => {
                let goal = match end {
                    End::Old => from,
                    End::New => to,
                };
                // Without the rest of the table its part makes none.
                let now = found?.table.within([from, to]);
                let (from, to) = now.apart(goal);
                (!from.is_empty() || !to.is_empty()).then_some(TableChange::Part { from, to })?
            }
        };
        Some(Subject::Table(family, change))
    }

    fn other_server(&self, key: VirtualServerKey) -> Option<Lines> {
        let mut others = self.now.virtual_servers.foreign.iter();
        let other = others.find(|other| other.key == Some(key))?;
        Some(other.lines.clone())
    }

    fn weight(&self, key: &DestinationKey) -> Option<u32> {
        let destinations = &self.servers.get(&key.server)?.destinations;
        let place = (key.address, key.port);
        let at = destinations.binary_search_by_key(&place, |one| (one.address, one.port));
        Some(destinations[at.ok()?].weight)
    }

    fn destination_stand(&self, key: &DestinationKey, delta: &Delta<u32>) -> Stand {
        // It went with its virtual server, after whatever was done to it alone.
        if !self.servers.contains_key(&key.server) && matches!(delta, Delta::Change { .. }) {
            return Stand::After;
        }
        values(self.weight(key).as_ref(), delta)
    }
}

fn values<T: PartialEq>(has: Option<&T>, delta: &Delta<T>) -> Stand {
    compare(has, delta, |a, b| a == b)
}

/// What was unknown before the step may have been anything.
fn known<T>(stand: Stand, delta: &Delta<T>) -> Stand {
    match (stand, delta) {
        (Stand::Neither, Delta::Add(_)) => Stand::Before,
        _ => stand,
    }
}

fn compare<H: Copy, T>(has: Option<H>, delta: &Delta<T>, same: impl Fn(H, &T) -> bool) -> Stand {
    let is = |end: Option<&T>| match (has, end) {
        (Some(has), Some(end)) => same(has, end),
        (None, None) => true,
        _ => false,
    };
    match delta {
        _ if is(delta.after()) => Stand::After,
        _ if is(delta.before()) => Stand::Before,
        _ => Stand::Neither,
    }
}

fn goal<T>(delta: &Delta<T>, to: End) -> Option<&T> {
    match to {
        End::Old => delta.before(),
        End::New => delta.after(),
    }
}

fn way<T: Clone + PartialEq>(has: Option<T>, delta: &Delta<T>, to: End) -> Option<Delta<T>> {
    Delta::between(has, goal(delta, to).cloned())
}

/// What is cut off or of another kind is not mended but made anew.
fn anew<T: Clone>(
    has: Option<T>,
    delta: &Delta<T>,
    to: End,
) -> impl Iterator<Item = Delta<T>> + use<T> {
    let add = goal(delta, to).cloned().map(Delta::Add);
    has.map(Delta::Remove).into_iter().chain(add)
}
