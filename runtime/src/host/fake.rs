//! A node made of values, for tests.

use std::collections::BTreeMap;
use std::sync::Mutex;

use portolan_compiler::front::facts::{Iptables, IptablesVariant, Nft};
use portolan_compiler::kernel::iptables::Saved;
use portolan_compiler::kernel::sysctl::SysctlKey;
use portolan_compiler::kernel::{ipset, ipvs, nftables};
use portolan_compiler::model::{IpFamily, TransportAddress};
use portolan_compiler::observed::{Dummy, Ipv6, Link, Observed};

use super::{
    Detail, Driver, Held, HostError, IpvsReading, Modules, NftTable, OtherRules, Privileges,
    RunningProxy, SetsMark, Tools, UserNamespace,
};

/// A node. Each reading ends with its settings, and the next one shows the next of the states; the last
/// state stays.
#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) states: Mutex<Vec<Observed>>,
    pub(crate) tools: Tools,
    pub(crate) other: Option<OtherRules>,
    pub(crate) modules: Modules,
    pub(crate) privileges: Privileges,
    pub(crate) proxies: Vec<RunningProxy>,
    pub(crate) nft_tables: Option<Vec<NftTable>>,
}

impl Fake {
    /// A node with current programs and every capability, that shows these states.
    pub(crate) fn new(states: impl Into<Vec<Observed>>) -> Self {
        let iptables = Iptables {
            version: Some("1.8.9".to_owned()),
            variant: Some(IptablesVariant::Nft),
        };
        Self {
            states: Mutex::new(states.into()),
            tools: Tools {
                iptables: Some(iptables.clone()),
                ip6tables: Some(iptables),
                ipset: Some("7.17".to_owned()),
                nft: Some(Nft {
                    version: Some("1.0.6".to_owned()),
                }),
            },
            other: None,
            modules: Modules::default(),
            privileges: Privileges {
                net_admin: Held::Yes,
                net_raw: Held::Yes,
                user_namespace: UserNamespace::Initial,
            },
            proxies: Vec::new(),
            nft_tables: Some(Vec::new()),
        }
    }

    fn state(&self) -> Observed {
        self.states.lock().unwrap().first().cloned().unwrap()
    }
}

impl Driver for Fake {
    fn ipvs(&self) -> Result<Option<IpvsReading>, HostError> {
        let state = self.state();
        Ok(Some(IpvsReading {
            connections: ipvs::Connections::new(),
            virtual_servers: state.ipvs,
            timeouts: state.timeouts,
        }))
    }

    fn busy(&self, _: &[TransportAddress]) -> Result<ipvs::Connections, HostError> {
        Ok(ipvs::Connections::new())
    }

    fn counters(&self, _: Detail) -> Result<Option<Vec<ipvs::Counted>>, HostError> {
        Ok(None)
    }

    fn dummy(&self) -> Result<Dummy, HostError> {
        Ok(self.state().dummy)
    }

    fn links(&self) -> Result<Vec<Link>, HostError> {
        Ok(Vec::new())
    }

    fn ipset(&self) -> Result<Option<ipset::Observed>, HostError> {
        Ok(None)
    }

    fn ipset_mark(&self) -> Result<Option<SetsMark>, HostError> {
        Ok(None)
    }

    fn iptables(&self, family: IpFamily) -> Result<Option<Saved>, HostError> {
        let lacks = family == IpFamily::V6 && self.state().ipv6 != Ipv6::Known;
        Ok((!lacks).then(Saved::default))
    }

    fn ipv6(&self) -> Result<Ipv6, HostError> {
        Ok(self.state().ipv6)
    }

    fn nftables(&self) -> Result<nftables::Observed, HostError> {
        Ok(nftables::Observed::default())
    }

    /// The last question of a reading that is asked in order.
    fn sysctl(&self) -> Result<BTreeMap<SysctlKey, u32>, HostError> {
        let mut states = self.states.lock().unwrap();
        let settings = states[0].sysctl.clone();
        if states.len() > 1 {
            states.remove(0);
        }
        Ok(settings)
    }

    fn tools(&self) -> Tools {
        self.tools.clone()
    }

    fn other_iptables(&self, _: &Tools) -> Result<Option<OtherRules>, HostError> {
        Ok(self.other.clone())
    }

    fn modules(&self) -> Modules {
        self.modules.clone()
    }

    fn privileges(&self) -> Result<Privileges, HostError> {
        Ok(self.privileges)
    }

    fn proxies(&self) -> Result<Vec<RunningProxy>, HostError> {
        Ok(self.proxies.clone())
    }

    fn nft_names(&self) -> Result<Option<Vec<NftTable>>, HostError> {
        Ok(self.nft_tables.clone())
    }
}
