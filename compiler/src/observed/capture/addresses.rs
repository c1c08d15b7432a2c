//! Links and their addresses, of what `ip addr` prints in any of its forms (ip-address(8)).

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde_json::Value;

use crate::kernel::dummy::INTERFACE;
use crate::model::IpFamily;
use crate::model::address::{parse_ip, parse_net};
use crate::observed::Dummy;

/// A line that makes no sense: its number from 1, and what was expected there.
type Problem = String;

fn problem(line: usize, expected: &str, text: &str) -> Problem {
    format!("line {line}: expected {expected}: {text:?}")
}

/// A link of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its name, without the other end of a pair.
    pub name: String,
    /// Its addresses, in the order they were printed.
    pub addresses: Vec<LinkAddress>,
}

/// An address of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkAddress {
    /// Address of the link, not of its network.
    pub address: IpAddr,
    /// The length of its network, in bits; `None` where that is said of the other end.
    pub length: Option<u8>,
}

impl fmt::Display for LinkAddress {
    /// As `ip addr` prints it: `192.0.2.11/24`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length {
            Some(length) => write!(f, "{}/{length}", self.address),
            None => self.address.fmt(f),
        }
    }
}

/// Reads `ip addr`, `ip -o addr`, `ip -br addr` and `ip -j addr`. Of other links than kube-ipvs0, what
/// cannot be read as an address is left out.
///
/// `ip -o addr` alone does not print a link without addresses; making one that exists is no error.
///
/// # Errors
/// A line that `ip addr` does not print.
pub(super) fn read(text: &str) -> Result<Vec<Link>, Problem> {
    if text.trim_start().starts_with('[') {
        return json(text);
    }
    let mut found = Found::default();
    for (line, number) in text.lines().zip(1..) {
        if !line.trim().is_empty() {
            found.line(number, line)?;
        }
    }
    Ok(found.links)
}

/// Writes links as `ip -o addr` prints them: those without addresses are left out.
pub(super) fn write<'a>(links: impl Iterator<Item = &'a Link>) -> String {
    let lines = (1..)
        .zip(links)
        .flat_map(|(index, Link { name, addresses })| {
            addresses.iter().map(move |one| {
                let family = match IpFamily::of(one.address) {
                    IpFamily::V4 => "inet",
                    IpFamily::V6 => "inet6",
                };
                format!("{index}: {name}    {family} {one} {name}\n")
            })
        });
    lines.collect()
}

/// kube-ipvs0, of all links.
pub(super) fn dummy(links: &[Link]) -> Dummy {
    let mut own = links.iter().filter(|link| link.name == INTERFACE);
    own.next().map_or(Dummy::Absent, |link| {
        Dummy::Present(link.addresses.iter().map(|one| one.address).collect())
    })
}

/// Whether a text that can be read shows no address of any link.
pub(super) fn shows_none(text: &str) -> bool {
    read(text).is_ok_and(|links| links.iter().all(|link| link.addresses.is_empty()))
}

/// The addresses of kube-ipvs0 alone, one a line.
pub(super) fn read_alone(text: &str) -> Result<Vec<Link>, Problem> {
    let lines = text.lines().map(str::trim).zip(1..);
    let lines = lines.filter(|(line, _)| !line.is_empty());
    let read = |(line, number)| address(line).ok_or_else(|| problem(number, "an address", line));
    Ok(vec![Link {
        name: INTERFACE.to_owned(),
        addresses: lines.map(read).collect::<Result<_, _>>()?,
    }])
}

/// What was found so far.
#[derive(Debug, Default)]
struct Found<'a> {
    links: Vec<Link>,
    /// Where each of them stands.
    places: BTreeMap<&'a str, usize>,
    /// The link that lines of details belong to.
    link: Option<&'a str>,
}

/// States of links as `ip -br` prints them (RFC 2863).
pub(super) const STATES: [&str; 7] = [
    "UNKNOWN",
    "NOTPRESENT",
    "DOWN",
    "LOWERLAYERDOWN",
    "TESTING",
    "DORMANT",
    "UP",
];

