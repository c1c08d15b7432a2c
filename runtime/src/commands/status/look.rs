//! Gathers what there is to tell: from the records, and from the kernel.

use std::collections::BTreeSet;

use portolan_compiler::diff::Subject;
use portolan_compiler::ir::ServicePortKey;
use portolan_compiler::kernel::Listener;
use portolan_compiler::kernel::ipvs::Connections;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::TransportAddress;
use portolan_compiler::plan::file::ServiceNames;
use portolan_compiler::plan::{Claims, Held, Inventory, Unserved, Uptime, plan};
use portolan_compiler::target::target;

use super::report::{Applied, Boot, Counts, Draining, Holding, Report, Row, Unfinished};
use crate::commands::shared::filter::Choice;
use crate::commands::shared::trusting::KeysArgs;
use crate::host;
use crate::host::{Detail, Driver, HostError};
use crate::report::{Explain as _, Failure};
use crate::transaction::store::{Holder, Journal, Marker, Purpose, Store};
use crate::trust::{Provenance, Unsigned};

/// Where to look, and how closely.
#[derive(Debug)]
pub(super) struct Look<'a> {
    pub(super) store: Option<&'a Store>,
    pub(super) detail: Detail,
    pub(super) choice: &'a Choice,
    pub(super) keys: &'a KeysArgs,
}

impl Look<'_> {
    /// Who works on the node.
    pub(super) fn holder(&self) -> Result<Holder, Failure> {
        let holder = self.store.map(Store::holder).transpose()?;
        Ok(holder.unwrap_or(Holder::Nobody))
    }

    /// Everything, with who worked on the node before.
    pub(super) fn report(&self, holder: Holder) -> Result<Report, Failure> {
        let node = host::machine()?;
        let (boot, now) = (host::boot()?, Uptime(host::uptime()?));
        let when = |recorded: &str| {
            if recorded == boot {
                Boot::This
            } else {
                Boot::Earlier
            }
        };
        let (mut applied, mut services) = (None, ServiceNames::new());
        let (mut unfinished, mut inventory) = (None, Inventory::default());
        let mut unserved = None;
        // What there is, before some of it is chosen.
        let mut subjects = BTreeSet::new();
        if let Some(store) = self.store {
            inventory = store.inventory()?;
            unfinished = store
                .journal()?
                .map(|journal| self::unfinished(journal, now, when));
            if let (Some(current), Some(generation)) =
                (store.current()?, store.current_generation()?)
            {
                let mode = generation.files.mode();
                let state = store.state(&generation.files)?;
                unserved = Unserved::of(&state, node.ipv6()?).filter(|one| one.frontends > 0);
                let target = target(&state);
                let holding = match (generation.kind, when(&current.boot), &unfinished) {
                    (Purpose::Cleanup, ..) | (_, Boot::Earlier, _) | (_, _, Some(_)) => {
                        Holding::NotAsked
                    }
                    _ => holding(&*node, &state, &inventory),
                };
                let by_rules = ByRules::of(&state, self.choice);
                subjects.extend(by_rules.subjects);
                services = generation.services;
                subjects.extend(services.values().cloned().map(Subject::Service));
                let boot = when(&current.boot);
                if boot == Boot::Earlier {
                    inventory.draining.clear();
                }
                applied = Some(Applied {
                    generation: generation.number,
                    node: generation.node,
                    target,
                    holding,
                    kind: generation.kind,
                    distrusted: self.distrusted(&generation.provenance, generation.kind),
                    provenance: generation.provenance,
                    made: generation.made,
                    boot,
                    mode,
                    kube_version: generation.kube_version,
                    listeners: by_rules.listeners,
                    services: by_rules.services,
                });
            }
        }
        let ours = |key: &TransportAddress| applied.is_none() || inventory.servers.contains(key);
        let mut counts = self.counts(&*node, &services, ours)?;
        inventory.draining.retain(|key, _| {
            let subject = subject(services.get(&key.server).map(|name| &**name), &key.server);
            self.choice.shows(&subject)
        });
        let draining = draining(&*node, &inventory, now, (&counts, &services))?;
        if let Counts::Known { rows, .. } = &mut counts {
            let of = |row: &Row| subject(row.service.as_deref(), &row.counted.server);
            subjects.extend(rows.iter().map(of));
            rows.retain(|row| self.choice.shows(&of(row)));
        }
        Ok(Report {
            looked: self.choice.look(subjects.iter())?,
            applied,
            unfinished,
            holder,
            draining,
            unserved,
            counts,
        })
    }

    /// Why the next boot would not bring back what came from there.
    fn distrusted(&self, provenance: &Provenance, kind: Purpose) -> Option<String> {
        if kind == Purpose::Cleanup {
            return None;
        }
        let trust = self.keys.trust();
        let taken = trust.and_then(|trust| trust.take_again(provenance, Unsigned::Refused));
        taken.err().map(|error| error.to_string())
    }

    fn counts(
        &self,
        node: &dyn Driver,
        services: &ServiceNames,
        ours: impl Fn(&TransportAddress) -> bool,
    ) -> Result<Counts, Failure> {
        let counted = match node.counters(self.detail) {
            Ok(Some(counted)) => counted,
            Ok(None) => return Ok(Counts::NotLoaded),
            Err(error @ (HostError::IpvsForbidden | HostError::NoNetAdmin)) => {
                return Ok(Counts::Unreadable(with_way_out(&error)));
            }
            Err(error) => return Err(error.into()),
        };
        let all = counted.len();
        let mut rows: Vec<Row> = counted
            .into_iter()
            .filter(|one| ours(&one.server))
            .map(|counted| Row {
                service: services.get(&counted.server).cloned(),
                counted,
            })
            .collect();
        // Those without a name come last; the sort keeps their order.
        rows.sort_by(|a, b| {
            let name = |row: &Row| (row.service.is_none(), row.service.clone());
            name(a).cmp(&name(b))
        });
        let others = all - rows.len();
        Ok(Counts::Known { rows, others })
    }
}

