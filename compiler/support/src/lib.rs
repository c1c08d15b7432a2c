//! What tests of several targets share: the conformance cases, random clusters, and Pods for both.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod conformance;
pub mod generator;
pub mod pods;
