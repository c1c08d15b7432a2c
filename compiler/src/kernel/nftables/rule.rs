//! Rules, as far as this mode writes them, spelled as `nft list` prints them.

use ipnet::IpNet;

use super::element::Verdict;
use super::names::{KeyShape, Memory, SetName};
use crate::kernel::iptables::Negation;
use crate::model::Protocol;
use crate::model::name::InterfaceName;

/// One rule of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it matches, in the order it is written.
    pub matches: Vec<Match>,
    /// What it does.
    pub statement: Statement,
}

/// What a packet must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// It begins a connection.
    New,
    /// Its destination was translated.
    Translated,
    /// It belongs to a protocol.
    Protocol(Protocol),
    /// What an expression gives is, or is not, in a set.
    InSet(Expression, Negation, SetName),
    /// Its source is, or is not, in a range.
    Source(Negation, IpNet),
    /// It came in through an interface, or through another.
    InInterface(Negation, InterfaceName),
    /// It came in through an interface that starts so, or through another.
    InInterfacePrefix(Negation, InterfaceName),
    /// Its source is an address of the node.
    FromNode,
    /// Its destination is an address of the node.
    ToNode,
    /// Its destination is no loopback address.
    NotToLoopback,
    /// It has none of these bits in its mark.
    Unmarked(u32),
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    /// The same for every packet.
    Verdict(Verdict),
    /// Drops the packet, and tells the sender that nothing listens there.
    Reject,
    /// What a map says; nothing for what is not in it.
    VerdictMap(Expression, SetName),
    /// Sends to the endpoint that a map says; nothing for what is not in it. nft wants a match on the
    /// protocol before one that does not look at the protocol itself.
    Dnat(Expression, SetName),
    /// Sets these bits of the mark.
    SetMark(u32),
    /// Turns these bits of the mark over.
    FlipMark(u32),
    /// Gives the node's address, and any free port, at random.
    Masquerade,
    /// Notes the endpoint of a client for this many seconds.
    Remember(Memory, u32),
}

/// What is looked up, of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expression {
    /// The address that it is sent to.
    Destination,
    /// Source and destination.
    Connection,
    /// Destination, protocol and port.
    Frontend,
    /// Protocol and port.
    NodePort,
    /// Destination, protocol, port and source.
    FrontendAndSource,
    /// The address that it comes from.
    Client,
    /// Destination and port: an endpoint, once it is chosen.
    Endpoint,
    /// Destination, protocol, port and one of so many numbers at random.
    FrontendSlot(u32),
    /// Protocol, port and one of so many numbers at random.
    NodePortSlot(u32),
    /// Destination before translation.
    OriginalDestination,
    /// Destination before translation, protocol and port before translation.
    OriginalFrontend,
    /// Protocol and port before translation.
    OriginalNodePort,
}

/// What expressions are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand {
    Source,
    Destination,
    Protocol,
    Port,
    Random(u32),
    OriginalDestination,
    OriginalPort,
}

impl Expression {
    /// All of them, with 1 for the size of pools.
    const ALL: [Self; 12] = [
        Self::Destination,
        Self::Connection,
        Self::Frontend,
        Self::NodePort,
        Self::FrontendAndSource,
        Self::Client,
        Self::Endpoint,
        Self::FrontendSlot(1),
        Self::NodePortSlot(1),
        Self::OriginalDestination,
        Self::OriginalFrontend,
        Self::OriginalNodePort,
    ];

    pub(super) fn parts(self) -> Vec<Operand> {
        match self {
            Self::Destination => vec![Operand::Destination],
            Self::Connection => vec![Operand::Source, Operand::Destination],
            Self::Frontend => vec![Operand::Destination, Operand::Protocol, Operand::Port],
            Self::NodePort => vec![Operand::Protocol, Operand::Port],
            Self::FrontendAndSource => {
                vec![
                    Operand::Destination,
                    Operand::Protocol,
                    Operand::Port,
                    Operand::Source,
                ]
            }
            Self::Client => vec![Operand::Source],
            Self::Endpoint => vec![Operand::Destination, Operand::Port],
            Self::FrontendSlot(size) => {
                vec![
                    Operand::Destination,
                    Operand::Protocol,
                    Operand::Port,
                    Operand::Random(size),
                ]
            }
            Self::NodePortSlot(size) => {
                vec![Operand::Protocol, Operand::Port, Operand::Random(size)]
            }
            Self::OriginalDestination => vec![Operand::OriginalDestination],
            Self::OriginalFrontend => {
                vec![
                    Operand::OriginalDestination,
                    Operand::Protocol,
                    Operand::OriginalPort,
                ]
            }
            Self::OriginalNodePort => vec![Operand::Protocol, Operand::OriginalPort],
        }
    }

    pub(super) fn from_parts(parts: &[Operand]) -> Option<Self> {
        let size = parts.iter().find_map(|part| match part {
            Operand::Random(size) => Some(*size),
            _ => None,
        });
        let sized = |expression| match (expression, size) {
            (Self::FrontendSlot(_), Some(size)) => Self::FrontendSlot(size),
            (Self::NodePortSlot(_), Some(size)) => Self::NodePortSlot(size),
            (other, _) => other,
        };
        let mut known = Self::ALL.into_iter().map(sized);
        known.find(|expression| expression.parts() == parts)
    }
}

impl KeyShape {
    /// What keys of this shape are looked up by; the kernel's type of the sets follows from it.
    pub(super) fn expression(self) -> Expression {
        match self {
            Self::Address | Self::Range => Expression::Destination,
            Self::Frontend => Expression::Frontend,
            Self::NodePort => Expression::NodePort,
            Self::FrontendAndRange => Expression::FrontendAndSource,
            // The number only counts for its type.
            Self::FrontendSlot => Expression::FrontendSlot(2),
            Self::NodePortSlot => Expression::NodePortSlot(2),
            Self::Client => Expression::Client,
            Self::Endpoint => Expression::Endpoint,
            Self::Connection => Expression::Connection,
        }
    }
}
