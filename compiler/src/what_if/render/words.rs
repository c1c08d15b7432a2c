//! Impacts in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use crate::diag::some;
use crate::diff::PortLabel;
use crate::english::{agree, count};
use crate::model::name::NodeName;
use crate::model::service::ServiceKey;
use crate::what_if::impact::Scope;
use crate::what_if::{Fallback, LocalLoss, Loss, PortShares, Share, Withdrawal};

/// More of a kind than this are counted only.
pub(super) const SHOWN: usize = 8;
/// Shares that differ by less are the same.
const NOTHING: f64 = 0.0005;

/// A share in percent, with one decimal where it has one: `33.3%`, `50%`.
pub(super) fn percent(share: f64) -> String {
    let tenths = (share * 1000.0).round() / 10.0;
    format!("{tenths}%")
}

/// A ratio with one decimal at most: `1.5 times`.
pub(super) fn times(times: f64) -> String {
    format!("{} times", (times * 10.0).round() / 10.0)
}

/// `a 50% -> 0%`; `gone` and `new` for what is not there on one side.
fn share<Of>(share: &Share<Of>, name: &str) -> Option<String> {
    let said = match (share.before, share.after) {
        (Some(before), Some(after)) if (before - after).abs() < NOTHING => return None,
        (Some(before), Some(after)) => format!("{} -> {}", percent(before), percent(after)),
        (Some(before), None) if before >= NOTHING => format!("{} -> none", percent(before)),
        (None, Some(after)) if after >= NOTHING => format!("none -> {}", percent(after)),
        _ => return None,
    };
    Some(format!("{name} {said}"))
}

/// The shares that change, the most changed first; `None` where none does.
pub(super) fn shares<Of>(all: &[Share<Of>], name: impl Fn(&Of) -> String) -> Option<String> {
    let change = |one: &Share<Of>| {
        let (before, after) = (one.before.unwrap_or(0.0), one.after.unwrap_or(0.0));
        // What is alike but for the last bit is alike.
        ((before - after).abs() * 1e6).round()
    };
    let mut changed: Vec<(&Share<Of>, String)> = all
        .iter()
        .filter_map(|one| Some((one, share(one, &name(&one.of))?)))
        .collect();
    // What changes alike stays in its order.
    changed.sort_by(|(a, _), (b, _)| change(b).total_cmp(&change(a)));
    let more = changed.len().saturating_sub(SHOWN);
    let shown = changed.into_iter().take(SHOWN).map(|(_, said)| said);
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() {
        return None;
    }
    let shown = shown.join(", ");
    Some(match more {
        0 => shown,
        more => format!("{shown} and {more} more"),
    })
}

