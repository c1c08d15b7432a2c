//! The order in which the kernel asks its parts.

use super::ipvs::Served;
use super::packet::{Arrival, Incoming, Packet, Translation};
use super::path::{Effect, Explanation, Hook, Hop, Place, Verdict};
use super::settle::settle;
use super::vicinity::Route;
use super::walk::{Part, Walk, Way};
use super::{ExplainError, Flow, Vicinity, iptables, ipvs, nftables};
use crate::mode::NodeState;
use crate::model::{IpFamily, Mode};
use crate::source::Origins;

/// Rules around the virtual servers, or in their place.
#[derive(Clone, Copy)]
enum Rules<'a> {
    Iptables(iptables::Rules<'a>),
    Nftables(nftables::Rules<'a>),
    /// None: a compiled folder may lack a family.
    Nothing,
}

/// A node, and the packet that it gets.
pub(super) struct Kernel<'a> {
    state: &'a NodeState,
    vicinity: &'a Vicinity,
    flow: &'a Flow,
    rules: Rules<'a>,
    walk: Walk,
}

impl<'a> Kernel<'a> {
    pub(super) fn new(state: &'a NodeState, vicinity: &'a Vicinity, flow: &'a Flow) -> Self {
        let family = IpFamily::of(flow.to.address);
        let table = || state.tables().iter().find(|table| table.family == family);
        let ruleset = match family {
            IpFamily::V4 => state.rules(IpFamily::V4),
            IpFamily::V6 => state.rules(IpFamily::V6),
        };
        let rules = match state.mode() {
            Mode::Ipvs | Mode::Iptables => Rules::Iptables(iptables::Rules {
                ruleset,
                sets: state.sets(),
                vicinity,
            }),
            Mode::Nftables => table().map_or(Rules::Nothing, |table| {
                Rules::Nftables(nftables::Rules { table, vicinity })
            }),
        };
        Self {
            state,
            vicinity,
            flow,
            rules,
            walk: Walk::default(),
        }
    }

    pub(super) fn explain(mut self) -> Result<Explanation, ExplainError> {
        let to = self.flow.to;
        match &self.flow.arrival {
            Arrival::Node { from } => {
                let source = from.unwrap_or_else(|| self.vicinity.source_towards(to.address));
                let packet = Packet::new(source, to, Incoming::None);
                self.output(Way::new(packet))?;
            }
            Arrival::Interface { from, interface } => {
                let incoming = match interface {
                    Some(name) => Incoming::Named(name.clone()),
                    None => Incoming::Unknown,
                };
                self.arrive(Way::new(Packet::new(*from, to, incoming)))?;
            }
        }
        let mut explanation = Explanation {
            flow: self.flow.clone(),
            mode: self.state.mode(),
            steps: self.walk.steps,
            branches: self.walk.branches,
        };
        settle(&mut explanation.branches);
        Ok(explanation)
    }

    /// A packet from outside or from a pod.
    fn arrive(&mut self, way: Way) -> Result<(), ExplainError> {
        let Packet { source, to, .. } = &way.packet;
        // Of IPv6 the kernel drops these before anybody sees them.
        if to.address.is_ipv6() && (to.address.is_loopback() || source.is_loopback()) {
            return self.martian(way);
        }
        for way in self.translate_destination(Hook::Prerouting, way)? {
            let Packet { source, to, .. } = &way.packet;
            match self.vicinity.route_in(*source, to.address) {
                Route::Martian => self.martian(way)?,
                Route::Here => self.input(way)?,
                Route::Elsewhere => self.forward(way)?,
            }
        }
        Ok(())
    }

    fn martian(&mut self, mut way: Way) -> Result<(), ExplainError> {
        let hop = Hop {
            hook: Hook::Prerouting,
            place: Place::Routing,
            what: format!(
                "no packet from {} to {} can come in from outside",
                way.packet.source, way.packet.to.address
            ),
            evidence: Vec::new(),
            effect: Effect::Drops,
            origins: Origins::new(),
        };
        self.walk.note(&mut way, hop)?;
        self.walk.end(way, Verdict::Dropped);
        Ok(())
    }

