//! The tables of mode nftables.

use crate::kernel::nftables::{Elements, KubeProxyTable, Memory, ObservedTable, Table};
use crate::model::IpFamily;
use crate::observed::Observed;
use crate::plan::fake::Refused;
use crate::plan::{Delta, Flows, TableChange};

pub(super) fn table(
    node: &mut Observed,
    family: IpFamily,
    change: &TableChange,
) -> Result<(), Refused> {
    let found = &mut node.nftables.tables[family as usize];
    match change {
        TableChange::Whole(delta) => {
            if delta.before().is_some() && found.is_none() {
                return Err(Refused::Missing);
            }
            *found = delta.after().map(|table| ObservedTable {
                table: (**table).clone(),
                affinity: std::collections::BTreeMap::new(),
                foreign: Vec::new(),
            });
        }
        TableChange::Part { from, to } => {
            let found = found.as_mut().ok_or(Refused::Missing)?;
            check(&found.table, from, to)?;
            found.table = found.table.clone().exchanged(from, to);
        }
    }
    Ok(())
}

pub(super) fn kube_proxys(
    node: &mut Observed,
    family: IpFamily,
    delta: &Delta<KubeProxyTable>,
) -> Result<(), Refused> {
    let found = &mut node.nftables.kube_proxy[family as usize];
    match (delta.before().is_some(), found.is_some()) {
        (true, false) => Err(Refused::Missing),
        (false, true) => Err(Refused::Exists),
        _ => {
            *found = delta.after().cloned();
            Ok(())
        }
    }
}

/// What goes is there, and what comes is not.
fn check(table: &Table, from: &Elements, to: &Elements) -> Result<(), Refused> {
    for (name, elements) in from.sets() {
        let has = table.sets.get(name).ok_or(Refused::Missing)?;
        if elements.keys().any(|key| !has.contains_key(key)) {
            return Err(Refused::Missing);
        }
    }
    for (name, elements) in to.sets() {
        let has = table.sets.get(name).ok_or(Refused::Missing)?;
        let going = from.sets().get(name);
        let stays = |key| !going.is_some_and(|going| going.contains_key(key));
        if elements
            .keys()
            .any(|key| has.contains_key(key) && stays(key))
        {
            return Err(Refused::Exists);
        }
    }
    Ok(())
}

pub(super) fn forget(node: &mut Observed, memory: Memory, flows: &Flows) {
    let family = IpFamily::of(memory.port.0.address);
    let found = &mut node.nftables.tables[family as usize];
    if let Some(found) = found {
        found
            .affinity
            .retain(|(of, _), remembered| *of != memory || !flows.include(remembered));
    }
}
