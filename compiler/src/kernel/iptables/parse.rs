//! Reads the rules that our types express.

use super::{
    AddrType, ChainName, Comment, Mark, Match, Negation, PortChoice, Probability, Recent,
    RejectWith, Rule, SetDirection, Target, words, write,
};
use crate::kernel::ipset::SetName;
use crate::model::address::{parse_ip, parse_net};
use crate::model::name::InterfaceName;
use crate::model::{IpFamily, Port, Protocol};
use crate::source::Origins;

/// Reads everything after `-A CHAIN `; `None` unless the rule written again is the same text.
pub(super) fn rule(text: &str) -> Option<Rule> {
    let words = words::split(text)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut rest = words.as_slice();
    let mut matches = Vec::new();
    let target = loop {
        match rest {
            [] => break Target::Continue,
            ["-j", after @ ..] => break target(after)?,
            _ => {}
        }
        let (found, after) = one_match(rest)?;
        matches.push(found);
        rest = after;
    };
    let rule = Rule {
        matches,
        target,
        origins: Origins::new(),
    };
    (rule.to_string() == text).then_some(rule)
}

fn one_match<'a, 'w>(words: &'a [&'w str]) -> Option<(Match, &'a [&'w str])> {
    let (negation, words) = negation(words);
    match (negation, words) {
        (not, ["-s", net, rest @ ..]) => Some((Match::Source(not, parse_net(net).ok()?), rest)),
        (not, ["-d", net, rest @ ..]) => {
            Some((Match::Destination(not, parse_net(net).ok()?), rest))
        }
        (not, ["-i", name, rest @ ..]) => Some((interface(not, name)?, rest)),
        (Negation::Is, ["-p", name, rest @ ..]) => {
            Some((Match::Protocol(Protocol::from_lower(name)?), rest))
        }
        (Negation::Is, ["-m", module, rest @ ..]) => match Protocol::from_lower(module) {
            Some(protocol) => transport(protocol, rest),
            None => extension(module, rest),
        },
        _ => None,
    }
}

/// A protocol's own options, of which it may have none.
fn transport<'a, 'w>(protocol: Protocol, words: &'a [&'w str]) -> Option<(Match, &'a [&'w str])> {
    Some(match words {
        ["--dport", port, rest @ ..] => {
            let port = Port::new(port.parse().ok()?)?;
            (Match::Transport(protocol, Some(port)), rest)
        }
        rest => (Match::Transport(protocol, None), rest),
    })
}

fn negation<'a, 'w>(words: &'a [&'w str]) -> (Negation, &'a [&'w str]) {
    match words {
        ["!", rest @ ..] => (Negation::Not, rest),
        _ => (Negation::Is, words),
    }
}

fn interface(not: Negation, name: &str) -> Option<Match> {
    Some(match name.strip_suffix('+') {
        Some(prefix) => Match::InInterfacePrefix(not, InterfaceName::parse(prefix).ok()?),
        None => Match::InInterface(not, InterfaceName::parse(name).ok()?),
    })
}

