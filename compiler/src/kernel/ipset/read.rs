//! Reads what `ipset restore` takes and `ipset save` prints, and `ipset list` as well.

use std::collections::BTreeMap;
use std::str::SplitAsciiWhitespace;

use ipnet::IpNet;

use super::{Entry, Foreign, Observed, Set, SetHeader, SetName, SetType, listing};
use crate::kernel::lines::{LineError, numbered};
use crate::model::address::{parse_ip, parse_net};
use crate::model::{ByAddress, IpFamily, Port, Protocol, TransportAddress};
use crate::source::Origins;

/// Why a line is no part of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Neither `create` nor `add`.
    #[error("expected 'create NAME TYPE ...' or 'add NAME ENTRY'")]
    Command,
    /// An entry of a set that no line above creates.
    #[error("no line above creates this set")]
    UnknownSet,
    /// A second set of the same name.
    #[error("a line above creates this set already")]
    Duplicate,
    /// Nothing that `ipset list` prints.
    #[error("expected a line of `ipset list`")]
    Listing,
    /// The listing of a set that ends before its members.
    #[error("the set is listed without its members, as `ipset list -t` does")]
    NoMembers,
    /// The listing of a set that says another number of members than it has.
    #[error("the set has more or fewer members than it says: the text may be cut off")]
    CutOff,
}

/// A line that is no part of a set.
pub type ReadError = LineError<Problem>;

/// Reads sets. The kernel's own choices (`initval`, `bucketsize`) are skipped; what our types
/// cannot hold makes a set [`Foreign`].
///
/// # Errors
/// A line that is neither a `create` nor an `add`, or that does not fit the lines above.
pub fn read(text: &str) -> Result<Observed, ReadError> {
    if listing::is_listing(text) {
        return read_saved(&listing::saved(text)?);
    }
    read_saved(text)
}

fn read_saved(text: &str) -> Result<Observed, ReadError> {
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut by_name = BTreeMap::new();
    for (number, line) in numbered(text) {
        let error = |problem| LineError {
            line: number,
            problem,
            text: line.into(),
        };
        let mut words = line.split_ascii_whitespace();
        match (words.next(), words.next()) {
            (Some("create"), Some(name)) => {
                if by_name.insert(name, drafts.len()).is_some() {
                    return Err(error(Problem::Duplicate));
                }
                drafts.push(Draft::new(name, line, words));
            }
            (Some("add"), Some(name)) => {
                let at = by_name.get(name).ok_or(error(Problem::UnknownSet))?;
                drafts[*at].add(line, words);
            }
            (Some("COMMIT"), None) => {}
            _ => return Err(error(Problem::Command)),
        }
    }
    let mut observed = Observed::default();
    for draft in drafts {
        match draft.finish() {
            Ok(set) => observed.sets.push(set),
            Err(foreign) => observed.foreign.push(foreign),
        }
    }
    Ok(observed)
}

/// A set while its lines are read; the lines are kept because any of them may turn out foreign.
struct Draft<'a> {
    name: &'a str,
    lines: Vec<&'a str>,
    set: Option<Set>,
}

impl<'a> Draft<'a> {
    fn new(name: &'a str, line: &'a str, rest: SplitAsciiWhitespace<'_>) -> Self {
        let set = SetName::new(name)
            .zip(header(rest))
            .map(|(name, header)| Set {
                name,
                header,
                entries: Vec::new(),
            });
        Self {
            name,
            lines: vec![line],
            set,
        }
    }

    fn add(&mut self, line: &'a str, mut rest: SplitAsciiWhitespace<'_>) {
        self.lines.push(line);
        let Some(set) = &mut self.set else { return };
        match (
            rest.next().and_then(|text| entry(set.header, text)),
            rest.next(),
        ) {
            (Some(entry), None) => set.entries.push((entry, Origins::new())),
            _ => self.set = None,
        }
    }

    fn finish(self) -> Result<Set, Foreign> {
        match self.set {
            Some(mut set) => {
                set.entries.sort();
                set.entries.dedup();
                Ok(set)
            }
            None => Err(Foreign {
                name: self.name.into(),
                lines: self.lines.into_iter().map(Into::into).collect(),
            }),
        }
    }
}

