//! The table of one family.

use std::collections::BTreeMap;

use super::element::{Element, Key};
use super::names::{ChainName, SetName};
use super::rule::Rule;
use crate::model::IpFamily;

/// Sets and maps with their elements.
pub type Sets = BTreeMap<SetName, BTreeMap<Key, Element>>;

/// Everything that this mode keeps in the kernel for a family: one table, named [`super::TABLE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// `ip` or `ip6`: a family's packets pass only its own table.
    pub family: IpFamily,
    /// Sets and maps with their elements; what clients' affinity put there is left out.
    pub sets: Sets,
    /// Chains with their rules, in order.
    pub chains: BTreeMap<ChainName, Vec<Rule>>,
}

impl Table {
    /// An empty table.
    pub fn new(family: IpFamily) -> Self {
        Self {
            family,
            sets: BTreeMap::new(),
            chains: BTreeMap::new(),
        }
    }
}

/// Where a chain begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hook {
    /// Type of the chain.
    pub kind: HookKind,
    /// Which packets the kernel hands to it.
    pub point: HookPoint,
    /// When: before chains of higher numbers.
    pub priority: i32,
}

closed_set! {
    /// Types of chains that begin at a hook.
    pub enum HookKind {
        /// Sees every packet.
        Filter = "filter",
        /// Sees the first packet of a connection.
        Nat = "nat",
    }
}

closed_set! {
    /// Where the kernel hands packets out.
    pub enum HookPoint {
        /// What arrives, before it is routed.
        Prerouting = "prerouting",
        /// To the node.
        Input = "input",
        /// Through the node.
        Forward = "forward",
        /// From the node.
        Output = "output",
        /// What leaves, once it is routed.
        Postrouting = "postrouting",
    }
}

/// Priorities that have names (`linux/netfilter_ipv4.h`).
const DSTNAT: i32 = -100;
const FILTER: i32 = 0;
const SRCNAT: i32 = 100;

impl ChainName {
    /// Where the chain begins; `None` for one that others lead to.
    ///
    /// What load balancers keep away must be known before the destination changes; everything else
    /// is filtered where filters belong, of what translation has left alone.
    pub fn hook(self) -> Option<Hook> {
        let (kind, point, priority) = match self {
            Self::FilterPreroutingPreDnat => (HookKind::Filter, HookPoint::Prerouting, DSTNAT - 10),
            Self::FilterOutputPreDnat => (HookKind::Filter, HookPoint::Output, DSTNAT - 10),
            Self::FilterInput => (HookKind::Filter, HookPoint::Input, FILTER),
            Self::FilterForward => (HookKind::Filter, HookPoint::Forward, FILTER),
            Self::FilterOutput => (HookKind::Filter, HookPoint::Output, FILTER),
            Self::NatPrerouting => (HookKind::Nat, HookPoint::Prerouting, DSTNAT),
            Self::NatInput => (HookKind::Nat, HookPoint::Input, SRCNAT),
            Self::NatOutput => (HookKind::Nat, HookPoint::Output, DSTNAT),
            Self::NatPostrouting => (HookKind::Nat, HookPoint::Postrouting, SRCNAT),
            _ => return None,
        };
        Some(Hook {
            kind,
            point,
            priority,
        })
    }
}
