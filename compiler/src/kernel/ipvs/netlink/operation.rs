//! What portolan asks of IPVS, in its own types.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::reply::{destination_name, key};
use super::request::reference_attrs;
use super::{
    DestAttr, IpvsAttr, IpvsCmd, IpvsMessage, NotOurs, ServiceAttr, destination, destination_attrs,
    service_attrs, timeouts, virtual_server,
};
use crate::kernel::ipvs::{Destination, Timeouts, VirtualServer};
use crate::model::{Port, TransportAddress};
use crate::source::Origins;

/// One request that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Add a virtual server; its destinations are not part of the request.
    NewService(VirtualServer),
    /// Change a virtual server, likewise.
    SetService(VirtualServer),
    /// Delete a virtual server with its destinations.
    DelService(TransportAddress),
    /// Add a destination.
    NewDest(TransportAddress, Destination),
    /// Change a destination.
    SetDest(TransportAddress, Destination),
    /// Delete a destination.
    DelDest(TransportAddress, IpAddr, Port),
    /// Set idle timeouts; 0 keeps what the kernel has.
    SetConfig(Timeouts),
    /// Delete all virtual servers, other software's too.
    Flush,
}

/// Why a message is no [`Operation`], or operations are not what a node starts from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// A command that changes nothing, or nothing that portolan changes.
    #[error("{0} is no operation of portolan's")]
    Command(IpvsCmd),
    /// An attribute that the command needs.
    #[error("{0} without {1}")]
    Missing(IpvsCmd, &'static str),
    /// Something that our types cannot hold.
    #[error("{0} of something that {1}")]
    NotOurs(IpvsCmd, NotOurs),
    /// An operation that changes or deletes, where everything is to be added.
    #[error("{0} where only NEW_SERVICE and NEW_DEST were expected")]
    NotNew(IpvsCmd),
    /// A destination of a virtual server that was not added before.
    #[error("a destination of {0}, which was not added before")]
    UnknownService(TransportAddress),
    /// A virtual server a second time.
    #[error("{0} is added twice")]
    Duplicate(TransportAddress),
}

impl Operation {
    /// The netlink command that asks for it.
    pub fn command(&self) -> IpvsCmd {
        match self {
            Self::NewService(_) => IpvsCmd::NewService,
            Self::SetService(_) => IpvsCmd::SetService,
            Self::DelService(_) => IpvsCmd::DelService,
            Self::NewDest(..) => IpvsCmd::NewDest,
            Self::SetDest(..) => IpvsCmd::SetDest,
            Self::DelDest(..) => IpvsCmd::DelDest,
            Self::SetConfig(_) => IpvsCmd::SetConfig,
            Self::Flush => IpvsCmd::Flush,
        }
    }
}

/// `NEW_SERVICE` of a virtual server.
pub(super) fn new_service(server: &VirtualServer) -> IpvsMessage {
    IpvsMessage::new(
        IpvsCmd::NewService,
        vec![IpvsAttr::Service(service_attrs(server))],
    )
}

/// `NEW_DEST` of a destination; `service` names its virtual server.
pub(super) fn new_dest(service: IpvsAttr, destination: &Destination) -> IpvsMessage {
    about_destination(IpvsCmd::NewDest, service, destination)
}

fn about_destination(cmd: IpvsCmd, service: IpvsAttr, destination: &Destination) -> IpvsMessage {
    let dest = IpvsAttr::Dest(destination_attrs(destination));
    IpvsMessage::new(cmd, vec![service, dest])
}

fn reference(key: TransportAddress) -> IpvsAttr {
    IpvsAttr::Service(reference_attrs(key))
}

