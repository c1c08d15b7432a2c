//! kube-proxy's own table of mode nftables (`pkg/proxy/nftables`), which is known by its name alone.
//!
//! It is never written but put back as it was listed, where an apply that took it away is undone.

use super::read::{Token, closed_lines};
use super::write::ip;
use crate::kernel::Listener;
use crate::model::{IpFamily, Port, Protocol, TransportAddress};

/// The name of kube-proxy's table, in the families `ip` and `ip6`.
pub const KUBE_PROXY_TABLE: &str = "kube-proxy";

/// kube-proxy's table of one family, in nft's words.
///
/// The lines make one `table` block and nothing else. None has a control character, blanks around it,
/// or a comment of nft's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeProxyTable {
    family: IpFamily,
    lines: Vec<Box<str>>,
}

impl KubeProxyTable {
    /// Reads lines as [`Self::lines`] gives them; `None` for anything else than one table of
    /// kube-proxy's.
    pub fn of_lines(lines: &[Box<str>]) -> Option<Self> {
        let [v4, v6] = super::read(&lines.join("\n")).ok()?.kube_proxy;
        let ((Some(table), None) | (None, Some(table))) = (v4, v6) else {
            return None;
        };
        // What was left out while reading does not belong to the table.
        (table.lines == lines).then_some(table)
    }

    pub(super) fn new(family: IpFamily) -> Self {
        Self {
            family,
            lines: Vec::new(),
        }
    }

    /// Adds what stands between a block's braces. A file that the block includes would be read with
    /// the rights of whoever puts the table back, so such statements are left out.
    pub(super) fn add(&mut self, body: &[Token<'_>]) {
        self.lines
            .push(format!("table {} {{", Self::name(self.family)).into());
        self.lines.extend(closed_lines(body));
        self.lines.push("}".into());
    }

    /// The name of a family's table, as nft takes it: `ip6 kube-proxy`.
    pub fn name(family: IpFamily) -> String {
        format!("{} {KUBE_PROXY_TABLE}", ip(family))
    }

    /// Family that the table is of: `ip` or `ip6`.
    pub fn family(&self) -> IpFamily {
        self.family
    }

    /// The whole table, a line each.
    pub fn lines(&self) -> &[Box<str>] {
        &self.lines
    }

    /// Where it leads to endpoints, read off its maps: `10.96.0.10 . udp . 53 : goto service-…`, and
    /// `udp . 30053 : goto external-…` of node ports.
    pub fn listeners(&self) -> impl Iterator<Item = Listener> + '_ {
        let elements = self.lines.iter().flat_map(|line| line.split(['{', ',']));
        elements.filter_map(|element| {
            let (key, verdict) = element.split_once(" : ")?;
            let chain = verdict.strip_prefix("goto ")?;
            if !["service-", "external-"]
                .iter()
                .any(|of| chain.starts_with(of))
            {
                return None;
            }
            let key = key.split(" comment ").next()?;
            let mut key = key.split(" . ").map(str::trim);
            let (first, second, third) = (key.next()?, key.next()?, key.next());
            let port = |word: &str| word.parse().ok().and_then(Port::new);
            Some(match third {
                Some(third) => Listener::Address(TransportAddress {
                    protocol: Protocol::from_lower(second)?,
                    address: first.parse().ok()?,
                    port: port(third)?,
                }),
                None => {
                    Listener::NodePort(self.family, Protocol::from_lower(first)?, port(second)?)
                }
            })
        })
    }

    /// How many chains it has.
    pub fn chains(&self) -> usize {
        let lines = self.lines.iter();
        lines
            .filter(|line| line.starts_with("chain ") && line.ends_with('{'))
            .count()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_it_serves_is_read_off_its_maps() {
        let text = "table ip6 kube-proxy {\n\tmap service-ips {\n\t\ttype ipv6_addr . inet_proto . \
            inet_service : verdict\n\t\tcomment \"ClusterIP, ExternalIP and LoadBalancer IP traffic\"\n\t\t\
            elements = { fd00::a . udp . 53 comment \"kube-system/dns:dns\" : goto service-X-kube-system/dns/udp/dns,\n\t\t\t\
            fd00::b . tcp . 80 : goto external-Y-shop/web/tcp/ }\n\t}\n\tmap no-endpoint-services {\n\t\t\
            type ipv6_addr . inet_proto . inet_service : verdict\n\t\telements = { fd00::c . tcp . 80 : goto reject-chain }\n\t}\n\t\
            map service-nodeports {\n\t\ttype inet_proto . inet_service : verdict\n\t\t\
            elements = { udp . 30053 : goto external-X-kube-system/dns/udp/dns }\n\t}\n}\n";
        let [_, Some(table)] = super::super::read(text).unwrap().kube_proxy else {
            panic!("no table");
        };
        let served: Vec<String> = table.listeners().map(|one| one.to_string()).collect();
        assert_eq!(
            served,
            ["[fd00::a]:53/UDP", "[fd00::b]:80/TCP", "[::]:30053/UDP"]
        );
    }
}