/// Why something cannot be seen, and how it can.
fn with_way_out(error: &HostError) -> String {
    match error.help() {
        Some(help) => format!("{error}; {help}"),
        None => error.to_string(),
    }
}

/// What the node holds of a state; once, as what is told of a busy node is over soon in any case.
fn holding(node: &dyn Driver, state: &NodeState, inventory: &Inventory) -> Holding {
    let read = match host::read_once(node) {
        Ok(observed) => plan(state, &observed, &Claims::tracked(inventory.clone())),
        Err(error) => return Holding::Unreadable(with_way_out(&error)),
    };
    match read {
        Ok(way) => Holding::Read(Held::of(state, &way)),
        Err(problem) => Holding::Unreadable(problem.to_string()),
    }
}

/// What rules serve of the Services that are told about.
struct ByRules {
    listeners: usize,
    /// `None` where nobody recorded which Services they are.
    services: Option<usize>,
    /// Whose they are, those that are not told about too.
    subjects: BTreeSet<Subject>,
}

impl ByRules {
    fn of(state: &NodeState, choice: &Choice) -> Self {
        let Some(list) = &state.services else {
            return Self {
                listeners: state.served_by_rules().len(),
                services: None,
                subjects: BTreeSet::new(),
            };
        };
        let of = |port: &ServicePortKey| Subject::Service(port.service.to_string().into());
        let served = state.served_by_rules();
        let shown = |listener: &&Listener| {
            let owner = list.owner(**listener);
            owner.is_none_or(|port| choice.shows(&of(port)))
        };
        let frontends = list.frontends.values();
        let subjects: BTreeSet<Subject> = frontends.map(|one| of(&one.port)).collect();
        let services = subjects.iter().filter(|one| choice.shows(one));
        Self {
            listeners: served.keys().filter(shown).count(),
            services: Some(services.count()),
            subjects,
        }
    }
}

/// Whose a virtual server is.
fn subject(service: Option<&str>, server: &TransportAddress) -> Subject {
    match service {
        Some(name) => Subject::Service(name.into()),
        None => Subject::Address(server.address),
    }
}

fn unfinished(journal: Journal, now: Uptime, when: impl Fn(&str) -> Boot) -> Unfinished {
    let deadline = journal
        .deadline
        .filter(|_| journal.marker == Marker::Switched);
    Unfinished {
        boot: when(&journal.boot),
        id: journal.id,
        marker: journal.marker,
        confirm_within: deadline.map(|deadline| deadline.0.saturating_sub(now.0)),
    }
}

fn draining(
    node: &dyn Driver,
    inventory: &Inventory,
    now: Uptime,
    (counts, services): (&Counts, &ServiceNames),
) -> Result<Vec<Draining>, Failure> {
    let mut servers: Vec<_> = inventory.draining.keys().map(|key| key.server).collect();
    servers.dedup();
    let connections = match counts {
        Counts::Known { .. } => node.busy(&servers)?,
        Counts::NotLoaded | Counts::Unreadable(_) => Connections::new(),
    };
    let draining = inventory.draining.iter();
    Ok(draining
        .map(|(key, until)| Draining {
            destination: *key,
            service: services.get(&key.server).cloned(),
            connections: connections.get(key).copied(),
            seconds: until.0.saturating_sub(now.0),
        })
        .collect())
}