fn header(mut words: SplitAsciiWhitespace<'_>) -> Option<SetHeader> {
    let name = words.next()?;
    let set_type = name.parse().ok()?;
    if set_type == SetType::BitmapPort {
        let ("range", range, None) = (words.next()?, words.next()?, words.next()) else {
            return None;
        };
        let (from, to) = range.split_once('-')?;
        return Some(SetHeader::Bitmap {
            from: number(from)?,
            to: number(to)?,
        });
    }
    let mut family = IpFamily::V4;
    // What the kernel takes where an option is missing.
    let (mut hashsize, mut maxelem) = (1024, 65536);
    while let Some(option) = words.next() {
        let value = words.next()?;
        match option {
            "family" => {
                family = match value {
                    "inet" => IpFamily::V4,
                    "inet6" => IpFamily::V6,
                    _ => return None,
                }
            }
            "hashsize" => hashsize = number(value)?,
            "maxelem" => maxelem = number(value)?,
            "initval" | "bucketsize" => {}
            _ => return None,
        }
    }
    Some(SetHeader::Hash {
        set_type,
        family,
        hashsize,
        maxelem,
    })
}

fn entry(header: SetHeader, text: &str) -> Option<Entry> {
    let SetHeader::Hash {
        set_type, family, ..
    } = header
    else {
        return number(text).map(Entry::Port);
    };
    let ip = |text| parse_ip(text).ok().filter(|ip| IpFamily::of(*ip) == family);
    if set_type == SetType::HashIp {
        return ip(text).map(Entry::Ip);
    }
    let mut parts = text.split(',');
    let address = ip(parts.next()?)?;
    let (protocol, port) = parts.next()?.split_once(':')?;
    let key = ByAddress(TransportAddress {
        address,
        protocol: Protocol::from_lower(protocol)?,
        port: Port::new(number(port)?)?,
    });
    let entry = match set_type {
        SetType::HashIpPort => Entry::IpPort(key),
        SetType::HashIpPortIp => Entry::IpPortIp(key, ip(parts.next()?)?),
        SetType::HashIpPortNet => {
            let last = parts.next()?;
            let net = match ip(last) {
                Some(address) => IpNet::from(address),
                None => parse_net(last)
                    .ok()
                    .filter(|net| IpFamily::of_net(*net) == family && *net == net.trunc())?,
            };
            Entry::IpPortNet(key, net)
        }
        SetType::HashIp | SetType::BitmapPort => return None,
    };
    parts.next().is_none().then_some(entry)
}

/// A number without sign or leading zeros: such text is other software's.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calico's and others' sets beside ours, as `ipset save` 7.17 prints them.
    const NODE: &str = "\
create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 2048 maxelem 65536 bucketsize 12 initval 0x4f5b1d2c
add KUBE-CLUSTER-IP 10.96.0.10,udp:53
add KUBE-CLUSTER-IP 10.96.0.1,tcp:443
create KUBE-LOAD-BALANCER-SOURCE-CIDR hash:ip,port,net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1
add KUBE-LOAD-BALANCER-SOURCE-CIDR 1.2.3.4,tcp:80,10.0.0.0/8
add KUBE-LOAD-BALANCER-SOURCE-CIDR 1.2.3.4,tcp:80,10.0.0.7
create cali40s:abc hash:net family inet hashsize 1024 maxelem 1048576 bucketsize 12 initval 0x2
add cali40s:abc 10.0.0.0/8
create timed hash:ip family inet hashsize 1024 maxelem 65536 timeout 300 bucketsize 12 initval 0x3
add timed 10.0.0.1 timeout 299
create ping hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x4
add ping 10.0.0.1,icmp:echo-request
";

    #[test]
    fn a_node_with_other_sets_can_be_observed() {
        let observed = read(NODE).unwrap();
        let entries: Vec<String> = observed
            .sets
            .iter()
            .flat_map(|set| &set.entries)
            .map(|(entry, _)| entry.to_string())
            .collect();
        assert_eq!(
            entries,
            [
                "10.96.0.1,tcp:443",
                "10.96.0.10,udp:53",
                "1.2.3.4,tcp:80,10.0.0.0/8",
                "1.2.3.4,tcp:80,10.0.0.7",
            ]
        );
        let foreign: Vec<(&str, usize)> = observed
            .foreign
            .iter()
            .map(|set| (&*set.name, set.lines.len()))
            .collect();
        assert_eq!(foreign, [("cali40s:abc", 2), ("timed", 2), ("ping", 2)]);
        assert_eq!(
            &*observed.foreign[1].lines[1],
            "add timed 10.0.0.1 timeout 299"
        );
    }

    #[test]
    fn nonsense_is_an_error_with_its_line() {
        for (text, expected) in [
            (
                "# a comment\n\nfrobnicate X\n",
                "line 3: expected 'create NAME TYPE ...' or 'add NAME ENTRY': \"frobnicate X\"",
            ),
            (
                "add X 10.0.0.1",
                "line 1: no line above creates this set: \"add X 10.0.0.1\"",
            ),
            (
                "create X hash:ip\ncreate X hash:ip",
                "line 2: a line above creates this set already: \"create X hash:ip\"",
            ),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), expected);
        }
    }
}
