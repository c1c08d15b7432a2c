//! Sets and entries.

use crate::kernel::ipset;
use crate::kernel::ipset::{Entry, Set, SetHeader, SetName, SetType};
use crate::model::IpFamily;
use crate::observed::Observed;
use crate::plan::fake::Refused;
use crate::plan::object::iptables::names_set;
use crate::plan::{Delta, Lines};
use crate::source::Origins;

pub(super) fn set(
    node: &mut Observed,
    name: &SetName,
    delta: &Delta<SetHeader>,
) -> Result<(), Refused> {
    match delta {
        Delta::Add(header) => {
            free(&node.ipset, name)?;
            node.ipset.sets.push(Set {
                name: name.clone(),
                header: *header,
                entries: Vec::new(),
            });
        }
        // The kernel has no such thing.
        Delta::Change { .. } => return Err(Refused::Exists),
        Delta::Remove(_) => destroy(node, name)?,
    }
    Ok(())
}

pub(super) fn foreign_set(
    node: &mut Observed,
    name: &SetName,
    delta: &Delta<Lines>,
) -> Result<(), Refused> {
    match delta {
        Delta::Add(lines) => {
            free(&node.ipset, name)?;
            let mut read = ipset::read(&lines.join("\n")).map_err(|_| Refused::Words)?;
            node.ipset.sets.append(&mut read.sets);
            node.ipset.foreign.append(&mut read.foreign);
            Ok(())
        }
        Delta::Change { to, .. } => {
            let mut read = ipset::read(&to.join("\n")).map_err(|_| Refused::Words)?;
            let to = read.sets.pop().ok_or(Refused::Words)?;
            let mut sets = node.ipset.sets.iter_mut();
            let set = sets.find(|set| set.name == *name).ok_or(Refused::Missing)?;
            if !set.header.swaps_with(to.header) {
                return Err(Refused::WrongType);
            }
            *set = to;
            Ok(())
        }
        Delta::Remove(_) => destroy(node, name),
    }
}

fn destroy(node: &mut Observed, name: &SetName) -> Result<(), Refused> {
    free(&node.ipset, name).err().ok_or(Refused::Missing)?;
    if node.iptables.iter().any(|saved| names_set(saved, name)) {
        return Err(Refused::InUse);
    }
    node.ipset.sets.retain(|set| set.name != *name);
    node.ipset.foreign.retain(|set| *set.name != *name.as_str());
    Ok(())
}

fn free(sets: &ipset::Observed, name: &SetName) -> Result<(), Refused> {
    let taken = sets.sets.iter().any(|set| set.name == *name)
        || sets.foreign.iter().any(|set| *set.name == *name.as_str());
    if taken { Err(Refused::Exists) } else { Ok(()) }
}

pub(super) fn entry(
    sets: &mut ipset::Observed,
    name: &SetName,
    entry: Entry,
    delta: &Delta<()>,
) -> Result<(), Refused> {
    let set = sets
        .sets
        .iter_mut()
        .find(|set| set.name == *name)
        .ok_or(Refused::Missing)?;
    if !takes(set.header, entry) {
        return Err(Refused::WrongType);
    }
    match (
        set.entries.binary_search_by(|(other, _)| other.cmp(&entry)),
        delta,
    ) {
        (Err(at), Delta::Add(())) => set.entries.insert(at, (entry, Origins::new())),
        (Ok(at), Delta::Remove(())) => drop(set.entries.remove(at)),
        (Ok(_), _) => return Err(Refused::Exists),
        (Err(_), _) => return Err(Refused::Missing),
    }
    Ok(())
}

fn takes(header: SetHeader, entry: Entry) -> bool {
    let (set_type, address) = match entry {
        Entry::Ip(address) => (SetType::HashIp, address),
        Entry::IpPort(key) => (SetType::HashIpPort, key.address),
        Entry::IpPortIp(key, _) => (SetType::HashIpPortIp, key.address),
        Entry::IpPortNet(key, _) => (SetType::HashIpPortNet, key.address),
        Entry::Port(port) => {
            return matches!(header, SetHeader::Bitmap { from, to } if (from..=to).contains(&port));
        }
    };
    matches!(
        header,
        SetHeader::Hash { set_type: found, family, .. }
            if found == set_type && family == IpFamily::of(address)
    )
}
