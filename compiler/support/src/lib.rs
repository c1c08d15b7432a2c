//! What tests of several targets share: the conformance cases, and random clusters.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod conformance;
pub mod generator;
