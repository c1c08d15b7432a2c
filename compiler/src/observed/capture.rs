//! A capture: the output of ordinary tools, one file each, as a support bundle holds it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Dummy, Observed};
use crate::back::iptables::TableName;
use crate::back::ipvs::INTERFACE;
use crate::back::sysctl::SysctlKey;
use crate::back::{ipset, iptables, ipvs, nftables};
use crate::model::address::{parse_ip, parse_net};
use crate::model::{IpFamily, Timeouts};

/// A file of a capture, and the command whose output it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaptureFile {
    /// `ipvsadm -Sn`.
    VirtualServers,
    /// `ipvsadm -L --timeout`, or its three numbers alone.
    Timeouts,
    /// `ip -o addr`.
    Addresses,
    /// The addresses of kube-ipvs0 alone, one a line.
    DummyAddresses,
    /// `ipset save`.
    Sets,
    /// `iptables-save`.
    Iptables,
    /// `ip6tables-save`.
    Ip6tables,
    /// `nft list ruleset`.
    Tables,
    /// `sysctl -a`.
    Sysctl,
}

impl CaptureFile {
    /// All files.
    pub const ALL: [Self; 9] = [
        Self::VirtualServers,
        Self::Timeouts,
        Self::Addresses,
        Self::DummyAddresses,
        Self::Sets,
        Self::Iptables,
        Self::Ip6tables,
        Self::Tables,
        Self::Sysctl,
    ];

    /// Its name in the capture's folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::VirtualServers => "ipvs.rules",
            Self::Timeouts => "ipvs.timeouts",
            Self::Addresses => "addresses",
            Self::DummyAddresses => "kube-ipvs0.addresses",
            Self::Sets => "ipset.save",
            Self::Iptables => "iptables.save",
            Self::Ip6tables => "ip6tables.save",
            Self::Tables => "ruleset.nft",
            Self::Sysctl => "sysctl",
        }
    }

    /// The command whose output it holds.
    pub fn command(self) -> &'static str {
        match self {
            Self::VirtualServers => "ipvsadm -Sn",
            Self::Timeouts => "ipvsadm -L --timeout",
            Self::Addresses | Self::DummyAddresses => "ip -o addr",
            Self::Sets => "ipset save",
            Self::Iptables => "iptables-save",
            Self::Ip6tables => "ip6tables-save",
            Self::Tables => "nft list ruleset",
            Self::Sysctl => "sysctl -a",
        }
    }
}

/// Why a capture cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// A file that planning cannot do without.
    #[error("the capture has no {}: run `{} > {}`", .0.name(), .0.command(), .0.name())]
    Missing(CaptureFile),
    /// A file that is not what its command prints.
    #[error("{}, {problem}", .file.name())]
    Content {
        /// The file.
        file: CaptureFile,
        /// What is wrong, with its line.
        problem: String,
    },
}

/// Reads a capture. Timeouts, settings and the tables of nftables may be missing, and either form of the addresses will do;
/// whatever is unknown counts as not being as wanted.
///
/// # Errors
/// A file that is missing, or is not what its command prints.
pub fn read(files: &BTreeMap<CaptureFile, String>) -> Result<Observed, CaptureError> {
    let required = |file: CaptureFile| files.get(&file).ok_or(CaptureError::Missing(file));
    let content = |file, problem: &dyn ToString| CaptureError::Content {
        file,
        problem: problem.to_string(),
    };
    let tables = |file| {
        read_rules(required(file)?).map_err(|problem| CaptureError::Content { file, problem })
    };
    Ok(Observed {
        virtual_servers: ipvs::read(required(CaptureFile::VirtualServers)?)
            .map_err(|error| content(CaptureFile::VirtualServers, &error))?,
        timeouts: files
            .get(&CaptureFile::Timeouts)
            .map(|text| timeouts(text))
            .transpose()?,
        dummy: dummy(files)?,
        sets: ipset::read(required(CaptureFile::Sets)?)
            .map_err(|error| content(CaptureFile::Sets, &error))?,
        rules: [
            tables(CaptureFile::Iptables)?,
            tables(CaptureFile::Ip6tables)?,
        ],
        tables: files
            .get(&CaptureFile::Tables)
            .map(|text| nftables::read(text))
            .transpose()
            .map_err(|error| content(CaptureFile::Tables, &error))?
            .unwrap_or_default(),
        sysctls: files
            .get(&CaptureFile::Sysctl)
            .map(|text| sysctls(text))
            .unwrap_or_default(),
    }
    .ordered())
}

/// Reads what `iptables-save` and `ip6tables-save` print, remarks included.
///
/// # Errors
/// Text that is none of theirs, and a remark that they could not print a table that portolan writes
/// to: what is in it would be taken for missing.
pub fn read_rules(text: &str) -> Result<iptables::Saved, String> {
    // iptables-nft-save 1.8 says: # Table `nat' is incompatible, use 'nft' tool.
    let incompatible = text.lines().zip(1..).find_map(|(line, number)| {
        let name = line.strip_prefix("# Table `")?;
        let name = name.strip_suffix("' is incompatible, use 'nft' tool.")?;
        let used = TableName::WITH_RULES
            .iter()
            .any(|table| table.as_str() == name);
        used.then_some((number, name))
    });
    if let Some((line, name)) = incompatible {
        return Err(format!(
            "line {line}: table {name} has rules that only nft can print: look at them with \
             `nft list table ip {name}` (or ip6) and remove or move what iptables did not make"
        ));
    }
    iptables::read(text).map_err(|error| error.to_string())
}

