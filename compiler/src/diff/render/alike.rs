//! What changes alike for many Services, said once.
//!
//! Another mode or setting changes the same for each of hundreds of Services, in as many words. What a
//! change to a Service itself may decide (where it is reachable, who may connect, and in one mode who answers) is
//! told of each, so that nothing is hidden among what looks like it.

use std::collections::{BTreeMap, BTreeSet};

use super::outline::Section;
use crate::diff::ListenerKind;
use crate::diff::gathered::some_of;
use crate::diff::service::{At, Change, Facet, ModeChange};

/// What is said of so many Services is shown for each of them.
const SHOWN: usize = 2;

/// What of a change is the same of Services that differ in addresses, endpoints and nodes alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    what: What,
    /// As what its listeners serve; `None` for all that there are.
    at: Option<BTreeSet<Vec<ListenerKind>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// This very thing.
    Facet(Facet),
    /// Other endpoints, as another mode chooses.
    Endpoints(Extent),
}

/// How many endpoints come and go, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Extent {
    /// Some come where there was none.
    First,
    /// All go, and none comes.
    Last,
    More,
    Fewer,
    /// Some come, some go.
    Others,
}

impl Shape {
    /// `None` for what is to be told of each Service.
    pub(super) fn of(change: &Change, modes: ModeChange) -> Option<Self> {
        let what = match (&change.facet, modes) {
            (
                Facet::Treatment { .. }
                | Facet::Affinity { .. }
                | Facet::Policy { .. }
                | Facet::ModeDifference { .. }
                | Facet::Scheduler { .. },
                _,
            )
            | (Facet::Addresses { .. }, ModeChange::Another | ModeChange::HalfTold) => {
                What::Facet(change.facet.clone())
            }
            (
                Facet::Endpoints {
                    gained,
                    lost,
                    before,
                },
                ModeChange::Another | ModeChange::HalfTold,
            ) => What::Endpoints(match (gained.is_empty(), lost.is_empty()) {
                (false, _) if *before == 0 => Extent::First,
                (true, _) if lost.len() == *before => Extent::Last,
                (false, true) => Extent::More,
                (true, _) => Extent::Fewer,
                (false, false) => Extent::Others,
            }),
            _ => return None,
        };
        let at = match &change.at {
            At::Everywhere => None,
            At::Some(listeners) => Some(listeners.iter().map(|(_, kinds)| kinds.clone()).collect()),
        };
        Some(Self { what, at })
    }
}

/// What of an entry is the same: whether it is about all nodes, and its changes.
pub type EntryShape = (bool, BTreeSet<Shape>);

/// A section to show, and those of which the same is said.
pub(super) struct Told<'a> {
    pub(super) section: &'a Section,
    others: Vec<&'a Section>,
}

impl Told<'_> {
    /// Of how many more it is said.
    pub(super) fn number(&self) -> usize {
        self.others.len()
    }

    /// Of whom the same is said: `the same for 297 more, each at …: shop/s2, shop/s3, shop/s4 and 294 more`; `None` where
    /// there is nobody.
    pub(super) fn others(&self) -> Option<String> {
        let names = self.others.iter().map(|section| section.heading.as_str());
        let number = names.len();
        (number > 0).then(|| {
            format!(
                "the same for {number} more, each at its own addresses and nodes: {}",
                some_of(names)
            )
        })
    }
}

/// Each section under the first that says the same.
pub(super) fn told(sections: &[Section]) -> Vec<Told<'_>> {
    let mut all: Vec<Told<'_>> = Vec::new();
    let mut known: BTreeMap<&BTreeSet<EntryShape>, usize> = BTreeMap::new();
    for section in sections {
        let alone = Told {
            section,
            others: Vec::new(),
        };
        let Some(shape) = &section.shape else {
            all.push(alone);
            continue;
        };
        let at = *known.entry(shape).or_insert(all.len());
        match all.get_mut(at) {
            Some(same) => same.others.push(section),
            None => all.push(alone),
        }
    }
    let mut shown = Vec::new();
    for told in all {
        if told.others.len() < SHOWN {
            let others = told.others.into_iter();
            shown.extend(
                std::iter::once(told.section)
                    .chain(others)
                    .map(|section| Told {
                        section,
                        others: Vec::new(),
                    }),
            );
        } else {
            shown.push(told);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::render::{Line, PortChanges, Sign};
    use crate::kernel::ipvs::Persistence;
    use crate::model::service::TrafficPolicy;

    fn change(facet: Facet) -> Change {
        Change {
            facet,
            at: At::Everywhere,
        }
    }

    fn endpoints(gained: &[&str], lost: &[&str]) -> Change {
        let all = |list: &[&str]| list.iter().map(|one| one.parse().unwrap()).collect();
        change(Facet::Endpoints {
            gained: all(gained),
            lost: all(lost),
            before: lost.len(),
        })
    }

    fn section(number: usize, shape: Option<Shape>) -> Section {
        Section {
            heading: format!("shop/s{number}"),
            fate: None,
            place: None,
            entries: vec![PortChanges {
                port: "http 80/TCP".to_owned(),
                nodes: None,
                lines: vec![Line::new(Sign::Change, format!("change of {number}"))],
                summary: String::new(),
                disrupts: false,
                silences: false,
            }],
            shape: shape.map(|shape| BTreeSet::from([(true, BTreeSet::from([shape]))])),
        }
    }

    #[test]
    fn what_differs_in_endpoints_is_alike_in_another_mode_alone() {
        let (one, other) = (
            endpoints(&["10.0.0.1:80"], &[]),
            endpoints(&["10.0.0.2:80"], &[]),
        );
        let of = |change| Shape::of(change, ModeChange::Another).unwrap();
        assert_eq!(of(&one), of(&other));
        assert_ne!(of(&one), of(&endpoints(&[], &["10.0.0.1:80"])));
        assert_eq!(Shape::of(&one, ModeChange::None), None);
        let policy = change(Facet::Policy {
            from: TrafficPolicy::Cluster,
            to: TrafficPolicy::Local,
        });
        assert!(Shape::of(&policy, ModeChange::None).is_some());
        // Where a Service is reachable, and for whom, is its own.
        let reachable = change(Facet::Reachable {
            fate: crate::diff::service::Fate::Comes,
            endpoints: BTreeSet::new(),
            sources: crate::diff::SourceRanges::Everyone,
            by: crate::diff::service::Cause::Serving,
        });
        assert_eq!(Shape::of(&reachable, ModeChange::Another), None);
    }

    #[test]
    fn what_is_alike_for_many_is_told_once() {
        let shape = Shape::of(
            &change(Facet::Affinity {
                from: Persistence::None,
                to: Persistence::Timeout(600),
            }),
            ModeChange::None,
        );
        let mut sections: Vec<Section> = (0..300).map(|i| section(i, shape.clone())).collect();
        sections.insert(1, section(300, None));
        let shown = told(&sections);
        let said: Vec<Option<String>> = shown.iter().map(Told::others).collect();
        assert_eq!(
            said,
            [
                Some(
                    "the same for 299 more, each at its own addresses and nodes: shop/s1, shop/s2, \
                     shop/s3 and 296 more"
                        .to_owned()
                ),
                None
            ]
        );
        // Of two, each is told.
        assert_eq!(told(&sections[..3]).len(), 3);
    }
}
