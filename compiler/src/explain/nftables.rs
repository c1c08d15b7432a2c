//! Rules of nftables, and the sets and maps that they ask.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use ipnet::IpNet;

use super::answer::{Answer, pass};
use super::packet::{Incoming, Packet, Translation};
use super::path::{Assumption, Effect, Evidence, Hook, Hop, KernelPlace, Share, Verdict as End};
use super::walk::{ChainExit, HookStage, Trace, Walk};
use super::{Destination, ExplainError, Vicinity};
use crate::kernel::iptables::Negation;
use crate::kernel::nftables::{
    ChainName, Element, Expression, HookKind, HookPoint, Key, Match, NodePortKey, Rule, SetName,
    Statement, Table, Value, Verdict,
};
use crate::model::{ByAddress, TransportAddress};
use crate::source::Origins;

/// The table of a family.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) table: &'a Table,
    pub(super) vicinity: &'a Vicinity,
}

/// The hook and chain whose rules a packet meets.
#[derive(Clone, Copy)]
struct At {
    hook: Hook,
    chain: ChainName,
}

impl<'a> Rules<'a> {
    /// Takes traces through the chains that begin at a hook, in the order of their priorities.
    pub(super) fn part(
        self,
        hook: Hook,
        part: HookStage,
        mut traces: Vec<Trace>,
        walk: &mut Walk,
    ) -> Result<Vec<Trace>, ExplainError> {
        let mut chains: Vec<(i32, ChainName)> = self
            .table
            .chains
            .keys()
            .filter_map(|name| {
                let at = name.hook()?;
                let here = point(at.point) == hook && is_of(at.kind, at.priority) == part;
                here.then_some((at.priority, *name))
            })
            .collect();
        chains.sort_unstable();
        for (_, chain) in chains {
            let at = At { hook, chain };
            let mut exit = ChainExit::default();
            for trace in traces {
                exit.append(self.chain(at, trace, &mut Vec::new(), walk)?);
            }
            traces = [exit.back, exit.accepted].concat();
        }
        Ok(traces)
    }

    fn chain(
        self,
        at: At,
        trace: Trace,
        within: &mut Vec<ChainName>,
        walk: &mut Walk,
    ) -> Result<ChainExit, ExplainError> {
        if within.contains(&at.chain) {
            return Err(ExplainError::Loop(at.chain.to_string()));
        }
        let rules = self.table.chains.get(&at.chain);
        let rules = rules.ok_or_else(|| ExplainError::NoChain(at.chain.to_string()))?;
        within.push(at.chain);
        let mut exit = ChainExit::default();
        let mut open = vec![trace];
        for rule in rules {
            let ask = |part: &_, trace: &_| self.ask(part, trace);
            open = pass(open, &rule.matches, ask, |trace, evidence| {
                let matched = Matched { at, rule, evidence };
                self.follow(&matched, trace, within, &mut exit, walk)
            })?;
        }
        within.pop();
        exit.back.extend(open);
        Ok(exit)
    }

    /// Does what a rule says; gives back the traces that go on to the next rule.
    fn follow(
        self,
        matched: &Matched<'a>,
        mut trace: Trace,
        within: &mut Vec<ChainName>,
        exit: &mut ChainExit,
        walk: &mut Walk,
    ) -> Result<Vec<Trace>, ExplainError> {
        match &matched.rule.statement {
            Statement::Verdict(verdict) => {
                self.decide(matched, *verdict, trace, within, exit, walk)
            }
            Statement::Reject => {
                self.note(matched, Effect::Rejects, &mut trace, walk)?;
                walk.end(trace, End::Rejected);
                Ok(Vec::new())
            }
            Statement::VerdictMap(expression, map) => {
                let Found { hits, missed } = self.look_up(*expression, *map, trace)?;
                let mut still: Vec<Trace> = missed.into_iter().collect();
                for (trace, key, element) in hits {
                    let Some(Value::Verdict(verdict)) = element.value else {
                        still.push(trace);
                        continue;
                    };
                    let matched = matched.with(evidence(*map, key, element));
                    let on = self.decide(&matched, verdict, trace, within, exit, walk)?;
                    still.extend(on);
                }
                Ok(still)
            }
            Statement::Dnat(expression, map) => {
                let Found { hits, missed } = self.look_up(*expression, *map, trace)?;
                let mut still: Vec<Trace> = missed.into_iter().collect();
                for (mut trace, key, element) in hits {
                    let Some(Value::Endpoint(endpoint)) = element.value else {
                        still.push(trace);
                        continue;
                    };
                    let matched = matched.with(evidence(*map, key, element));
                    self.note(&matched, Effect::SendsTo(endpoint), &mut trace, walk)?;
                    trace.packet.send_to(endpoint);
                    trace.packet.destination_translation = Translation::Changed;
                    exit.accepted.push(trace);
                }
                Ok(still)
            }
            Statement::SetMark(bits) => {
                self.note(matched, Effect::Marks, &mut trace, walk)?;
                trace.packet.mark |= bits;
                Ok(vec![trace])
            }
            Statement::FlipMark(bits) => {
                self.note(matched, Effect::Unmarks, &mut trace, walk)?;
                trace.packet.mark ^= bits;
                Ok(vec![trace])
            }
            Statement::Masquerade => {
                self.note(matched, Effect::Masquerades, &mut trace, walk)?;
                trace.packet.source_translation = Translation::Changed;
                exit.accepted.push(trace);
                Ok(Vec::new())
            }
            Statement::Remember(_, seconds) => {
                self.note(matched, Effect::Remembers(*seconds), &mut trace, walk)?;
                trace.affinity = Some(*seconds);
                Ok(vec![trace])
            }
        }
    }