fn timeouts(text: &str) -> Result<Timeouts, CaptureError> {
    let line = text.lines().next().unwrap_or_default();
    // ipvsadm says: Timeout (tcp tcpfin udp): 900 120 300
    let numbers = line.rsplit_once(':').map_or(line, |(_, numbers)| numbers);
    numbers
        .parse()
        .map_err(|error: crate::model::NotTimeouts| CaptureError::Content {
            file: CaptureFile::Timeouts,
            problem: format!("line 1: {error}: {line:?}"),
        })
}

fn dummy(files: &BTreeMap<CaptureFile, String>) -> Result<Dummy, CaptureError> {
    let (file, addresses) = match (
        files.get(&CaptureFile::Addresses),
        files.get(&CaptureFile::DummyAddresses),
    ) {
        (Some(text), _) => (CaptureFile::Addresses, one_line_addresses(text)),
        (None, Some(text)) => (CaptureFile::DummyAddresses, plain_addresses(text)),
        (None, None) => return Err(CaptureError::Missing(CaptureFile::Addresses)),
    };
    let mut addresses = addresses.map_err(|(line, text)| CaptureError::Content {
        file,
        problem: format!("line {line}: expected an address: {text:?}"),
    })?;
    addresses.sort_unstable();
    addresses.dedup();
    // `ip -o addr` does not print a link without addresses; making one that exists is no error.
    let absent = file == CaptureFile::Addresses && addresses.is_empty();
    Ok(if absent {
        Dummy::Absent
    } else {
        Dummy::Present(addresses)
    })
}

type Lines = Result<Vec<IpAddr>, (usize, String)>;

/// `4: kube-ipvs0    inet 10.96.0.1/32 scope global kube-ipvs0\       valid_lft forever …`
fn one_line_addresses(text: &str) -> Lines {
    let mut addresses = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let mut words = line.split_ascii_whitespace().skip(1);
        if words.next() != Some(INTERFACE) {
            continue;
        }
        let address = words.nth(1).and_then(address);
        addresses.push(address.ok_or_else(|| (number, line.to_owned()))?);
    }
    Ok(addresses)
}

fn plain_addresses(text: &str) -> Lines {
    text.lines()
        .zip(1..)
        .filter(|(line, _)| !line.trim().is_empty())
        .map(|(line, number)| address(line.trim()).ok_or_else(|| (number, line.to_owned())))
        .collect()
}

fn address(text: &str) -> Option<IpAddr> {
    parse_net(text)
        .map(|net| net.addr())
        .or_else(|_| parse_ip(text))
        .ok()
}

/// Settings that are not ours, and what is no number, pass by.
fn sysctls(text: &str) -> BTreeMap<SysctlKey, u32> {
    text.lines()
        .filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            let key = SysctlKey::ALL
                .into_iter()
                .find(|key| key.name() == name.trim())?;
            Some((key, value.trim().parse().ok()?))
        })
        .collect()
}

/// Writes a capture that [`read`] reads back.
pub fn write(observed: &Observed) -> BTreeMap<CaptureFile, String> {
    use crate::back::text::{KeepOrigins, Text};
    let text = |write: &dyn Fn(&mut Text)| {
        let mut text = Text::new(KeepOrigins::No);
        write(&mut text);
        text.finish().0
    };
    let lines =
        |lines: &[Box<str>]| -> String { lines.iter().flat_map(|line| [line, "\n"]).collect() };
    let mut servers = text(&|out| ipvs::write(&observed.virtual_servers.servers, out));
    for foreign in &observed.virtual_servers.foreign {
        servers.push_str(&lines(&foreign.lines));
    }
    let mut sets = text(&|out| ipset::write(&observed.sets.sets, out));
    for foreign in &observed.sets.foreign {
        sets.push_str(&lines(&foreign.lines));
    }
    let addresses = match &observed.dummy {
        // As `ip -o addr` prints nothing about it.
        Dummy::Absent => (CaptureFile::Addresses, String::new()),
        Dummy::Present(addresses) => (CaptureFile::DummyAddresses, own_nets(addresses)),
    };
    let mut files = BTreeMap::from([
        (CaptureFile::VirtualServers, servers),
        addresses,
        (CaptureFile::Sets, sets),
        (
            CaptureFile::Iptables,
            observed.rules(IpFamily::V4).to_string(),
        ),
        (
            CaptureFile::Ip6tables,
            observed.rules(IpFamily::V6).to_string(),
        ),
    ]);
    let tables = observed.tables.tables.iter().flatten();
    let tables: String = tables.map(|found| found.table.to_text()).collect();
    if !tables.is_empty() {
        files.insert(CaptureFile::Tables, tables);
    }
    if let Some(timeouts) = observed.timeouts {
        files.insert(CaptureFile::Timeouts, format!("{timeouts}\n"));
    }
    let sysctls: String = observed
        .sysctls
        .iter()
        .flat_map(|(key, value)| [key.name().to_owned(), format!("={value}\n")])
        .collect();
    files.insert(CaptureFile::Sysctl, sysctls);
    files
}

/// Each address alone in its network, one a line.
fn own_nets(addresses: &[IpAddr]) -> String {
    addresses.iter().fold(String::new(), |text, address| {
        let length = match IpFamily::of(*address) {
            IpFamily::V4 => 32,
            IpFamily::V6 => 128,
        };
        text + &format!("{address}/{length}\n")
    })
}
