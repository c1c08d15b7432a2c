//! The batches, each passed to its subsystem.

use portolan_compiler::apply::Batch;

use super::driver::Machine;
use super::{dummy, flows, ipset, iptables, ipvs, modules, sysctls};
use crate::host::{Executor, HostError};

impl Executor for Machine {
    fn load(&self, names: &[&str]) -> Result<(), HostError> {
        modules::load(names)
    }

    fn carry_out(&self, batch: &Batch) -> Result<(), HostError> {
        match batch {
            Batch::Settings(settings) => settings.iter().try_for_each(|one| sysctls::write(*one)),
            Batch::Interface(changes) => dummy::change(changes),
            Batch::Sets(script) => ipset::restore(script),
            Batch::Rules(family, script) => iptables::restore(*family, script),
            Batch::Servers(operations) => ipvs::send(operations),
            Batch::OtherServers(script) => ipvs::restore_others(script),
            Batch::Flows(list) => flows::forget(list),
        }
    }
}