    fn decide(
        self,
        matched: &Matched<'a>,
        verdict: Verdict,
        mut trace: Trace,
        within: &mut Vec<ChainName>,
        exit: &mut ChainExit,
        walk: &mut Walk,
    ) -> Result<Vec<Trace>, ExplainError> {
        let before = trace.last;
        let effect = match verdict {
            Verdict::Accept => Effect::Accepts,
            Verdict::Drop => Effect::Drops,
            Verdict::Return => Effect::Returns,
            Verdict::Jump(chain) | Verdict::Goto(chain) => Effect::Enters(chain.to_string()),
        };
        let step = self.note(matched, effect, &mut trace, walk)?;
        match verdict {
            Verdict::Accept => exit.accepted.push(trace),
            Verdict::Drop => walk.end(trace, End::Dropped),
            Verdict::Return => exit.back.push(trace),
            Verdict::Jump(chain) | Verdict::Goto(chain) => {
                let at = At {
                    chain,
                    ..matched.at
                };
                let mut entered = self.chain(at, trace, within, walk)?;
                entered.forget(step, before);
                exit.accepted.extend(entered.accepted);
                if matches!(verdict, Verdict::Jump(_)) {
                    return Ok(entered.back);
                }
                exit.back.extend(entered.back);
            }
        }
        Ok(Vec::new())
    }

    fn note(
        self,
        matched: &Matched<'a>,
        effect: Effect,
        trace: &mut Trace,
        walk: &mut Walk,
    ) -> Result<super::StepId, ExplainError> {
        let hop = Hop {
            hook: matched.at.hook,
            place: KernelPlace::Nftables(matched.at.chain.to_string()),
            what: matched.rule.in_family(self.table.family).to_string(),
            evidence: matched.evidence.clone(),
            effect,
            origins: Origins::new(),
        };
        walk.note(trace, hop)
    }

    fn ask(self, part: &Match, trace: &Trace) -> Result<Answer, ExplainError> {
        let packet = &trace.packet;
        Ok(match part {
            // The first packet of a connection is what this is about.
            Match::New => Answer::Yes(None),
            Match::Translated => {
                Answer::yes_if(packet.destination_translation == Translation::Changed)
            }
            Match::Protocol(protocol) => Answer::yes_if(packet.to.protocol() == Some(*protocol)),
            Match::InSet(expression, not, name) => {
                let set = self.set(*name)?;
                let keys = keys(*expression, packet).unwrap_or_default();
                let found = keys.iter().find_map(|key| find(set, key));
                match (found, not) {
                    (Some((key, element)), Negation::Is) => {
                        Answer::Yes(Some(evidence(*name, key, element)))
                    }
                    (found, not) => Answer::unless(*not, found.is_some()),
                }
            }
            Match::Source(not, net) => Answer::unless(*not, net.contains(&packet.source)),
            Match::InInterface(not, name) => match &packet.incoming {
                Incoming::None => Answer::unless(*not, false),
                Incoming::Named(other) => Answer::unless(*not, other == name),
                Incoming::Unknown => {
                    Answer::supposing(trace, Assumption::Interface(name.clone()), *not)
                }
            },
            Match::InInterfacePrefix(not, prefix) => match &packet.incoming {
                Incoming::None => Answer::unless(*not, false),
                Incoming::Named(name) => {
                    Answer::unless(*not, name.as_str().starts_with(prefix.as_str()))
                }
                Incoming::Unknown => {
                    Answer::supposing(trace, Assumption::InterfacePrefix(prefix.clone()), *not)
                }
            },
            Match::FromNode => Answer::yes_if(self.vicinity.is_local(packet.source)),
            Match::ToNode => Answer::yes_if(self.vicinity.is_local(packet.to.address)),
            Match::NotToLoopback => Answer::yes_if(!packet.to.address.is_loopback()),
            Match::Unmarked(bits) => Answer::yes_if(packet.mark & bits == 0),
        })
    }

