//! Whether mode iptables can have written a state.

mod ports;

use super::lower::{block_localnet, forward, is_hashed, whole_frames};
use crate::bundle::ArtefactKind;
use crate::kernel::iptables::build::chain_name;
use crate::kernel::iptables::{ChainName, TableName};
use crate::kernel::sysctl::{Sysctl, SysctlKey};
use crate::mode::kube_chain::KubeChain;
use crate::mode::masquerade::Masquerade;
use crate::mode::written::{Rules, Stranger, same_lines};
use crate::mode::{IptablesState, NodeState};
use crate::model::IpFamily;

/// Finds the first line that the mode cannot have written.
pub(in crate::mode) fn written(
    state: &NodeState,
    own: &IptablesState,
) -> Result<(), Box<Stranger>> {
    let of = |family, ruleset| Rules { family, ruleset };
    let v4 = of(IpFamily::V4, &own.iptables);
    let kubelets = KubeChain::Firewall.into();
    let guards_loopback = !v4.chain(TableName::Filter, &kubelets).is_empty();
    settings(state, guards_loopback)?;
    rules(v4, guards_loopback)?;
    rules(of(IpFamily::V6, &own.ip6tables), false)?;
    names_of_modules(state, own)
}

/// The setting that lets neighbours send to 127.0.0.0/8 goes with the rule that keeps them from it.
fn settings(state: &NodeState, guards_loopback: bool) -> Result<(), Box<Stranger>> {
    let localnet = Sysctl {
        key: SysctlKey::RouteLocalnet,
        value: 1,
    };
    let expected = guards_loopback.then(|| localnet.to_string());
    let found: Vec<String> = state.sysctls.iter().map(ToString::to_string).collect();
    same_lines(ArtefactKind::Sysctl, &found, expected.as_slice())
}

fn rules(found: Rules<'_>, guards_loopback: bool) -> Result<(), Box<Stranger>> {
    let of_port = |table, name: &ChainName| table == TableName::Nat && is_hashed(name.as_str());
    found.frame(&whole_frames(), of_port)?;
    let (nat, filter) = (TableName::Nat, TableName::Filter);
    let chain = |chain: KubeChain| found.chain(nat, &chain.into());
    let masquerade =
        Masquerade::read_off(chain(KubeChain::MarkMasq), chain(KubeChain::Postrouting));
    let localnet = if guards_loopback {
        vec![block_localnet()]
    } else {
        Vec::new()
    };
    for (table, chain, rules) in [
        (nat, KubeChain::MarkMasq, masquerade.mark_masq()),
        (nat, KubeChain::Postrouting, masquerade.postrouting().into()),
        (nat, KubeChain::Canary, Vec::new()),
        (filter, KubeChain::Forward, forward(masquerade)),
        (filter, KubeChain::Firewall, localnet),
        (filter, KubeChain::Canary, Vec::new()),
        (TableName::Mangle, KubeChain::Canary, Vec::new()),
    ] {
        found.same(table, &chain_name(chain.as_str()), &rules)?;
    }
    ports::written(found)
}

/// Those that the rules need.
fn names_of_modules(state: &NodeState, own: &IptablesState) -> Result<(), Box<Stranger>> {
    if state.modules.is_empty() {
        return Ok(());
    }
    let needed = crate::kernel::iptables::modules(&own.iptables, &own.ip6tables);
    let lines = |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
    same_lines(
        ArtefactKind::ModulesLoad,
        &lines(&state.modules),
        &lines(&needed),
    )
}
