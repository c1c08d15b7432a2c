//! Objects of mode nftables' tables.

use super::KernelView;
use super::found::Order;
use super::numbers::Numbers;
use crate::kernel::Part;
use crate::kernel::nftables::{Element, Key, NodePortKey, ObservedTable, Table};
use crate::model::ByAddress;

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
    let order = Numbers::new().byte(1);
    let frontend = |order: Numbers, key: &ByAddress| {
        let order = order.address(key.address);
        order.byte(key.protocol as u8).port(key.port.get())
    };
    let node_port =
        |order: Numbers, key: NodePortKey| order.byte(key.protocol as u8).port(key.port.get());
    match key {
        Key::Address(ip) | Key::Client(ip) => order.address(*ip),
        Key::Range(net) => order.net(*net),
        Key::Frontend(key) => frontend(order, key),
        Key::NodePort(key) => node_port(order, *key),
        Key::FrontendAndRange(key, net) => frontend(order, key).net(*net),
        Key::FrontendSlot(key, slot) => frontend(order, key).number(*slot),
        Key::NodePortSlot(key, slot) => node_port(order, *key).number(*slot),
        Key::Endpoint(socket) => order.address(socket.ip()).number(socket.port().into()),
        Key::Connection(from, to) => order.address(*from).address(*to),
    }
    .bytes()
}
