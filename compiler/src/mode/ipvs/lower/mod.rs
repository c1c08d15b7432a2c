//! From the IR to what IPVS mode keeps on a node (`pkg/proxy/ipvs/proxier.go`, `syncProxyRules`).

mod family;
mod fixed;
mod rules;

use family::{Blocked, FamilyState};
pub(super) use family::{bound_addresses, node_addresses, serving_node_ports};

pub(super) use fixed::{OutFilter, modules, sysctls};
pub use rules::frames;
pub(super) use rules::{Writer, out_filter};

use super::options::Options;
use crate::ir::Program;
use crate::kernel::iptables::Ruleset;
use crate::kernel::ipvs::VirtualServer;
use crate::mode::masquerade::Masquerade;
use crate::mode::{IptablesState, IpvsState, NodeState, ProxyState};
use crate::model::IpFamily;
use crate::valid::Valid;

/// Lowers a program.
pub fn lower(program: &Valid<Program>, options: &Options) -> NodeState {
    let program = program.get();
    let (v4, v6) = rayon::join(
        || family_state(program, options, IpFamily::V4),
        || family_state(program, options, IpFamily::V6),
    );
    let out_filter = !v4.blocked.is_empty() || !v6.blocked.is_empty();
    let mut sets = v4.sets;
    sets.extend(v6.sets);
    let mut addresses = v4.addresses;
    addresses.extend(v6.addresses);
    let mut virtual_servers = v4.virtual_servers;
    virtual_servers.extend(v6.virtual_servers);
    NodeState {
        modules: modules(
            options,
            if out_filter {
                OutFilter::Used
            } else {
                OutFilter::Empty
            },
        ),
        sysctls: sysctls(options),
        services: None,
        proxy: ProxyState::Ipvs(IpvsState {
            timeouts: options.timeouts,
            addresses,
            sets,
            rules: IptablesState {
                iptables: v4.rules,
                ip6tables: v6.rules,
            },
            virtual_servers,
        }),
    }
}

/// A family's share of a [`NodeState`].
struct Share {
    addresses: Vec<(std::net::IpAddr, crate::source::Origins)>,
    sets: Vec<crate::kernel::ipset::Set>,
    rules: Ruleset,
    virtual_servers: Vec<VirtualServer>,
    blocked: Vec<Blocked>,
}

fn family_state(program: &Program, options: &Options, family: IpFamily) -> Share {
    let FamilyState {
        addresses,
        sets,
        virtual_servers,
        blocked,
    } = family::lower(program, options, family);
    let masquerading = &program.masquerading;
    let rules = Writer {
        family,
        masquerade: Masquerade::new(masquerading, options.iptables),
        all: masquerading.all,
        local: masquerading.local_traffic(family),
        used: sets.used(),
        blocked: blocked.iter().map(Blocked::rule).collect(),
    };
    let rules = rules.ruleset();
    Share {
        addresses,
        sets: sets.finish(family),
        rules,
        virtual_servers,
        blocked,
    }
}
