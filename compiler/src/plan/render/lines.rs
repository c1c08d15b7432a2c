//! A step in a line.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::kernel::dummy::INTERFACE;
use crate::kernel::ipset::{SetName, TEMPORARY_SET};
use crate::kernel::iptables::{Match, Rule, SavedRule};
use crate::kernel::ipvs::{Persistence, VirtualServer, VirtualServerKey};
use crate::kernel::nftables::{Elements, KubeProxyTable, TABLE};
use crate::kernel::{Listener, ipset};
use crate::mode::ipvs::sets::KubeSet;
use crate::model::IpFamily;
use crate::plan::{
    Delta, Durability, Flows, Interruption, Lines, Op, Reach, Step, Subject, TableChange,
};

use super::count;
use crate::source::Origins;

/// What forgotten UDP flows are called where they are many.
pub(super) const FLOW: &str = "flow";

/// What a line says, with its sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// `+`, `~`, `-`, `!`.
    pub(super) sign: char,
    /// What there may be many of.
    pub(super) noun: &'static str,
    /// The rest.
    pub(super) text: String,
}

impl Line {
    /// The sign and the rest.
    pub(super) fn say(&self) -> String {
        format!("{} {}", self.sign, self.text)
    }
}

/// The lines of a step; none for one that only eases the way.
pub(super) fn lines(step: &Step) -> Vec<Line> {
    if let Subject::Flows(listener, which) = &step.subject {
        return vec![flows(*listener, which, step.interruption)];
    }
    if step.durability == Durability::Transitional {
        return Vec::new();
    }
    let sign = match step.subject.op() {
        Op::Add => '+',
        Op::Change => '~',
        Op::Remove => '-',
        Op::Flush => '!',
    };
    let (noun, text) = subject(&step.subject);
    let mut lines = vec![Line { sign, noun, text }];
    if let Subject::Chain(_, Delta::Change { from, to }) = &step.subject {
        rules(from, to, &mut lines);
    }
    if let Subject::Table(_, TableChange::Part { from, to }) = &step.subject {
        parts('+', to, from, &mut lines);
        parts('-', from, to, &mut lines);
    }
    lines.extend(interruption(step));
    lines
}

fn subject(subject: &Subject) -> (&'static str, String) {
    match subject {
        Subject::Sysctl(key, delta) => ("setting", set_in_place(key.name(), delta)),
        Subject::Timeouts(delta) => ("timeouts", set_in_place("IPVS timeouts", delta)),
        Subject::Dummy(_) => ("interface", format!("interface {INTERFACE}")),
        Subject::Address(address, _) => ("address", format!("address {address} on {INTERFACE}")),
        Subject::Set(name, _) => ("ipset", format!("ipset {name}")),
        Subject::OtherSet(name, delta) => ("ipset", other_set(name, delta)),
        Subject::Entry(set, entry, _) => ("entry", format!("ipset {set} {entry}")),
        Subject::Chain(chain, delta) => {
            let number = delta.after().or(delta.before()).map_or(0, Vec::len);
            let rules = match delta {
                Delta::Change { .. } => String::new(),
                _ => format!(", {}", count(number, "rule")),
            };
            ("chain", format!("chain {chain}{rules}"))
        }
        Subject::Jump(chain, delta) => {
            let text = delta
                .after()
                .or(delta.before())
                .map_or_else(String::new, |position| {
                    format!(
                        "rule {} of {chain}: {}",
                        position.number,
                        short(&SavedRule::Known(position.rule.clone()))
                    )
                });
            ("jump", text)
        }
        Subject::Server(key, delta) => (
            "virtual server",
            match delta {
                Delta::Change { from, to } => {
                    format!("virtual server {key}: {}", differences(from, to))
                }
                Delta::Add(server) | Delta::Remove(server) => {
                    format!("virtual server {key}, {}", description(server))
                }
            },
        ),
        Subject::OtherServer(key, _) => (
            "virtual server",
            format!("virtual server {key}, which is of another kind"),
        ),
        Subject::Destination(key, delta) => (
            "destination",
            match delta {
                Delta::Add(weight) => format!("destination {key}, weight {weight}"),
                Delta::Change { from, to } => format!("destination {key}, weight {from} -> {to}"),
                Delta::Remove(_) => format!("destination {key}"),
            },
        ),
        Subject::Table(family, change) => ("table", table(*family, change)),
        Subject::KubeProxyTable(family, delta) => {
            let table = delta.after().or(delta.before());
            let chains = table.map_or(0, KubeProxyTable::chains);
            let name = KubeProxyTable::name(*family);
            let chains = count(chains, "chain");
            (
                "table",
                format!("nftables table {name}, kube-proxy's own, {chains}"),
            )
        }
        Subject::Affinity(memory, _) => {
            let key = VirtualServerKey::from(memory.port.0);
            ("client", format!("clients of {key} forget endpoints"))
        }
        Subject::Flows(key, which) => (FLOW, forgotten(*key, which)),
    }
}

