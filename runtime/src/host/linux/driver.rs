//! The questions, each passed to its subsystem.

use std::collections::BTreeMap;

use portolan_compiler::back::iptables::Saved;
use portolan_compiler::back::ipvs::{Connections, Counted, VirtualServerKey};
use portolan_compiler::back::sysctl::SysctlKey;
use portolan_compiler::model::IpFamily;
use portolan_compiler::observed::Dummy;

use super::{counters, dummy, ipset, iptables, ipvs, modules, nft, privileges, proxies, sysctls};
use crate::host::{
    Detail, Driver, HostError, IpvsReading, Modules, NftTable, OtherRules, Privileges,
    RunningProxy, SetsMark, Tools,
};

/// The machine we run on, in the network namespace of the calling thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine;

impl Driver for Machine {
    fn ipvs(&self) -> Result<Option<IpvsReading>, HostError> {
        ipvs::read()
    }

    fn busy(&self, servers: &[VirtualServerKey]) -> Result<Connections, HostError> {
        ipvs::busy(servers)
    }

    fn counters(&self, detail: Detail) -> Result<Option<Vec<Counted>>, HostError> {
        counters::read(detail)
    }

    fn dummy(&self) -> Result<Dummy, HostError> {
        dummy::read()
    }

    fn sets(&self) -> Result<Option<portolan_compiler::back::ipset::Observed>, HostError> {
        ipset::read()
    }

    fn sets_mark(&self) -> Result<Option<SetsMark>, HostError> {
        ipset::mark()
    }

    fn rules(&self, family: IpFamily) -> Result<Option<Saved>, HostError> {
        iptables::read(family)
    }

    fn tables(&self) -> Result<portolan_compiler::back::nftables::Observed, HostError> {
        nft::read()
    }

    fn sysctls(&self) -> Result<BTreeMap<SysctlKey, u32>, HostError> {
        sysctls::read()
    }

    fn tools(&self) -> Tools {
        Tools {
            iptables: iptables::version(IpFamily::V4),
            ip6tables: iptables::version(IpFamily::V6),
            ipset: ipset::version(),
            nft: nft::version(),
        }
    }

    fn other_rules(&self, tools: &Tools) -> Result<Option<OtherRules>, HostError> {
        iptables::read_other(tools)
    }

    fn modules(&self) -> Modules {
        modules::read()
    }

    fn privileges(&self) -> Result<Privileges, HostError> {
        privileges::read()
    }

    fn proxies(&self) -> Result<Vec<RunningProxy>, HostError> {
        proxies::look()
    }

    fn nft_tables(&self) -> Result<Option<Vec<NftTable>>, HostError> {
        nft::tables()
    }
}
