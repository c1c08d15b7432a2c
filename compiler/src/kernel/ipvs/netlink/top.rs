//! Attributes at the top of a message (`IPVS_CMD_ATTR_*`).

use super::{DestAttr, ServiceAttr};

attributes! {
    /// An attribute at the top of a message. Those of synchronisation daemons (kind 3) are kept as
    /// they come.
    IpvsAttr {
        /// A virtual server.
        Service(Vec<ServiceAttr>) = 1,
        /// A destination, of the virtual server beside it.
        Dest(Vec<DestAttr>) = 2,
        /// Idle timeout of TCP sessions in seconds; 0 in a request keeps what there is.
        TimeoutTcp(u32) = 4,
        /// Idle timeout of TCP sessions after a FIN, likewise.
        TimeoutTcpFin(u32) = 5,
        /// Idle timeout of UDP, likewise.
        TimeoutUdp(u32) = 6,
    }
}
