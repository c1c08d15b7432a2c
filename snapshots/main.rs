//! Golden tests: inputs under `fixtures/`, what they give beside the tests here.
//!
//! One module per area, small snapshots named after what they show. What is one folder a case is in
//! `cases`. After a change
//! of behaviour, `INSTA_UPDATE=always cargo test -p golden` writes them anew, and the diff of
//! the snapshots is what a reviewer reads.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cli;
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
