//! Which of the endpoints that the kernel remembers for clients a step is about.

use super::Flows;
use crate::kernel::nftables::Remembered;

impl Flows {
    /// Whether it is about an endpoint that is remembered.
    pub fn include(&self, remembered: &Remembered) -> bool {
        let endpoint = remembered.endpoint;
        match self {
            Self::All => true,
            Self::To(address, port) => (endpoint.ip(), endpoint.port()) == (*address, port.get()),
        }
    }
}
