//! Takes a node through a transaction.

use std::collections::BTreeMap;
use std::time::SystemTime;

use portolan_compiler::mode::NodeState;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan;
use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::plan::{
    Claims, Delta, DummyChange, Durability, End, Inventory, IpvsChange, Step, Subject,
    SysctlChange, Uptime, astray, retrace,
};

use super::confirm::Arm;
use super::error::{Cause, Residue, TransactionError};
use super::event::{Event, Phase, Watch};
use super::store::{
    Current, Generation, Journal, Lock, Marker, Purpose, Records, Store, StoreError, TransactionId,
};
use crate::host::{Heed, Interrupts, ModuleState, Node, read_once};
use crate::trust::Provenance;

/// How often the way back is tried: the first time may have met somebody else's change.
const ATTEMPTS: usize = 2;

/// A change to be made.
#[derive(Debug, Clone)]
pub struct Change {
    /// What it is for.
    pub kind: Purpose,
    /// The steps, and what they lead to.
    pub plan: PlanFile,
    /// Where what it leads to came from.
    pub provenance: Provenance,
    /// Seconds that destinations may drain.
    pub drain: u64,
    /// Seconds within which it has to be confirmed, if it has to.
    pub confirm: Option<u64>,
}

/// How a transaction went that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The new state is the node's.
    Committed {
        /// Number of the generation that is current now.
        generation: u64,
        /// How many destinations drain.
        draining: usize,
    },
    /// It is in place and waits to be confirmed.
    Waiting {
        /// What names it.
        id: TransactionId,
        /// When it is undone, unless it is confirmed before.
        deadline: Uptime,
    },
}

/// Whoever holds the lock of a node's records and works on the node.
pub struct Engine<'a> {
    /// The node that is changed, and read back.
    pub node: &'a dyn Node,
    /// The records of what was applied, in their folder.
    pub store: &'a Store,
    /// Proof that nobody else works on the node by these records.
    pub lock: &'a Lock,
    /// Who is told what happens, as it does.
    pub watch: &'a mut dyn Watch,
    /// Who may want it to end.
    pub interrupts: &'a dyn Interrupts,
    /// Who sees to it that an unconfirmed change is undone.
    pub arm: &'a dyn Arm,
}

