//! A change of the mode as what it is to users: what stays served.

use std::collections::BTreeSet;

use super::{Census, Claims, Ownership};
use crate::kernel::Listener;
use crate::mode::NodeState;
use crate::mode::services::ServiceList;
use crate::model::Mode;
use crate::observed::Observed;

/// A change of the mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModeChange {
    /// The mode that served.
    pub from: Mode,
    /// The mode that is to serve.
    pub to: Mode,
    /// What becomes of frontends.
    pub frontends: Frontends,
}

/// What becomes of frontends: an address and port each, or a node port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frontends {
    /// They were served and are served.
    pub kept: usize,
    /// They were served.
    pub stopped: usize,
    /// They are served; unknown where nobody recorded which were.
    pub started: Option<usize>,
}

impl ModeChange {
    /// The change that a plan makes; `None` where the mode stays, or nothing tells which there was.
    pub(super) fn of(
        desired: &NodeState,
        observed: &Observed,
        claims: &Claims,
        census: Census,
    ) -> Option<Self> {
        let to = desired.mode();
        let recorded = &claims.inventory.modes;
        let mut others = recorded.iter().copied();
        let from = match (others.next(), others.next(), &claims.ownership) {
            (Some(mode), None, _) => Some(mode),
            (None, _, Ownership::Everything { .. }) => {
                observed.shown_mode().filter(|_| !observed.shows(to))
            }
            _ => None,
        };
        let from = from.filter(|from| *from != to)?;
        let frontends = match (&claims.services, &desired.services) {
            (Some(before), Some(after)) => Frontends::between(before, after),
            _ => Frontends {
                kept: census.present.saturating_sub(census.removed),
                stopped: census.removed,
                started: None,
            },
        };
        Some(Self {
            from,
            to,
            frontends,
        })
    }
}

impl Frontends {
    fn between(before: &ServiceList, after: &ServiceList) -> Self {
        let of = |list: &ServiceList| -> BTreeSet<Listener> {
            list.frontends
                .keys()
                .map(|(listener, _)| *listener)
                .collect()
        };
        let (before, after) = (of(before), of(after));
        Self {
            kept: before.intersection(&after).count(),
            stopped: before.difference(&after).count(),
            started: Some(after.difference(&before).count()),
        }
    }
}
