//! Tables as `nft -f` takes them, rules spelled as `nft list` prints them, and one element a line so
//! that changes can be reviewed.

use std::fmt;

use ipnet::IpNet;

use super::element::{Element, Key, Net};
use super::exchange::Elements;
use super::names::{ChainName, DataShape, SetName, TABLE};
use super::rule::{Expression, Match, Operand, Rule, Statement};
use super::table::{Hook, HookPoint, Sets, Table};
use crate::kernel::iptables::Negation;
use crate::kernel::text::{KeepOrigins, Text};
use crate::model::IpFamily;
use crate::source::Origins;

/// Size of the maps of clients with affinity, that of kube-proxy's sets.
pub(super) const AFFINITY_SIZE: u32 = 65_535;

/// Writes a script that puts these tables in the place of whatever there is, all at once.
pub fn write(tables: &[Table], text: &mut Text) {
    for table in tables {
        write_removal(table.family, text);
        write_table(table, text);
    }
}

/// Writes a script that removes the table of a family, whether there is one or not.
pub fn write_removal(family: IpFamily, text: &mut Text) {
    let name = Named(family);
    // An nft before 1.0.7 cannot delete what need not exist.
    text.line(&[], format_args!("{name}"));
    text.line(&[], format_args!("delete {name}"));
}

fn write_table(table: &Table, text: &mut Text) {
    text.line(&[], format_args!("{} {{", Named(table.family)));
    write_sets(&table.sets, table.family, text);
    for (name, rules) in &table.chains {
        write_chain(*name, rules, table.family, text);
    }
    text.line(&[], format_args!("}}"));
}

fn write_chain(name: ChainName, rules: &[Rule], family: IpFamily, text: &mut Text) {
    text.line(&[], format_args!("\tchain {name} {{"));
    if let Some(hook) = name.hook() {
        text.line(&[], format_args!("\t\t{hook}"));
    }
    for rule in rules {
        let rule = InFamily(family, rule);
        text.line(&[], format_args!("\t\t{rule}"));
    }
    text.line(&[], format_args!("\t}}"));
}

fn write_sets(sets: &Sets, family: IpFamily, text: &mut Text) {
    for (name, elements) in sets {
        write_set(*name, elements, family, text);
    }
}

fn write_set<'a>(
    name: SetName,
    elements: impl IntoIterator<Item = (&'a Key, &'a Element)>,
    family: IpFamily,
    text: &mut Text,
) {
    let declaration = Declaration { name, family };
    text.line(&[], format_args!("\t{} {name} {{", declaration.keyword()));
    for line in declaration.lines() {
        text.line(&[], format_args!("\t\t{line}"));
    }
    let mut elements = elements.into_iter().peekable();
    if elements.peek().is_some() {
        text.line(&[], format_args!("\t\telements = {{"));
        for (key, element) in elements {
            let origins: &Origins = &element.origins;
            text.line(origins, format_args!("\t\t\t{},", Entry(key, element)));
        }
        text.line(&[], format_args!("\t\t}}"));
    }
    text.line(&[], format_args!("\t}}"));
}

/// The table of a family, by its name.
pub(super) struct Named(pub(super) IpFamily);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {} {TABLE}", ip(self.0))
    }
}

/// `ip` or `ip6`.
pub(super) fn ip(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "ip",
        IpFamily::V6 => "ip6",
    }
}

/// What a set is, apart from its elements.
pub(super) struct Declaration {
    pub(super) name: SetName,
    pub(super) family: IpFamily,
}

