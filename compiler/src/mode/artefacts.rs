//! The artefacts of a node's state.

use rayon::prelude::*;

use super::{NodeState, services};
use crate::bundle::{Artefact, ArtefactKind};
use crate::kernel::text::{KeepOrigins, Text};
use crate::kernel::{dummy, ipset, iptables, ipvs, modules, nftables, sysctl};
use crate::model::{IpFamily, Mode};

/// Writes all artefacts that a state's mode has, in order; settings of mode iptables and timeouts
/// only where there are any, what Services have
/// where it is known.
pub fn artefacts(state: &NodeState, keep_origins: KeepOrigins) -> Vec<Artefact> {
    let _span = tracing::debug_span!("artefacts", mode = state.mode().as_str()).entered();
    let kinds = ArtefactKind::ALL
        .into_iter()
        .filter(|kind| has(state, *kind));
    // Begun first, because it takes as long as all others together.
    let (longest, others): (Vec<_>, Vec<_>) =
        kinds.partition(|kind| *kind == ArtefactKind::IpvsNetlink);
    let write = |kinds: Vec<ArtefactKind>| -> Vec<Artefact> {
        kinds
            .into_par_iter()
            .map(|kind| artefact(state, kind, keep_origins))
            .collect()
    };
    let (mut artefacts, others) = rayon::join(|| write(longest), || write(others));
    artefacts.extend(others);
    artefacts.sort_unstable_by_key(|artefact| artefact.kind);
    artefacts
}

fn has(state: &NodeState, kind: ArtefactKind) -> bool {
    match kind {
        ArtefactKind::ModulesLoad => true,
        ArtefactKind::Sysctl => state.mode() == Mode::Ipvs || !state.sysctls.is_empty(),
        ArtefactKind::Iptables | ArtefactKind::Ip6tables => state.mode() != Mode::Nftables,
        ArtefactKind::IpvsTimeouts => state.timeouts().is_some(),
        ArtefactKind::Addresses
        | ArtefactKind::Ipset
        | ArtefactKind::IpvsRules
        | ArtefactKind::IpvsNetlink => state.mode() == Mode::Ipvs,
        ArtefactKind::Nftables | ArtefactKind::NftablesJson => state.mode() == Mode::Nftables,
        ArtefactKind::Services => state.services.is_some(),
    }
}

fn artefact(state: &NodeState, kind: ArtefactKind, keep_origins: KeepOrigins) -> Artefact {
    let mut text = Text::new(keep_origins);
    match kind {
        ArtefactKind::ModulesLoad => modules::write(&state.modules, &mut text),
        ArtefactKind::Sysctl => sysctl::write(&state.sysctls, &mut text),
        ArtefactKind::Addresses => dummy::write_addresses(state.addresses(), &mut text),
        ArtefactKind::Ipset => ipset::write(state.sets(), &mut text),
        ArtefactKind::Iptables => iptables::write(state.rules(IpFamily::V4), &mut text),
        ArtefactKind::Ip6tables => iptables::write(state.rules(IpFamily::V6), &mut text),
        ArtefactKind::IpvsRules => ipvs::write(state.virtual_servers(), &mut text),
        ArtefactKind::IpvsTimeouts => {
            if let Some(timeouts) = state.timeouts() {
                ipvs::write_timeouts(timeouts, &mut text);
            }
        }
        ArtefactKind::Nftables => nftables::write(state.tables(), &mut text),
        ArtefactKind::NftablesJson => nftables::write_json(state.tables(), &mut text),
        ArtefactKind::Services => {
            if let Some(list) = &state.services {
                services::write(list, &mut text);
            }
        }
        ArtefactKind::IpvsNetlink => {
            return Artefact {
                kind,
                bytes: ipvs::netlink::encode(state.virtual_servers()),
                origins: Vec::new(),
            };
        }
    }
    let (text, origins) = text.finish();
    Artefact {
        kind,
        bytes: text.into_bytes(),
        origins,
    }
}
