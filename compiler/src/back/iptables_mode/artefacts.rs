//! The artefacts of a node's state.

use rayon::prelude::*;

use super::NodeState;
use crate::back::text::{KeepOrigins, Text};
use crate::back::{iptables, ipvs, sysctl};
use crate::bundle::{Artefact, ArtefactKind};

/// Writes all artefacts that this mode has, in order; the settings only where there are any.
pub fn artefacts(state: &NodeState, keep_origins: KeepOrigins) -> Vec<Artefact> {
    ArtefactKind::ALL
        .into_par_iter()
        .filter_map(|kind| {
            let mut text = Text::new(keep_origins);
            match kind {
                ArtefactKind::ModulesLoad => ipvs::write_modules(&state.modules, &mut text),
                ArtefactKind::Sysctl if !state.sysctls.is_empty() => {
                    sysctl::write(&state.sysctls, &mut text);
                }
                ArtefactKind::Iptables => iptables::write(&state.iptables, &mut text),
                ArtefactKind::Ip6tables => iptables::write(&state.ip6tables, &mut text),
                ArtefactKind::Sysctl
                | ArtefactKind::Addresses
                | ArtefactKind::Ipset
                | ArtefactKind::IpvsRules
                | ArtefactKind::IpvsTimeouts
                | ArtefactKind::IpvsNetlink
                | ArtefactKind::Nftables
                | ArtefactKind::NftablesJson => return None,
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
