//! Golden cases: each folder of an area of `fixtures/` is a test of its own, named `area::folder`.
//!
//! `cargo test -p golden diagnostics::address-with-a-zone` runs one.

#![allow(
    clippy::unwrap_used,
    reason = "a test, which clippy does not see in a target with a main of its own"
)]

mod clusters;
mod diagnostics;
mod diff;
mod lint;
mod plan;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let areas = [
        clusters::cases(),
        diagnostics::cases(),
        diff::cases(),
        lint::cases(),
        plan::cases(),
    ];
    let cases = areas.into_iter().flatten().collect();
    libtest_mimic::run(&arguments, cases).exit_code()
}

/// A test of a case, which fails by panicking.
fn case(name: String, check: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        check();
        Ok(())
    })
}
