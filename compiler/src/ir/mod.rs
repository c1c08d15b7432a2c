//! The mode-neutral model of one node: what its Services promise, to whom, served by which
//! endpoints. Nothing here knows IPVS, ipset, iptables or nftables.
//!
//! A [`Program`] is a list of [`ServicePort`]s, one for each Service, port and address family. Each
//! has [`Frontend`]s, the addresses and ports at which clients reach it, its known endpoints, and
//! two [`Pools`] chosen from these: one for traffic policy Cluster, one for Local. A frontend says
//! which policy it has. A packet to a frontend goes to one endpoint of the pool, the same one for a
//! client within the affinity timeout if there is one. A frontend whose pool is empty refuses
//! connections. Whether the sender's address is replaced follows from the frontend's kind and
//! policy, [`Masquerading`] and [`LocalTraffic`]; who may send at all, from its [`SourceFilter`].
//!
//! Where the proxy modes of Kubernetes part (Local policy without local endpoints, addresses that
//! serve node ports, …) the IR holds what they have in common, and each back end decides.
//!
//! Everything is sorted by family, namespace, Service, port name and protocol; every value has an
//! [`Origin`](crate::source::Origin).

mod dump;
mod frontend;
mod node;
mod program;
mod ranges;

pub use frontend::{Frontend, FrontendKind, NodeAccess, SourceFilter};
pub use node::{LocalTraffic, MasqueradeAll, Masquerading, Node, NodePortScope};
pub use program::{
    Affinity, Endpoint, EndpointLocation, LocalPolicy, Pools, Program, ServicePort, ServicePortKey,
};
pub use ranges::Ranges;