/// Those that reached nobody are only in the way.
fn flows(listener: Listener, which: &Flows, interruption: Interruption) -> Line {
    let (reach, why) = match interruption {
        Interruption::Flows(why) => (why.reach(), format!(": {why}")),
        // A plan of a version before does not say.
        Interruption::None | Interruption::Connections { .. } | Interruption::Unguarded => {
            (Reach::Endpoints, String::new())
        }
    };
    Line {
        sign: match reach {
            Reach::Endpoints => '!',
            Reach::Nobody => '~',
        },
        noun: FLOW,
        text: format!("{}{why}", forgotten(listener, which)),
    }
}

fn forgotten(listener: Listener, which: &Flows) -> String {
    match which {
        Flows::All => format!("UDP flows to {listener} are forgotten"),
        Flows::To(address, port) => {
            let endpoint = SocketAddr::new(*address, port.get());
            format!("UDP flows to {listener} -> {endpoint} are forgotten")
        }
    }
}

/// A set as it stands, with its entries, and why it is not just one of ours whose entries change.
fn other_set(name: &SetName, delta: &Delta<Lines>) -> String {
    let lines = delta.before().or(delta.after());
    let lines = lines.map_or(&[][..], Vec::as_slice);
    let entries = match lines.len().saturating_sub(1) {
        1 => "1 entry".to_owned(),
        number => format!("{number} entries"),
    };
    if let Delta::Change { .. } = delta {
        return format!("ipset {name}, which is of another size");
    }
    if name.as_str().starts_with(TEMPORARY_SET) {
        return format!("ipset {name}, {entries}, left behind by an exchange that was cut off");
    }
    let header = lines
        .first()
        .and_then(|line| Some(ipset::read(line).ok()?.sets.pop()?.header));
    match (KubeSet::header(name.as_str()), header) {
        (Some(ours), Some(has)) if ours.same_set(has) || ours.swaps_with(has) => {
            format!("ipset {name}, {entries}")
        }
        _ => format!("ipset {name}, which is of another kind"),
    }
}

fn set_in_place<T: ToString>(name: &str, delta: &Delta<T>) -> String {
    let say = |value: Option<&T>| value.map_or_else(|| "unknown".to_owned(), T::to_string);
    format!("{name} {} -> {}", say(delta.before()), say(delta.after()))
}

fn affinity(persistence: Persistence) -> String {
    match persistence {
        Persistence::None => "none".to_owned(),
        Persistence::Timeout(seconds) => format!("{seconds} s"),
    }
}

fn description(server: &VirtualServer) -> String {
    let destinations = count(server.destinations.len(), "destination");
    match server.persistence {
        Persistence::None => format!("{}, {destinations}", server.scheduler),
        persistence @ Persistence::Timeout(_) => {
            format!(
                "{}, affinity {}, {destinations}",
                server.scheduler,
                affinity(persistence)
            )
        }
    }
}

fn differences(from: &VirtualServer, to: &VirtualServer) -> String {
    let mut parts = Vec::new();
    if from.scheduler != to.scheduler {
        parts.push(format!("scheduler {} -> {}", from.scheduler, to.scheduler));
    }
    if from.persistence != to.persistence {
        let (from, to) = (affinity(from.persistence), affinity(to.persistence));
        parts.push(format!("affinity {from} -> {to}"));
    }
    parts.join(", ")
}

