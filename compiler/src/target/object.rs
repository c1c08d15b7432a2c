//! The objects of a state: what each is called, and what it says.

use std::fmt::{self, Display, Write};
use std::net::IpAddr;

use super::tree::Place;
use crate::bundle::Digest;
use crate::kernel::dummy::INTERFACE;
use crate::kernel::ipset::{Set, SetHeader};
use crate::kernel::iptables::{self, Chain, Jump, TableName, in_one_order};
use crate::kernel::ipvs::{self, VirtualServer};
use crate::kernel::nftables;
use crate::kernel::sysctl::Sysctl;
use crate::kernel::text::{KeepOrigins, Text};
use crate::mode::NodeState;
use crate::model::{IpFamily, Mode, Timeouts};

/// An object that the kernel holds, or a fact about all of them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Object<'s> {
    Mode(Mode),
    Module(&'static str),
    Sysctl(Sysctl),
    Timeouts(Timeouts),
    Interface,
    Address(IpAddr),
    Set(&'s Set),
    Chain(IpFamily, TableName, &'s Chain),
    /// Jumps out of one of the kernel's own chains.
    Jumps(IpFamily, TableName, &'s iptables::ChainName, &'s [Jump]),
    Server(&'s VirtualServer),
    NftTable(&'s nftables::Table),
    NftSet(&'s nftables::Table, nftables::SetName),
    NftChain(&'s nftables::Table, nftables::ChainName),
}

impl Object<'_> {
    /// Where it lies in the tree.
    pub(super) fn place(&self) -> Place {
        Digest::of_text(|out| write!(out, "{self}"))
    }

    /// Digest of what it is called and of what it says.
    pub(super) fn digest(&self) -> Digest {
        Digest::of_text(|out| {
            writeln!(out, "object {self}")?;
            self.write(out)
        })
    }

    /// What it says, in the words of the tool that lists it.
    fn write(&self, out: &mut impl Write) -> fmt::Result {
        match self {
            Self::Mode(_) | Self::Module(_) | Self::Interface | Self::Address(_) => Ok(()),
            Self::NftTable(_) => Ok(()),
            Self::Sysctl(sysctl) => writeln!(out, "{}", sysctl.value),
            Self::Timeouts(timeouts) => writeln!(out, "{timeouts}"),
            Self::Set(set) => {
                writeln!(out, "{}", Header(set.header))?;
                lines(set.entries.iter().map(|(entry, _)| entry), out)
            }
            Self::Chain(_, _, chain) => lines(in_one_order(&chain.rules), out),
            Self::Jumps(.., jumps) => lines(jumps.iter().map(|jump| &jump.rule), out),
            Self::Server(server) => {
                let mut text = Text::new(KeepOrigins::No);
                ipvs::write(std::slice::from_ref(server), &mut text);
                out.write_str(&text.finish().0)
            }
            Self::NftSet(table, name) => out.write_str(&table.text_of_set(*name)),
            Self::NftChain(table, name) => out.write_str(&table.text_of_chain(*name)),
        }
    }
}

impl Display for Object<'_> {
    /// What it is, and its name there: `chain IPv4 nat KUBE-SERVICES`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mode(mode) => write!(f, "mode {}", mode.as_str()),
            Self::Module(name) => write!(f, "module {name}"),
            Self::Sysctl(sysctl) => write!(f, "sysctl {}", sysctl.key.as_str()),
            Self::Timeouts(_) => f.write_str("timeouts"),
            Self::Interface => write!(f, "interface {INTERFACE}"),
            Self::Address(address) => write!(f, "address {address}"),
            Self::Set(set) => write!(f, "set {}", set.name),
            Self::Chain(family, table, chain) => {
                write!(f, "chain {family} {} {}", table.as_str(), chain.name)
            }
            Self::Jumps(family, table, from, _) => {
                write!(f, "jumps {family} {} {from}", table.as_str())
            }
            Self::Server(server) => write!(f, "server {}", server.key),
            Self::NftTable(table) => write!(f, "nft table {}", table.family),
            Self::NftSet(table, name) => write!(f, "nft set {} {name}", table.family),
            Self::NftChain(table, name) => write!(f, "nft chain {} {name}", table.family),
        }
    }
}

/// A set's header without its number of buckets, which the kernel grows.
struct Header(SetHeader);

impl Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SetHeader::Hash {
                set_type,
                family,
                maxelem,
                hashsize: _,
            } => write!(f, "{} {family} maxelem {maxelem}", set_type.as_str()),
            bitmap @ SetHeader::Bitmap { .. } => bitmap.fmt(f),
        }
    }
}

fn lines<T: Display>(lines: impl IntoIterator<Item = T>, out: &mut impl Write) -> fmt::Result {
    lines
        .into_iter()
        .try_for_each(|line| writeln!(out, "{line}"))
}

/// All objects of a state.
pub(super) fn objects(state: &NodeState) -> Vec<Object<'_>> {
    let mut objects = vec![Object::Mode(state.mode())];
    objects.extend(state.modules.iter().copied().map(Object::Module));
    objects.extend(state.sysctls.iter().copied().map(Object::Sysctl));
    objects.extend(state.timeouts().map(Object::Timeouts));
    if state.mode() == Mode::Ipvs {
        objects.push(Object::Interface);
    }
    let addresses = state.addresses().iter();
    objects.extend(addresses.map(|(address, _)| Object::Address(*address)));
    objects.extend(state.sets().iter().map(Object::Set));
    for family in IpFamily::ALL {
        for table in &state.rules(family).tables {
            let chains = table.chains.iter();
            objects.extend(chains.map(|chain| Object::Chain(family, table.name, chain)));
            for jumps in table.jumps.chunk_by(|a, b| a.from == b.from) {
                if let [Jump { from, .. }, ..] = jumps {
                    objects.push(Object::Jumps(family, table.name, from, jumps));
                }
            }
        }
    }
    objects.extend(state.virtual_servers().iter().map(Object::Server));
    for table in state.tables() {
        objects.push(Object::NftTable(table));
        objects.extend(table.sets.keys().map(|name| Object::NftSet(table, *name)));
        objects.extend(
            table
                .chains
                .keys()
                .map(|name| Object::NftChain(table, *name)),
        );
    }
    objects
}
