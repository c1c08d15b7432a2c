//! The mode-neutral model of one node: what its Services promise, to whom, served by which
//! endpoints. Nothing here knows IPVS, ipset, iptables or nftables.
//!
//! A [`Program`] is a list of [`ServicePort`]s, one for each Service, port and address family. Each
//! has [`Frontend`]s, the addresses and ports at which clients reach it, and two lists of chosen
//! endpoints, [`Pools::cluster`] and [`Pools::local`]. A frontend says which of the two it uses. A
//! packet to a frontend goes to one endpoint of its pool, the same one for a client within the
//! affinity timeout if there is one, and carries the client's address unless the frontend asks for
//! masquerading. A frontend whose pool is empty refuses connections.
//!
//! Everything is sorted by family, namespace, Service, port name and protocol; every value has an
//! [`Origin`].

mod affinity;
mod frontend;
mod program;

pub use affinity::Affinity;
pub use frontend::{Frontend, FrontendKind, PoolChoice, SourceFilter, SourceRange};
pub use program::{Endpoint, EndpointState, Pools, Program, ServicePort, ServicePortKey};