/// A rule without its comment, which says little that its sets' names do not.
fn short(rule: &SavedRule) -> String {
    let SavedRule::Known(rule) = rule else {
        return rule.to_string();
    };
    let matches = rule
        .matches
        .iter()
        .filter(|part| !matches!(part, Match::Comment(_)));
    let bare = Rule {
        matches: matches.cloned().collect(),
        target: rule.target.clone(),
        origins: Origins::new(),
    };
    bare.to_string()
}

/// The rules that come and go.
fn rules(from: &[SavedRule], to: &[SavedRule], lines: &mut Vec<Line>) {
    let lacks = |list: &[SavedRule], rule: &SavedRule| !list.contains(rule);
    let mut push = |sign: char, rule: &SavedRule| {
        lines.push(Line {
            sign,
            noun: "rule",
            text: format!("  {}", short(rule)),
        });
    };
    to.iter()
        .filter(|rule| lacks(from, rule))
        .for_each(|rule| push('+', rule));
    from.iter()
        .filter(|rule| lacks(to, rule))
        .for_each(|rule| push('-', rule));
}

fn table(family: IpFamily, change: &TableChange) -> String {
    let name = format!("nftables table {TABLE} of {family}");
    match change {
        TableChange::Whole(delta) => {
            let table = delta.after().or(delta.before());
            let elements = table.map_or(0, |table| table.sets.values().map(BTreeMap::len).sum());
            format!("{name}, {}", count(elements, "element"))
        }
        TableChange::Part { .. } => name,
    }
}

/// Elements that only the first part has.
fn parts(sign: char, part: &Elements, other: &Elements, lines: &mut Vec<Line>) {
    let (part, _) = part.apart(other);
    for (name, elements) in part.sets() {
        for (key, element) in elements {
            lines.push(Line {
                sign,
                noun: "element",
                text: format!("  {name} {}", element.with_key(key)),
            });
        }
    }
}

fn interruption(step: &Step) -> Option<Line> {
    let line = |noun, text| {
        Some(Line {
            sign: '!',
            noun,
            text,
        })
    };
    match step.interruption {
        Interruption::None
        | Interruption::Flows(_)
        | Interruption::Connections { count: Some(0), .. } => None,
        Interruption::Unguarded => line(
            "guard",
            "new connections are neither masqueraded nor filtered until it is made anew".to_owned(),
        ),
        Interruption::Connections { protocol, count } => {
            let to = match &step.subject {
                Subject::Destination(key, _) => key.to_string(),
                Subject::Server(key, _) | Subject::OtherServer(key, _) => key.to_string(),
                _ => return None,
            };
            let text = match count {
                None => format!("{protocol} connections to {to} end"),
                Some(count) => format!("{count} {protocol} connections to {to} end"),
            };
            line("connection", text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_says_why_it_goes_as_a_whole() {
        let lines = |text: &str| -> Lines { text.lines().map(Into::into).collect() };
        let ours = "create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536\n\
                    add KUBE-CLUSTER-IP 10.96.0.1,tcp:443";
        let other = "create KUBE-CLUSTER-IP hash:ip family inet hashsize 1024 maxelem 65536";
        let small = "create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 1024";
        let set = |name: &str, delta| other_set(&SetName::new(name).unwrap(), &delta);
        let removed = |text| set("KUBE-CLUSTER-IP", Delta::Remove(lines(text)));
        // It goes with its mode.
        assert_eq!(removed(ours), "ipset KUBE-CLUSTER-IP, 1 entry");
        assert_eq!(
            removed(other),
            "ipset KUBE-CLUSTER-IP, which is of another kind"
        );
        let (from, to) = (lines(small), lines(ours));
        assert_eq!(
            set("KUBE-CLUSTER-IP", Delta::Change { from, to }),
            "ipset KUBE-CLUSTER-IP, which is of another size"
        );
        let left = format!("{TEMPORARY_SET}1");
        assert_eq!(
            set(&left, Delta::Remove(lines(other))),
            format!("ipset {left}, 0 entries, left behind by an exchange that was cut off")
        );
    }
}