/// Of a port, by zone, node and endpoint.
pub(super) fn of_port(shares: &PortShares) -> Vec<String> {
    let zones = self::shares(&shares.zones, |zone| {
        zone.as_ref()
            .map_or_else(|| "no zone".to_owned(), |zone| zone.as_str().to_owned())
    });
    let nodes = self::shares(&shares.nodes, |node| {
        node.as_ref()
            .map_or_else(|| "no known node".to_owned(), ToString::to_string)
    });
    let endpoints = self::shares(&shares.endpoints, ToString::to_string);
    let unanswered = self::shares(std::slice::from_ref(&shares.unanswered), |()| {
        "unanswered".to_owned()
    });
    // Where no Node has a zone, there is nothing to tell of them.
    let zoned = shares.zones.iter().any(|zone| zone.of.is_some());
    let by = |what: &str, said: Option<String>| {
        said.map(|said| format!("connections by {what}: {said}"))
    };
    [
        by("zone", zones.filter(|_| zoned)),
        by("node", nodes),
        by("endpoint", endpoints),
        unanswered.map(|said| format!("connections {said}")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `loses all its endpoints`, `loses all endpoints of http 80/TCP`.
pub(super) fn loss(loss: &Loss) -> String {
    match loss {
        Loss::Whole => "loses all its endpoints".to_owned(),
        Loss::Ports(ports) => {
            let ports = ports.iter().map(port);
            format!("loses all endpoints of {}", some(ports))
        }
    }
}

/// A port; where it has none, its family.
fn port(label: &PortLabel) -> String {
    if label.number == 0 {
        return format!("family {}", label.family);
    }
    label.to_string()
}

/// Who goes on answering clients from outside.
fn still(left: &BTreeSet<NodeName>) -> String {
    if left.is_empty() {
        return "no node is left that answers them".to_owned();
    }
    let verb = agree(left.len(), "answers", "answer");
    format!("{} still {verb}", some(left.iter()))
}

/// What goes with its node.
pub(super) fn withdrawal(withdrawal: &Withdrawal) -> String {
    let nodes = some(withdrawal.nodes.iter());
    if withdrawal.left.is_empty() {
        return format!(
            "its local endpoints go with {nodes}, and no node is left that answers clients from outside \
             (externalTrafficPolicy Local)"
        );
    }
    format!(
        "its local endpoints go with {nodes}: clients from outside have to come by other nodes \
         (externalTrafficPolicy Local); {}",
        still(&withdrawal.left)
    )
}

/// What traffic policy Local leaves without an answer.
pub(super) fn local(loss: &LocalLoss) -> Vec<String> {
    let mut said = Vec::new();
    if !loss.outside.is_empty() {
        let rest = still(&loss.left);
        said.push(format!(
            "loses its local endpoints at {}: clients from outside get no answer there \
             (externalTrafficPolicy Local); {rest}",
            some(loss.outside.iter())
        ));
    }
    if !loss.inside.is_empty() {
        said.push(format!(
            "loses its local endpoints at {}: pods there get no answer (internalTrafficPolicy Local)",
            some(loss.inside.iter())
        ));
    }
    said
}

/// `hints stop deciding for 2 nodes in zone a: endpoints everywhere answer`.
pub(super) fn fallback(fallback: &Fallback) -> String {
    let zone = match &fallback.zone {
        Some(zone) => format!(" in zone {}", zone.as_str()),
        None => String::new(),
    };
    let nodes = count(fallback.nodes, "node");
    let meant = match fallback.from {
        Scope::Node => "hints for nodes",
        Scope::Zone | Scope::Everywhere => "hints for zones",
    };
    let answer = match fallback.to {
        Scope::Node => "those of the node",
        Scope::Zone => "those of the zone",
        Scope::Everywhere => "endpoints everywhere",
    };
    format!("{meant} stop deciding for {nodes}{zone}: {answer} answer")
}

/// Services by name, a few.
pub(super) fn names<T>(all: &BTreeMap<ServiceKey, T>) -> String {
    some(all.keys())
}

/// Some of a list, each in words, and how many more there are.
pub(super) fn listed<T>(
    all: impl ExactSizeIterator<Item = T>,
    say: impl Fn(T) -> String,
    rest: &(impl Display + ?Sized),
) -> Vec<String> {
    let more = all.len().saturating_sub(SHOWN);
    let mut said: Vec<String> = all.take(SHOWN).map(say).collect();
    if more > 0 {
        said.push(format!("{more} more {rest}"));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_to_a_tenth_of_a_percent() {
        for (share, expected) in [
            (1.0 / 3.0, "33.3%"),
            (0.5, "50%"),
            (0.0, "0%"),
            (1.0, "100%"),
        ] {
            assert_eq!(percent(share), expected);
        }
        assert_eq!(times(1.5), "1.5 times");
        assert_eq!(times(2.0), "2 times");
    }

    #[test]
    fn what_changes_most_is_told_first() {
        let share = |of, before, after| Share { of, before, after };
        let all = [
            share("a", Some(0.5), Some(0.5)),
            share("b", Some(0.2), Some(0.3)),
            share("c", Some(0.3), None),
            share("d", None, Some(0.1)),
        ];
        let said = shares(&all, ToString::to_string);
        let expected = "c 30% -> none, b 20% -> 30%, d none -> 10%";
        assert_eq!(said.as_deref(), Some(expected));
        assert_eq!(shares(&all[..1], ToString::to_string), None);
    }
}
