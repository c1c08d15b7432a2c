//! Who answers where, read off a node's rules: the same question to every mode.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::Listener;

/// The endpoints that may answer, by what clients connect to. One without endpoints refuses or drops.
pub type Served = BTreeMap<Listener, BTreeSet<SocketAddr>>;
