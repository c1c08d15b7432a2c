//! Everything that needs a real kernel with IPVS: all cases share few boots of Debian's own kernel
//! under software emulation (`.ci/kernel`), beside the machine's own `ipvsadm`, `ipset`, `iptables` and
//! `ip`. Each case is root in a network namespace of its own, in which `lo` is up.
//!
//! `cargo test -p portolan-runtime --test kernel` takes filters and flags as any test does.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test, which clippy does not see in a target with a main of its own"
)]

mod bed;
mod cases;
mod harness;
mod node;

#[path = "../../examples/cluster/mod.rs"]
#[allow(dead_code, reason = "examples use all of it")]
mod cluster;
use std::process::ExitCode;

fn main() -> ExitCode {
    bed::main().unwrap_or_else(|| harness::main(&cases::all()))
}
