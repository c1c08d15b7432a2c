//! Rules as `iptables-restore --noflush` takes them, spelled as `iptables-save` prints them.

use std::fmt;

use super::{
    AddrType, ChainName, Comment, Mark, Match, Negation, PortChoice, Recent, RejectWith, Rule,
    Ruleset, SavedRule, SetDirection, Table, Target,
};
use crate::kernel::text::Text;
use crate::model::IpFamily;

/// Writes a script for a node that has none of these chains and jumps, tables in the given order.
pub fn write(ruleset: &Ruleset, text: &mut Text) {
    for table in &ruleset.tables {
        write_table(table, text);
    }
}

fn write_table(table: &Table, text: &mut Text) {
    text.line(&[], format_args!("*{}", table.name.as_str()));
    for chain in &table.chains {
        text.line(&[], format_args!(":{} - [0:0]", chain.name));
    }
    let mut builtin: Vec<&ChainName> = Vec::new();
    for jump in &table.jumps {
        if !builtin.contains(&&jump.from) {
            builtin.push(&jump.from);
        }
    }
    for from in builtin {
        // Every -I goes on top of the one before.
        for jump in table.jumps.iter().rev().filter(|jump| &jump.from == from) {
            let rule = &jump.rule;
            text.line(&rule.origins, format_args!("-I {from} {rule}"));
        }
    }
    for chain in &table.chains {
        for rule in &chain.rules {
            text.line(&rule.origins, format_args!("-A {} {rule}", chain.name));
        }
    }
    text.line(&[], format_args!("COMMIT"));
}

impl fmt::Display for Rule {
    /// Everything after `-A CHAIN `.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_rule(f, self.matches.iter(), &self.target)
    }
}

fn write_rule<'r>(
    f: &mut impl fmt::Write,
    matches: impl Iterator<Item = &'r Match>,
    target: &Target,
) -> fmt::Result {
    let mut any = false;
    for part in matches {
        if any {
            f.write_str(" ")?;
        }
        write!(f, "{part}")?;
        any = true;
    }
    if any && *target != Target::Continue {
        f.write_str(" ")?;
    }
    write!(f, "{target}")
}

impl Rule {
    /// The rule without its comment, which says little that its sets' names do not.
    pub fn short(&self) -> String {
        let matches = self.matches.iter();
        let matches = matches.filter(|part| !matches!(part, Match::Comment(_)));
        let mut text = String::new();
        // Text takes whatever is written to it.
        let _ = write_rule(&mut text, matches, &self.target);
        text
    }
}

impl SavedRule {
    /// The rule without its comment; one of others as it is.
    pub fn short(&self) -> String {
        match self {
            Self::Known(rule) => rule.short(),
            Self::Foreign(text) => text.to_string(),
        }
    }
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(not, net) => write!(f, "{not}-s {net}"),
            Self::Destination(not, net) => write!(f, "{not}-d {net}"),
            Self::InInterface(not, name) => write!(f, "{not}-i {name}"),
            Self::InInterfacePrefix(not, prefix) => write!(f, "{not}-i {prefix}+"),
            Self::Protocol(protocol) => write!(f, "-p {}", protocol.lower()),
            Self::Comment(comment) => write!(f, "-m comment --comment {comment}"),
            Self::Set(name, direction) => write!(f, "-m set --match-set {name} {direction}"),
            Self::Mark(
                not,
                Mark {
                    value,
                    mask: u32::MAX,
                },
            ) => write!(f, "-m mark {not}--mark {value:#x}"),
            Self::Mark(not, mark) => write!(f, "-m mark {not}--mark {mark}"),
            Self::RelatedEstablished => f.write_str("-m conntrack --ctstate RELATED,ESTABLISHED"),
            Self::New => f.write_str("-m conntrack --ctstate NEW"),
            Self::Invalid => f.write_str("-m conntrack --ctstate INVALID"),
            Self::Unsolicited => f.write_str("-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT"),
            Self::Transport(protocol, None) => write!(f, "-m {}", protocol.lower()),
            Self::Transport(protocol, Some(port)) => {
                write!(f, "-m {} --dport {port}", protocol.lower())
            }
            Self::Random(probability) => {
                write!(f, "-m statistic --mode random --probability {probability}")
            }
            Self::Recent {
                usage,
                list,
                family,
            } => write!(
                f,
                "-m recent {usage} --name {list} --mask {} --rsource",
                whole_address(*family)
            ),
            Self::NotFromBridge => f.write_str("-m physdev ! --physdev-is-in"),
            Self::SourceType(not, kind) => write!(f, "-m addrtype {not}--src-type {kind}"),
            Self::DestinationType(not, kind) => write!(f, "-m addrtype {not}--dst-type {kind}"),
            Self::VirtualServer {
                address,
                protocol,
                port,
            } => write!(
                f,
                "-m ipvs --vproto {} --vaddr {address} --vport {port}",
                protocol.number()
            ),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(chain) => write!(f, "-j {chain}"),
            Self::Accept => f.write_str("-j ACCEPT"),
            Self::Drop => f.write_str("-j DROP"),
            Self::Return => f.write_str("-j RETURN"),
            Self::Reject(with) => write!(f, "-j REJECT --reject-with {with}"),
            Self::Mark(mark) => write!(f, "-j MARK --set-xmark {mark}"),
            Self::Masquerade(PortChoice::Default) => f.write_str("-j MASQUERADE"),
            Self::Masquerade(PortChoice::RandomFully) => {
                f.write_str("-j MASQUERADE --random-fully")
            }
            Self::Dnat(to) => write!(f, "-j DNAT --to-destination {to}"),
            Self::Continue => Ok(()),
        }
    }
}

/// The mask of a single address.
pub(super) fn whole_address(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "255.255.255.255",
        IpFamily::V6 => "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    }
}

impl fmt::Display for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set => f.write_str("--set"),
            Self::Check { seconds } => write!(f, "--rcheck --seconds {seconds} --reap"),
        }
    }
}

impl fmt::Display for Comment {
    /// Quoted where `iptables-save` quotes: unless all is letters, digits, `-` and `_`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.as_str().bytes().all(plain) {
            return f.write_str(self.as_str());
        }
        f.write_str("\"")?;
        for (at, part) in self.as_str().split('\'').enumerate() {
            if at > 0 {
                f.write_str("\\'")?;
            }
            f.write_str(part)?;
        }
        f.write_str("\"")
    }
}

impl fmt::Display for Negation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Is => "",
            Self::Not => "! ",
        })
    }
}

impl fmt::Display for SetDirection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dst => "dst",
            Self::DstDst => "dst,dst",
            Self::SrcDst => "src,dst",
            Self::DstDstSrc => "dst,dst,src",
        })
    }
}

impl fmt::Display for AddrType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "LOCAL",
        })
    }
}

impl fmt::Display for RejectWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IcmpPortUnreachable => "icmp-port-unreachable",
            Self::Icmp6PortUnreachable => "icmp6-port-unreachable",
        })
    }
}
