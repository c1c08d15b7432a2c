//! A node's state back from its artefacts.

use std::collections::BTreeMap;

use super::written::{self, NotWritten, Stranger};
use super::{IptablesState, IpvsState, NodeState, ProxyState, services};
use crate::bundle::ArtefactKind;
use crate::kernel::lines::LineError;
use crate::kernel::text::KeepOrigins;
use crate::kernel::{dummy, ipset, iptables, ipvs, modules, nftables, sysctl};
use crate::model::{Mode, NotTimeouts};
use crate::source::Origins;

/// Why artefacts are no node's state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", .kind.as_str())]
pub struct ArtefactError {
    /// Which artefact it is that cannot be read.
    pub kind: ArtefactKind,
    /// What is wrong with it.
    pub problem: ArtefactProblem,
}

/// What is wrong with an artefact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArtefactProblem {
    /// It is not there.
    #[error("it is missing")]
    Missing,
    /// Its bytes are no text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// It holds what portolan never writes.
    #[error("it holds objects that portolan does not write")]
    Foreign,
    /// It is no text, and is not what the others come to.
    #[error("it does not say what the other files say")]
    Derived,
    /// No mode with files like the others has one of this kind.
    #[error("mode {} has no such file", .0.as_str())]
    Surplus(Mode),
    /// A line that portolan never writes there.
    #[error(transparent)]
    NotWritten(#[from] LineError<NotWritten>),
    /// Rules that portolan never writes.
    #[error(transparent)]
    Rules(#[from] iptables::NotOurs),
    /// A line of modules.
    #[error(transparent)]
    Modules(#[from] LineError<modules::NotAModule>),
    /// A line of settings.
    #[error(transparent)]
    Sysctl(#[from] LineError<sysctl::SysctlProblem>),
    /// A line of addresses.
    #[error(transparent)]
    Addresses(#[from] LineError<dummy::AddressesProblem>),
    /// A line of sets.
    #[error(transparent)]
    Ipset(#[from] ipset::ReadError),
    /// A line of tables.
    #[error(transparent)]
    Nftables(#[from] nftables::ReadError),
    /// A line of rules.
    #[error(transparent)]
    Iptables(#[from] iptables::ReadError),
    /// A line of virtual servers.
    #[error(transparent)]
    Ipvs(#[from] ipvs::ReadError),
    /// A line of what Services have.
    #[error(transparent)]
    Services(#[from] LineError<services::ServicesProblem>),
    /// The line of timeouts.
    #[error(transparent)]
    Timeouts(#[from] NotTimeouts),
}

impl NodeState {
    /// Reads what [`super::artefacts`] writes, without origins. Which files there are tells the mode.
    ///
    /// # Errors
    /// With the first artefact that portolan would not write.
    pub fn from_artefacts(files: &BTreeMap<ArtefactKind, Vec<u8>>) -> Result<Self, ArtefactError> {
        let sysctls = |text: &str| Ok(sysctl::read(text)?);
        let mode = Self::mode_of(|kind| files.contains_key(&kind));
        let proxy = match mode {
            Mode::Ipvs => ProxyState::Ipvs(ipvs_state(files)?),
            Mode::Iptables => ProxyState::Iptables(iptables_state(files)?),
            Mode::Nftables => ProxyState::Nftables(file(files, ArtefactKind::Nftables, tables)?),
        };
        let modules = optional(files, ArtefactKind::ModulesLoad, |text| {
            Ok(modules::read(text, super::modules::all)?)
        })?;
        let services = optional(files, ArtefactKind::Services, |text| {
            Ok(services::read(text)?)
        })?;
        let state = Self {
            modules: modules.unwrap_or_default(),
            services,
            sysctls: if mode == Mode::Ipvs {
                file(files, ArtefactKind::Sysctl, sysctls)?
            } else {
                optional(files, ArtefactKind::Sysctl, sysctls)?.unwrap_or_default()
            },
            proxy,
        };
        as_written(&state, files)?;
        Ok(state)
    }

    /// The mode that writes these artefacts and no others.
    pub fn mode_of(has: impl Fn(ArtefactKind) -> bool) -> Mode {
        let of_ipvs = [
            ArtefactKind::Addresses,
            ArtefactKind::Ipset,
            ArtefactKind::IpvsRules,
        ];
        if of_ipvs.into_iter().any(&has) {
            Mode::Ipvs
        } else if has(ArtefactKind::Nftables) {
            Mode::Nftables
        } else {
            Mode::Iptables
        }
    }
}

/// Written again, a state is the files that it was read from, to the byte; and its mode can have written
/// it for some node.
fn as_written(
    state: &NodeState,
    files: &BTreeMap<ArtefactKind, Vec<u8>>,
) -> Result<(), ArtefactError> {
    let again = super::artefacts(state, KeepOrigins::No);
    for (kind, found) in files {
        let refused = |problem| ArtefactError {
            kind: *kind,
            problem,
        };
        let own = again.iter().find(|file| file.kind == *kind);
        let own = own.ok_or_else(|| refused(ArtefactProblem::Surplus(state.mode())))?;
        if own.bytes != *found {
            return Err(refused(difference(found, &own.bytes)));
        }
    }
    written::check(state).map_err(|stranger| {
        let Stranger {
            kind,
            line,
            problem,
            ..
        } = &*stranger;
        let text = files.get(kind).map(|bytes| String::from_utf8_lossy(bytes));
        ArtefactError {
            kind: *kind,
            problem: LineError {
                line: text.map_or(1, |text| stranger.number(&text)),
                problem: problem.clone(),
                text: line.as_str().into(),
            }
            .into(),
        }
    })
}

/// The first line that differs.
fn difference(found: &[u8], own: &[u8]) -> ArtefactProblem {
    let (Ok(found), Ok(own)) = (std::str::from_utf8(found), std::str::from_utf8(own)) else {
        return ArtefactProblem::Derived;
    };
    let mut own = own.split_inclusive('\n');
    let mut last = (0, "");
    for (number, line) in (1..).zip(found.split_inclusive('\n')) {
        let problem = match own.next() {
            Some(own) if own == line => {
                last = (number, line);
                continue;
            }
            Some(own) if own.trim_end() == line => NotWritten::Cut,
            Some(own) => NotWritten::Instead(own.trim_end().into()),
            None => NotWritten::Nothing,
        };
        return not_written(number, line, problem);
    }
    let missing = own.next().unwrap_or_default().trim_end();
    not_written(last.0, last.1, NotWritten::Missing(missing.into()))
}

fn not_written(line: usize, text: &str, problem: NotWritten) -> ArtefactProblem {
    let text = text.strip_suffix('\n').unwrap_or(text).into();
    LineError {
        line,
        problem,
        text,
    }
    .into()
}

fn iptables_state(files: &BTreeMap<ArtefactKind, Vec<u8>>) -> Result<IptablesState, ArtefactError> {
    Ok(IptablesState {
        iptables: file(files, ArtefactKind::Iptables, rules)?,
        ip6tables: file(files, ArtefactKind::Ip6tables, rules)?,
    })
}

fn ipvs_state(files: &BTreeMap<ArtefactKind, Vec<u8>>) -> Result<IpvsState, ArtefactError> {
    Ok(IpvsState {
        rules: iptables_state(files)?,
        timeouts: optional(files, ArtefactKind::IpvsTimeouts, |text| Ok(text.parse()?))?,
        addresses: file(files, ArtefactKind::Addresses, |text| {
            let addresses = dummy::read_addresses(text)?.into_iter();
            Ok(addresses.map(|address| (address, Origins::new())).collect())
        })?,
        sets: file(files, ArtefactKind::Ipset, |text| {
            let ipset::Observed { sets, foreign } = ipset::read(text)?;
            ours(sets, &foreign)
        })?,
        virtual_servers: file(files, ArtefactKind::IpvsRules, |text| {
            let ipvs::Observed {
                mut servers,
                foreign,
            } = ipvs::read(text)?;
            servers.sort_by_key(|server| server.key);
            ours(servers, &foreign)
        })?,
    })
}

fn optional<T>(
    files: &BTreeMap<ArtefactKind, Vec<u8>>,
    kind: ArtefactKind,
    read: impl FnOnce(&str) -> Result<T, ArtefactProblem>,
) -> Result<Option<T>, ArtefactError> {
    let present = files.contains_key(&kind);
    present.then(|| file(files, kind, read)).transpose()
}

fn file<T>(
    files: &BTreeMap<ArtefactKind, Vec<u8>>,
    kind: ArtefactKind,
    read: impl FnOnce(&str) -> Result<T, ArtefactProblem>,
) -> Result<T, ArtefactError> {
    let bytes = files.get(&kind).ok_or(ArtefactProblem::Missing);
    bytes
        .and_then(|bytes| std::str::from_utf8(bytes).map_err(|_| ArtefactProblem::NotText))
        .and_then(read)
        .map_err(|problem| ArtefactError { kind, problem })
}

fn ours<T, F>(objects: Vec<T>, foreign: &[F]) -> Result<Vec<T>, ArtefactProblem> {
    if foreign.is_empty() {
        Ok(objects)
    } else {
        Err(ArtefactProblem::Foreign)
    }
}

/// Both tables, as they are always written.
fn tables(text: &str) -> Result<Vec<nftables::Table>, ArtefactProblem> {
    let found = nftables::read(text)?.tables.into_iter();
    found
        .flatten()
        .map(|found| match found {
            found if found.foreign.is_empty() && found.affinity.is_empty() => Ok(found.table),
            _ => Err(ArtefactProblem::Foreign),
        })
        .collect()
}

fn rules(text: &str) -> Result<iptables::Ruleset, ArtefactProblem> {
    Ok(iptables::read(text)?.try_into()?)
}
