//! Takes away all that is ours, and nothing else.

use std::collections::BTreeSet;

use super::order::{Placed, Rank};
use super::{
    Claims, ConntrackChange, Delta, DummyChange, Durability, End, Flows, Inventory, IpsetChange,
    IptablesChange, IpvsChange, NftablesChange, Op, Plan, PlanError, Step, Subject, SysctlChange,
    graph, plan, retrace,
};
use crate::kernel::Listener;
use crate::kernel::iptables::Frame;
use crate::kernel::sysctl::Sysctl;
use crate::mode::{self, NodeState};
use crate::model::{Mode, Protocol, Timeouts, TransportAddress};
use crate::observed::{Dummy, Observed};
use crate::source::Origins;

/// What is ours on a node, and what was there before it.
#[derive(Debug, Clone, Copy)]
pub struct Ours<'a> {
    /// What the node was asked to hold last.
    pub state: &'a NodeState,
    /// What was recorded of it.
    pub inventory: &'a Inventory,
    /// Settings before they were changed.
    pub sysctls: &'a [Sysctl],
    /// Timeouts before they were changed.
    pub timeouts: Option<Timeouts>,
}

/// The steps after which nothing of ours is left and settings are as they were found. Sets and chains
/// are ours by name, virtual servers and addresses as recorded; kube-ipvs0 goes unless it has
/// addresses of others.
///
/// # Errors
/// A cycle among the constraints, which is a bug of portolan's.
pub fn cleanup(ours: Ours<'_>, observed: &Observed) -> Result<Plan, PlanError> {
    let made = plan(ours.state, &Observed::empty(), &Claims::default())?.steps;
    let mut subjects: Vec<Subject> = retrace(&made, observed, End::Old)
        .into_iter()
        .map(|step| step.subject)
        .filter(is_removal)
        .collect();
    let others = observed
        .dummy
        .addresses()
        .iter()
        .any(|address| !ours.inventory.addresses.contains(address));
    subjects
        .retain(|subject| !matches!(subject, Subject::Dummy(DummyChange::Interface(_))) || !others);
    leftovers(ours, observed, &mut subjects);
    by_name(ours, observed, &mut subjects)?;
    // TCP notices by itself; a UDP client that keeps sending never would.
    let servers = subjects.iter().filter_map(|subject| match subject {
        Subject::Ipvs(IpvsChange::Server(key, _)) => Some(Listener::Address(*key)),
        _ => None,
    });
    let rules = |subject: &Subject| {
        matches!(
            subject,
            Subject::Iptables(IptablesChange::Chain(..))
                | Subject::Nftables(NftablesChange::Table(..))
        )
    };
    let by_rules = subjects
        .iter()
        .any(rules)
        .then(|| ours.state.served_by_rules());
    let by_rules = by_rules.into_iter().flatten();
    let answered = by_rules.filter(|(_, answer)| !answer.endpoints.is_empty());
    let flows: Vec<Subject> = servers
        .chain(answered.map(|(listener, _)| listener))
        .filter(|listener| listener.protocol() == Protocol::Udp)
        .map(|listener| Subject::Conntrack(ConntrackChange(listener, Flows::All)))
        .collect();
    let mut steps: Vec<Placed> = subjects.into_iter().chain(flows).map(removal).collect();
    steps.extend(settings(ours, observed).map(|subject| placed(Rank::OldSettings, subject)));
    Ok(Plan::of(graph::order(steps)?))
}

