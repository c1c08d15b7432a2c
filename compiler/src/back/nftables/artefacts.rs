//! The artefacts of a node's state.

use super::{NodeState, json, write};
use crate::back::ipvs;
use crate::back::text::{KeepOrigins, Text};
use crate::bundle::{Artefact, ArtefactKind};

/// Writes all artefacts that this mode has, in order.
pub fn artefacts(state: &NodeState, keep_origins: KeepOrigins) -> Vec<Artefact> {
    let lines = |kind, fill: &dyn Fn(&mut Text)| {
        let mut text = Text::new(keep_origins);
        fill(&mut text);
        let (text, origins) = text.finish();
        Artefact {
            kind,
            bytes: text.into_bytes(),
            origins,
        }
    };
    vec![
        lines(ArtefactKind::ModulesLoad, &|text| {
            ipvs::write_modules(&state.modules, text)
        }),
        lines(ArtefactKind::Nftables, &|text| write(&state.tables, text)),
        lines(ArtefactKind::NftablesJson, &|text| {
            json::write(&state.tables, text)
        }),
    ]
}
