//! One text for one state, and its digest: what a plan was made on, and what two readings of a node
//! must agree on.
//!
//! What changes by itself is left out: counters, how far the kernel grew a set, and the content of
//! other software's sets and chains, of which only the names are told. The kernel's own chains are
//! told in full, as jumps are placed among their rules.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Dummy, Ipv6, Observed};
use crate::bundle::Digest;
use crate::kernel::Part;
use crate::kernel::ipset::{Set, SetHeader};
use crate::kernel::iptables::{ChainName, SavedChain, SavedTable, TableName, drops};
use crate::kernel::nftables::KubeProxyTable;
use crate::mode::ipvs::sets::KubeSet;
use crate::mode::kube_proxy;
use crate::model::IpFamily;

impl Observed {
    /// The digest of [`Self::canonical`].
    pub fn digest(&self) -> Digest {
        Digest::of(self.canonical().as_bytes())
    }

    /// The same text for the same state, in whatever order it was found.
    pub fn canonical(&self) -> String {
        let mut out = String::new();
        for part in Part::DIGESTED {
            part_of(self, part, &mut out);
        }
        out
    }

    /// The digest of each part of [`Self::canonical`]: where two states differ, they say in what.
    pub fn digests(&self) -> BTreeMap<Part, Digest> {
        let digest = |part| {
            let mut out = String::new();
            part_of(self, part, &mut out);
            (part, Digest::of(out.as_bytes()))
        };
        Part::DIGESTED.into_iter().map(digest).collect()
    }
}

fn part_of(observed: &Observed, part: Part, out: &mut String) {
    // Writing to a String cannot fail.
    match part {
        Part::Sysctl => {
            for (key, value) in &observed.sysctl {
                let _ = writeln!(out, "sysctl {}={value}", key.as_str());
            }
        }
        Part::Timeouts => {
            if let Some(timeouts) = observed.timeouts {
                let _ = writeln!(out, "timeouts {timeouts}");
            }
        }
        Part::Dummy => {
            if let Dummy::Present(addresses) = &observed.dummy {
                out.push_str("link\n");
                for address in addresses {
                    let _ = writeln!(out, "address {address}");
                }
            }
        }
        Part::Ipset => sets(observed, out),
        Part::Iptables(family) => {
            // A plan that was made with IPv6 is none for a node without.
            if let (IpFamily::V6, Ipv6::Without(why)) = (family, observed.ipv6) {
                let _ = writeln!(out, "none: {why}");
            }
            tables(observed, family, out);
        }
        Part::Nftables(_) => {
            for found in observed.nftables.tables.iter().flatten() {
                out.push_str(&found.table.to_text());
                for foreign in &found.foreign {
                    let _ = writeln!(out, "foreign {}", foreign.text);
                }
            }
            for table in observed.nftables.kube_proxy.iter().flatten() {
                let _ = writeln!(out, "other-table {}", KubeProxyTable::name(table.family()));
            }
        }
        Part::Ipvs => servers(observed, out),
        // A reading does not have them.
        Part::Modules => {}
    }
}

fn sets(observed: &Observed, out: &mut String) {
    let mut sets: Vec<&Set> = observed.ipset.sets.iter().collect();
    sets.sort_by(|a, b| a.name.cmp(&b.name));
    for set in sets {
        let _ = writeln!(out, "set {} {}", set.name, plain(set.header));
        for (entry, _) in &set.entries {
            let _ = writeln!(out, "entry {entry}");
        }
    }
    let mut foreign: Vec<_> = observed.ipset.foreign.iter().collect();
    foreign.sort_by(|a, b| a.name.cmp(&b.name));
    for set in foreign {
        let _ = writeln!(out, "other-set {}", set.name);
        if KubeSet::named(&set.name).is_some() {
            lines(&set.lines, out);
        }
    }
}

/// Without what the kernel grows.
fn plain(header: SetHeader) -> SetHeader {
    match header {
        SetHeader::Hash {
            set_type,
            family,
            maxelem,
            ..
        } => SetHeader::Hash {
            set_type,
            family,
            maxelem,
            hashsize: 0,
        },
        bitmap @ SetHeader::Bitmap { .. } => bitmap,
    }
}

fn lines(lines: &[Box<str>], out: &mut String) {
    let mut sorted: Vec<&str> = lines.iter().map(|line| &**line).collect();
    sorted.sort_unstable();
    for line in sorted {
        let _ = writeln!(out, "line {line}");
    }
}

fn tables(observed: &Observed, family: IpFamily, out: &mut String) {
    for name in TableName::ALL {
        let Some(SavedTable { chains, .. }) = observed.rules(family).table(name) else {
            continue;
        };
        let mut chains: Vec<&SavedChain> = chains.iter().collect();
        chains.sort_by(|a, b| a.name.cmp(&b.name));
        for chain in chains {
            let builtin = ChainName::new(&chain.name).is_some_and(|name| name.is_builtin());
            let ours = kube_proxy::has_prefix(&chain.name);
            if !ours && !TableName::WITH_RULES.contains(&name) {
                continue;
            }
            // The kernel's own chains are there, listed or not.
            if !builtin {
                let _ = writeln!(
                    out,
                    "chain {} {} {}",
                    family as u8,
                    name.as_str(),
                    chain.name
                );
            }
            if builtin || ours {
                rules(chain, name, family, out);
            }
        }
    }
}

fn rules(chain: &SavedChain, table: TableName, family: IpFamily, out: &mut String) {
    let mut rules: Vec<String> = chain.rules.iter().map(ToString::to_string).collect();
    // Among rules that all drop, order says nothing.
    if chain.rules.iter().all(drops) {
        rules.sort_unstable();
    }
    for rule in rules {
        let _ = writeln!(
            out,
            "rule {} {} {} {rule}",
            family as u8,
            table.as_str(),
            chain.name
        );
    }
}

fn servers(observed: &Observed, out: &mut String) {
    let mut servers: Vec<_> = observed.ipvs.servers.iter().collect();
    servers.sort_by_key(|server| server.key);
    for server in servers {
        let _ = writeln!(
            out,
            "server {} {} {:?}",
            server.key, server.scheduler, server.persistence
        );
        for one in &server.destinations {
            let _ = writeln!(
                out,
                "destination {} {} {}",
                one.address, one.port, one.weight
            );
        }
    }
    let mut foreign: Vec<_> = observed.ipvs.foreign.iter().collect();
    foreign.sort_by(|a, b| a.lines.cmp(&b.lines));
    for server in foreign {
        lines(&server.lines, out);
    }
}
