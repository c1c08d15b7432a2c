//! Rules, as far as kube-proxy writes them, spelled as `iptables-save` prints them.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::Probability;
use super::build::chain_name;
use crate::kernel::ipset::SetName;
use crate::kernel::safe_name::SafeName;
use crate::model::name::InterfaceName;
use crate::model::{IpFamily, Port, Protocol};
use crate::source::Origins;

closed_set! {
    /// One of the kernel's own chains.
    pub enum BuiltinChain {
        /// What arrives, before it is routed.
        Prerouting = "PREROUTING",
        /// To the node.
        Input = "INPUT",
        /// Through the node.
        Forward = "FORWARD",
        /// From the node.
        Output = "OUTPUT",
        /// What leaves, once it is routed.
        Postrouting = "POSTROUTING",
    }
}

impl From<BuiltinChain> for ChainName {
    fn from(chain: BuiltinChain) -> Self {
        chain_name(chain.as_str())
    }
}

/// Name of a chain. The longest is what iptables takes (`XT_EXTENSION_MAXNAMELEN` less the final NUL).
pub type ChainName = SafeName<28>;

impl ChainName {
    /// Whether it is one of the kernel's own chains.
    pub fn is_builtin(&self) -> bool {
        self.as_str().parse::<BuiltinChain>().is_ok()
    }
}

/// A comment: printable ASCII without quotes and backslash, at most 255 characters, of which
/// iptables would silently cut the rest. `'` is allowed; `iptables-save` prints it with a backslash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Comment(Box<str>);

impl Comment {
    /// Longest comment iptables keeps.
    pub const LIMIT: usize = 255;

    /// Takes a comment; `None` for text that is unsafe in a rule.
    pub fn new(text: &str) -> Option<Self> {
        let safe = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && !b"\"\\".contains(&byte);
        (!text.is_empty() && text.len() <= Self::LIMIT && text.bytes().all(safe))
            .then(|| Self(text.into()))
    }

    /// The comment as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A packet mark of one bit, or several, with its mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// Bits compared or set.
    pub value: u32,
    /// Bits looked at.
    pub mask: u32,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}/{:#x}", self.value, self.mask)
    }
}

/// Whether a match is turned round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Negation {
    /// Matches as it says.
    Is,
    /// Matches everything else.
    Not,
}

/// Which addresses and ports of a packet a set is asked about, in the order of the set's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetDirection {
    /// `dst`: the destination's address.
    Dst,
    /// `dst,dst`: the destination's address and port.
    DstDst,
    /// `src,dst`: the sender's address, and the port that it is sent to.
    SrcDst,
    /// `dst,dst,src`: the destination's address and port, and the sender's address.
    DstDstSrc,
}

/// Kinds of addresses, to `-m addrtype`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddrType {
    /// An address of this node.
    Local,
}

/// What a packet must be like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// `-s`: the sender's address is in the range.
    Source(Negation, IpNet),
    /// `-d`: the destination's address is in the range.
    Destination(Negation, IpNet),
    /// `-i`: the packet came in by this interface.
    InInterface(Negation, InterfaceName),
    /// `-i` with a trailing `+`: every interface that starts so.
    InInterfacePrefix(Negation, InterfaceName),
    /// `-p`: the transport protocol.
    Protocol(Protocol),
    /// `-m comment`: matches everything.
    Comment(Comment),
    /// `-m set --match-set`: the set has these addresses and ports of the packet.
    Set(SetName, SetDirection),
    /// `-m mark --mark`: bits of the packet's mark.
    Mark(Negation, Mark),
    /// `-m conntrack --ctstate RELATED,ESTABLISHED`.
    RelatedEstablished,
    /// `-m conntrack --ctstate NEW`.
    New,
    /// `-m conntrack --ctstate INVALID`: of no connection that can be.
    Invalid,
    /// `-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT`: neither of a known connection nor sent
    /// here by address translation.
    Unsolicited,
    /// `-m tcp`, `-m udp` or `-m sctp`, with `--dport` where a port is asked for.
    Transport(Protocol, Option<Port>),
    /// `-m statistic --mode random`.
    Random(Probability),
    /// `-m recent`: keeps senders in a list, or asks whether they are in it.
    Recent {
        /// What is done with the list.
        usage: Recent,
        /// The list's name, that of the chain it leads to.
        list: ChainName,
        /// Family of the senders, of which the whole address counts.
        family: IpFamily,
    },
    /// `-m physdev ! --physdev-is-in`: not from a bridge port.
    NotFromBridge,
    /// `-m addrtype --src-type`.
    SourceType(Negation, AddrType),
    /// `-m addrtype --dst-type`.
    DestinationType(Negation, AddrType),
    /// `-m ipvs`: part of a connection to this virtual server.
    VirtualServer {
        /// Address of the virtual server (`--vaddr`).
        address: IpAddr,
        /// Protocol of the virtual server (`--vproto`).
        protocol: Protocol,
        /// Port of the virtual server (`--vport`).
        port: Port,
    },
}

/// What `-m recent` does with a list of senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recent {
    /// `--set`: puts the sender in it. Matches always.
    Set,
    /// `--rcheck --seconds N --reap`: matches senders put in it within so many seconds, and forgets
    /// those of longer ago.
    Check {
        /// How long a sender counts, in seconds.
        seconds: u32,
    },
}

/// What happens to a packet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// On to another chain, and back when that one ends (`-j` with a chain).
    Chain(ChainName),
    /// Let through: no further chain of the hook's table is asked.
    Accept,
    /// Thrown away, and the sender is told nothing.
    Drop,
    /// Back to the calling chain.
    Return,
    /// Refused with an ICMP answer.
    Reject(RejectWith),
    /// `MARK --set-xmark`: clears the mask's bits, then flips the value's.
    Mark(Mark),
    /// Source address becomes the node's own; with `--random-fully` the port is chosen at random.
    Masquerade(PortChoice),
    /// `DNAT --to-destination`: sent on to this address and port.
    Dnat(SocketAddr),
    /// No `-j` at all: the next rule decides.
    Continue,
}

/// How MASQUERADE chooses the source port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortChoice {
    /// The kernel's default.
    Default,
    /// `--random-fully`: unrelated to the sender's own.
    RandomFully,
}

/// The answer of REJECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectWith {
    /// `icmp-port-unreachable`, the default of iptables.
    IcmpPortUnreachable,
    /// `icmp6-port-unreachable`, the default of ip6tables.
    Icmp6PortUnreachable,
}

/// One rule of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it matches, in the order it is written.
    pub matches: Vec<Match>,
    /// What it does.
    pub target: Target,
    /// Where it comes from; nothing for rules every node has, and for observed rules.
    pub origins: Origins,
}

impl Rule {
    /// Reads everything after `-A CHAIN `, without a space at its end; `None` for a rule that our types do not express to the
    /// letter.
    pub fn parse(text: &str) -> Option<Self> {
        super::parse::rule(text)
    }
}