/// What was recorded and the last state does not ask for: it had to stay then.
fn leftovers(ours: Ours<'_>, observed: &Observed, subjects: &mut Vec<Subject>) {
    let listed = |key: &TransportAddress| {
        let is = |subject: &Subject| matches!(subject, Subject::Ipvs(IpvsChange::Server(has, _)) if has == key);
        subjects.iter().any(is)
    };
    let servers: Vec<Subject> = observed
        .ipvs
        .servers
        .iter()
        .filter(|server| ours.inventory.servers.contains(&server.key) && !listed(&server.key))
        .map(|server| {
            Subject::Ipvs(IpvsChange::Server(
                server.key,
                Delta::Remove(server.clone()),
            ))
        })
        .collect();
    let asked = |address| ours.state.addresses().iter().any(|(has, _)| has == address);
    let addresses: Vec<Subject> = match &observed.dummy {
        Dummy::Absent => Vec::new(),
        Dummy::Present(addresses) => addresses
            .iter()
            .filter(|address| ours.inventory.addresses.contains(address) && !asked(*address))
            .map(|address| Subject::Dummy(DummyChange::Address(*address, Delta::Remove(()))))
            .collect(),
    };
    subjects.extend(servers);
    subjects.extend(addresses);
}

/// Sets, chains and tables of modes that were asked for, which have names of ours and which the last
/// state does not tell of: what was asked for then may be unknown.
fn by_name(
    ours: Ours<'_>,
    observed: &Observed,
    subjects: &mut Vec<Subject>,
) -> Result<(), PlanError> {
    // Of this mode nothing is asked for, so everything of all modes that are claimed goes.
    let nothing = NodeState::empty(Mode::Nftables);
    let claims = Claims::tracked(Inventory {
        modes: ours.inventory.modes.clone(),
        ..Inventory::default()
    });
    let listed: BTreeSet<String> = subjects.iter().map(Subject::name).collect();
    let going = plan(&nothing, observed, &claims)?.steps.into_iter();
    let frames = [mode::ipvs::frames(), mode::iptables::frames()].concat();
    let named = going
        .map(|step| step.subject)
        .filter(|subject| match subject {
            // Others may lead into our chains: that rule is theirs, and keeps the chain.
            Subject::Iptables(IptablesChange::Jump(at, delta)) => {
                let ours = |frame: &Frame| {
                    let mut jumps = frame.jumps.iter();
                    frame.table == at.table
                        && jumps.any(|jump| {
                            let rule = delta.before().map(|position| &position.rule);
                            jump.from == at.chain && Some(&jump.rule) == rule
                        })
                };
                frames.iter().any(ours)
            }
            Subject::Ipset(_) | Subject::Iptables(_) | Subject::Nftables(_) => true,
            Subject::Sysctl(_) | Subject::Dummy(_) | Subject::Ipvs(_) | Subject::Conntrack(_) => {
                false
            }
        });
    let named = named.filter(|subject| is_removal(subject) && !listed.contains(&subject.name()));
    subjects.extend(named);
    Ok(())
}

/// Settings are put back, not taken away.
fn is_removal(subject: &Subject) -> bool {
    let is_setting = matches!(
        subject,
        Subject::Sysctl(_) | Subject::Ipvs(IpvsChange::Timeouts(_))
    );
    !is_setting && subject.op() == Op::Remove
}

fn removal(subject: Subject) -> Placed {
    let rank = match &subject {
        // Nothing takes its place.
        Subject::Ipset(IpsetChange::ForeignSet(..)) => Rank::OldSets,
        other => other.rank(Durability::Lasting),
    };
    placed(rank, subject)
}

fn placed(rank: Rank, subject: Subject) -> Placed {
    Placed {
        rank,
        step: Step {
            phase: rank.phase(),
            interruption: subject.removal_interrupts(),
            subject,
            durability: Durability::Lasting,
            origins: Origins::new(),
        },
    }
}

/// Back to what was found, where it is known.
fn settings(ours: Ours<'_>, observed: &Observed) -> impl Iterator<Item = Subject> {
    let sysctls = ours.sysctls.iter().filter_map(|wanted| {
        let has = observed.sysctl.get(&wanted.key).copied()?;
        let delta = Delta::between(Some(has), Some(wanted.value))?;
        Some(Subject::Sysctl(SysctlChange(wanted.key, delta)))
    });
    let timeouts = ours
        .timeouts
        .and_then(|wanted| Delta::between(Some(observed.timeouts?), Some(wanted)))
        .map(|delta| Subject::Ipvs(IpvsChange::Timeouts(delta)));
    sysctls.chain(timeouts).collect::<Vec<_>>().into_iter()
}