impl Declaration {
    pub(super) fn keyword(&self) -> &'static str {
        match self.name.data() {
            None => "set",
            Some(_) => "map",
        }
    }

    /// As nft lists them. A random number has no type that could be named.
    pub(super) fn lines(&self) -> Vec<String> {
        let parts = self.name.key().expression().parts();
        let random = parts.iter().any(|part| matches!(part, Operand::Random(_)));
        let types: Vec<String> = if random {
            parts
                .iter()
                .map(|part| InFamily(self.family, part).to_string())
                .collect()
        } else {
            parts
                .iter()
                .map(|part| self.type_of(*part).to_owned())
                .collect()
        };
        let mut line = format!(
            "{} {}",
            if random { "typeof" } else { "type" },
            types.join(" . ")
        );
        match (self.name.data(), random) {
            (None, _) => {}
            (Some(DataShape::Verdict), _) => line.push_str(" : verdict"),
            (Some(DataShape::Endpoint), true) => {
                line.push_str(" : ");
                line.push_str(ip(self.family));
                // A protocol's own name for the port would narrow the rules that use the map to it.
                line.push_str(" daddr . th dport");
            }
            (Some(DataShape::Endpoint), false) => {
                line.push_str(" : ");
                line.push_str(self.type_of(Operand::Destination));
                line.push_str(" . inet_service");
            }
        }
        let mut lines = vec![line];
        match self.name {
            SetName::ServiceRanges | SetName::FirewallAllowed => {
                lines.push("flags interval".to_owned());
            }
            SetName::Affinity(_) => {
                lines.push(format!("size {AFFINITY_SIZE}"));
                lines.push("flags dynamic,timeout".to_owned());
            }
            _ => {}
        }
        lines
    }

    /// The name of a part's type.
    pub(super) fn type_of(&self, part: Operand) -> &'static str {
        match part {
            Operand::Source | Operand::Destination | Operand::OriginalDestination => {
                match self.family {
                    IpFamily::V4 => "ipv4_addr",
                    IpFamily::V6 => "ipv6_addr",
                }
            }
            Operand::Protocol => "inet_proto",
            Operand::Port | Operand::OriginalPort => "inet_service",
            Operand::Random(_) => "integer",
        }
    }
}

impl Table {
    /// The table as [`super::read`] reads it back.
    pub fn to_text(&self) -> String {
        let mut text = Text::new(KeepOrigins::No);
        write_table(self, &mut text);
        text.finish().0
    }

    /// What the table's text says of a set or map; nothing of one that it does not have.
    pub(crate) fn text_of_set(&self, name: SetName) -> String {
        let mut text = Text::new(KeepOrigins::No);
        if let Some(elements) = self.sets.get(&name) {
            write_set(name, elements, self.family, &mut text);
        }
        text.finish().0
    }

    /// What the table's text says of a chain; nothing of one that it does not have.
    pub(crate) fn text_of_chain(&self, name: ChainName) -> String {
        let mut text = Text::new(KeepOrigins::No);
        if let Some(rules) = self.chains.get(&name) {
            write_chain(name, rules, self.family, &mut text);
        }
        text.finish().0
    }
}

impl Elements {
    /// A table with these elements alone, as [`super::read`] reads it back.
    pub fn to_text(&self) -> String {
        let mut text = Text::new(KeepOrigins::No);
        text.line(&[], format_args!("{} {{", Named(self.family())));
        write_sets(self.sets(), self.family(), &mut text);
        text.line(&[], format_args!("}}"));
        text.finish().0
    }
}

impl Element {
    /// The element as it is written.
    pub fn with_key<'a>(&'a self, key: &'a Key) -> impl fmt::Display + 'a {
        Entry(key, self)
    }
}

impl Rule {
    /// The rule as it is written in the table of a family.
    pub fn in_family(&self, family: IpFamily) -> impl fmt::Display {
        InFamily(family, self)
    }
}

/// An element with its key.
struct Entry<'a>(&'a Key, &'a Element);

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(key, element) = self;
        key.fmt(f)?;
        if let Some(comment) = &element.comment {
            write!(f, " comment \"{}\"", comment.as_str())?;
        }
        match &element.value {
            None => Ok(()),
            Some(value) => write!(f, " : {value}"),
        }
    }
}

impl fmt::Display for Hook {
    /// Priorities have names where nft lists these.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "type {} hook {} priority ",
            self.kind.as_str(),
            self.point.as_str()
        )?;
        match (self.point, self.priority) {
            (_, 0) => f.write_str("filter")?,
            (HookPoint::Prerouting, -100) => f.write_str("dstnat")?,
            (HookPoint::Prerouting, -110) => f.write_str("dstnat - 10")?,
            (HookPoint::Postrouting, 100) => f.write_str("srcnat")?,
            (_, number) => write!(f, "{number}")?,
        }
        f.write_str("; policy accept;")
    }
}

/// Part of a rule, which reads otherwise in each family.
pub(super) struct InFamily<'a, T>(pub(super) IpFamily, pub(super) &'a T);

impl fmt::Display for InFamily<'_, Rule> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(family, rule) = self;
        for part in &rule.matches {
            write!(f, "{} ", InFamily(*family, part))?;
        }
        InFamily(*family, &rule.statement).fmt(f)
    }
}

