//! The order in which the kernel asks its parts.

use super::ipvs::Served;
use super::merge_branches::merge_branches;
use super::packet::{Arrival, Incoming, Packet, Translation};
use super::path::{Effect, Explanation, Hook, Hop, KernelPlace, Verdict};
use super::vicinity::Route;
use super::walk::{HookStage, Trace, Walk};
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
                self.output(Trace::new(packet))?;
            }
            Arrival::Interface { from, interface } => {
                let incoming = match interface {
                    Some(name) => Incoming::Named(name.clone()),
                    None => Incoming::Unknown,
                };
                self.arrive(Trace::new(Packet::new(*from, to, incoming)))?;
            }
        }
        let mut explanation = Explanation {
            flow: self.flow.clone(),
            mode: self.state.mode(),
            steps: self.walk.steps,
            branches: self.walk.branches,
        };
        merge_branches(&mut explanation.branches);
        Ok(explanation)
    }

    /// A packet from outside or from a pod.
    fn arrive(&mut self, trace: Trace) -> Result<(), ExplainError> {
        let Packet { source, to, .. } = &trace.packet;
        // Of IPv6 the kernel drops these before anybody sees them.
        if to.address.is_ipv6() && (to.address.is_loopback() || source.is_loopback()) {
            return self.martian(trace);
        }
        for trace in self.translate_destination(Hook::Prerouting, trace)? {
            let Packet { source, to, .. } = &trace.packet;
            match self.vicinity.route_in(*source, to.address) {
                Route::Martian => self.martian(trace)?,
                Route::Here => self.input(trace)?,
                Route::Elsewhere => self.forward(trace)?,
            }
        }
        Ok(())
    }

    fn martian(&mut self, mut trace: Trace) -> Result<(), ExplainError> {
        let hop = Hop {
            hook: Hook::Prerouting,
            place: KernelPlace::Routing,
            what: format!(
                "no packet from {} to {} can come in from outside",
                trace.packet.source, trace.packet.to.address
            ),
            evidence: Vec::new(),
            effect: Effect::Drops,
            origins: Origins::new(),
        };
        self.walk.note(&mut trace, hop)?;
        self.walk.end(trace, Verdict::Dropped);
        Ok(())
    }

    /// To the node: filters come first, virtual servers after them.
    fn input(&mut self, trace: Trace) -> Result<(), ExplainError> {
        for trace in self.filter(Hook::Input, trace)? {
            match self.serve(Hook::Input, trace)? {
                Served::Untouched(trace) => self.hand_over(trace)?,
                Served::Sent(traces) => {
                    for trace in traces {
                        if self.vicinity.is_local(trace.packet.to.address) {
                            self.hand_over(trace)?;
                        } else {
                            self.leave(trace)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn serve(&mut self, hook: Hook, trace: Trace) -> Result<Served, ExplainError> {
        ipvs::serve(self.state.virtual_servers(), hook, trace, &mut self.walk)
    }

    /// What came in and stays.
    fn hand_over(&mut self, trace: Trace) -> Result<(), ExplainError> {
        for trace in self.translate_source(Hook::Input, trace)? {
            self.deliver(trace);
        }
        Ok(())
    }

    fn forward(&mut self, trace: Trace) -> Result<(), ExplainError> {
        for trace in self.filter(Hook::Forward, trace)? {
            for trace in self.translate_source(Hook::Postrouting, trace)? {
                self.depart(trace);
            }
        }
        Ok(())
    }

    /// From the node: virtual servers come right after translation.
    fn output(&mut self, trace: Trace) -> Result<(), ExplainError> {
        for trace in self.translate_destination(Hook::Output, trace)? {
            match self.serve(Hook::Output, trace)? {
                Served::Untouched(trace) => self.leave(trace)?,
                Served::Sent(traces) => {
                    for trace in traces {
                        self.leave(trace)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What the node sends, or a virtual server sends on. What stays on the node comes in again
    /// through lo, where translation is not asked a second time.
    fn leave(&mut self, trace: Trace) -> Result<(), ExplainError> {
        for trace in self.filter(Hook::Output, trace)? {
            for mut trace in self.translate_source(Hook::Postrouting, trace)? {
                if !self.vicinity.is_local(trace.packet.to.address) {
                    self.depart(trace);
                    continue;
                }
                trace.packet.come_in_through_lo();
                let traces =
                    self.part(Hook::Prerouting, HookStage::BeforeTranslation, vec![trace])?;
                for trace in self.part(Hook::Input, HookStage::Filter, traces)? {
                    self.deliver(trace);
                }
            }
        }
        Ok(())
    }

    fn translate_destination(
        &mut self,
        hook: Hook,
        trace: Trace,
    ) -> Result<Vec<Trace>, ExplainError> {
        let traces = self.part(hook, HookStage::BeforeTranslation, vec![trace])?;
        let mut traces = self.part(hook, HookStage::Translation, traces)?;
        for trace in &mut traces {
            let decided = &mut trace.packet.destination_translation;
            if *decided == Translation::Open {
                *decided = Translation::Left;
            }
        }
        Ok(traces)
    }

    fn translate_source(&mut self, hook: Hook, trace: Trace) -> Result<Vec<Trace>, ExplainError> {
        let mut traces = self.part(hook, HookStage::Translation, vec![trace])?;
        for trace in &mut traces {
            match trace.packet.source_translation {
                Translation::Open => trace.packet.source_translation = Translation::Left,
                Translation::Left => {}
                Translation::Changed => {
                    let family = IpFamily::of(trace.packet.source);
                    trace.packet.source = self.vicinity.primary(family);
                }
            }
        }
        Ok(traces)
    }

    fn filter(&mut self, hook: Hook, trace: Trace) -> Result<Vec<Trace>, ExplainError> {
        self.part(hook, HookStage::Filter, vec![trace])
    }

    fn part(
        &mut self,
        hook: Hook,
        part: HookStage,
        traces: Vec<Trace>,
    ) -> Result<Vec<Trace>, ExplainError> {
        match self.rules {
            Rules::Iptables(rules) => rules.part(hook, part, traces, &mut self.walk),
            Rules::Nftables(rules) => rules.part(hook, part, traces, &mut self.walk),
            Rules::Nothing => Ok(traces),
        }
    }

    /// To the node itself.
    fn deliver(&mut self, trace: Trace) {
        let verdict = match trace.packet.endpoint() {
            Some(endpoint) => Verdict::Reaches(endpoint, trace.packet.seen_source()),
            None => Verdict::NodeItself,
        };
        self.walk.end(trace, verdict);
    }

    /// Away from the node.
    fn depart(&mut self, trace: Trace) {
        let source = trace.packet.seen_source();
        let verdict = match trace.packet.endpoint() {
            Some(endpoint) => Verdict::Reaches(endpoint, source),
            None => Verdict::RoutedOn(source),
        };
        self.walk.end(trace, verdict);
    }
}
