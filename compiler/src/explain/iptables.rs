//! Rules of iptables, one after the other.

use super::answer::{Answer, pass};
use super::packet::{Asks, Incoming, Translation};
use super::path::{Assumption, Effect, Evidence, Hook, Hop, KernelPlace, Verdict};
use super::walk::{ChainExit, HookStage, Trace, Walk};
use super::{ExplainError, Vicinity, ipset};
use crate::kernel::ipset::Set;
use crate::kernel::iptables::{
    AddrType, ChainName, Match, Negation, Recent, Rule, Ruleset, Table, TableName, Target,
};
use crate::model::TransportAddress;

/// The rules of a family, with what they ask.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) ruleset: &'a Ruleset,
    pub(super) sets: &'a [Set],
    pub(super) vicinity: &'a Vicinity,
}

/// The hook, table and chain whose rules a packet meets.
#[derive(Clone, Copy)]
struct At<'a> {
    hook: Hook,
    table: &'a Table,
    chain: &'a str,
}

/// A rule whose matches said yes.
struct Matched<'a> {
    at: At<'a>,
    rule: &'a Rule,
    evidence: Vec<Evidence>,
}

impl<'a> Rules<'a> {
    /// Takes traces through a table's chain of a hook. Those that are lost end; the others are given
    /// back.
    pub(super) fn part(
        self,
        hook: Hook,
        part: HookStage,
        traces: Vec<Trace>,
        walk: &mut Walk,
    ) -> Result<Vec<Trace>, ExplainError> {
        let table = match part {
            // Table mangle only has a chain without rules.
            HookStage::BeforeTranslation => return Ok(traces),
            HookStage::Translation => TableName::Nat,
            HookStage::Filter => TableName::Filter,
        };
        let mut tables = self.ruleset.tables.iter();
        let Some(table) = tables.find(|one| one.name == table) else {
            return Ok(traces);
        };
        let at = At {
            hook,
            table,
            chain: hook.upper(),
        };
        let jumps = table.jumps.iter();
        let rules = jumps.filter(|jump| jump.from.as_str() == at.chain);
        let rules: Vec<&Rule> = rules.map(|jump| &jump.rule).collect();
        let ChainExit { back, accepted } = self.rules(at, &rules, traces, &mut Vec::new(), walk)?;
        Ok([back, accepted].concat())
    }

    fn chain(
        self,
        at: At<'a>,
        name: &'a ChainName,
        trace: Trace,
        within: &mut Vec<&'a ChainName>,
        walk: &mut Walk,
    ) -> Result<ChainExit, ExplainError> {
        if within.contains(&name) {
            return Err(ExplainError::Loop(name.to_string()));
        }
        let chains = &at.table.chains;
        let chain = chains.binary_search_by(|chain| chain.name.cmp(name));
        let chain = chain.map_err(|_| ExplainError::NoChain(name.to_string()))?;
        let chain = &chains[chain];
        let rules: Vec<&Rule> = chain.rules.iter().collect();
        let at = At {
            chain: name.as_str(),
            ..at
        };
        within.push(name);
        let through = self.rules(at, &rules, vec![trace], within, walk);
        within.pop();
        through
    }

