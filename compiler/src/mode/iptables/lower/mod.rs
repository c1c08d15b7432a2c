//! From the IR to what mode iptables keeps on a node (`pkg/proxy/iptables/proxier.go`,
//! `syncProxyRules`).

mod endpoints;
mod external;
mod filter;
mod frame;
mod names;
mod node_ports;
mod port;

use rayon::prelude::*;

use super::Options;
use crate::ir::Program;
use crate::kernel::iptables;
use crate::kernel::iptables::Ruleset;
use crate::kernel::sysctl::{Sysctl, SysctlKey};
use crate::mode::masquerade::Masquerade;
use crate::mode::{IptablesState, NodeState, ProxyState};
use crate::model::IpFamily;
use crate::valid::Valid;
use endpoints::Comments;
pub use frame::frames;
pub(super) use frame::{block_localnet, forward, whole_frames};
pub use names::{is_hash, is_hashed};
pub(crate) use node_ports::{Scope, scope, serves_loopback};
use port::PortRules;

/// Lowers a program.
pub fn lower(program: &Valid<Program>, options: &Options) -> NodeState {
    let (program, options) = (program.get(), *options);
    let (iptables, ip6tables) = rayon::join(
        || ruleset(program, options, IpFamily::V4),
        || ruleset(program, options, IpFamily::V6),
    );
    NodeState {
        modules: iptables::modules(&iptables, &ip6tables),
        sysctls: sysctls(program, options),
        services: None,
        proxy: ProxyState::Iptables(IptablesState {
            iptables,
            ip6tables,
        }),
    }
}

/// Without `route_localnet` the kernel drops what 127.0.0.1 sends beyond the loopback interface.
fn sysctls(program: &Program, options: Options) -> Vec<Sysctl> {
    let localnet = serves_loopback(&program.node, options, IpFamily::V4);
    localnet
        .then_some(Sysctl {
            key: SysctlKey::RouteLocalnet,
            value: 1,
        })
        .into_iter()
        .collect()
}

fn ruleset(program: &Program, options: Options, family: IpFamily) -> Ruleset {
    let ports: Vec<_> = program
        .service_ports
        .iter()
        .filter(|port| port.key.family == family)
        .collect();
    let comments = Comments::of(ports.iter().map(|port| port.endpoints.len()).sum());
    let rules: Vec<PortRules> = ports
        .into_par_iter()
        .with_min_len(16)
        .map(|port| port::lower(port, &program.masquerading, comments))
        .collect();
    let mut all = PortRules::default();
    for rules in rules {
        all.append(rules);
    }
    let masquerade = Masquerade::new(&program.masquerading, options.iptables);
    frame::ruleset(program, options, family, masquerade, all)
}