    fn set(self, name: SetName) -> Result<&'a Elements, ExplainError> {
        let set = self.table.sets.get(&name);
        set.ok_or_else(|| ExplainError::NoSet(name.to_string()))
    }

    /// Looks a packet up in a map. Where the key is of chance, in all the traces it may turn out.
    ///
    /// What the kernel remembers of clients is not there: they come to what they came to before,
    /// which is one of the endpoints that others come to.
    fn look_up(
        self,
        expression: Expression,
        map: SetName,
        trace: Trace,
    ) -> Result<Found<'a>, ExplainError> {
        let set = self.set(map)?;
        let Some(keys) = keys(expression, &trace.packet) else {
            return Ok(Found {
                hits: Vec::new(),
                missed: Some(trace),
            });
        };
        let shares = trace.share.by_weight(&vec![1; keys.len()]);
        let mut missing = Share(0);
        let mut hits = Vec::new();
        for (key, share) in keys.into_iter().zip(shares) {
            match find(set, &key) {
                Some((key, element)) => {
                    let mut trace = trace.clone();
                    trace.share = share;
                    hits.push((trace, key, element));
                }
                None => missing.0 += share.0,
            }
        }
        let missed = (missing.0 > 0 || hits.is_empty()).then(|| {
            let mut trace = trace;
            trace.share = missing;
            trace
        });
        Ok(Found { hits, missed })
    }
}

type Elements = BTreeMap<Key, Element>;

/// What a map has for a packet.
struct Found<'a> {
    hits: Vec<(Trace, &'a Key, &'a Element)>,
    missed: Option<Trace>,
}

/// A rule whose matches said yes.
struct Matched<'a> {
    at: At,
    rule: &'a Rule,
    evidence: Vec<Evidence>,
}

impl Matched<'_> {
    fn with(&self, evidence: Evidence) -> Self {
        let mut all = self.evidence.clone();
        all.push(evidence);
        Self {
            at: self.at,
            rule: self.rule,
            evidence: all,
        }
    }
}

fn evidence(set: SetName, key: &Key, element: &Element) -> Evidence {
    Evidence {
        set: set.to_string(),
        entry: element.with_key(key).to_string(),
        origins: element.origins.clone(),
    }
}

/// The element that a key finds: the same, or the narrowest range that it lies in.
fn find<'a>(set: &'a Elements, key: &Key) -> Option<(&'a Key, &'a Element)> {
    let around = |address: IpNet| std::iter::successors(Some(address), IpNet::supernet);
    set.get_key_value(key).or_else(|| match *key {
        Key::Address(address) => {
            let mut ranges = around(address.into());
            ranges.find_map(|net| set.get_key_value(&Key::Range(net)))
        }
        Key::FrontendAndRange(of, client) => {
            let mut ranges = around(client);
            ranges.find_map(|net| set.get_key_value(&Key::FrontendAndRange(of, net)))
        }
        _ => None,
    })
}

/// What an expression may give of a packet: several things only where chance has a part in it. `None`
/// where it asks for a port and the packet has none, which no set has.
fn keys(expression: Expression, packet: &Packet) -> Option<Vec<Key>> {
    let (now, original) = (packet.to, packet.original);
    Some(match expression {
        Expression::Destination => vec![Key::Address(now.address)],
        Expression::Connection => vec![Key::Connection(packet.source, now.address)],
        Expression::Frontend => vec![Key::Frontend(frontend(now)?)],
        Expression::NodePort => vec![Key::NodePort(node_port(now)?)],
        Expression::FrontendAndSource => {
            vec![Key::FrontendAndRange(frontend(now)?, packet.source.into())]
        }
        Expression::Client => vec![Key::Client(packet.source)],
        Expression::Endpoint => {
            let at = frontend(now)?;
            vec![Key::Endpoint(SocketAddr::new(at.address, at.port.get()))]
        }
        Expression::FrontendSlot(size) => {
            let key = frontend(now)?;
            (0..size).map(|slot| Key::FrontendSlot(key, slot)).collect()
        }
        Expression::NodePortSlot(size) => {
            let key = node_port(now)?;
            (0..size).map(|slot| Key::NodePortSlot(key, slot)).collect()
        }
        Expression::OriginalDestination => vec![Key::Address(original.address)],
        Expression::OriginalFrontend => vec![Key::Frontend(frontend(original)?)],
        Expression::OriginalNodePort => vec![Key::NodePort(node_port(original)?)],
    })
}

fn frontend(to: Destination) -> Option<ByAddress> {
    to.server().map(|asked| {
        ByAddress(TransportAddress {
            address: asked.address,
            protocol: asked.protocol,
            port: asked.port,
        })
    })
}

fn node_port(to: Destination) -> Option<NodePortKey> {
    to.server().map(|asked| NodePortKey {
        protocol: asked.protocol,
        port: asked.port,
    })
}

fn point(point: HookPoint) -> Hook {
    match point {
        HookPoint::Prerouting => Hook::Prerouting,
        HookPoint::Input => Hook::Input,
        HookPoint::Forward => Hook::Forward,
        HookPoint::Output => Hook::Output,
        HookPoint::Postrouting => Hook::Postrouting,
    }
}

/// Which part of a hook's work a chain does.
fn is_of(kind: HookKind, priority: i32) -> HookStage {
    /// That of destination translation (`NF_IP_PRI_NAT_DST`).
    const TRANSLATION: i32 = -100;
    match kind {
        HookKind::Nat => HookStage::Translation,
        HookKind::Filter if priority < TRANSLATION => HookStage::BeforeTranslation,
        HookKind::Filter => HookStage::Filter,
    }
}