    fn rules(
        self,
        at: At<'a>,
        rules: &[&'a Rule],
        mut open: Vec<Trace>,
        within: &mut Vec<&'a ChainName>,
        walk: &mut Walk,
    ) -> Result<ChainExit, ExplainError> {
        let mut exit = ChainExit::default();
        for rule in rules {
            let ask = |part: &_, trace: &_| self.ask(part, trace);
            open = pass(open, &rule.matches, ask, |trace, evidence| {
                let matched = Matched { at, rule, evidence };
                self.follow(matched, trace, within, &mut exit, walk)
            })?;
        }
        exit.back.extend(open);
        Ok(exit)
    }

    /// Does what a rule says; gives back the traces that go on to the next rule.
    fn follow(
        self,
        matched: Matched<'a>,
        mut trace: Trace,
        within: &mut Vec<&'a ChainName>,
        exit: &mut ChainExit,
        walk: &mut Walk,
    ) -> Result<Vec<Trace>, ExplainError> {
        let Matched { at, rule, evidence } = matched;
        let before = trace.last;
        let hop = Hop {
            hook: at.hook,
            place: KernelPlace::Iptables(at.table.name, at.chain.to_owned()),
            what: rule.to_string(),
            evidence,
            effect: effect(&rule.target),
            origins: rule.origins.clone(),
        };
        let step = walk.note(&mut trace, hop)?;
        match &rule.target {
            Target::Chain(name) => {
                let mut entered = self.chain(at, name, trace, within, walk)?;
                entered.forget(step, before);
                exit.accepted.extend(entered.accepted);
                return Ok(entered.back);
            }
            Target::Continue => return Ok(vec![trace]),
            Target::Mark(mark) => {
                trace.packet.mark = (trace.packet.mark & !mark.mask) ^ mark.value;
                return Ok(vec![trace]);
            }
            Target::Return => exit.back.push(trace),
            Target::Accept => exit.accepted.push(trace),
            Target::Masquerade(_) => {
                trace.packet.source_translation = Translation::Changed;
                exit.accepted.push(trace);
            }
            Target::Dnat(endpoint) => {
                trace.packet.send_to(*endpoint);
                trace.packet.destination_translation = Translation::Changed;
                exit.accepted.push(trace);
            }
            Target::Drop => walk.end(trace, Verdict::Dropped),
            Target::Reject(_) => walk.end(trace, Verdict::Rejected),
        }
        Ok(Vec::new())
    }

    fn ask(self, part: &Match, trace: &Trace) -> Result<Answer, ExplainError> {
        let packet = &trace.packet;
        let is = Answer::unless;
        let yes_if = Answer::yes_if;
        let supposing = Answer::supposing;
        let local = |address| self.vicinity.is_local(address);
        Ok(match part {
            Match::Source(not, net) => is(*not, net.contains(&packet.source)),
            Match::Destination(not, net) => is(*not, net.contains(&packet.to.address)),
            Match::InInterface(not, name) => match &packet.incoming {
                Incoming::None => is(*not, false),
                Incoming::Named(other) => is(*not, other == name),
                Incoming::Unknown => supposing(trace, Assumption::Interface(name.clone()), *not),
            },
            Match::InInterfacePrefix(not, prefix) => match &packet.incoming {
                Incoming::None => is(*not, false),
                Incoming::Named(name) => is(*not, name.as_str().starts_with(prefix.as_str())),
                Incoming::Unknown => {
                    supposing(trace, Assumption::InterfacePrefix(prefix.clone()), *not)
                }
            },
            Match::Protocol(protocol) | Match::Transport(protocol, None) => {
                yes_if(packet.to.protocol() == Some(*protocol))
            }
            Match::Transport(protocol, Some(port)) => {
                yes_if(packet.to.asks == Asks::Port(*protocol, *port))
            }
            // The first packet of a connection is what this is about.
            Match::Comment(_) | Match::New => Answer::Yes(None),
            Match::RelatedEstablished | Match::Invalid => Answer::No,
            Match::Unsolicited => yes_if(packet.destination_translation != Translation::Changed),
            Match::Set(name, direction) => {
                match ipset::lookup(self.sets, name, *direction, packet)? {
                    Some(evidence) => Answer::Yes(Some(evidence)),
                    None => Answer::No,
                }
            }
            Match::Mark(not, mark) => is(*not, packet.mark & mark.mask == mark.value),
            Match::Random(probability) => Answer::Chance(*probability),
            Match::Recent {
                usage: Recent::Set, ..
            } => Answer::Yes(None),
            Match::Recent {
                usage: Recent::Check { seconds },
                ..
            } => Answer::Remembered(*seconds),
            Match::NotFromBridge => match &packet.incoming {
                Incoming::None => Answer::Yes(None),
                Incoming::Named(_) | Incoming::Unknown => {
                    supposing(trace, Assumption::BridgePort, Negation::Not)
                }
            },
            Match::SourceType(not, AddrType::Local) => is(*not, local(packet.source)),
            Match::DestinationType(not, AddrType::Local) => is(*not, local(packet.to.address)),
            Match::VirtualServer {
                address,
                protocol,
                port,
            } => yes_if(
                packet.server
                    == Some(TransportAddress {
                        protocol: *protocol,
                        address: *address,
                        port: *port,
                    }),
            ),
        })
    }
}

fn effect(target: &Target) -> Effect {
    match target {
        Target::Chain(name) => Effect::Enters(name.to_string()),
        Target::Accept => Effect::Accepts,
        Target::Drop => Effect::Drops,
        Target::Return => Effect::Returns,
        Target::Reject(_) => Effect::Rejects,
        // Set with all bits of the mark, or taken off with none.
        Target::Mark(mark) if mark.mask & mark.value == mark.value && mark.mask != 0 => {
            Effect::Marks
        }
        Target::Mark(_) => Effect::Unmarks,
        Target::Masquerade(_) => Effect::Masquerades,
        Target::Dnat(endpoint) => Effect::SendsTo(*endpoint),
        Target::Continue => Effect::Continues,
    }
}
