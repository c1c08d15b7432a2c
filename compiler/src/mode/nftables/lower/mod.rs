//! From the IR to what mode nftables keeps on a node.
//!
//! Services only ever add elements: the rules depend on the sizes of pools, never on the number of
//! Services or endpoints. So a packet is looked up in the same few hash tables however many there are,
//! and a change of a Service is a change of some elements. Only a Service port that keeps its clients has
//! chains and a map of its own, whatever its endpoints.

mod chains;
mod frame;
mod local;
mod ports;
mod slots;

pub(super) use chains::{led_to, rules as rules_led_to};
pub(super) use frame::{Frame, rules as frame_rules};
pub(crate) use local::{Scope, scope};

use super::Options;
use super::modules::MODULES;
use crate::ir::Program;
use crate::kernel::nftables::{ChainName, SetName, Table};
use crate::mode::{NodeState, ProxyState};
use crate::model::IpFamily;
use crate::valid::Valid;

/// Lowers a program.
pub fn lower(program: &Valid<Program>, options: &Options) -> NodeState {
    let program = program.get();
    let (v4, v6) = rayon::join(
        || table(program, options, IpFamily::V4),
        || table(program, options, IpFamily::V6),
    );
    NodeState {
        modules: MODULES.into(),
        sysctls: Vec::new(),
        services: None,
        proxy: ProxyState::Nftables(vec![v4, v6]),
    }
}

fn table(program: &Program, options: &Options, family: IpFamily) -> Table {
    let mut table = Table::new(family);
    for name in SetName::FIXED {
        table.sets.entry(name).or_default();
    }
    frame::elements(program, options, &mut table);
    for port in program
        .service_ports
        .iter()
        .filter(|port| port.key.family == family)
    {
        ports::add(port, options, &mut table);
    }
    let frame = Frame::of(program, family);
    for name in ChainName::BASE.into_iter().chain(ChainName::FIXED) {
        table.chains.insert(name, frame_rules(name, &frame));
    }
    for name in led_to(&table) {
        let rules = rules_led_to(name, &table);
        table.chains.insert(name, rules);
    }
    table
}
