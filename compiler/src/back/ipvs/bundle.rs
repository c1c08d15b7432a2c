//! A node's state back from its artefacts.

use std::collections::BTreeMap;

use super::{NodeState, NotAModule, ReadError, addresses, read, read_addresses, read_modules};
use crate::back::lines::LineError;
use crate::back::{ipset, iptables, sysctl};
use crate::bundle::ArtefactKind;
use crate::model::NotTimeouts;
use crate::source::Origins;

/// Why artefacts are no state of mode ipvs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", .kind.file_name())]
pub struct ArtefactError {
    /// The artefact.
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
    /// Rules that portolan never writes.
    #[error(transparent)]
    Rules(#[from] iptables::NotOurs),
    /// A line of modules.
    #[error(transparent)]
    Modules(#[from] LineError<NotAModule>),
    /// A line of settings.
    #[error(transparent)]
    Sysctl(#[from] LineError<sysctl::SysctlProblem>),
    /// A line of addresses.
    #[error(transparent)]
    Addresses(#[from] LineError<addresses::AddressesProblem>),
    /// A line of sets.
    #[error(transparent)]
    Ipset(#[from] ipset::ReadError),
    /// A line of rules.
    #[error(transparent)]
    Iptables(#[from] iptables::ReadError),
    /// A line of virtual servers.
    #[error(transparent)]
    Ipvs(#[from] ReadError),
    /// The line of timeouts.
    #[error(transparent)]
    Timeouts(#[from] NotTimeouts),
}

impl NodeState {
    /// Reads what [`super::artefacts`] writes, without origins.
    ///
    /// # Errors
    /// With the first artefact that portolan would not write.
    pub fn from_artefacts(files: &BTreeMap<ArtefactKind, Vec<u8>>) -> Result<Self, ArtefactError> {
        Ok(Self {
            modules: if files.contains_key(&ArtefactKind::ModulesLoad) {
                file(files, ArtefactKind::ModulesLoad, |text| {
                    Ok(read_modules(text)?)
                })?
            } else {
                Vec::new()
            },
            sysctls: file(files, ArtefactKind::Sysctl, |text| Ok(sysctl::read(text)?))?,
            timeouts: if files.contains_key(&ArtefactKind::IpvsTimeouts) {
                Some(file(files, ArtefactKind::IpvsTimeouts, |text| {
                    Ok(text.parse()?)
                })?)
            } else {
                None
            },
            addresses: file(files, ArtefactKind::Addresses, |text| {
                let addresses = read_addresses(text)?.into_iter();
                Ok(addresses.map(|address| (address, Origins::new())).collect())
            })?,
            sets: file(files, ArtefactKind::Ipset, |text| {
                let ipset::Observed { sets, foreign } = ipset::read(text)?;
                ours(sets, &foreign)
            })?,
            iptables: file(files, ArtefactKind::Iptables, rules)?,
            ip6tables: file(files, ArtefactKind::Ip6tables, rules)?,
            virtual_servers: file(files, ArtefactKind::IpvsRules, |text| {
                let super::Observed {
                    mut servers,
                    foreign,
                } = read(text)?;
                servers.sort_by_key(|server| server.key);
                ours(servers, &foreign)
            })?,
        })
    }
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

fn rules(text: &str) -> Result<iptables::Ruleset, ArtefactProblem> {
    Ok(iptables::read(text)?.try_into()?)
}