impl fmt::Display for InFamily<'_, Match> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(family, part) = self;
        match part {
            Match::New => f.write_str("ct state new"),
            Match::Translated => f.write_str("ct status dnat"),
            Match::Protocol(protocol) => write!(f, "meta l4proto {}", protocol.lower()),
            Match::InSet(expression, not, set) => {
                write!(
                    f,
                    "{} {}@{set}",
                    InFamily(*family, expression),
                    unless(*not)
                )
            }
            Match::Source(not, net) => {
                write!(f, "{} saddr {}{}", ip(*family), unless(*not), Net(*net))
            }
            Match::InInterface(not, name) => {
                // A star at the end would mean all that start so.
                let (name, star) = match name.as_str().strip_suffix('*') {
                    Some(name) => (name, "\\*"),
                    None => (name.as_str(), ""),
                };
                write!(f, "iifname {}\"{name}{star}\"", unless(*not))
            }
            Match::InInterfacePrefix(not, name) => {
                write!(f, "iifname {}\"{}*\"", unless(*not), name.as_str())
            }
            Match::FromNode => f.write_str("fib saddr type local"),
            Match::ToNode => f.write_str("fib daddr type local"),
            Match::NotToLoopback => {
                write!(f, "{} daddr != {}", ip(*family), Net(loopback(*family)))
            }
            Match::Unmarked(bits) => write!(f, "meta mark & {bits:#010x} == 0x00000000"),
        }
    }
}

/// The family's loopback addresses.
pub(super) fn loopback(family: IpFamily) -> IpNet {
    match family {
        IpFamily::V4 => IpNet::new_assert([127, 0, 0, 0].into(), 8),
        IpFamily::V6 => IpNet::new_assert([0, 0, 0, 0, 0, 0, 0, 1].into(), 128),
    }
}

fn unless(not: Negation) -> &'static str {
    match not {
        Negation::Is => "",
        Negation::Not => "!= ",
    }
}

impl fmt::Display for InFamily<'_, Statement> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(family, statement) = self;
        let ip = ip(*family);
        match statement {
            Statement::Verdict(verdict) => verdict.fmt(f),
            Statement::Reject => f.write_str("reject"),
            Statement::VerdictMap(expression, map) => {
                write!(f, "{} vmap @{map}", InFamily(*family, expression))
            }
            Statement::Dnat(expression, map) => {
                write!(
                    f,
                    "dnat {ip} to {} map @{map}",
                    InFamily(*family, expression)
                )
            }
            Statement::SetMark(bits) => write!(f, "meta mark set meta mark | {bits:#010x}"),
            Statement::FlipMark(bits) => write!(f, "meta mark set meta mark ^ {bits:#010x}"),
            Statement::Masquerade => f.write_str("masquerade fully-random"),
            Statement::Remember(memory, seconds) => write!(
                f,
                "update @{} {{ {} timeout {} : {} }}",
                SetName::Affinity(*memory),
                InFamily(*family, &Expression::Client),
                Seconds(*seconds),
                InFamily(*family, &Expression::Endpoint),
            ),
        }
    }
}

impl fmt::Display for InFamily<'_, Expression> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(family, expression) = self;
        for (at, part) in expression.parts().iter().enumerate() {
            if at > 0 {
                f.write_str(" . ")?;
            }
            InFamily(*family, part).fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for InFamily<'_, Operand> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ip = ip(self.0);
        match self.1 {
            Operand::Source => write!(f, "{ip} saddr"),
            Operand::Destination => write!(f, "{ip} daddr"),
            Operand::Protocol => f.write_str("meta l4proto"),
            Operand::Port => f.write_str("th dport"),
            Operand::Random(size) => write!(f, "numgen random mod {size}"),
            Operand::OriginalDestination => write!(f, "ct original {ip} daddr"),
            Operand::OriginalPort => f.write_str("ct original proto-dst"),
        }
    }
}

/// A time as nft lists it: `3h`, `1h30m5s`.
pub(super) struct Seconds(pub(super) u32);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0;
        for (unit, letter) in [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')] {
            let count = left / unit;
            left %= unit;
            if count > 0 {
                write!(f, "{count}{letter}")?;
            }
        }
        Ok(())
    }
}
