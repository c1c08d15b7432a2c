//! What an apply records, so that the next plan knows what is portolan's.
//!
//! ```text
//! portolan-inventory 1
//! mode ipvs
//! server 10.96.0.1:443/TCP
//! address 10.96.0.1
//! draining 10.96.0.1:443/TCP 10.0.0.7:6443 until 86700
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use super::DestinationKey;
use crate::kernel::lines::{LineError, numbered};
use crate::mode::NodeState;
use crate::model::address::parse_ip;
use crate::model::{Mode, Port, TransportAddress};

const FORMAT: &str = "portolan-inventory 1";

/// Virtual servers, addresses and draining destinations that an earlier apply made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The modes whose states were asked for and may still be there, in part: their sets, chains and
    /// tables are ours by their names.
    pub modes: BTreeSet<Mode>,
    /// Address, protocol and port of each virtual server.
    pub servers: BTreeSet<TransportAddress>,
    /// Addresses of kube-ipvs0.
    pub addresses: BTreeSet<IpAddr>,
    /// Destinations nobody asks for any more that carry connections to their end: as long as they
    /// stand here with weight 0, they are neither drift nor to be removed. With each the moment from
    /// which on it goes whatever it carries.
    pub draining: BTreeMap<DestinationKey, Uptime>,
}

/// Seconds since the machine was started, those it slept included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uptime(pub u64);

/// A line that is no part of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InventoryError {
    /// The first line says something else.
    #[error("expected '{FORMAT}'")]
    Format,
    /// Any other line.
    #[error(
        "expected 'mode MODE', 'server KEY', 'address ADDRESS' or 'draining KEY DESTINATION until SECONDS'"
    )]
    Line,
}

impl Inventory {
    /// Name of the file, also in a capture.
    pub const FILE_NAME: &str = "inventory";

    /// What is ours once this state is in place.
    pub fn of(state: &NodeState) -> Self {
        Self {
            modes: BTreeSet::from([state.mode()]),
            servers: state
                .virtual_servers()
                .iter()
                .map(|server| server.key)
                .collect(),
            addresses: state
                .addresses()
                .iter()
                .map(|(address, _)| *address)
                .collect(),
            draining: BTreeMap::new(),
        }
    }

    fn add(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["mode", name] => self.modes.insert(name.parse().ok()?),
            ["server", key] => self.servers.insert(key.parse().ok()?),
            ["address", address] => self.addresses.insert(parse_ip(address).ok()?),
            ["draining", key, destination, "until", until] => {
                let destination: SocketAddr = destination.parse().ok()?;
                let key = DestinationKey {
                    server: key.parse().ok()?,
                    address: destination.ip(),
                    port: Port::new(destination.port())?,
                };
                let until = Uptime(until.parse().ok()?);
                self.draining.insert(key, until).is_none()
            }
            _ => return None,
        };
        Some(())
    }
}

impl fmt::Display for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORMAT}")?;
        for mode in &self.modes {
            writeln!(f, "mode {}", mode.as_str())?;
        }
        self.servers
            .iter()
            .try_for_each(|key| writeln!(f, "server {key}"))?;
        self.addresses
            .iter()
            .try_for_each(|address| writeln!(f, "address {address}"))?;
        self.draining.iter().try_for_each(|(key, Uptime(until))| {
            let destination = SocketAddr::new(key.address, key.port.get());
            writeln!(f, "draining {} {destination} until {until}", key.server)
        })
    }
}

impl FromStr for Inventory {
    type Err = LineError<InventoryError>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut inventory = Self::default();
        let error = |line, problem, text: &str| LineError {
            line,
            problem,
            text: text.into(),
        };
        let mut lines = numbered(text);
        match lines.next() {
            Some((_, FORMAT)) => {}
            Some((number, line)) => return Err(error(number, InventoryError::Format, line)),
            None => return Err(error(1, InventoryError::Format, "")),
        }
        for (number, line) in lines {
            inventory
                .add(line)
                .ok_or_else(|| error(number, InventoryError::Line, line))?;
        }
        Ok(inventory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inventory_survives() {
        let text = "portolan-inventory 1\nmode ipvs\nserver 10.96.0.1:443/TCP\nserver [fd00::1]:53/UDP\n\
                    address 10.96.0.1\naddress fd00::1\n\
                    draining 10.96.0.1:443/TCP 10.0.0.7:6443 until 86700\n";
        assert_eq!(text.parse::<Inventory>().unwrap().to_string(), text);
        for (text, line) in [
            ("", 1),
            ("portolan-inventory 2\n", 1),
            ("portolan-inventory 1\nserver 10.96.0.1:443\n", 2),
            ("portolan-inventory 1\nmode userspace\n", 2),
            ("portolan-inventory 1\naddress 10.96.0.1/32\n", 2),
        ] {
            assert_eq!(text.parse::<Inventory>().unwrap_err().line, line, "{text}");
        }
    }
}
