//! What a node can be asked, question by question.

use std::collections::BTreeMap;

use portolan_compiler::kernel::iptables::Saved;
use portolan_compiler::kernel::ipvs::{Connections, Counted};
use portolan_compiler::kernel::sysctl::SysctlKey;
use portolan_compiler::kernel::{ipset, ipvs, nftables};
use portolan_compiler::model::{IpFamily, Timeouts, TransportAddress};
use portolan_compiler::observed::{Dummy, Ipv6, Link};

use super::{HostError, Modules, NftTable, OtherRules, Privileges, RunningProxy, SetsMark, Tools};

/// One node. Its subsystems are asked at the same time, so everything takes `&self`.
pub trait Driver: Sync {
    /// Virtual servers and timeouts; `None` where the kernel has not loaded IPVS.
    ///
    /// # Errors
    /// Where the kernel does not answer, or not us.
    fn ipvs(&self) -> Result<Option<IpvsReading>, HostError>;

    /// Connections in any state, those that open or close among them, of the destinations of some
    /// virtual servers.
    ///
    /// # Errors
    /// Where the kernel does not answer.
    fn busy(&self, servers: &[TransportAddress]) -> Result<Connections, HostError>;

    /// What virtual servers have carried, other software's too; `None` where the kernel has not loaded
    /// IPVS.
    ///
    /// # Errors
    /// Where the kernel does not answer, or not us.
    fn counters(&self, detail: Detail) -> Result<Option<Vec<Counted>>, HostError>;

    /// kube-ipvs0 and its addresses.
    ///
    /// # Errors
    /// Where the kernel does not answer.
    fn dummy(&self) -> Result<Dummy, HostError>;

    /// The other links and their addresses, loopback too.
    ///
    /// # Errors
    /// Where the kernel does not answer.
    fn links(&self) -> Result<Vec<Link>, HostError>;

    /// All sets; `None` where the kernel has not loaded ipsets.
    ///
    /// # Errors
    /// Where `ipset` is missing or fails.
    fn ipset(&self) -> Result<Option<ipset::Observed>, HostError>;

    /// What tells whether sets changed; `None` where the kernel has not loaded ipsets.
    ///
    /// # Errors
    /// Where the kernel does not answer.
    fn ipset_mark(&self) -> Result<Option<SetsMark>, HostError>;

    /// Rules as the machine's own `iptables-save` or `ip6tables-save` prints them; `None` where the kernel
    /// does not know the family, and the program fails for it.
    ///
    /// # Errors
    /// Where the program is missing or fails.
    fn iptables(&self, family: IpFamily) -> Result<Option<Saved>, HostError>;

    /// Whether there is IPv6.
    ///
    /// # Errors
    /// Where the kernel does not say.
    fn ipv6(&self) -> Result<Ipv6, HostError>;

    /// The tables of mode nftables.
    ///
    /// # Errors
    /// Where there are such tables, and `nft` is missing or fails.
    fn nftables(&self) -> Result<nftables::Observed, HostError>;

    /// Settings, those that exist.
    ///
    /// # Errors
    /// Where one cannot be read.
    fn sysctl(&self) -> Result<BTreeMap<SysctlKey, u32>, HostError>;

    /// The programs and their versions.
    fn tools(&self) -> Tools;

    /// Rules of the iptables variant that the machine's own programs do not speak to; `None` where
    /// there is no program to ask.
    ///
    /// # Errors
    /// Where the program fails.
    fn other_iptables(&self, tools: &Tools) -> Result<Option<OtherRules>, HostError>;

    /// Modules that are loaded, and those that could be.
    fn modules(&self) -> Modules;

    /// What this process may do.
    ///
    /// # Errors
    /// Where /proc cannot be read.
    fn privileges(&self) -> Result<Privileges, HostError>;

    /// Signs of a running kube-proxy.
    ///
    /// # Errors
    /// Where /proc cannot be read.
    fn proxies(&self) -> Result<Vec<RunningProxy>, HostError>;

    /// Tables of nftables, those of iptables among them; `None` where there is no `nft` to ask.
    ///
    /// # Errors
    /// Where `nft` fails.
    fn nft_names(&self) -> Result<Option<Vec<NftTable>>, HostError>;
}

/// How closely counters are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Virtual servers alone: one question for all.
    Servers,
    /// Their destinations as well: a question more for each.
    Destinations,
}

/// What IPVS holds, and how busy it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpvsReading {
    /// Virtual servers, other software's too.
    pub virtual_servers: ipvs::Observed,
    /// Idle timeouts of TCP and UDP, in seconds.
    pub timeouts: Option<Timeouts>,
    /// Connections that the virtual servers' destinations carry.
    pub connections: Connections,
}
