//! The sides of a comparison.

use std::path::Path;

use crate::{Portolan, fixture};

/// Compares the two sides of a case.
pub fn diff(case: &str, words: &str) -> Portolan {
    Portolan::new("diff")
        .arg(side(case, "old"))
        .arg(side(case, "new"))
        .words(words)
}

/// A side of a case, with what it is.
pub fn side(case: &str, side: &str) -> String {
    let folder = fixture(&format!("diff/{case}/{side}"));
    let is_capture = Path::new(&folder).join("ipvs.rules").exists();
    let kind = if is_capture { "capture" } else { "manifests" };
    format!("{kind}:{folder}")
}
