//! The batches, each passed to its subsystem.

use portolan_compiler::apply::{Batch, batches};
use portolan_compiler::back::ipvs::VirtualServerKey;
use portolan_compiler::plan::{Step, Uptime};

use super::driver::Machine;
use super::program::Program;
use super::{counters, dummy, flows, ipset, iptables, ipvs, modules, moment, nft, sysctls};
use crate::host::{Driver, Executor, HostError, Node};

impl Executor for Machine {
    fn load(&self, names: &[&str]) -> Result<(), HostError> {
        // Without CAP_SYS_MODULE the kernel still loads what is asked for by its own names, and IPVS
        // is all that nothing later asks for so.
        modules::load(names).or_else(|error| match ipvs::summon() {
            Ok(true) => Ok(()),
            _ => Err(error),
        })
    }

    fn ready(&self, steps: &[Step]) -> Result<(), HostError> {
        let batches = batches(steps);
        let mut programs = batches.iter().filter_map(program);
        programs.try_for_each(Program::is_installed)
    }

    fn carry_out(&self, steps: &[Step]) -> Result<(), HostError> {
        batches(steps).iter().try_for_each(one)
    }

    fn zero(&self, servers: &[VirtualServerKey]) -> Result<(), HostError> {
        counters::zero(servers)
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

/// What a batch is handed to, where that is a program.
fn program(batch: &Batch) -> Option<Program> {
    match batch {
        Batch::Sets(_) => Some(ipset::IPSET),
        Batch::Rules(family, _) => Some(iptables::restorer(*family)),
        Batch::OtherServers(_) => Some(ipvs::IPVSADM),
        Batch::Tables(_) | Batch::Affinity(_) => Some(nft::NFT),
        Batch::Flows(_) => Some(flows::CONNTRACK),
        Batch::Settings(_) | Batch::Interface(_) | Batch::Servers(_) => None,
    }
}

fn one(batch: &Batch) -> Result<(), HostError> {
    match batch {
        Batch::Settings(settings) => settings.iter().try_for_each(|one| sysctls::write(*one)),
        Batch::Interface(changes) => dummy::change(changes),
        Batch::Sets(script) => ipset::restore(script),
        Batch::Rules(family, script) => iptables::restore(*family, script),
        Batch::Servers(operations) => ipvs::send(operations),
        Batch::OtherServers(script) => ipvs::restore_others(script),
        Batch::Tables(change) => nft::carry_out(change),
        Batch::Affinity(list) => nft::forget(list),
        Batch::Flows(list) => flows::forget(list),
    }
}
