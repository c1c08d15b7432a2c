//! Whole groups of objects that one side has and the other has nothing of.

use std::collections::BTreeMap;
use std::fmt;

use super::{KernelView, Object};
use crate::kernel::Part;
use crate::kernel::nftables::TABLE;
use crate::model::IpFamily;

/// A group of objects, as tools show it: a table of rules, all sets, all virtual servers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    part: Part,
    table: Box<str>,
}

impl KernelView {
    /// Groups that another view has objects of, with how many, and this one has none. Settings and modules are
    /// known by themselves.
    pub fn missing(&self, other: &Self) -> BTreeMap<Group, usize> {
        let whole = |part| self.is_whole(part) && other.is_whole(part);
        let mut missing = BTreeMap::new();
        for object in other.objects.keys().filter(|object| whole(object.part)) {
            if let Some(group) = Group::of(object) {
                *missing.entry(group).or_default() += 1;
            }
        }
        for group in self.objects.keys().filter_map(Group::of) {
            missing.remove(&group);
        }
        missing
    }
}

impl Group {
    fn of(object: &Object) -> Option<Self> {
        let table = match object.part {
            Part::Iptables(_) => {
                let (table, _) = object.within.split_once(' ')?;
                table
            }
            Part::Sysctl | Part::Timeouts | Part::Modules => return None,
            Part::Ipvs | Part::Dummy | Part::Ipset | Part::Nftables(_) => "",
        };
        Some(Self {
            part: object.part,
            table: table.into(),
        })
    }
}

impl fmt::Display for Group {
    /// After `none of`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Ipvs => f.write_str("the virtual servers"),
            Part::Dummy => f.write_str("the addresses of kube-ipvs0"),
            Part::Ipset => f.write_str("kube-proxy's sets"),
            Part::Iptables(IpFamily::V4) => {
                write!(f, "kube-proxy's chains in table {} of iptables", self.table)
            }
            Part::Iptables(IpFamily::V6) => write!(
                f,
                "kube-proxy's chains in table {} of ip6tables",
                self.table
            ),
            Part::Nftables(IpFamily::V4) => write!(f, "the nftables table ip {TABLE}"),
            Part::Nftables(IpFamily::V6) => write!(f, "the nftables table ip6 {TABLE}"),
            Part::Sysctl | Part::Timeouts | Part::Modules => self.part.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::iptables;
    use crate::observed::Observed;

    #[test]
    fn a_table_without_any_chain_is_missing_and_one_with_some_is_not() {
        let view = |text: &str| {
            let mut observed = Observed::empty();
            observed.iptables[0] = iptables::read(text).unwrap();
            KernelView::of_observed(&observed)
        };
        let both = view(
            "*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n*filter\n:KUBE-FORWARD - [0:0]\n:KUBE-FIREWALL - [0:0]\nCOMMIT\n",
        );
        let nat = view("*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n*filter\nCOMMIT\n");
        let said: Vec<(String, usize)> = nat
            .missing(&both)
            .into_iter()
            .map(|(group, number)| (group.to_string(), number))
            .collect();
        let filter = "kube-proxy's chains in table filter of iptables".to_owned();
        assert_eq!(said, [(filter, 2)]);
        assert!(both.missing(&nat).is_empty());
        assert!(both.missing(&both).is_empty());
    }
}
