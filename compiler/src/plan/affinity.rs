//! Which of the endpoints that the kernel remembers for clients a step is about.

use super::Flows;
use crate::back::Listener;
use crate::back::nftables::{Key, Remembered};

/// Whether an element of the map of clients is about a listener, and one of these endpoints.
pub fn remembers(key: Key, remembered: Remembered, listener: Listener, which: &Flows) -> bool {
    let Key::ClientAndFrontend(_, at) = key else {
        return false;
    };
    let there = match listener {
        Listener::Address(server) => server == at.into(),
        // Whichever of the node's addresses the client took.
        Listener::NodePort(_, protocol, port) => (protocol, port) == (at.protocol, at.port),
    };
    let endpoint = remembered.endpoint;
    there
        && match which {
            Flows::All => true,
            Flows::To(address, port) => (endpoint.ip(), endpoint.port()) == (*address, port.get()),
        }
}
