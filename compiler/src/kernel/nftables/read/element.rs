//! Elements, as they are written and as nft lists them.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::token::{Token, TokenKind};
use super::words::{milliseconds, protocol};
use crate::kernel::nftables::element::{Comment, Element, Key, NodePortKey, Value, Verdict};
use crate::kernel::nftables::names::{ChainName, DataShape, KeyShape, Memory, SetName};
use crate::model::{ByAddress, IpFamily, Port, TransportAddress};
use crate::source::Origins;

/// An endpoint that the kernel remembers for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remembered {
    /// Address and port of the endpoint.
    pub endpoint: SocketAddr,
    /// Milliseconds that are left, where the kernel told.
    pub expires: Option<u64>,
}

/// What an element turns out to be.
pub(super) enum Read {
    Element(Key, Element),
    Remembered(Memory, IpAddr, Remembered),
}

/// Reads an element of a set; `None` for one that such a set cannot have.
pub(super) fn element(name: SetName, family: IpFamily, tokens: &[Token<'_>]) -> Option<Read> {
    let mut sides = tokens.split(|token| token.is(":"));
    let (left, right) = (sides.next()?, sides.next());
    if sides.next().is_some() {
        return None;
    }
    let (key, options) = split_key(left)?;
    let key = self::key(name.key(), family, &key)?;
    let mut options = options_of(options)?;
    let value = match (name.data(), right) {
        (None, None) => None,
        (Some(data), Some(right)) => Some(value_of(data, family, right)?),
        _ => return None,
    };
    if let SetName::Affinity(memory) = name {
        let (Key::Client(client), Some(Value::Endpoint(endpoint))) = (key, value) else {
            return None;
        };
        options.remove("timeout");
        let expires = match options.remove("expires") {
            Some(TokenKind::Word(time)) => Some(milliseconds(time)?),
            _ => None,
        };
        let remembered = Remembered { endpoint, expires };
        return options
            .is_empty()
            .then_some(Read::Remembered(memory, client, remembered));
    }
    let comment = match options.remove("comment") {
        Some(TokenKind::Quoted(text)) => Some(Comment::new(text)?),
        Some(_) => return None,
        None => None,
    };
    let element = Element {
        value,
        comment,
        origins: Origins::new(),
    };
    options.is_empty().then_some(Read::Element(key, element))
}

/// The words between full stops, and what comes after them.
fn split_key<'a, 't>(tokens: &'t [Token<'a>]) -> Option<(Vec<&'a str>, &'t [Token<'a>])> {
    let (first, mut rest) = tokens.split_first()?;
    let mut parts = vec![first.word()?];
    while let [dot, part, more @ ..] = rest {
        if !dot.is(".") {
            break;
        }
        parts.push(part.word()?);
        rest = more;
    }
    Some((parts, rest))
}

fn options_of<'a>(mut tokens: &[Token<'a>]) -> Option<BTreeMap<&'a str, TokenKind<'a>>> {
    let mut options = BTreeMap::new();
    while let [name, value, rest @ ..] = tokens {
        let name = name.word()?;
        if !["comment", "timeout", "expires"].contains(&name) {
            return None;
        }
        options.insert(name, value.kind);
        tokens = rest;
    }
    tokens.is_empty().then_some(options)
}

fn key(shape: KeyShape, family: IpFamily, parts: &[&str]) -> Option<Key> {
    let address = |text| address(text, family);
    let frontend = |a, b, c| frontend(a, b, c, family);
    Some(match (shape, parts) {
        (KeyShape::Address, [a]) => Key::Address(address(a)?),
        (KeyShape::Range, [net]) => Key::Range(range(net, family)?),
        (KeyShape::Frontend, [a, b, c]) => Key::Frontend(frontend(a, b, c)?),
        (KeyShape::NodePort, [b, c]) => Key::NodePort(node_port(b, c)?),
        (KeyShape::FrontendAndRange, [a, b, c, net]) => {
            Key::FrontendAndRange(frontend(a, b, c)?, range(net, family)?)
        }
        (KeyShape::FrontendSlot, [a, b, c, slot]) => {
            Key::FrontendSlot(frontend(a, b, c)?, slot.parse().ok()?)
        }
        (KeyShape::NodePortSlot, [b, c, slot]) => {
            Key::NodePortSlot(node_port(b, c)?, slot.parse().ok()?)
        }
        (KeyShape::Client, [client]) => Key::Client(address(client)?),
        (KeyShape::Endpoint, [a, port]) => {
            Key::Endpoint(SocketAddr::new(address(a)?, self::port(port)?.get()))
        }
        (KeyShape::Connection, [from, to]) => Key::Connection(address(from)?, address(to)?),
        _ => return None,
    })
}

fn value_of(shape: DataShape, family: IpFamily, tokens: &[Token<'_>]) -> Option<Value> {
    let words: Option<Vec<&str>> = tokens
        .iter()
        .filter(|token| token.kind != TokenKind::End)
        .map(Token::word)
        .collect();
    Some(match (shape, &words?[..]) {
        (DataShape::Verdict, words) => Value::Verdict(verdict(words)?),
        (DataShape::Endpoint, [a, ".", port]) => Value::Endpoint(SocketAddr::new(
            address(a, family)?,
            self::port(port)?.get(),
        )),
        (DataShape::Endpoint, _) => return None,
    })
}

pub(super) fn verdict(words: &[&str]) -> Option<Verdict> {
    Some(match words {
        ["accept"] => Verdict::Accept,
        ["drop"] => Verdict::Drop,
        ["return"] => Verdict::Return,
        ["jump", chain] => Verdict::Jump(ChainName::parse(chain)?),
        ["goto", chain] => Verdict::Goto(ChainName::parse(chain)?),
        _ => return None,
    })
}

fn frontend(a: &str, b: &str, c: &str, family: IpFamily) -> Option<ByAddress> {
    Some(ByAddress(TransportAddress {
        address: address(a, family)?,
        protocol: protocol(b)?,
        port: port(c)?,
    }))
}

fn node_port(b: &str, c: &str) -> Option<NodePortKey> {
    Some(NodePortKey {
        protocol: protocol(b)?,
        port: port(c)?,
    })
}

fn port(text: &str) -> Option<Port> {
    text.parse().ok().and_then(Port::new)
}

fn address(text: &str, family: IpFamily) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    (IpFamily::of(address) == family).then_some(address)
}

/// A range, or a single address without its length.
pub(super) fn range(text: &str, family: IpFamily) -> Option<IpNet> {
    let net = match text.parse::<IpNet>() {
        Ok(net) => net,
        Err(_) => IpNet::from(text.parse::<IpAddr>().ok()?),
    };
    (IpFamily::of_net(net) == family && net.trunc() == net).then_some(net)
}
