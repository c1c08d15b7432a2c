//! The canonical form of what decides the rules of one node, and its digest: the same for the same
//! cluster, however its manifests are ordered, formatted or defaulted, and whoever else is compiled.
//!
//! What does not decide is not in it: objects of other nodes, Services that kube-proxy passes by,
//! settings of another mode, gates that make no difference. `docs/input-digest.md` describes the form;
//! a change of it takes a new [`FORMAT`].
//!
//! Most of it is the same for every node and is digested once ([`Shared`]): the Services with their
//! endpoints, without where these are. A node adds what it is, and which endpoints are its own or meant
//! for it; so that digesting all nodes takes little longer than digesting one.

mod addresses;
mod hints;
mod list;
mod node;
mod places;
mod service;
mod text;

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use rayon::prelude::*;

use crate::bundle::{Digest, Emulates};
use crate::lower::{Gathered, NodeView};
use crate::model::profile::ReusedAddresses;
use crate::model::{Cluster, Facts, Profile};
use places::Places;

/// The number of the form.
pub const FORMAT: u16 = 2;

/// Digests of what decides the rules of some nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// Of each node.
    pub nodes: Vec<Digest>,
    /// Of what they have in common.
    pub common: Digest,
}

/// Keys of lines that are about one node, or one zone.
const OF_ONE_NODE: [&str; 11] = [
    "node",
    "primary",
    "addresses",
    "node-ports",
    "local-traffic",
    "kernel",
    "iptables",
    "nft",
    "local",
    "for-node",
    "for-zone",
];

/// Whether a line has one of them.
fn tells_apart(line: &str) -> bool {
    let key = line.split(' ').next().unwrap_or_default();
    OF_ONE_NODE.contains(&key)
}

/// What all nodes have in common, digested.
#[derive(Debug)]
pub struct Shared<'c> {
    cluster: &'c Cluster,
    /// Where of the endpoints of one address any counts.
    any: Digested,
    /// Where those that are not terminating come first, if it makes a difference.
    running_first: Option<Digested>,
}

/// Services and places, digested.
#[derive(Debug)]
struct Digested {
    /// Of the Services with their endpoints.
    services: Digest,
    places: Places,
}

impl Digested {
    fn new(cluster: &Cluster, gathered: &Gathered, reused: ReusedAddresses) -> Self {
        let of_services = service::of_services(cluster, gathered, reused);
        let digests: Vec<Digest> = of_services
            .par_iter()
            .with_min_len(64)
            .map(|service| Digest::of_text(|out| service.write(out)))
            .collect();
        let services = Digest::of_text(|out| {
            digests
                .iter()
                .try_for_each(|service| writeln!(out, "{service}"))
        });
        Self {
            services,
            places: Places::new(cluster, gathered, reused),
        }
    }
}

/// What makes a node of its own.
#[derive(Debug, Clone, Copy)]
pub struct Own<'c> {
    /// Which kube-proxy is mirrored there.
    pub emulates: Emulates,
    /// What differs by its release and the configuration's gates.
    pub profile: Profile,
    /// The node as Services are seen from it.
    pub view: &'c NodeView,
    /// What NodeFacts say of it; `None` where the input has none of it.
    pub facts: Option<&'c Facts>,
}

impl<'c> Shared<'c> {
    /// Digests what all nodes have in common; `gathered` is of the same cluster.
    pub fn new(cluster: &'c Cluster, gathered: &Gathered) -> Self {
        let digested = |reused| Digested::new(cluster, gathered, reused);
        let reused = gathered.reuses_addresses();
        Self {
            cluster,
            any: digested(ReusedAddresses::Any),
            running_first: reused.then(|| digested(ReusedAddresses::RunningFirst)),
        }
    }

    /// The digest of one node's input.
    pub fn digest(&self, own: &Own<'_>) -> Digest {
        Digest::of_text(|out| self.write(own, out))
    }

    /// The digests of these nodes' inputs, and that of what they have in common: their lines without
    /// those that tell them apart.
    pub fn inputs(&self, owns: &[Own<'_>]) -> Inputs {
        let text = |own: &Own<'_>| {
            let mut text = String::new();
            // Text takes whatever is written to it.
            let _ = self.write(own, &mut text);
            text
        };
        let texts: Vec<String> = owns.par_iter().map(text).collect();
        let common = |text: &String| {
            let lines = text.lines().filter(|line| !tells_apart(line));
            lines.fold(String::new(), |text, line| text + line + "\n")
        };
        let distinct: BTreeSet<String> = texts.iter().map(common).collect();
        Inputs {
            nodes: texts
                .iter()
                .map(|text| Digest::of(text.as_bytes()))
                .collect(),
            common: Digest::of_text(|out| distinct.iter().try_for_each(|text| out.write_str(text))),
        }
    }

    /// Writes what [`Self::digest`] digests: the node's lines, with digests in place of what is
    /// shared.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, own: &Own<'_>, out: &mut impl Write) -> fmt::Result {
        writeln!(out, "portolan-input {FORMAT}")?;
        node::write(self.cluster, own, out)?;
        let Digested { services, places } = match own.profile.reused_addresses {
            ReusedAddresses::Any => &self.any,
            ReusedAddresses::RunningFirst => self.running_first.as_ref().unwrap_or(&self.any),
        };
        writeln!(out, "services {services}")?;
        places.write(own, out)
    }
}
