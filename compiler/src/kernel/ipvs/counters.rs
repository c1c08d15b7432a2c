//! What virtual servers and destinations have carried.

use std::net::IpAddr;

use crate::model::{Port, TransportAddress};

/// Sums since the virtual server or destination was added, or since somebody set them to zero, and how
/// fast they grow: per second, as the kernel averages it over some seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections that were scheduled.
    pub connections: u64,
    /// Packets from clients.
    pub in_packets: u64,
    /// Packets to clients.
    pub out_packets: u64,
    /// Bytes from clients.
    pub in_bytes: u64,
    /// Bytes to clients.
    pub out_bytes: u64,
    /// Connections per second.
    pub connection_rate: u64,
    /// Packets per second from clients.
    pub in_packet_rate: u64,
    /// Packets per second to clients.
    pub out_packet_rate: u64,
    /// Bytes per second from clients.
    pub in_byte_rate: u64,
    /// Bytes per second to clients.
    pub out_byte_rate: u64,
}

/// A virtual server and what it has carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The virtual server.
    pub server: TransportAddress,
    /// What all its destinations have carried, those included that are gone.
    pub counters: Counters,
    /// Its destinations by address and port, sorted, where they were asked for.
    pub destinations: Vec<(IpAddr, Port, Counters)>,
}
