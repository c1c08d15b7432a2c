//! What holds for every cluster, whatever is in it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod base;
mod compiled;
mod determinism;
mod diff;
mod folders;
mod growth;
mod input;
mod lines;
mod lint;
mod pods;
mod what_if;