fn extension<'a, 'w>(module: &str, words: &'a [&'w str]) -> Option<(Match, &'a [&'w str])> {
    let (negation, words) = negation(words);
    match (module, negation, words) {
        ("comment", Negation::Is, ["--comment", text, rest @ ..]) => {
            Some((Match::Comment(Comment::new(text)?), rest))
        }
        ("set", Negation::Is, ["--match-set", name, direction, rest @ ..]) => Some((
            Match::Set(SetName::new(name)?, set_direction(direction)?),
            rest,
        )),
        ("mark", not, ["--mark", text, rest @ ..]) => Some((Match::Mark(not, mark(text)?), rest)),
        ("conntrack", Negation::Is, ["--ctstate", state, rest @ ..]) => {
            let found = match *state {
                "RELATED,ESTABLISHED" => Match::RelatedEstablished,
                "NEW" => Match::New,
                "INVALID" => Match::Invalid,
                _ => return None,
            };
            Some((found, rest))
        }
        ("conntrack", Negation::Not, ["--ctstate", "RELATED,ESTABLISHED,DNAT", rest @ ..]) => {
            Some((Match::Unsolicited, rest))
        }
        ("statistic", Negation::Is, ["--mode", "random", "--probability", text, rest @ ..]) => {
            Some((Match::Random(Probability::parse(text)?), rest))
        }
        ("recent", Negation::Is, words) => recent(words),
        ("physdev", Negation::Not, ["--physdev-is-in", rest @ ..]) => {
            Some((Match::NotFromBridge, rest))
        }
        ("addrtype", not, ["--src-type", "LOCAL", rest @ ..]) => {
            Some((Match::SourceType(not, AddrType::Local), rest))
        }
        ("addrtype", not, ["--dst-type", "LOCAL", rest @ ..]) => {
            Some((Match::DestinationType(not, AddrType::Local), rest))
        }
        (
            "ipvs",
            Negation::Is,
            [
                "--vproto",
                protocol,
                "--vaddr",
                address,
                "--vport",
                port,
                rest @ ..,
            ],
        ) => Some((
            Match::VirtualServer {
                address: parse_ip(address).ok()?,
                protocol: Protocol::from_number(protocol.parse().ok()?)?,
                port: Port::new(port.parse().ok()?)?,
            },
            rest,
        )),
        _ => None,
    }
}

fn recent<'a, 'w>(words: &'a [&'w str]) -> Option<(Match, &'a [&'w str])> {
    let (usage, words) = match words {
        ["--set", rest @ ..] => (Recent::Set, rest),
        ["--rcheck", "--seconds", seconds, "--reap", rest @ ..] => {
            let seconds = seconds.parse().ok()?;
            (Recent::Check { seconds }, rest)
        }
        _ => return None,
    };
    let ["--name", list, "--mask", mask, "--rsource", rest @ ..] = words else {
        return None;
    };
    let family = IpFamily::ALL
        .into_iter()
        .find(|family| write::whole_address(*family) == *mask)?;
    let list = ChainName::new(list)?;
    let found = Match::Recent {
        usage,
        list,
        family,
    };
    Some((found, rest))
}

fn set_direction(text: &str) -> Option<SetDirection> {
    Some(match text {
        "dst" => SetDirection::Dst,
        "dst,dst" => SetDirection::DstDst,
        "src,dst" => SetDirection::SrcDst,
        "dst,dst,src" => SetDirection::DstDstSrc,
        _ => return None,
    })
}

fn target(words: &[&str]) -> Option<Target> {
    Some(match words {
        ["ACCEPT"] => Target::Accept,
        ["DROP"] => Target::Drop,
        ["RETURN"] => Target::Return,
        ["REJECT", "--reject-with", with] => Target::Reject(match *with {
            "icmp-port-unreachable" => RejectWith::IcmpPortUnreachable,
            "icmp6-port-unreachable" => RejectWith::Icmp6PortUnreachable,
            _ => return None,
        }),
        ["MARK", "--set-xmark", text] => Target::Mark(mark(text)?),
        ["DNAT", "--to-destination", to] => Target::Dnat(to.parse().ok()?),
        ["MASQUERADE"] => Target::Masquerade(PortChoice::Default),
        ["MASQUERADE", "--random-fully"] => Target::Masquerade(PortChoice::RandomFully),
        [chain] => Target::Chain(ChainName::new(chain)?),
        _ => return None,
    })
}

fn mark(text: &str) -> Option<Mark> {
    let bits = |text: &str| u32::from_str_radix(text.strip_prefix("0x")?, 16).ok();
    let (value, mask) = match text.split_once('/') {
        Some((value, mask)) => (bits(value)?, bits(mask)?),
        None => (bits(text)?, u32::MAX),
    };
    Some(Mark { value, mask })
}