impl std::fmt::Debug for Engine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine<'_> {
    /// Makes a change. It was planned on what the node holds now.
    ///
    /// # Errors
    /// With what became of the node.
    pub fn apply(&mut self, change: Change) -> Result<Outcome, TransactionError> {
        let mut plan = change.plan;
        let state = self.store.state(&plan.files)?;
        self.node.ready(&plan.steps)?;
        self.load_modules(&state, &mut plan.steps)?;
        let boot = self.node.boot()?;
        let now = self.node.uptime()?;
        let generation = self.next_generation(change.kind)?;
        let journal = Journal {
            id: TransactionId::new(generation, &plan.observed.digest.to_string(), now),
            boot: boot.clone(),
            kind: change.kind,
            generation,
            drain: change.drain,
            deadline: change.confirm.map(|seconds| Uptime(now.0 + seconds)),
            marker: Marker::Prepared,
            plan,
        };
        self.begin(&journal, &state, boot, change.provenance)?;
        if let Some(seconds) = change.confirm
            && let Err(error) = self.arm.arm(&journal.id, seconds, self.lock)
        {
            self.store.end()?;
            return Err(match self.interrupts.pending() {
                Some(signal) => TransactionError::Interrupted(signal),
                None => TransactionError::NoTimer(error),
            });
        }
        self.at_boundaries(|engine| engine.carry_on(&journal, &state))
    }

    /// Signals wait for the end of a phase from here on.
    pub(super) fn at_boundaries<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.interrupts.heed(Heed::AtBoundaries);
        let done = work(self);
        self.interrupts.heed(Heed::AtOnce);
        done
    }

    fn carry_on(
        &mut self,
        journal: &Journal,
        state: &NodeState,
    ) -> Result<Outcome, TransactionError> {
        if let Err(cause) = self.forwards(journal, state) {
            return Err(self.back(journal, cause));
        }
        match journal.deadline {
            Some(deadline) => {
                let id = journal.id.clone();
                let seconds = deadline.0.saturating_sub(self.node.uptime()?.0);
                self.tell(&Event::Waiting {
                    id: id.clone(),
                    seconds,
                });
                Ok(Outcome::Waiting { id, deadline })
            }
            None => self.finish(journal, &journal.plan.steps),
        }
    }

    /// Writes everything down that the transaction will need.
    fn begin(
        &mut self,
        journal: &Journal,
        state: &NodeState,
        boot: String,
        provenance: Provenance,
    ) -> Result<(), TransactionError> {
        self.tell(&Event::Begun {
            phase: Phase::Journal,
            steps: journal.plan.steps.len(),
        });
        let mut found = self.store.found()?;
        found.add(&journal.plan.steps);
        let until = Uptime(self.node.uptime()?.0 + journal.drain);
        let mut inventory = self.inventory(journal, state, None)?;
        let gone = removed_destinations(&journal.plan.steps);
        inventory.draining.extend(gone.map(|key| (key, until)));
        let records = Records {
            current: Current {
                generation: journal.generation,
                boot,
                counters: self.store.counters()?.raised(&provenance),
            },
            inventory,
            found,
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "when it was made is what the record is to say"
        )]
        let made = SystemTime::now();
        let generation = Generation {
            number: journal.generation,
            kind: journal.kind,
            node: journal.plan.node.clone(),
            kube_version: journal.plan.kube_version,
            input: journal.plan.input,
            made,
            files: journal.plan.files.clone(),
            services: journal.plan.services.clone(),
            provenance,
        };
        let generation = (journal.kind != Purpose::Boot).then_some(&generation);
        if let Some(signal) = self.interrupts.pending() {
            return Err(TransactionError::Interrupted(signal));
        }
        self.store.begin(journal, generation, &records)?;
        self.tell(&Event::Over {
            phase: Phase::Journal,
        });
        // The last moment at which ending costs nothing.
        if let Some(signal) = self.interrupts.pending() {
            self.store.end()?;
            return Err(TransactionError::Interrupted(signal));
        }
        Ok(())
    }

    /// From the old state to the new one beside it.
    fn forwards(&mut self, journal: &Journal, state: &NodeState) -> Result<(), Cause> {
        for (phase, of_plan) in [
            (Phase::Prepare, plan::Phase::Prepare),
            (Phase::Switch, plan::Phase::Switch),
        ] {
            let steps: Vec<Step> = in_phase(&journal.plan.steps, of_plan).cloned().collect();
            self.phase(phase, &steps)?;
            if let Some(signal) = self.interrupts.pending() {
                return Err(Cause::Interrupted(signal));
            }
        }
        self.verify(journal, state)?;
        let switched = self.store.mark(&journal.id, Marker::Switched);
        switched.map_err(Cause::Store)
    }

    fn phase(&mut self, phase: Phase, steps: &[Step]) -> Result<(), Cause> {
        let _span = tracing::debug_span!("phase", name = phase.as_str()).entered();
        self.tell(&Event::Begun {
            phase,
            steps: steps.len(),
        });
        self.node.carry_out(steps).map_err(Cause::Host)?;
        self.tell(&Event::Over { phase });
        Ok(())
    }

    /// Reads the node and compares it with what was wanted: nothing but taking the old away may be
    /// left to do.
    fn verify(&mut self, journal: &Journal, state: &NodeState) -> Result<(), Cause> {
        self.tell(&Event::Begun {
            phase: Phase::Verify,
            steps: 0,
        });
        let now = read_once(self.node.as_driver()).map_err(Cause::Host)?;
        if journal.kind == Purpose::Cleanup {
            // It asks for nothing: all that comes before the old goes is in the plan.
            let before = |step: &&Step| step.phase != plan::Phase::Clean;
            let steps: Vec<Step> = journal.plan.steps.iter().filter(before).cloned().collect();
            all_there(astray(&steps, &now, End::New))?;
            self.tell(&Event::Over {
                phase: Phase::Verify,
            });
            return Ok(());
        }
        let claims = Claims::tracked(self.store.inventory().map_err(Cause::Store)?);
        let left = match plan::plan(state, &now, &claims) {
            Ok(plan) => plan.steps,
            Err(_) => return Err(Cause::Unverified(Residue(Vec::new()))),
        };
        let missing: Vec<Subject> = left
            .into_iter()
            .filter(|step| step.phase != plan::Phase::Clean)
            .filter(|step| step.durability == Durability::Lasting)
            .map(|step| step.subject)
            .collect();
        all_there(missing)?;
        self.tell(&Event::Over {
            phase: Phase::Verify,
        });
        Ok(())
    }

    /// Reads the node once more: what was to go has to be gone, but for what drains.
    fn verify_gone(
        &mut self,
        journal: &Journal,
        draining: &BTreeMap<plan::DestinationKey, Uptime>,
    ) -> Result<(), Cause> {
        let going: Vec<Step> = in_phase(&journal.plan.steps, plan::Phase::Clean)
            .cloned()
            .collect();
        if going.is_empty() {
            return Ok(());
        }
        let now = read_once(self.node.as_driver()).map_err(Cause::Host)?;
        let mut left = astray(&going, &now, End::New);
        left.retain(|subject| {
            !matches!(subject, Subject::Ipvs(IpvsChange::Destination(key, _)) if draining.contains_key(key))
        });
        all_there(left)
    }

    /// Takes the old state away and records the new one as the node's.
    pub(super) fn finish(
        &mut self,
        journal: &Journal,
        steps: &[Step],
    ) -> Result<Outcome, TransactionError> {
        // From the marker on there is no way back that keeps connections.
        let ready = self.store.can_commit(journal);
        let marked = ready.and_then(|()| self.store.mark(&journal.id, Marker::Cleaning));
        if let Err(error) = marked {
            return Err(self.back(journal, Cause::Store(error)));
        }
        let cleaned = self.clean(journal, steps).and_then(|draining| {
            self.verify_gone(journal, &draining)?;
            Ok(draining)
        });
        let draining = match cleaned {
            Ok(draining) => draining,
            Err(cause) => return Err(self.back(journal, cause)),
        };
        self.tell(&Event::Begun {
            phase: Phase::Commit,
            steps: 0,
        });
        let state = self.store.state(&journal.plan.files)?;
        let mut inventory = self.inventory(journal, &state, Some(steps))?;
        inventory.draining.extend(draining);
        self.store
            .commit(journal, &inventory)
            .map_err(TransactionError::Unrecorded)?;
        self.tell(&Event::Committed {
            generation: journal.generation,
            target: journal.plan.target,
        });
        Ok(Outcome::Committed {
            generation: journal.generation,
            draining: inventory.draining.len(),
        })
    }

    /// Brings the old state back, and says what became of that.
    pub(super) fn back(&mut self, journal: &Journal, cause: Cause) -> TransactionError {
        match self.undo(journal) {
            Ok(()) => TransactionError::RolledBack { cause },
            Err(NotUndone::Astray(residue)) => TransactionError::Dirty { cause, residue },
            Err(NotUndone::Unmarked(record)) => TransactionError::Ahead {
                cause,
                record: Box::new(record),
            },
        }
    }

    /// Brings the old state back. The marker goes back first: whoever is cut off from here on finds
    /// that it leads there, and where it cannot be written, nothing is undone that the next recovery
    /// would do again.
    pub(super) fn undo(&mut self, journal: &Journal) -> Result<(), NotUndone> {
        let marked = self.store.mark(&journal.id, Marker::Prepared);
        marked.map_err(NotUndone::Unmarked)?;
        let steps = &journal.plan.steps;
        let mut residue = Residue(Vec::new());
        for _ in 0..ATTEMPTS {
            let Ok(now) = read_once(self.node.as_driver()) else {
                continue;
            };
            let way = retrace(steps, &now, End::Old);
            self.tell(&Event::Begun {
                phase: Phase::Undo,
                steps: way.len(),
            });
            let done = self.node.carry_out(&way);
            let Ok(now) = read_once(self.node.as_driver()) else {
                continue;
            };
            residue = Residue(astray(steps, &now, End::Old));
            if done.is_ok() && residue.0.is_empty() {
                self.tell(&Event::Over { phase: Phase::Undo });
                self.tell(&Event::RolledBack);
                // One that stays is found by the next recovery, which has nothing to undo then.
                drop(self.store.end());
                return Ok(());
            }
        }
        Err(NotUndone::Astray(residue))
    }

    /// What is ours once the transaction has ended: what is asked for, and what was ours and had to
    /// stay.
    fn inventory(
        &self,
        journal: &Journal,
        state: &NodeState,
        done: Option<&[Step]>,
    ) -> Result<Inventory, TransactionError> {
        let mut inventory = Inventory::of(state);
        let old = self.store.inventory()?;
        let (mut servers, mut addresses) = (old.servers, old.addresses);
        for step in done.unwrap_or_default() {
            match &step.subject {
                Subject::Ipvs(IpvsChange::Server(key, Delta::Remove(_))) => {
                    servers.remove(key);
                }
                Subject::Dummy(DummyChange::Address(address, Delta::Remove(()))) => {
                    addresses.remove(address);
                }
                _ => {}
            }
        }
        if journal.kind != Purpose::Cleanup {
            if done.is_none() {
                inventory.modes.extend(old.modes);
            }
            inventory.servers.extend(servers);
            inventory.addresses.extend(addresses);
            let wanted = |key: &plan::DestinationKey| {
                let at = state
                    .virtual_servers()
                    .binary_search_by(|server| server.key.cmp(&key.server));
                at.is_ok_and(|at| {
                    let all = &state.virtual_servers()[at].destinations;
                    all.iter()
                        .any(|one| (one.address, one.port) == (key.address, key.port))
                })
            };
            let served = |key: &plan::DestinationKey| inventory.servers.contains(&key.server);
            let draining = old.draining.into_iter();
            inventory.draining = draining
                .filter(|(key, _)| !wanted(key) && served(key))
                .collect();
        }
        Ok(inventory)
    }

    fn next_generation(&self, kind: Purpose) -> Result<u64, StoreError> {
        let current = self
            .store
            .current()?
            .map_or(0, |current| current.generation);
        if kind == Purpose::Boot {
            return Ok(current);
        }
        let newest = self.store.generations()?.last().copied().unwrap_or(0);
        Ok(current.max(newest) + 1)
    }

    /// Loads what is missing, and learns what settings of it were before they are changed.
    fn load_modules(
        &self,
        state: &NodeState,
        steps: &mut Vec<Step>,
    ) -> Result<(), TransactionError> {
        let modules = self.node.modules();
        let missing: Vec<&str> = state
            .modules
            .iter()
            .copied()
            .filter(|name| modules.state(name) != ModuleState::Ready)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.node.load(&missing)?;
        learn(steps, &read_once(self.node.as_driver())?);
        Ok(())
    }

    pub(super) fn tell(&mut self, event: &Event) {
        self.watch.event(event);
    }
}

