//! What `portolan diff` and `portolan graph` say of two states.

mod cases;
mod graph;
mod kubectl;
mod outputs;
mod refusals;

const AREA: &str = "diff";

use crate::support::{Portolan, fixture};

/// Compares the two sides of a case.
fn diff(case: &str, words: &str) -> Portolan {
    let side = |side: &str| fixture(&format!("diff/{case}/{side}"));
    Portolan::new("diff")
        .arg(side("old"))
        .arg(side("new"))
        .words(words)
}
