//! Our types as attributes of requests: those that `ipvsadm` 1.31 sends, in its order.

use super::scheduler_bits;
use std::net::IpAddr;

use super::{
    AF_INET, AF_INET6, DestAttr, IpvsAttr, IpvsCmd, IpvsMessage, MASQ, NetU16, Netmask, PERSISTENT,
    ServiceAttr, ServiceFlags,
};
use crate::kernel::ipvs::{Destination, Persistence, VirtualServer};
use crate::model::{IpFamily, TransportAddress};

/// Every bit of the flags: a request sets them all.
const ALL_FLAGS: u32 = u32::MAX;

/// What names a virtual server, as `GET_DEST` and `DEL_SERVICE` need it.
pub fn key_attrs(key: TransportAddress) -> Vec<ServiceAttr> {
    vec![
        ServiceAttr::Af(family_number(key.address)),
        ServiceAttr::Protocol(key.protocol.number().into()),
        ServiceAttr::Addr(address_bytes(key.address)),
        ServiceAttr::Port(NetU16(key.port.get())),
    ]
}

/// A virtual server without its destinations, as `NEW_SERVICE` and `SET_SERVICE` need it.
pub fn service_attrs(server: &VirtualServer) -> Vec<ServiceAttr> {
    let (persistent, timeout) = match server.persistence {
        Persistence::None => (0, 0),
        Persistence::Timeout(seconds) => (PERSISTENT, seconds),
    };
    let flags = persistent | scheduler_bits(server.scheduler);
    described(server.key, server.scheduler.as_str(), flags, timeout)
}

/// What names a virtual server in requests about its destinations: `ipvsadm` sends all that it
/// would describe it with, empty.
pub(super) fn reference_attrs(key: TransportAddress) -> Vec<ServiceAttr> {
    described(key, "", 0, 0)
}

fn described(key: TransportAddress, scheduler: &str, flags: u32, timeout: u32) -> Vec<ServiceAttr> {
    let mut attrs = key_attrs(key);
    attrs.extend([
        ServiceAttr::SchedName(scheduler.to_owned()),
        ServiceAttr::Flags(ServiceFlags {
            flags,
            mask: ALL_FLAGS,
        }),
        ServiceAttr::Timeout(timeout),
        ServiceAttr::Netmask(Netmask::host(IpFamily::of(key.address))),
    ]);
    attrs
}

/// A destination, as `NEW_DEST` and `SET_DEST` need it.
pub fn destination_attrs(destination: &Destination) -> Vec<DestAttr> {
    vec![
        DestAttr::AddrFamily(family_number(destination.address)),
        DestAttr::Addr(address_bytes(destination.address)),
        DestAttr::Port(NetU16(destination.port.get())),
        DestAttr::FwdMethod(MASQ),
        DestAttr::Weight(weight(destination)),
        DestAttr::TunType(0),
        DestAttr::TunPort(NetU16(0)),
        DestAttr::TunFlags(0),
        DestAttr::UThresh(0),
        DestAttr::LThresh(0),
    ]
}

fn family_number(address: IpAddr) -> u16 {
    match IpFamily::of(address) {
        IpFamily::V4 => AF_INET,
        IpFamily::V6 => AF_INET6,
    }
}

/// The kernel's weights are signed, and it refuses negative ones.
pub(super) fn weight(destination: &Destination) -> i32 {
    i32::try_from(destination.weight).unwrap_or(i32::MAX)
}

pub(super) fn address_bytes(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&address.octets());
            bytes
        }
        IpAddr::V6(address) => address.octets(),
    }
}

impl IpvsMessage {
    /// Asks for all virtual servers; to be sent with `NLM_F_DUMP`.
    pub fn get_services() -> Self {
        Self::new(IpvsCmd::GetService, Vec::new())
    }

    /// Asks for the destinations of a virtual server; to be sent with `NLM_F_DUMP`. An unknown one
    /// has none, without an error.
    pub fn get_destinations(key: TransportAddress) -> Self {
        Self::new(IpvsCmd::GetDest, vec![IpvsAttr::Service(key_attrs(key))])
    }

    /// Asks for the destinations of a virtual server as the kernel described it, other software's
    /// too; to be sent with `NLM_F_DUMP`.
    pub fn get_destinations_of(described: &[ServiceAttr]) -> Self {
        let names = described.iter().filter(|attr| {
            matches!(
                attr,
                ServiceAttr::Af(_)
                    | ServiceAttr::Protocol(_)
                    | ServiceAttr::Addr(_)
                    | ServiceAttr::Port(_)
                    | ServiceAttr::Fwmark(_)
            )
        });
        let service = IpvsAttr::Service(names.cloned().collect());
        Self::new(IpvsCmd::GetDest, vec![service])
    }

    /// Sets the counters of a virtual server and of its destinations to zero.
    pub fn zero(key: TransportAddress) -> Self {
        Self::new(IpvsCmd::Zero, vec![IpvsAttr::Service(key_attrs(key))])
    }

    /// Asks for the timeouts.
    pub fn get_config() -> Self {
        Self::new(IpvsCmd::GetConfig, Vec::new())
    }

    /// Asks for version and size of the connection table.
    pub fn get_info() -> Self {
        Self::new(IpvsCmd::GetInfo, Vec::new())
    }
}
