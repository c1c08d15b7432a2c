//! What every plan must keep to, tried on a fake node: it leads where it should, back again, has no
//! step too many, and keeps the ordering constraints at every moment on the way.
//!
//! States are those of `fixtures/conformance`: what kube-proxy left on nodes of random clusters.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod anomalies;
mod cleanup;
mod conformance;
mod derive;
mod file;
mod foreign;
mod held;
mod invariants;
mod kube_proxy;
mod mode_change;
mod modes;
mod properties;
mod retrace;
mod stale;
mod states;
mod variants;
mod written;
mod written_before;
