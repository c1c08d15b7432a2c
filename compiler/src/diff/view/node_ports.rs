//! Node ports that only the other side knows to be such: without sets a virtual server at an address of
//! the node is like any other.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Listener, ListenerKind, NodeView, Reach};
use crate::model::IpFamily;

impl NodeView {
    /// The view with virtual servers, of which nothing here says what their addresses are, as the node
    /// ports that another view has under their numbers.
    pub(in crate::diff) fn knowing(&self, other: &Self) -> Cow<'_, Self> {
        let found = self.frontends.iter().filter_map(|(listener, frontend)| {
            let Listener::Address(key) = listener else {
                return None;
            };
            let port = Listener::NodePort(IpFamily::of(key.address), key.protocol, key.port);
            let is_one = frontend.kinds.is_empty()
                && frontend.reach == Reach::Unbound
                && !other.frontends.contains_key(listener)
                && !self.frontends.contains_key(&port)
                && other.frontends.contains_key(&port);
            is_one.then_some((*listener, port, key.address))
        });
        let found: Vec<_> = found.collect();
        if found.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut view = self.clone();
        for (listener, port, address) in found {
            let Some(mut frontend) = view.frontends.remove(&listener) else {
                continue;
            };
            let addresses = BTreeSet::from([address]);
            let known = view.frontends.get_mut(&port);
            if let Some(known) = known {
                known.addresses.extend(addresses);
                continue;
            }
            frontend.kinds = vec![ListenerKind::NodePort];
            frontend.reach = Reach::Served;
            frontend.addresses = addresses;
            view.frontends.insert(port, frontend);
        }
        Cow::Owned(view)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{ipset, ipvs};
    use crate::observed::{Dummy, Observed};

    #[test]
    fn a_node_port_without_sets_is_the_one_of_the_other_side() {
        let servers = "-A -t 192.0.2.11:30080 -s rr\n-A -t 192.0.2.12:30080 -s rr\n-A -t 192.0.2.11:443 -s rr\n";
        let observed = |sets: &str| Observed {
            ipvs: ipvs::read(servers).unwrap(),
            ipset: ipset::read(sets).unwrap(),
            dummy: Dummy::Present(Vec::new()),
            ..Observed::empty()
        };
        let sets =
            "create KUBE-NODE-PORT-TCP bitmap:port range 0-65535\nadd KUBE-NODE-PORT-TCP 30080\n";
        let whole = NodeView::of_observed(&observed(sets));
        let without = NodeView::of_observed(&observed(""));
        let known = without.knowing(&whole);
        assert_eq!(known.frontends.len(), 2, "{known:#?}");
        let port = |view: &NodeView| {
            let mut ports = view.frontends.iter();
            let port = ports.find(|(at, _)| matches!(at, Listener::NodePort(..)));
            port.map(|(at, frontend)| (*at, frontend.addresses.clone()))
        };
        assert_eq!(port(&known), port(&whole));
        assert!(matches!(whole.knowing(&without), Cow::Borrowed(_)));
    }
}
