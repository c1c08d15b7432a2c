//! Changes in words.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Display;

use super::outline::{Line, Sign};
use super::treatment;
use crate::diff::declared::{Aspect, Declared};
use crate::diff::service::{At, Audience, Cause, Change, Facet, Fate, ModeChange, ServiceDiff};
use crate::diff::treatment::Client;
use crate::diff::{Listener, ListenerKind, SourceRanges};
use crate::english::{agree, count};
use crate::kernel::ipvs::Persistence;

/// More of a kind than this are counted only.
const SHOWN: usize = 8;

/// `1 node is new`, `2 nodes are new`.
pub(super) fn are(number: usize, noun: &str, what: &str) -> String {
    let verb = agree(number, "is", "are");
    format!("{} {verb} {what}", count(number, noun))
}

/// `2 Services change, 1 comes, 1 goes; 12 stay as they are, on 3 nodes`.
pub(super) fn headline(diff: &ServiceDiff) -> String {
    let totals = &diff.totals;
    let noun = if totals.has_unnamed() {
        "Service or address"
    } else {
        "Service"
    };
    let mut parts = Vec::new();
    for (number, one, many) in [
        (totals.change().count(), "changes", "change"),
        (totals.come().count(), "comes", "come"),
        (totals.go().count(), "goes", "go"),
    ] {
        if number > 0 {
            let verb = if number == 1 { one } else { many };
            parts.push(match parts.first() {
                Some(_) => format!("{number} {verb}"),
                None => format!("{} {verb}", count(number, noun)),
            });
        }
    }
    let stay = totals.untouched();
    let unread = totals.unread().count();
    let rest = match (parts.is_empty(), stay) {
        (true, 0) if !totals.is_whole() => match unread {
            0 => "No Service is compared: what serves is not read".to_owned(),
            _ => format!("Not compared: {}", count(unread, noun)),
        },
        (true, _) if diff.changes_start() => {
            format!("kube-proxy itself changes; {} as before", count(stay, noun))
        }
        (true, _) if diff.beneath.is_drift() => {
            let objects = differ(diff.beneath.objects);
            format!("{objects}; no Service is seen to change")
        }
        (true, _) if diff.modes == ModeChange::HalfTold => {
            format!("Another mode serves; {} as before", count(stay, noun))
        }
        (true, _) => format!("No Service changes: {} as before", count(stay, noun)),
        (false, 0) => parts.join(", "),
        (false, 1) => format!("{}; 1 stays as it is", parts.join(", ")),
        (false, stay) => format!("{}; {stay} stay as they are", parts.join(", ")),
    };
    let rest = match (unread, stay, parts.is_empty()) {
        (0, ..) | (_, 0, true) => rest,
        _ => format!("{rest}; {unread} not compared"),
    };
    match diff.gathered.nodes.len() {
        0 | 1 => rest,
        number => format!("{rest}, on {number} nodes"),
    }
}

/// `3 objects of the kernel differ`.
pub(super) fn differ(objects: usize) -> String {
    let verb = agree(objects, "differs", "differ");
    format!("{} {verb}", count(objects, "object of the kernel"))
}

/// A change as people are told it: what is the same to them is the same.
pub(super) fn told(change: &Change) -> Cow<'_, Change> {
    match &change.facet {
        // Who answered before is not told, and may be others on each node.
        Facet::Reachable {
            fate: Fate::Goes,
            endpoints,
            sources,
            by,
        } if !endpoints.is_empty() => Cow::Owned(Change {
            facet: Facet::Reachable {
                fate: Fate::Goes,
                endpoints: BTreeSet::new(),
                sources: sources.clone(),
                by: *by,
            },
            at: change.at.clone(),
        }),
        _ => Cow::Borrowed(change),
    }
}

/// The changes that people are told of: what clients outside of the cluster meet at addresses that are
/// not for them only where nothing else changes.
pub(super) fn meant<'c>(changes: &[&'c Change]) -> Vec<&'c Change> {
    let meant = changes.iter().filter(|change| !change.facet.is_beside());
    let meant: Vec<&Change> = meant.copied().collect();
    if meant.is_empty() {
        changes.to_vec()
    } else {
        meant
    }
}

