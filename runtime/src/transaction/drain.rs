//! Destinations that nobody asks for any more carry their connections to the end.
//!
//! They have weight 0 and stand in the inventory. Whoever comes next takes away those that are idle,
//! and those whose time is over. Until then they are neither drift nor forgotten.

use std::collections::{BTreeMap, BTreeSet};

use portolan_compiler::kernel::ipvs::Connections;
use portolan_compiler::model::{Protocol, TransportAddress};
use portolan_compiler::plan::{
    Delta, DestinationKey, Durability, Interruption, IpvsChange, Phase as PlanPhase, Step, Subject,
    Uptime,
};
use portolan_compiler::source::Origins;

use super::engine::{Engine, in_phase};
use super::error::{Cause, TransactionError};
use super::event::{Event, Phase};
use super::store::{Journal, Purpose};
use crate::host::HostError;

/// What became of draining destinations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drained {
    /// Those that went.
    pub removed: Vec<DestinationKey>,
    /// Those that drain still, with their connections.
    pub left: Connections,
}

impl Engine<'_> {
    /// Takes the old state away. Destinations of virtual servers that stay go last, and only where
    /// they are idle; the others drain.
    pub(super) fn clean(
        &mut self,
        journal: &Journal,
        steps: &[Step],
    ) -> Result<BTreeMap<DestinationKey, Uptime>, Cause> {
        let (patient, others): (Vec<Step>, Vec<Step>) = in_phase(steps, PlanPhase::Clean)
            .cloned()
            .partition(|step| may_drain(journal, &step.subject));
        self.tell(&Event::Begun {
            phase: Phase::Clean,
            steps: patient.len() + others.len(),
        });
        self.node.carry_out(&others).map_err(Cause::Host)?;
        let connections = self.busy(&patient).map_err(Cause::Host)?;
        let until = Uptime(self.node.uptime().map_err(Cause::Host)?.0 + journal.drain);
        let (idle, busy): (Vec<Step>, Vec<Step>) = patient
            .into_iter()
            .partition(|step| carried(step, &connections) == 0);
        self.node.carry_out(&idle).map_err(Cause::Host)?;
        let mut draining = BTreeMap::new();
        for step in &busy {
            if let Subject::Ipvs(IpvsChange::Destination(key, _)) = &step.subject {
                self.tell(&Event::Draining {
                    destination: *key,
                    connections: carried(step, &connections),
                });
                draining.insert(*key, until);
            }
        }
        self.tell(&Event::Over {
            phase: Phase::Clean,
        });
        Ok(draining)
    }

    /// Takes away what has drained, and what may drain no longer.
    ///
    /// # Errors
    /// Where the kernel refuses, or the records cannot be written.
    pub fn drain(&mut self) -> Result<Drained, TransactionError> {
        let mut inventory = self.store.inventory()?;
        if inventory.draining.is_empty() {
            return Ok(Drained::default());
        }
        let now = self.node.uptime()?;
        let removal = |key: &DestinationKey| Step {
            phase: PlanPhase::Clean,
            subject: Subject::Ipvs(IpvsChange::Destination(*key, Delta::Remove(0))),
            durability: Durability::Lasting,
            interruption: Interruption::None,
            origins: Origins::new(),
        };
        let steps: Vec<Step> = inventory.draining.keys().map(removal).collect();
        let connections = self.busy(&steps)?;
        let mut drained = Drained::default();
        let mut over = Vec::new();
        for ((key, until), step) in inventory.draining.iter().zip(steps) {
            match connections.get(key) {
                // Somebody else took it away.
                None => drained.removed.push(*key),
                Some(carried) if *carried == 0 || *until <= now => {
                    drained.removed.push(*key);
                    over.push(step);
                }
                Some(carried) => drop(drained.left.insert(*key, *carried)),
            }
        }
        self.node.carry_out(&over)?;
        if !drained.removed.is_empty() {
            inventory
                .draining
                .retain(|key, _| drained.left.contains_key(key));
            self.store.set_inventory(&inventory)?;
        }
        Ok(drained)
    }

    fn busy(&self, steps: &[Step]) -> Result<Connections, HostError> {
        let server = |step: &Step| match &step.subject {
            Subject::Ipvs(IpvsChange::Destination(key, _)) => Some(key.server),
            _ => None,
        };
        let servers: BTreeSet<TransportAddress> = steps.iter().filter_map(server).collect();
        let servers: Vec<TransportAddress> = servers.into_iter().collect();
        self.node.busy(&servers)
    }
}

/// TCP and SCTP notice that a destination is gone; UDP flows are sent elsewhere at once.
fn may_drain(journal: &Journal, subject: &Subject) -> bool {
    let patient = journal.drain > 0 && journal.kind != Purpose::Cleanup;
    matches!(subject, Subject::Ipvs(IpvsChange::Destination(key, Delta::Remove(_)))
        if patient && key.server.protocol != Protocol::Udp)
}

fn carried(step: &Step, connections: &Connections) -> u64 {
    match &step.subject {
        Subject::Ipvs(IpvsChange::Destination(key, _)) => {
            connections.get(key).copied().unwrap_or(0)
        }
        _ => 0,
    }
}