impl<'a> Found<'a> {
    fn line(&mut self, number: usize, line: &'a str) -> Result<(), Problem> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words[..] {
            // `5: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 …`
            [index, name, ..] if is_index(index) && name.ends_with(':') => {
                let link = link(name.trim_end_matches(':'));
                self.link = Some(link);
                self.addresses(link);
            }
            // `5: kube-ipvs0    inet 10.96.0.1/32 scope global kube-ipvs0\ …`
            [index, name, family, ref rest @ ..] if is_index(index) => {
                self.address(link(name), family, rest, number, line)?;
            }
            // `    inet 10.96.0.1/32 scope global kube-ipvs0`
            [family @ ("inet" | "inet6"), ref rest @ ..] if self.link.is_some() => {
                self.address(self.link.unwrap_or_default(), family, rest, number, line)?;
            }
            // `kube-ipvs0       DOWN           10.96.0.1/32 10.96.0.2/32`
            [name, state, ref addresses @ ..] if STATES.contains(&state) => {
                self.brief(link(name), addresses, number, line)?;
            }
            // More about a link or an address.
            _ if self.link.is_some() && line.starts_with([' ', '\t']) => {}
            _ => return Err(problem(number, "a line of `ip addr`", line)),
        }
        Ok(())
    }

    fn address(
        &mut self,
        link: &'a str,
        family: &str,
        rest: &[&str],
        number: usize,
        line: &str,
    ) -> Result<(), Problem> {
        if !matches!(family, "inet" | "inet6") {
            return Ok(());
        }
        self.push(link, rest.first().copied(), number, line)
    }

    fn brief(
        &mut self,
        link: &'a str,
        addresses: &[&str],
        number: usize,
        line: &str,
    ) -> Result<(), Problem> {
        self.addresses(link);
        let mut words = addresses.iter();
        while let Some(word) = words.next() {
            match *word {
                // The other end of a link, and how much the address weighs.
                "peer" | "metric" => drop(words.next()),
                text => self.push(link, Some(text), number, line)?,
            }
        }
        Ok(())
    }

    fn push(
        &mut self,
        link: &'a str,
        text: Option<&str>,
        number: usize,
        line: &str,
    ) -> Result<(), Problem> {
        match text.and_then(address) {
            Some(address) => self.addresses(link).push(address),
            None if link == INTERFACE => return Err(problem(number, "an address", line)),
            None => {}
        }
        Ok(())
    }

    /// The addresses of a link, which is there.
    fn addresses(&mut self, name: &'a str) -> &mut Vec<LinkAddress> {
        let next = self.links.len();
        let at = *self.places.entry(name).or_insert(next);
        if at == next {
            self.links.push(Link {
                name: name.to_owned(),
                addresses: Vec::new(),
            });
        }
        &mut self.links[at].addresses
    }
}

