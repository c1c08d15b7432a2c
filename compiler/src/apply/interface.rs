//! Changes of kube-ipvs0.

use std::net::IpAddr;

use crate::plan::{Delta, Subject};

/// A change of kube-ipvs0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceChange {
    /// Make the link, of type dummy; it stays down.
    AddLink,
    /// Delete the link, with what addresses it still has.
    RemoveLink,
    /// Add an address, alone in its network.
    AddAddress(IpAddr),
    /// Remove an address.
    RemoveAddress(IpAddr),
}

/// What a step comes to; nothing if it is about something else.
pub(super) fn change(subject: &Subject) -> Option<InterfaceChange> {
    match subject {
        Subject::Dummy(Delta::Remove(())) => Some(InterfaceChange::RemoveLink),
        Subject::Dummy(Delta::Add(()) | Delta::Change { .. }) => Some(InterfaceChange::AddLink),
        Subject::Address(address, Delta::Remove(())) => {
            Some(InterfaceChange::RemoveAddress(*address))
        }
        Subject::Address(address, Delta::Add(()) | Delta::Change { .. }) => {
            Some(InterfaceChange::AddAddress(*address))
        }
        _ => None,
    }
}