/// A change, a line or several.
pub(super) fn lines(change: &Change) -> Vec<Line> {
    let at = at(&change.at);
    match &change.facet {
        Facet::Declared(declared) => vec![declared_line(declared)],
        Facet::Owner { from } => {
            let text = format!("was {} of {}{at}", from.port, from.subject);
            vec![Line::new(Sign::Change, text)]
        }
        Facet::Reachable {
            fate,
            endpoints,
            sources,
            by,
        } => reachable(&change.at, (*fate, *by), endpoints, sources),
        Facet::HealthCheck(fate) => {
            let (sign, verb) = match fate {
                Fate::Comes => (Sign::Add, "answers"),
                Fate::Goes => (Sign::Remove, "no longer answers"),
            };
            let listener = match &change.at {
                At::Some(listeners) => listeners.first(),
                At::Everywhere => None,
            };
            let port = listener.map_or(String::new(), |(listener, _)| listener.to_string());
            vec![Line::new(
                sign,
                format!("health checks: node port {port} {verb}"),
            )]
        }
        Facet::Kinds { from, to } => vec![Line::new(
            Sign::Change,
            format!("{} -> {}{at}", kinds(from), kinds(to)),
        )],
        Facet::Addresses { gained, lost } => {
            let mut lines = Vec::new();
            listed(Sign::Add, "node address", gained.iter(), &at, &mut lines);
            listed(Sign::Remove, "node address", lost.iter(), &at, &mut lines);
            lines
        }
        Facet::Sources { from, to } => sources_change(from, to, &at),
        Facet::Endpoints {
            gained,
            lost,
            before,
        } => {
            let mut lines = Vec::new();
            listed(Sign::Add, "endpoint", gained.iter(), &at, &mut lines);
            listed(Sign::Remove, "endpoint", lost.iter(), &at, &mut lines);
            if change.facet.silences() {
                lines.push(Line::new(Sign::Alarm, format!("no endpoint is left{at}")));
            } else if *before == 0 {
                lines.push(Line::new(
                    Sign::Change,
                    format!("there was no endpoint{at}"),
                ));
            }
            lines
        }
        Facet::Treatment {
            audience,
            clients,
            from,
            to,
        } => {
            let sign = sign(&change.facet);
            let is_meant = |client: &Client| {
                *audience == Audience::Everyone || !client.is_outside() || change.facet.is_beside()
            };
            let clients = clients.iter().copied().filter(is_meant);
            let clients: Vec<Client> = clients.collect();
            vec![treatment::line(&clients, from, to, sign, &at)]
        }
        Facet::Weights(weights) => {
            let weights = weights.iter();
            let said = weights.map(|(socket, from, to)| format!("{socket} weight {from} -> {to}"));
            let mut lines = Vec::new();
            listed(Sign::Change, "endpoint", said, &at, &mut lines);
            lines
        }
        Facet::Affinity { from, to } => {
            let (from, to) = (affinity(*from), affinity(*to));
            vec![Line::new(
                Sign::Change,
                format!("client affinity {from} -> {to}{at}"),
            )]
        }
        Facet::Policy { from, to } => {
            vec![Line::new(
                Sign::Change,
                format!("traffic policy {from} -> {to}{at}"),
            )]
        }
        Facet::ModeDifference {
            mode_difference,
            from,
            to,
        } => {
            let sign = sign(&change.facet);
            let (about, was, is) = (
                mode_difference.as_str(),
                mode_difference.of(*from),
                mode_difference.of(*to),
            );
            vec![Line::new(sign, format!("{about}: {was} -> {is}"))]
        }
        Facet::Scheduler { from, to } => {
            vec![Line::new(
                Sign::Change,
                format!("scheduler {from} -> {to}{at}"),
            )]
        }
    }
}

fn sign(facet: &Facet) -> Sign {
    if facet.disrupts() {
        Sign::Alarm
    } else {
        Sign::Change
    }
}

/// Changes in a few words, for a cell of a table.
pub(super) fn summary(changes: &[&Change]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for change in changes {
        match &change.facet {
            Facet::Endpoints { gained, lost, .. } => {
                parts.push(numbers(gained.len(), lost.len(), "endpoint"));
                if change.facet.silences() {
                    parts.push("no endpoint is left".to_owned());
                }
            }
            Facet::Sources {
                from: SourceRanges::Only(from),
                to: SourceRanges::Only(to),
            } => parts.push(numbers(
                to.difference(from).count(),
                from.difference(to).count(),
                "source range",
            )),
            Facet::Reachable { fate, .. } => {
                let sign = match fate {
                    Fate::Comes => '+',
                    Fate::Goes => '-',
                };
                if let At::Some(listeners) = &change.at {
                    let places = listeners.iter().map(place);
                    parts.extend(places.map(|place| format!("{sign}{place}")));
                }
            }
            Facet::Weights(weights) => {
                parts.push(format!("weight of {}", count(weights.len(), "endpoint")));
            }
            _ => parts.extend(lines(change).into_iter().map(|line| match line.sign {
                Sign::Add | Sign::Remove => format!("{}{}", line.sign.as_char(), line.text),
                _ => line.text,
            })),
        }
    }
    const PARTS: usize = 4;
    match parts.len().checked_sub(PARTS) {
        Some(more @ 1..) => {
            parts.truncate(PARTS);
            format!("{} and {more} more", parts.join(", "))
        }
        _ => parts.join(", "),
    }
}

/// `+1 -2 endpoints`.
fn numbers(gained: usize, lost: usize, noun: &str) -> String {
    let signed = [('+', gained), ('-', lost)].into_iter();
    let signed = signed.filter(|(_, number)| *number > 0);
    let signed: Vec<String> = signed
        .map(|(sign, number)| format!("{sign}{number}"))
        .collect();
    let plural = agree(gained.max(lost), "", "s");
    format!("{} {noun}{plural}", signed.join(" "))
}