impl From<&Operation> for IpvsMessage {
    fn from(operation: &Operation) -> Self {
        let cmd = operation.command();
        match operation {
            Operation::NewService(server) => new_service(server),
            Operation::SetService(server) => {
                Self::new(cmd, vec![IpvsAttr::Service(service_attrs(server))])
            }
            Operation::DelService(key) => Self::new(cmd, vec![reference(*key)]),
            Operation::NewDest(key, destination) | Operation::SetDest(key, destination) => {
                about_destination(cmd, reference(*key), destination)
            }
            Operation::DelDest(key, address, port) => {
                let named = Destination {
                    address: *address,
                    port: *port,
                    weight: 0,
                    origins: Origins::new(),
                };
                about_destination(cmd, reference(*key), &named)
            }
            Operation::SetConfig(timeouts) => Self::new(
                cmd,
                vec![
                    IpvsAttr::TimeoutTcp(timeouts.tcp),
                    IpvsAttr::TimeoutTcpFin(timeouts.tcp_fin),
                    IpvsAttr::TimeoutUdp(timeouts.udp),
                ],
            ),
            Operation::Flush => Self::new(cmd, Vec::new()),
        }
    }
}

impl TryFrom<&IpvsMessage> for Operation {
    type Error = OperationError;

    fn try_from(message: &IpvsMessage) -> Result<Self, OperationError> {
        let cmd = message.cmd;
        let not_ours = |reason| OperationError::NotOurs(cmd, reason);
        match cmd {
            IpvsCmd::NewService => virtual_server(service(message)?)
                .map(Self::NewService)
                .map_err(not_ours),
            IpvsCmd::SetService => virtual_server(service(message)?)
                .map(Self::SetService)
                .map_err(not_ours),
            IpvsCmd::DelService => key(service(message)?)
                .map(Self::DelService)
                .map_err(not_ours),
            IpvsCmd::NewDest | IpvsCmd::SetDest | IpvsCmd::DelDest => {
                let key = key(service(message)?).map_err(not_ours)?;
                let attrs = dest(message)?;
                if cmd == IpvsCmd::DelDest {
                    let (address, port) = destination_name(key, attrs).map_err(not_ours)?;
                    return Ok(Self::DelDest(key, address, port));
                }
                let destination = destination(key, attrs).map_err(not_ours)?;
                Ok(match cmd {
                    IpvsCmd::NewDest => Self::NewDest(key, destination),
                    _ => Self::SetDest(key, destination),
                })
            }
            IpvsCmd::SetConfig => timeouts(message.common())
                .map(Self::SetConfig)
                .ok_or(OperationError::Missing(cmd, "one of its timeouts")),
            IpvsCmd::Flush => Ok(Self::Flush),
            _ => Err(OperationError::Command(cmd)),
        }
    }
}

/// The virtual server that a message is about.
fn service(message: &IpvsMessage) -> Result<&[ServiceAttr], OperationError> {
    let found = message.common().iter().find_map(|attr| match attr {
        IpvsAttr::Service(attrs) => Some(attrs.as_slice()),
        _ => None,
    });
    found.ok_or(OperationError::Missing(message.cmd, "a virtual server"))
}

/// The destination that a message is about.
fn dest(message: &IpvsMessage) -> Result<&[DestAttr], OperationError> {
    let found = message.common().iter().find_map(|attr| match attr {
        IpvsAttr::Dest(attrs) => Some(attrs.as_slice()),
        _ => None,
    });
    found.ok_or(OperationError::Missing(message.cmd, "a destination"))
}

/// The virtual servers that such operations leave on a node that had none, in their order.
///
/// # Errors
/// An operation that adds nothing, or that does not fit the ones before.
pub fn virtual_servers(
    operations: impl IntoIterator<Item = Operation>,
) -> Result<Vec<VirtualServer>, OperationError> {
    let mut servers: Vec<VirtualServer> = Vec::new();
    let mut by_key = BTreeMap::new();
    for operation in operations {
        match operation {
            Operation::NewService(server) => {
                if by_key.insert(server.key, servers.len()).is_some() {
                    return Err(OperationError::Duplicate(server.key));
                }
                servers.push(server);
            }
            Operation::NewDest(key, destination) => {
                let at = by_key
                    .get(&key)
                    .ok_or(OperationError::UnknownService(key))?;
                servers[*at].destinations.push(destination);
            }
            other => return Err(OperationError::NotNew(other.command())),
        }
    }
    Ok(servers)
}