/// Why the old state is not back.
#[derive(Debug)]
pub(super) enum NotUndone {
    /// These are not as they were.
    Astray(Residue),
    /// The records lead to the new state, and cannot be changed.
    Unmarked(StoreError),
}

/// Fails with objects that are not as they should be.
fn all_there(astray: Vec<Subject>) -> Result<(), Cause> {
    if astray.is_empty() {
        Ok(())
    } else {
        Err(Cause::Unverified(Residue(astray)))
    }
}

/// Settings that were unknown become changes of what they are.
fn learn(steps: &mut Vec<Step>, now: &Observed) {
    steps.retain_mut(|step| match &mut step.subject {
        Subject::Sysctl(SysctlChange(key, delta)) => known(delta, now.sysctl.get(key).copied()),
        Subject::Ipvs(IpvsChange::Timeouts(delta)) => known(delta, now.timeouts),
        _ => true,
    });
}

/// Whether there is anything to be done still.
fn known<T: Clone + PartialEq>(delta: &mut Delta<T>, has: Option<T>) -> bool {
    let (Delta::Add(to), Some(from)) = (&*delta, has) else {
        return true;
    };
    let differs = from != *to;
    *delta = Delta::Change {
        from,
        to: to.clone(),
    };
    differs
}

pub(super) fn in_phase(steps: &[Step], phase: plan::Phase) -> impl Iterator<Item = &Step> {
    steps.iter().filter(move |step| step.phase == phase)
}

/// Destinations that go from virtual servers that stay.
pub(super) fn removed_destinations(steps: &[Step]) -> impl Iterator<Item = plan::DestinationKey> {
    steps.iter().filter_map(|step| match &step.subject {
        Subject::Ipvs(IpvsChange::Destination(key, Delta::Remove(_))) => Some(*key),
        _ => None,
    })
}
