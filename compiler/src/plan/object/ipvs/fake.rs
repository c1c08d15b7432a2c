//! Virtual servers and destinations.

use crate::kernel::ipvs;
use crate::kernel::ipvs::{Destination, Observed, VirtualServer};
use crate::model::TransportAddress;
use crate::plan::fake::Refused;
use crate::plan::{Delta, DestinationKey, Lines};
use crate::source::Origins;

pub(super) fn server(
    observed: &mut Observed,
    key: TransportAddress,
    delta: &Delta<VirtualServer>,
) -> Result<(), Refused> {
    match delta {
        Delta::Add(server) => {
            free(observed, key)?;
            observed.servers.push(server.clone());
        }
        Delta::Change { to, .. } => {
            let server = find(observed, key)?;
            server.scheduler = to.scheduler;
            server.persistence = to.persistence;
        }
        Delta::Remove(_) => {
            find(observed, key)?;
            observed.servers.retain(|server| server.key != key);
        }
    }
    Ok(())
}

pub(super) fn foreign_server(
    observed: &mut Observed,
    key: TransportAddress,
    delta: &Delta<Lines>,
) -> Result<(), Refused> {
    let before = observed.foreign.len();
    match delta {
        Delta::Add(lines) => {
            free(observed, key)?;
            let mut read = ipvs::read(&lines.join("\n")).map_err(|_| Refused::Words)?;
            observed.servers.append(&mut read.servers);
            observed.foreign.append(&mut read.foreign);
            Ok(())
        }
        Delta::Change { .. } => Err(Refused::Words),
        Delta::Remove(_) => {
            observed.foreign.retain(|server| server.key != Some(key));
            (observed.foreign.len() < before)
                .then_some(())
                .ok_or(Refused::Missing)
        }
    }
}

pub(super) fn destination(
    observed: &mut Observed,
    key: &DestinationKey,
    delta: &Delta<u32>,
) -> Result<(), Refused> {
    let destinations = &mut find(observed, key.server)?.destinations;
    let place = (key.address, key.port);
    let found = destinations.binary_search_by_key(&place, |one| (one.address, one.port));
    match (found, delta) {
        (Err(at), Delta::Add(weight)) => destinations.insert(
            at,
            Destination {
                address: key.address,
                port: key.port,
                weight: *weight,
                origins: Origins::new(),
            },
        ),
        (Ok(_), Delta::Add(_)) => return Err(Refused::Exists),
        (Ok(at), Delta::Change { to, .. }) => destinations[at].weight = *to,
        (Ok(at), Delta::Remove(_)) => drop(destinations.remove(at)),
        (Err(_), _) => return Err(Refused::Missing),
    }
    Ok(())
}

fn find(observed: &mut Observed, key: TransportAddress) -> Result<&mut VirtualServer, Refused> {
    observed
        .servers
        .iter_mut()
        .find(|server| server.key == key)
        .ok_or(Refused::Missing)
}

fn free(observed: &Observed, key: TransportAddress) -> Result<(), Refused> {
    let taken = observed.servers.iter().any(|server| server.key == key)
        || observed
            .foreign
            .iter()
            .any(|server| server.key == Some(key));
    if taken { Err(Refused::Exists) } else { Ok(()) }
}
