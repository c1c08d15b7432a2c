//! The artefacts of a node's state.

use super::{NodeState, netlink, write, write_addresses, write_modules, write_timeouts};
use crate::back::text::{KeepOrigins, Text};
use crate::back::{ipset, iptables, sysctl};
use crate::bundle::{Artefact, ArtefactKind};
use rayon::prelude::*;

/// Writes all artefacts, in order; the timeouts only where they are configured.
pub fn artefacts(state: &NodeState, keep_origins: KeepOrigins) -> Vec<Artefact> {
    ArtefactKind::ALL
        .into_par_iter()
        .filter_map(|kind| {
            let mut text = Text::new(keep_origins);
            match kind {
                ArtefactKind::ModulesLoad => write_modules(&state.modules, &mut text),
                ArtefactKind::Sysctl => sysctl::write(&state.sysctls, &mut text),
                ArtefactKind::Addresses => write_addresses(&state.addresses, &mut text),
                ArtefactKind::Ipset => ipset::write(&state.sets, &mut text),
                ArtefactKind::Iptables => iptables::write(&state.iptables, &mut text),
                ArtefactKind::Ip6tables => iptables::write(&state.ip6tables, &mut text),
                ArtefactKind::IpvsRules => write(&state.virtual_servers, &mut text),
                ArtefactKind::IpvsTimeouts => write_timeouts(state.timeouts?, &mut text),
                ArtefactKind::Nftables | ArtefactKind::NftablesJson => return None,
                ArtefactKind::IpvsNetlink => {
                    let bytes = netlink::encode(&state.virtual_servers);
                    return Some(Artefact {
                        kind,
                        bytes,
                        origins: Vec::new(),
                    });
                }
            }
            let (text, origins) = text.finish();
            Some(Artefact {
                kind,
                bytes: text.into_bytes(),
                origins,
            })
        })
        .collect()
}
