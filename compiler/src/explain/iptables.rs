//! Rules of iptables, one after the other.

use super::answer::{Answer, pass};
use super::packet::{Asks, Incoming, Translation};
use super::path::{Assumption, Effect, Evidence, Hook, Hop, Place, Verdict};
use super::walk::{Part, Through, Walk, Way};
use super::{ExplainError, Vicinity, ipset};
use crate::kernel::ipset::Set;
use crate::kernel::iptables::{
    AddrType, ChainName, Match, Negation, Recent, Rule, Ruleset, Table, TableName, Target,
};
use crate::kernel::ipvs::VirtualServerKey;

/// The rules of a family, with what they ask.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) ruleset: &'a Ruleset,
    pub(super) sets: &'a [Set],
    pub(super) vicinity: &'a Vicinity,
}

/// Where rules stand.
#[derive(Clone, Copy)]
struct At<'a> {
    hook: Hook,
    table: &'a Table,
    chain: &'a str,
}

/// A rule whose matches said yes.
struct Meeting<'a> {
    at: At<'a>,
    rule: &'a Rule,
    evidence: Vec<Evidence>,
}

impl<'a> Rules<'a> {
    /// Takes ways through a table's chain of a hook. Those that are lost end; the others are given
    /// back.
    pub(super) fn part(
        self,
        hook: Hook,
        part: Part,
        ways: Vec<Way>,
        walk: &mut Walk,
    ) -> Result<Vec<Way>, ExplainError> {
        let table = match part {
            // Table mangle only has a chain without rules.
            Part::BeforeTranslation => return Ok(ways),
            Part::Translation => TableName::Nat,
            Part::Filter => TableName::Filter,
        };
        let mut tables = self.ruleset.tables.iter();
        let Some(table) = tables.find(|one| one.name == table) else {
            return Ok(ways);
        };
        let at = At {
            hook,
            table,
            chain: hook.upper(),
        };
        let jumps = table.jumps.iter();
        let rules = jumps.filter(|jump| jump.from.as_str() == at.chain);
        let rules: Vec<&Rule> = rules.map(|jump| &jump.rule).collect();
        let Through { back, accepted } = self.rules(at, &rules, ways, &mut Vec::new(), walk)?;
        Ok([back, accepted].concat())
    }

    fn chain(
        self,
        at: At<'a>,
        name: &'a ChainName,
        way: Way,
        within: &mut Vec<&'a ChainName>,
        walk: &mut Walk,
    ) -> Result<Through, ExplainError> {
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
        let through = self.rules(at, &rules, vec![way], within, walk);
        within.pop();
        through
    }

    fn rules(
        self,
        at: At<'a>,
        rules: &[&'a Rule],
        mut open: Vec<Way>,
        within: &mut Vec<&'a ChainName>,
        walk: &mut Walk,
    ) -> Result<Through, ExplainError> {
        let mut through = Through::default();
        for rule in rules {
            let ask = |part: &_, way: &_| self.ask(part, way);
            open = pass(open, &rule.matches, ask, |way, evidence| {
                let meeting = Meeting { at, rule, evidence };
                self.follow(meeting, way, within, &mut through, walk)
            })?;
        }
        through.back.extend(open);
        Ok(through)
    }

    /// Does what a rule says; gives back the ways that go on to the next rule.
    fn follow(
        self,
        meeting: Meeting<'a>,
        mut way: Way,
        within: &mut Vec<&'a ChainName>,
        through: &mut Through,
        walk: &mut Walk,
    ) -> Result<Vec<Way>, ExplainError> {
        let Meeting { at, rule, evidence } = meeting;
        let before = way.last;
        let hop = Hop {
            hook: at.hook,
            place: Place::Iptables(at.table.name, at.chain.to_owned()),
            what: rule.to_string(),
            evidence,
            effect: effect(&rule.target),
            origins: rule.origins.clone(),
        };
        let step = walk.note(&mut way, hop)?;
        match &rule.target {
            Target::Chain(name) => {
                let mut entered = self.chain(at, name, way, within, walk)?;
                entered.forget(step, before);
                through.accepted.extend(entered.accepted);
                return Ok(entered.back);
            }
            Target::Continue => return Ok(vec![way]),
            Target::Mark(mark) => {
                way.packet.mark = (way.packet.mark & !mark.mask) ^ mark.value;
                return Ok(vec![way]);
            }
            Target::Return => through.back.push(way),
            Target::Accept => through.accepted.push(way),
            Target::Masquerade(_) => {
                way.packet.source_translation = Translation::Changed;
                through.accepted.push(way);
            }
            Target::Dnat(endpoint) => {
                way.packet.send_to(*endpoint);
                way.packet.destination_translation = Translation::Changed;
                through.accepted.push(way);
            }
            Target::Drop => walk.end(way, Verdict::Dropped),
            Target::Reject(_) => walk.end(way, Verdict::Rejected),
        }
        Ok(Vec::new())
    }

    fn ask(self, part: &Match, way: &Way) -> Result<Answer, ExplainError> {
        let packet = &way.packet;
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
                Incoming::Unknown => supposing(way, Assumption::Interface(name.clone()), *not),
            },
            Match::InInterfacePrefix(not, prefix) => match &packet.incoming {
                Incoming::None => is(*not, false),
                Incoming::Named(name) => is(*not, name.as_str().starts_with(prefix.as_str())),
                Incoming::Unknown => {
                    supposing(way, Assumption::InterfacePrefix(prefix.clone()), *not)
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
                    supposing(way, Assumption::BridgePort, Negation::Not)
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
                    == Some(VirtualServerKey {
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
