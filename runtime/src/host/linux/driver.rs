//! The questions, each passed to its subsystem. With `-vv` each says how long its answer took.

use std::collections::BTreeMap;

use portolan_compiler::back::iptables::Saved;
use portolan_compiler::back::ipvs::{Connections, Counted, VirtualServerKey};
use portolan_compiler::back::sysctl::SysctlKey;
use portolan_compiler::model::IpFamily;
use portolan_compiler::observed::{Dummy, Ipv6};

use super::{
    counters, dummy, ipset, iptables, ipv6, ipvs, modules, nft, privileges, proxies, sysctls,
};
use crate::host::{
    Detail, Driver, HostError, IpvsReading, Modules, NftTable, OtherRules, Privileges,
    RunningProxy, SetsMark, Tools,
};

/// The machine we run on, in the network namespace of the calling thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine;

impl Driver for Machine {
    fn ipvs(&self) -> Result<Option<IpvsReading>, HostError> {
        let _span = tracing::debug_span!("driver", asked = "ipvs").entered();
        ipvs::read()
    }

    fn busy(&self, servers: &[VirtualServerKey]) -> Result<Connections, HostError> {
        let _span = tracing::debug_span!("driver", asked = "busy").entered();
        ipvs::busy(servers)
    }

    fn counters(&self, detail: Detail) -> Result<Option<Vec<Counted>>, HostError> {
        let _span = tracing::debug_span!("driver", asked = "counters").entered();
        counters::read(detail)
    }

    fn dummy(&self) -> Result<Dummy, HostError> {
        let _span = tracing::debug_span!("driver", asked = "dummy").entered();
        dummy::read()
    }

    fn sets(&self) -> Result<Option<portolan_compiler::back::ipset::Observed>, HostError> {
        let _span = tracing::debug_span!("driver", asked = "sets").entered();
        ipset::read()
    }

    fn sets_mark(&self) -> Result<Option<SetsMark>, HostError> {
        let _span = tracing::debug_span!("driver", asked = "sets_mark").entered();
        ipset::mark()
    }

    fn rules(&self, family: IpFamily) -> Result<Option<Saved>, HostError> {
        let _span = tracing::debug_span!("driver", asked = "rules").entered();
        iptables::read(family)
    }

    fn ipv6(&self) -> Result<Ipv6, HostError> {
        ipv6::read()
    }

    fn tables(&self) -> Result<portolan_compiler::back::nftables::Observed, HostError> {
        let _span = tracing::debug_span!("driver", asked = "tables").entered();
        nft::read()
    }

    fn sysctls(&self) -> Result<BTreeMap<SysctlKey, u32>, HostError> {
        let _span = tracing::debug_span!("driver", asked = "sysctls").entered();
        sysctls::read()
    }

    fn tools(&self) -> Tools {
        let _span = tracing::debug_span!("driver", asked = "tools").entered();
        Tools {
            iptables: iptables::version(IpFamily::V4),
            ip6tables: iptables::version(IpFamily::V6),
            ipset: ipset::version(),
            nft: nft::version(),
        }
    }

    fn other_rules(&self, tools: &Tools) -> Result<Option<OtherRules>, HostError> {
        let _span = tracing::debug_span!("driver", asked = "other_rules").entered();
        iptables::read_other(tools)
    }

    fn modules(&self) -> Modules {
        let _span = tracing::debug_span!("driver", asked = "modules").entered();
        modules::read()
    }

    fn privileges(&self) -> Result<Privileges, HostError> {
        let _span = tracing::debug_span!("driver", asked = "privileges").entered();
        privileges::read()
    }

    fn proxies(&self) -> Result<Vec<RunningProxy>, HostError> {
        let _span = tracing::debug_span!("driver", asked = "proxies").entered();
        proxies::look()
    }

    fn nft_tables(&self) -> Result<Option<Vec<NftTable>>, HostError> {
        let _span = tracing::debug_span!("driver", asked = "nft_tables").entered();
        nft::tables()
    }
}
