//! Virtual servers and timeouts, over generic netlink.

pub(super) mod counters;
mod lean;

use std::io;

use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_packet_generic::{GenlFamily, GenlMessage};
use netlink_sys::protocols::NETLINK_GENERIC;
use portolan_compiler::kernel::ipvs::netlink::{
    DestAttr, IpvsAttr, IpvsMessage, Operation, Reply, ServiceAttr,
};
use portolan_compiler::kernel::ipvs::{Connections, Observed, Timeouts, netlink};
use portolan_compiler::model::TransportAddress;

use self::lean::Lean;
use super::netlink::Netlink;
use super::program::Program;
use crate::host::{HostError, IpvsReading};

/// `ENOPROTOOPT`: what IPVS' own interface answers where it is not loaded.
const NO_PROTOCOL: i32 = 92;

/// IPVS in the kernel that this process runs on, in its network namespace.
#[derive(Debug)]
pub struct Ipvs {
    pub(super) netlink: Netlink,
    family: u16,
}

impl Ipvs {
    /// Looks for IPVS; `None` where its module is not loaded. Asking for it by name would make the
    /// kernel load it, and whoever observes changes nothing, so all families are listed instead.
    ///
    /// # Errors
    /// Where the kernel does not answer.
    pub fn find() -> Result<Option<Self>, HostError> {
        let fail = failed("its generic netlink families");
        let mut netlink = Netlink::open(NETLINK_GENERIC).map_err(fail)?;
        let request = GenlMessage::from_payload(GenlCtrl {
            cmd: GenlCtrlCmd::GetFamily,
            nlas: Vec::new(),
        });
        let families = netlink.dump(&request).map_err(fail)?;
        let found = families.iter().find_map(|family| ipvs_id(&family.payload));
        Ok(found.map(|family| Self { netlink, family }))
    }

    /// The number under which this kernel speaks the family, to be filled into messages.
    pub fn family(&self) -> u16 {
        self.family
    }

    /// All virtual servers, and the connections that their destinations carry. The kernel tells
    /// them one by one and not from one moment: whoever needs that asks until two answers agree.
    ///
    /// # Errors
    /// Without `CAP_NET_ADMIN` in the initial user namespace, or where the kernel does not answer.
    pub fn observe(&mut self) -> Result<(Observed, Connections), HostError> {
        let replies = self.replies().map_err(failed("its virtual servers"))?;
        Ok((netlink::observed(&replies), netlink::connections(&replies)))
    }

    /// The connections in any state that the destinations of some virtual servers have; one that
    /// is not there has no destinations.
    ///
    /// # Errors
    /// Likewise.
    pub fn busy(&mut self, servers: &[TransportAddress]) -> Result<Connections, HostError> {
        let mut replies = Vec::with_capacity(servers.len());
        for key in servers {
            let request = IpvsMessage::get_destinations(*key);
            let destinations = self
                .dump(request, destination)
                .map_err(failed("its destinations"))?;
            replies.push(Reply {
                service: netlink::key_attrs(*key),
                destinations,
            });
        }
        Ok(netlink::all_connections(&replies))
    }

    /// The timeouts.
    ///
    /// # Errors
    /// Likewise.
    pub fn timeouts(&mut self) -> Result<Timeouts, HostError> {
        let fail = failed("the timeouts of IPVS");
        let request = self.message(IpvsMessage::get_config());
        let replies = self.netlink.get(&request).map_err(fail)?;
        let found = replies
            .iter()
            .find_map(|reply| netlink::timeouts(reply.payload.0.common()));
        found.ok_or_else(|| fail(io::ErrorKind::InvalidData.into()))
    }

    fn replies(&mut self) -> io::Result<Vec<Reply>> {
        let services = self.dump(IpvsMessage::get_services(), service)?;
        services
            .into_iter()
            .map(|service| {
                let request = IpvsMessage::get_destinations_of(&service);
                let destinations = self.dump(request, destination)?;
                Ok(Reply {
                    service,
                    destinations,
                })
            })
            .collect()
    }