    /// To the node: filters come first, virtual servers after them.
    fn input(&mut self, way: Way) -> Result<(), ExplainError> {
        for way in self.filter(Hook::Input, way)? {
            match self.serve(Hook::Input, way)? {
                Served::Untouched(way) => self.hand_over(way)?,
                Served::Sent(ways) => {
                    for way in ways {
                        if self.vicinity.is_local(way.packet.to.address) {
                            self.hand_over(way)?;
                        } else {
                            self.leave(way)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn serve(&mut self, hook: Hook, way: Way) -> Result<Served, ExplainError> {
        ipvs::serve(self.state.virtual_servers(), hook, way, &mut self.walk)
    }

    /// What came in and stays.
    fn hand_over(&mut self, way: Way) -> Result<(), ExplainError> {
        for way in self.translate_source(Hook::Input, way)? {
            self.deliver(way);
        }
        Ok(())
    }

    fn forward(&mut self, way: Way) -> Result<(), ExplainError> {
        for way in self.filter(Hook::Forward, way)? {
            for way in self.translate_source(Hook::Postrouting, way)? {
                self.depart(way);
            }
        }
        Ok(())
    }

    /// From the node: virtual servers come right after translation.
    fn output(&mut self, way: Way) -> Result<(), ExplainError> {
        for way in self.translate_destination(Hook::Output, way)? {
            match self.serve(Hook::Output, way)? {
                Served::Untouched(way) => self.leave(way)?,
                Served::Sent(ways) => {
                    for way in ways {
                        self.leave(way)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What the node sends, or a virtual server sends on. What stays on the node comes in again
    /// through lo, where translation is not asked a second time.
    fn leave(&mut self, way: Way) -> Result<(), ExplainError> {
        for way in self.filter(Hook::Output, way)? {
            for mut way in self.translate_source(Hook::Postrouting, way)? {
                if !self.vicinity.is_local(way.packet.to.address) {
                    self.depart(way);
                    continue;
                }
                way.packet.come_in_through_lo();
                let ways = self.part(Hook::Prerouting, Part::BeforeTranslation, vec![way])?;
                for way in self.part(Hook::Input, Part::Filter, ways)? {
                    self.deliver(way);
                }
            }
        }
        Ok(())
    }

    fn translate_destination(&mut self, hook: Hook, way: Way) -> Result<Vec<Way>, ExplainError> {
        let ways = self.part(hook, Part::BeforeTranslation, vec![way])?;
        let mut ways = self.part(hook, Part::Translation, ways)?;
        for way in &mut ways {
            let decided = &mut way.packet.destination_translation;
            if *decided == Translation::Open {
                *decided = Translation::Left;
            }
        }
        Ok(ways)
    }

    fn translate_source(&mut self, hook: Hook, way: Way) -> Result<Vec<Way>, ExplainError> {
        let mut ways = self.part(hook, Part::Translation, vec![way])?;
        for way in &mut ways {
            match way.packet.source_translation {
                Translation::Open => way.packet.source_translation = Translation::Left,
                Translation::Left => {}
                Translation::Changed => {
                    let family = IpFamily::of(way.packet.source);
                    way.packet.source = self.vicinity.primary(family);
                }
            }
        }
        Ok(ways)
    }

    fn filter(&mut self, hook: Hook, way: Way) -> Result<Vec<Way>, ExplainError> {
        self.part(hook, Part::Filter, vec![way])
    }

    fn part(&mut self, hook: Hook, part: Part, ways: Vec<Way>) -> Result<Vec<Way>, ExplainError> {
        match self.rules {
            Rules::Iptables(rules) => rules.part(hook, part, ways, &mut self.walk),
            Rules::Nftables(rules) => rules.part(hook, part, ways, &mut self.walk),
            Rules::Nothing => Ok(ways),
        }
    }

    /// To the node itself.
    fn deliver(&mut self, way: Way) {
        let verdict = match way.packet.endpoint() {
            Some(endpoint) => Verdict::Reaches(endpoint, way.packet.seen_source()),
            None => Verdict::NodeItself,
        };
        self.walk.end(way, verdict);
    }

    /// Away from the node.
    fn depart(&mut self, way: Way) {
        let source = way.packet.seen_source();
        let verdict = match way.packet.endpoint() {
            Some(endpoint) => Verdict::Reaches(endpoint, source),
            None => Verdict::RoutedOn(source),
        };
        self.walk.end(way, verdict);
    }
}
