//! Golden tests: inputs under `fixtures/`, what they give beside the tests here.
//!
//! One module per area, one small snapshot per case, named after what the case shows. After a change
//! of behaviour, `INSTA_UPDATE=always cargo test --test golden` writes them anew, and the diff of
//! the snapshots is what a reviewer reads.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cli;
mod clusters;
mod compile;
mod diagnostics;
mod diff;
mod explain;
#[cfg(unix)]
mod hostile;
mod layers;
mod lint;
mod plan;
mod releases;
mod show;
mod support;
