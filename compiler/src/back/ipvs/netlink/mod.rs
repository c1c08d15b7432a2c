//! The `IPVS` generic netlink family.
use super::VirtualServer;
/// Placeholder.
pub fn encode(_: &[VirtualServer]) -> Vec<u8> {
    Vec::new()
}