    /// What a request finds, of each answer the part that counts.
    fn dump<T>(
        &mut self,
        request: IpvsMessage,
        part: impl Fn(IpvsAttr) -> Option<T>,
    ) -> io::Result<Vec<T>> {
        let request = self.message(request);
        let replies = self.netlink.dump(&request)?;
        Ok(replies
            .into_iter()
            .filter_map(|reply| reply.payload.0.into_common().into_iter().find_map(&part))
            .collect())
    }

    fn message(&self, payload: IpvsMessage) -> GenlMessage<Lean> {
        let mut message = GenlMessage::from_payload(Lean(payload));
        message.set_resolved_family_id(self.family);
        message
    }
}

/// The number of the family, where this is it.
fn ipvs_id(family: &GenlCtrl) -> Option<u16> {
    let named = |attr: &GenlCtrlAttrs| matches!(attr, GenlCtrlAttrs::FamilyName(name) if name == IpvsMessage::family_name());
    family.nlas.iter().any(named).then_some(())?;
    family.nlas.iter().find_map(|attr| match attr {
        GenlCtrlAttrs::FamilyId(id) => Some(*id),
        _ => None,
    })
}

pub(super) fn service(attr: IpvsAttr) -> Option<Vec<ServiceAttr>> {
    match attr {
        IpvsAttr::Service(attrs) => Some(attrs),
        _ => None,
    }
}

pub(super) fn destination(attr: IpvsAttr) -> Option<Vec<DestAttr>> {
    match attr {
        IpvsAttr::Dest(attrs) => Some(attrs),
        _ => None,
    }
}

pub(super) fn failed(what: &'static str) -> impl Fn(io::Error) -> HostError + Copy {
    move |source| match source.kind() {
        io::ErrorKind::PermissionDenied => HostError::IpvsForbidden,
        _ => HostError::Kernel { what, source },
    }
}

/// Sends requests, each after the one before was acknowledged.
pub(super) fn send(operations: &[Operation]) -> Result<(), HostError> {
    change("virtual servers", operations.iter().map(Into::into))
}

/// Sends requests that change something, each after the one before was acknowledged.
pub(super) fn change(
    what: &'static str,
    requests: impl Iterator<Item = IpvsMessage>,
) -> Result<(), HostError> {
    let fail = |source| HostError::Change { what, source };
    let Some(mut ipvs) = Ipvs::find()? else {
        return Err(fail(io::Error::from_raw_os_error(NO_PROTOCOL)));
    };
    for request in requests {
        let request = ipvs.message(request);
        ipvs.netlink.change(request, 0).map_err(fail)?;
    }
    Ok(())
}

/// Asks for IPVS by its name, upon which the kernel loads it; tells whether it is there.
pub(super) fn load_by_name() -> Result<bool, HostError> {
    let fail = failed("its generic netlink families");
    let mut netlink = Netlink::open(NETLINK_GENERIC).map_err(fail)?;
    let name = GenlCtrlAttrs::FamilyName(IpvsMessage::family_name().to_owned());
    let request = GenlMessage::from_payload(GenlCtrl {
        cmd: GenlCtrlCmd::GetFamily,
        nlas: vec![name],
    });
    // Where there is none, the answer is an error.
    drop(netlink.get(&request));
    Ok(Ipvs::find()?.is_some())
}

pub(super) const IPVSADM: Program = Program {
    name: "ipvsadm",
    package: "ipvsadm",
};

/// Puts back virtual servers of kinds that only `ipvsadm` spells.
pub(super) fn restore_others(script: &str) -> Result<(), HostError> {
    IPVSADM.carry_out(&["--restore"], script)
}

/// Virtual servers and timeouts; `None` where the module is not loaded.
pub(super) fn read() -> Result<Option<IpvsReading>, HostError> {
    let Some(mut ipvs) = Ipvs::find()? else {
        return Ok(None);
    };
    let (virtual_servers, connections) = ipvs.observe()?;
    Ok(Some(IpvsReading {
        virtual_servers,
        timeouts: Some(ipvs.timeouts()?),
        connections,
    }))
}

/// Connections of the destinations of some virtual servers.
pub(super) fn busy(servers: &[TransportAddress]) -> Result<Connections, HostError> {
    match Ipvs::find()? {
        Some(mut ipvs) if !servers.is_empty() => ipvs.busy(servers),
        _ => Ok(Connections::new()),
    }
}
