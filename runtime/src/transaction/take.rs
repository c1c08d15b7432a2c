//! Takes what a node holds for what is, where the records cannot be followed any more.
//!
//! It is the way out of records that are lost and of a node that can be brought neither back nor on.
//! Nothing of the node is changed. What was ours and is there stays ours, so that the next apply, or a
//! cleanup, takes it from there.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::SystemTime;

use portolan_compiler::bundle::Digest;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::Mode;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::Inventory;
use portolan_compiler::plan::file::{Files, ServiceNames};

use super::engine::Engine;
use super::error::TransactionError;
use super::store::{
    Counters, Current, Found, Generation, Journal, Purpose, StoreError, TransactionId, Vital,
    unless_lost,
};
use crate::host::read_once;
use crate::trust::Provenance;

/// What became of the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// They are sound, and no transaction is under way.
    Nothing,
    /// They say what the node holds.
    Recorded {
        /// The transaction that is under way no more, where its journal said what it was.
        ended: Option<TransactionId>,
        /// Where what was lost is kept.
        aside: Vec<PathBuf>,
        /// What the node is to hold from now on, until the next apply.
        current: Standing,
    },
}

/// What the node is to hold by its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What was applied last, as before: this generation.
    Kept(u64),
    /// What was asked for is lost: this generation stands for it.
    Unknown(u64),
}

impl Engine<'_> {
    /// Ends what was under way where the node is, keeps lost records aside, and records what of the
    /// node is ours. `name` is what the node is called where no record says it.
    ///
    /// # Errors
    /// Where the node cannot be read, or a record cannot be written: then it may be called again. What
    /// another portolan wrote is left to that one.
    pub fn take(&mut self, name: &NodeName) -> Result<Taken, TransactionError> {
        let store = self.store;
        let under_way = unless_lost(store.journal_to_undo())?;
        let losses = store.losses();
        if under_way == Some(None) && losses.is_empty() {
            return Ok(Taken::Nothing);
        }
        if let Some(other) = losses.into_iter().find(|error| !error.is_damage()) {
            return Err(other.into());
        }
        let journal = under_way.flatten();
        let now = read_once(self.node.as_driver())?;
        let boot = self.node.boot()?;
        let sound = store.sound_generations();
        let inventory = self.found_of_ours(journal.as_ref(), &sound, &now)?;
        let counters = self.known_counters(&sound)?;
        let folder = store.make_aside()?;
        let mut aside = Vec::new();
        if unless_lost(store.generations())?.is_none() {
            aside.extend(store.set_aside(Vital::Generations, &folder)?);
        }
        let current = unless_lost(store.current_generation())?.flatten();
        // First what says that something was applied, so that what goes next is missed.
        let current = if let Some(generation) = current {
            Standing::Kept(generation.number)
        } else {
            let number = sound.last().map_or(0, |generation| generation.number);
            let listed = store.generations()?.last().copied().unwrap_or(0);
            let number = number.max(listed) + 1;
            let mode = inventory.modes.iter().copied().next();
            let lost = taken(number, mode, journal.as_ref(), &sound, name);
            store.add_generation(&lost)?;
            aside.extend(store.set_aside(Vital::Current, &folder)?);
            let generation = number;
            store.set_current(&Current {
                generation,
                boot,
                counters,
            })?;
            Standing::Unknown(number)
        };
        if unless_lost(store.inventory())?.is_none() {
            aside.extend(store.set_aside(Vital::Inventory, &folder)?);
        }
        store.set_inventory(&inventory)?;
        if unless_lost(store.found())?.is_none() {
            aside.extend(store.set_aside(Vital::Found, &folder)?);
            store.set_found(&Found::default())?;
        }
        aside.extend(store.set_aside(Vital::Journal, &folder)?);
        Ok(Taken::Recorded {
            ended: journal.map(|journal| journal.id),
            aside,
            current,
        })
    }

    /// The highest edition of each cluster's rules, as far as any record tells: a lost one is no way
    /// back to an older.
    fn known_counters(&self, sound: &[Generation]) -> Result<Counters, StoreError> {
        let prepared = self.store.prepared_generation();
        let mut counters = unless_lost(self.store.counters())?.unwrap_or_default();
        for generation in sound.iter().chain(&prepared) {
            counters = counters.raised(&generation.provenance);
        }
        Ok(counters)
    }

    /// What is ours of what the node holds, as far as any record tells.
    fn found_of_ours(
        &self,
        journal: Option<&Journal>,
        sound: &[Generation],
        now: &Observed,
    ) -> Result<Inventory, StoreError> {
        let recorded = unless_lost(self.store.inventory())?;
        let prepared = self.store.prepared_generation();
        let mut states: Vec<&Files> = Vec::new();
        states.extend(journal.map(|journal| &journal.plan.files));
        states.extend(prepared.as_ref().map(|generation| &generation.files));
        if recorded.is_none() {
            states.extend(sound.iter().map(|generation| &generation.files));
        }
        let states = states.into_iter().filter_map(|files| files.state().ok());
        let asked: Vec<Inventory> = states.map(|state| Inventory::of(&state)).collect();
        let known = recorded
            .into_iter()
            .chain(self.store.prepared_inventory())
            .chain(asked);
        let mut ours = Inventory::default();
        for inventory in known {
            ours.modes.extend(inventory.modes);
            ours.servers.extend(inventory.servers);
            ours.addresses.extend(inventory.addresses);
            ours.draining.extend(inventory.draining);
        }
        let servers: BTreeSet<_> = now.ipvs.servers.iter().map(|server| server.key).collect();
        ours.servers.retain(|key| servers.contains(key));
        ours.draining.retain(|key, _| servers.contains(&key.server));
        let addresses = now.dummy.addresses();
        ours.addresses.retain(|address| addresses.contains(address));
        Ok(ours)
    }
}

/// A generation that stands for what nobody knows any more.
fn taken(
    number: u64,
    mode: Option<Mode>,
    journal: Option<&Journal>,
    sound: &[Generation],
    name: &NodeName,
) -> Generation {
    let newest = sound.last();
    let plan = journal.map(|journal| &journal.plan);
    let node = newest.map(|generation| &generation.node);
    let node = node.or_else(|| plan.map(|plan| &plan.node));
    #[expect(
        clippy::disallowed_methods,
        reason = "when it was made is what the record is to say"
    )]
    let made = SystemTime::now();
    Generation {
        number,
        kind: Purpose::Taken,
        node: node.unwrap_or(name).clone(),
        kube_version: None,
        input: Digest::of(b""),
        made,
        files: Files::of(&NodeState::empty(mode.unwrap_or(Mode::Nftables))),
        services: ServiceNames::new(),
        provenance: Provenance::UNKNOWN,
    }
}
