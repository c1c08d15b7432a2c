//! Objects of mode nftables' tables.

use std::net::IpAddr;

use super::found::Order;
use super::{KernelView, Part};
use crate::back::nftables::{Element, FrontendKey, Key, NodePortKey, ObservedTable, Table};

impl KernelView {
    /// A table as it was found, with what is nothing of ours.
    pub(super) fn observed_table(&mut self, found: &ObservedTable) {
        self.table(&found.table);
        let part = Part::Nftables(found.table.family);
        for foreign in &found.foreign {
            self.value(part, &foreign.text, "of somebody else".to_owned());
        }
    }

    pub(super) fn table(&mut self, table: &Table) {
        let part = Part::Nftables(table.family);
        for (name, elements) in &table.sets {
            let within = name.to_string();
            let sort = if name.data().is_some() { "map" } else { "set" };
            self.put(part, &within, Vec::new(), sort, String::new());
            for (key, element) in elements {
                let name = key.to_string();
                self.put(part, &within, order(key), &name, value(element));
            }
        }
        for (name, rules) in &table.chains {
            let rules = rules.iter().map(|rule| rule.in_family(table.family));
            let rules = rules.map(|rule| rule.to_string());
            self.rules(part, &name.to_string(), rules.collect(), Order::Counts);
        }
    }
}

/// As nft writes it after the key.
fn value(element: &Element) -> String {
    let comment = element.comment.as_ref();
    let comment = comment.map(|comment| format!("comment \"{}\"", comment.as_str()));
    let value = element.value.map(|value| format!(": {value}"));
    let words: Vec<String> = comment.into_iter().chain(value).collect();
    words.join(" ")
}

/// Keys as numbers sort them, after the set itself.
fn order(key: &Key) -> Vec<u8> {
    let mut order = vec![1];
    match key {
        Key::Address(ip) => address(*ip, &mut order),
        Key::Range(net) => {
            address(net.addr(), &mut order);
            order.push(net.prefix_len());
        }
        Key::Frontend(key) => frontend(key, &mut order),
        Key::NodePort(key) => node_port(*key, &mut order),
        Key::FrontendAndRange(key, net) => {
            frontend(key, &mut order);
            address(net.addr(), &mut order);
            order.push(net.prefix_len());
        }
        Key::FrontendSlot(key, slot) => {
            frontend(key, &mut order);
            order.extend(slot.to_be_bytes());
        }
        Key::NodePortSlot(key, slot) => {
            node_port(*key, &mut order);
            order.extend(slot.to_be_bytes());
        }
        Key::ClientAndFrontend(client, key) => {
            address(*client, &mut order);
            frontend(key, &mut order);
        }
        Key::Connection(from, to) => {
            address(*from, &mut order);
            address(*to, &mut order);
        }
    }
    order
}

fn frontend(key: &FrontendKey, order: &mut Vec<u8>) {
    address(key.address, order);
    order.push(key.protocol as u8);
    order.extend(key.port.get().to_be_bytes());
}

fn node_port(key: NodePortKey, order: &mut Vec<u8>) {
    order.push(key.protocol as u8);
    order.extend(key.port.get().to_be_bytes());
}

fn address(address: IpAddr, order: &mut Vec<u8>) {
    match address {
        IpAddr::V4(address) => order.extend(address.octets()),
        IpAddr::V6(address) => order.extend(address.octets()),
    }
}