fn is_index(word: &str) -> bool {
    let number = word.strip_suffix(':');
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

/// The link of `eth0@if5`.
fn link(name: &str) -> &str {
    name.split_once('@').map_or(name, |(link, _)| link)
}

fn address(text: &str) -> Option<LinkAddress> {
    let with_length = text.split_once('/').and_then(|(address, length)| {
        let length = Some(length.parse().ok()?);
        parse_net(text).ok()?;
        let address = parse_ip(address).ok()?;
        Some(LinkAddress { address, length })
    });
    with_length.or_else(|| {
        let address = parse_ip(text).ok()?;
        Some(LinkAddress {
            address,
            length: None,
        })
    })
}

/// What `ip -json addr` prints: `[{"ifname":"kube-ipvs0","addr_info":[{"local":"10.96.0.1", …}]}]`.
fn json(text: &str) -> Result<Vec<Link>, Problem> {
    let values: Vec<Value> =
        serde_json::from_str(text).map_err(|error| format!("line {}: {error}", error.line()))?;
    let mut links = Vec::new();
    for value in &values {
        // What a filter left out stands there as an empty object.
        let Some(name) = value["ifname"].as_str() else {
            continue;
        };
        let addresses = value["addr_info"].as_array();
        let addresses =
            addresses.ok_or_else(|| format!("line 1: link {name:?} has no addr_info"))?;
        let mut link = Link {
            name: name.to_owned(),
            addresses: Vec::new(),
        };
        let empty = Value::Object(serde_json::Map::new());
        for one in addresses.iter().filter(|one| **one != empty) {
            match one["local"].as_str().and_then(address) {
                Some(found) => link.addresses.push(LinkAddress {
                    length: one["prefixlen"].as_u64().and_then(|n| n.try_into().ok()),
                    ..found
                }),
                None if name == INTERFACE => {
                    return Err(format!("line 1: expected an address: {one}"));
                }
                None => {}
            }
        }
        links.push(link);
    }
    Ok(links)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// iproute2 6.1, without details of lo.
    const LONG: &str = "\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 5e:7e:43:f5:05:51 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    altname enp0s1
    inet 192.0.2.11/24 brd 192.0.2.255 scope global eth0
       valid_lft forever preferred_lft forever
3: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default
    link/ether 5e:7e:43:f5:05:52 brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 0 maxmtu 0
    dummy numtxqueues 1 numrxqueues 1
    inet 10.96.0.5/32 scope global kube-ipvs0
       valid_lft forever preferred_lft forever
    inet 10.96.0.9 peer 10.96.0.8/32 scope global kube-ipvs0
       valid_lft forever preferred_lft forever
    inet6 fd00::5/128 scope global tentative
       valid_lft forever preferred_lft forever
    RX:  bytes packets errors dropped  missed   mcast
             0       0      0       0       0       0
4: veth1: <BROADCAST> mtu 1500
    inet 10.244.0.1/32 scope global veth1
       valid_lft forever preferred_lft forever
";
    const ONE_LINE: &str = r"1: lo    inet 127.0.0.1/8 scope host lo\       valid_lft forever preferred_lft forever
3: kube-ipvs0    inet 10.96.0.5/32 scope global kube-ipvs0\       valid_lft forever preferred_lft forever
3: kube-ipvs0    inet 10.96.0.9 peer 10.96.0.8/32 scope global kube-ipvs0\       valid_lft forever
3: kube-ipvs0    inet6 fd00::5/128 scope global tentative \       valid_lft forever preferred_lft forever
";
    const BRIEF: &str = "\
lo               UNKNOWN        127.0.0.1/8 ::1/128
kube-ipvs0       DOWN           10.96.0.5/32 10.96.0.9 peer 10.96.0.8/32 fd00::5/128
";
    const JSON: &str = r#"[{"ifindex":1,"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8}]},
{},{"ifindex":3,"ifname":"kube-ipvs0","addr_info":[{"family":"inet","local":"10.96.0.5","prefixlen":32},
{"family":"inet","local":"10.96.0.9","address":"10.96.0.8","prefixlen":32},
{"family":"inet6","local":"fd00::5","prefixlen":128}]}]"#;

    #[test]
    fn every_form_says_the_same() {
        let addresses = ["10.96.0.5", "10.96.0.9", "fd00::5"];
        let expected = Dummy::Present(addresses.map(|text| text.parse().unwrap()).to_vec());
        for text in [LONG, ONE_LINE, BRIEF, JSON] {
            assert_eq!(
                read(text).as_deref().map(dummy),
                Ok(expected.clone()),
                "{text}"
            );
        }
        let alone = read_alone("10.96.0.5/32\n10.96.0.9\n\nfd00::5/128\n");
        assert_eq!(alone.as_deref().map(dummy), Ok(expected));
    }

    #[test]
    fn a_link_without_addresses_is_there() {
        let present = Dummy::Present(Vec::new());
        for (text, expected) in [
            (
                "3: kube-ipvs0: <BROADCAST,NOARP> mtu 1500\n    link/ether 0a:00\n",
                &present,
            ),
            ("kube-ipvs0 DOWN\n", &present),
            (r#"[{"ifname":"kube-ipvs0","addr_info":[]}]"#, &present),
            (
                "1: lo: <LOOPBACK> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n",
                &Dummy::Absent,
            ),
            ("", &Dummy::Absent),
        ] {
            assert_eq!(
                read(text).as_deref().map(dummy),
                Ok(expected.clone()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_node_without_any_address_is_noticed() {
        for text in [LONG, ONE_LINE, BRIEF, JSON] {
            assert!(!shows_none(text), "{text}");
        }
        for text in [
            "",
            "[]",
            "[{}]",
            "[{},{}]\n",
            r#"[{"ifname":"lo","addr_info":[]}]"#,
            "1: lo: <LOOPBACK> mtu 65536\n    link/loopback 00:00:00:00:00:00\n",
            "lo UNKNOWN\n",
        ] {
            assert!(shows_none(text), "{text}");
            assert!(read(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn nonsense_is_an_error_with_its_line() {
        for (text, expected) in [
            (
                "1: lo: <LOOPBACK>\nSegmentation fault\n",
                "line 2: expected a line of `ip addr`: \"Segmentation fault\"",
            ),
            (
                "    inet 10.96.0.5/32 scope global kube-ipvs0\n",
                "line 1: expected a line of `ip addr`: \"    inet 10.96.0.5/32 scope global kube-ipvs0\"",
            ),
            (
                "3: kube-ipvs0    inet 10.96.0/32\n",
                "line 1: expected an address: \"3: kube-ipvs0    inet 10.96.0/32\"",
            ),
            (
                "3: kube-ipvs0: <NOARP>\n    inet\n",
                "line 2: expected an address: \"    inet\"",
            ),
            (
                r#"[{"ifname":"lo"}]"#,
                "line 1: link \"lo\" has no addr_info",
            ),
        ] {
            assert_eq!(read(text).unwrap_err(), expected, "{text}");
        }
        assert!(read("[{").unwrap_err().starts_with("line 1: "));
    }
}
