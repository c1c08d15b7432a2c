//! What `portolan diff` and `portolan graph` say of two states.

mod cases;
mod drift;
mod graph;
mod kubectl;
mod outputs;
mod refusals;

const AREA: &str = "diff";

use std::path::Path;

use crate::support::{Portolan, fixture};

/// Compares the two sides of a case.
fn diff(case: &str, words: &str) -> Portolan {
    Portolan::new("diff")
        .arg(side(case, "old"))
        .arg(side(case, "new"))
        .words(words)
}

/// A side of a case, with what it is.
fn side(case: &str, side: &str) -> String {
    let folder = fixture(&format!("diff/{case}/{side}"));
    let is_capture = Path::new(&folder).join("ipvs.rules").exists();
    let kind = if is_capture { "capture" } else { "manifests" };
    format!("{kind}:{folder}")
}