/// A thing that is declared otherwise.
fn declared_line(declared: &Declared) -> Line {
    let said = declared_words(declared);
    Line::new(
        match (&declared.from, &declared.to) {
            (Some(_), None) => Sign::Remove,
            (None, Some(_)) => Sign::Add,
            _ => Sign::Change,
        },
        said,
    )
}

/// `selector app=cart -> app=tea`, `port http 80/TCP to 8080`.
fn declared_words(declared: &Declared) -> String {
    let (aspect, from, to) = (declared.aspect, &declared.from, &declared.to);
    let said = match (from, to) {
        (Some(from), Some(to)) => format!("{from} -> {to}"),
        (Some(one), None) | (None, Some(one)) => one.to_string(),
        (None, None) => String::new(),
    };
    match aspect {
        // What it is speaks for itself.
        Aspect::Service | Aspect::Endpoints => said,
        aspect => format!("{aspect} {said}"),
    }
}

fn reachable(
    at: &At,
    (fate, by): (Fate, Cause),
    endpoints: &BTreeSet<std::net::SocketAddr>,
    sources: &SourceRanges,
) -> Vec<Line> {
    let At::Some(listeners) = at else {
        return Vec::new();
    };
    let places: Vec<String> = listeners.iter().map(place).collect();
    let places = places.join(", ");
    match fate {
        Fate::Goes => {
            let why = match by {
                Cause::Serving => String::new(),
                Cause::Address => ": its address is not on kube-ipvs0".to_owned(),
            };
            vec![Line::new(
                Sign::Remove,
                format!("no longer reachable at {places}{why}"),
            )]
        }
        Fate::Comes => {
            let from = match sources {
                SourceRanges::Everyone => String::new(),
                only @ SourceRanges::Only(_) => format!(", {}", ranges(only)),
            };
            let served = match endpoints.len() {
                0 => "no endpoint known".to_owned(),
                1..=SHOWN => {
                    let list: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
                    format!("served by {}", list.join(", "))
                }
                number => format!("served by {number} endpoints"),
            };
            vec![Line::new(
                Sign::Add,
                format!("reachable at {places}{from}, {served}"),
            )]
        }
    }
}

fn sources_change(from: &SourceRanges, to: &SourceRanges, at: &str) -> Vec<Line> {
    match (from, to) {
        (SourceRanges::Only(from), SourceRanges::Only(to)) if !to.is_empty() => {
            let mut lines = Vec::new();
            listed(
                Sign::Add,
                "source range",
                to.difference(from),
                at,
                &mut lines,
            );
            listed(
                Sign::Remove,
                "source range",
                from.difference(to),
                at,
                &mut lines,
            );
            lines
        }
        _ => vec![Line::new(
            Sign::Change,
            format!("{} -> {}{at}", ranges(from), ranges(to)),
        )],
    }
}

/// Each by itself where there are few, or else their number.
fn listed<T: Display>(
    sign: Sign,
    noun: &str,
    all: impl Iterator<Item = T>,
    at: &str,
    lines: &mut Vec<Line>,
) {
    let all: Vec<String> = all.map(|one| one.to_string()).collect();
    if all.len() > SHOWN {
        let plural = if noun.ends_with('s') { "es" } else { "s" };
        lines.push(Line::new(sign, format!("{} {noun}{plural}{at}", all.len())));
        return;
    }
    lines.extend(
        all.iter()
            .map(|one| Line::new(sign, format!("{noun} {one}{at}"))),
    );
}

fn at(at: &At) -> String {
    match at {
        At::Everywhere => String::new(),
        At::Some(listeners) if listeners.len() > SHOWN => {
            format!(" at {} addresses", listeners.len())
        }
        At::Some(listeners) => {
            let places: Vec<String> = listeners.iter().map(place).collect();
            format!(" at {}", places.join(", "))
        }
    }
}

fn place((listener, kinds): &(Listener, Vec<ListenerKind>)) -> String {
    match kinds.first() {
        Some(kind) => format!("{kind} {listener}"),
        None => listener.to_string(),
    }
}

fn kinds(kinds: &[ListenerKind]) -> String {
    let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    kinds.join(" and ")
}

pub(super) fn affinity(persistence: Persistence) -> String {
    match persistence {
        Persistence::None => "none".to_owned(),
        Persistence::Timeout(seconds) => format!("{seconds} s"),
    }
}

fn ranges(sources: &SourceRanges) -> String {
    match sources {
        SourceRanges::Everyone => "from everywhere".to_owned(),
        SourceRanges::Only(ranges) if ranges.is_empty() => "from nowhere".to_owned(),
        SourceRanges::Only(ranges) if ranges.len() > SHOWN => {
            format!("from {} ranges only", ranges.len())
        }
        SourceRanges::Only(ranges) => {
            let list: Vec<String> = ranges.iter().map(ToString::to_string).collect();
            format!("from {} only", list.join(", "))
        }
    }
}
