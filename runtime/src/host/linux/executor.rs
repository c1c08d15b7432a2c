//! The batches, each passed to its subsystem.

use std::collections::BTreeSet;

use portolan_compiler::apply::{Batch, batches};
use portolan_compiler::model::TransportAddress;
use portolan_compiler::plan::{Step, Subject, Uptime};

use super::driver::Machine;
use super::program::Program;
use super::{conntrack, dummy, ipset, iptables, ipvs, modules, moment, nftables, sysctl};
use crate::host::{Driver, Executor, HostError, Node};

impl Executor for Machine {
    fn load(&self, names: &[&str]) -> Result<(), HostError> {
        let Err(error) = modules::load(names) else {
            return Ok(());
        };
        match modules::read().lacking(names, answers) {
            None => Ok(()),
            Some(_) => Err(error),
        }
    }

    fn ready(&self, steps: &[Step]) -> Result<(), HostError> {
        refuse_foreign(steps)?;
        let programs: BTreeSet<Program> = steps
            .iter()
            .filter_map(|step| program(&step.subject))
            .collect();
        programs.into_iter().try_for_each(Program::is_installed)
    }

    fn carry_out(&self, steps: &[Step]) -> Result<(), HostError> {
        let _span = tracing::debug_span!("carry_out", steps = steps.len()).entered();
        refuse_foreign(steps)?;
        batches(steps).iter().try_for_each(one)
    }

    fn zero(&self, servers: &[TransportAddress]) -> Result<(), HostError> {
        ipvs::counters::zero(servers)
    }
}

/// What is others' is not written, whoever asks for it.
fn refuse_foreign(steps: &[Step]) -> Result<(), HostError> {
    match steps.iter().find(|step| !step.is_ours()) {
        None => Ok(()),
        Some(step) => Err(HostError::Foreign {
            object: step.subject.name(),
        }),
    }
}

impl Node for Machine {
    fn boot(&self) -> Result<String, HostError> {
        moment::boot()
    }

    fn uptime(&self) -> Result<Uptime, HostError> {
        moment::uptime().map(Uptime)
    }

    fn as_driver(&self) -> &dyn Driver {
        self
    }
}

/// Whether the kernel answers for a module that can be asked for by the kernel's own names; it loads
/// what it is asked for, whoever may not load modules.
fn answers(module: &str) -> Option<bool> {
    match module {
        "ip_vs" => Some(ipvs::load_by_name().unwrap_or_default()),
        "ip_set" => Some(matches!(ipset::mark(), Ok(Some(_)))),
        "nf_tables" => Some(nftables::answers()),
        _ => None,
    }
}

/// What carries out a change, where that is a program.
fn program(subject: &Subject) -> Option<Program> {
    match subject {
        Subject::Ipset(_) => Some(ipset::IPSET),
        Subject::Iptables(change) => Some(iptables::restorer(change.chain().family)),
        Subject::Ipvs(change) if change.is_put_back() => Some(ipvs::IPVSADM),
        Subject::Nftables(_) => Some(nftables::NFT),
        Subject::Conntrack(_) => Some(conntrack::CONNTRACK),
        Subject::Sysctl(_) | Subject::Dummy(_) | Subject::Ipvs(_) => None,
    }
}

fn one(batch: &Batch) -> Result<(), HostError> {
    match batch {
        Batch::Sysctl(settings) => settings.iter().try_for_each(|one| sysctl::write(*one)),
        Batch::Dummy(requests) => dummy::change(requests),
        Batch::Ipset(script) => ipset::restore(script),
        Batch::Iptables(family, script) => iptables::restore(*family, script),
        Batch::Ipvs(operations) => ipvs::send(operations),
        Batch::Ipvsadm(script) => ipvs::restore_others(script),
        Batch::Nftables(change) => nftables::carry_out(change),
        Batch::NftablesAffinity(list) => nftables::forget(list),
        Batch::Conntrack(list) => conntrack::forget(list),
    }
}
