//! What `portolan diff` and `portolan graph` say of two states.

mod drift;
mod graph;
mod kubectl;
mod outputs;
mod refusals;

const AREA: &str = "diff";
