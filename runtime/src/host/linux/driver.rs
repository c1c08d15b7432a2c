//! The questions, each passed to its subsystem. With `-vv` each says how long its answer took.

use std::collections::BTreeMap;

use portolan_compiler::kernel::iptables::Saved;
use portolan_compiler::kernel::ipvs::{Connections, Counted};
use portolan_compiler::kernel::sysctl::SysctlKey;
use portolan_compiler::model::{IpFamily, TransportAddress};
use portolan_compiler::observed::{Dummy, Ipv6, Link};

use super::{
    dummy, interfaces, ipset, iptables, ipv6, ipvs, modules, nftables, privileges, proxies, sysctl,
};
use crate::host::{
    Detail, Driver, HostError, IpvsReading, Modules, NftTable, OtherRules, Privileges,
    RunningProxy, SetsMark, Tools,
};

/// The machine we run on, in the network namespace of the calling thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine;

/// The answer to a question, in a span that tells how long it took.
fn asked<T>(question: &'static str, answer: impl FnOnce() -> T) -> T {
    tracing::debug_span!("driver", asked = question).in_scope(answer)
}

impl Driver for Machine {
    fn ipvs(&self) -> Result<Option<IpvsReading>, HostError> {
        asked("ipvs", ipvs::read)
    }

    fn busy(&self, servers: &[TransportAddress]) -> Result<Connections, HostError> {
        asked("busy", || ipvs::busy(servers))
    }

    fn counters(&self, detail: Detail) -> Result<Option<Vec<Counted>>, HostError> {
        asked("counters", || ipvs::counters::read(detail))
    }

    fn dummy(&self) -> Result<Dummy, HostError> {
        asked("dummy", dummy::read)
    }

    fn links(&self) -> Result<Vec<Link>, HostError> {
        asked("links", interfaces::links)
    }

    fn ipset(&self) -> Result<Option<portolan_compiler::kernel::ipset::Observed>, HostError> {
        asked("ipset", ipset::read)
    }

    fn ipset_mark(&self) -> Result<Option<SetsMark>, HostError> {
        asked("ipset_mark", ipset::mark)
    }

    fn iptables(&self, family: IpFamily) -> Result<Option<Saved>, HostError> {
        asked("iptables", || iptables::read(family))
    }

    fn ipv6(&self) -> Result<Ipv6, HostError> {
        asked("ipv6", ipv6::read)
    }

    fn nftables(&self) -> Result<portolan_compiler::kernel::nftables::Observed, HostError> {
        asked("nftables", nftables::read)
    }

    fn sysctl(&self) -> Result<BTreeMap<SysctlKey, u32>, HostError> {
        asked("sysctl", sysctl::read)
    }

    fn tools(&self) -> Tools {
        asked("tools", || Tools {
            iptables: iptables::version(IpFamily::V4),
            ip6tables: iptables::version(IpFamily::V6),
            ipset: ipset::version(),
            nft: nftables::version(),
        })
    }

    fn other_iptables(&self, tools: &Tools) -> Result<Option<OtherRules>, HostError> {
        asked("other_iptables", || iptables::read_other(tools))
    }

    fn modules(&self) -> Modules {
        asked("modules", modules::read)
    }

    fn privileges(&self) -> Result<Privileges, HostError> {
        asked("privileges", privileges::read)
    }

    fn proxies(&self) -> Result<Vec<RunningProxy>, HostError> {
        asked("proxies", proxies::look)
    }

    fn nft_names(&self) -> Result<Option<Vec<NftTable>>, HostError> {
        asked("nft_names", nftables::tables)
    }
}
