//! Tables of mode nftables, given to nft: it takes them, replaces them as a whole, and lists them as
//! they are written.

use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::kernel::nftables;
use portolan_compiler::kernel::nftables::Table;
use portolan_support::conformance::case::{Case as Conformance, Mode};

use crate::harness::Case;
use crate::node::Tool;

/// One for each of a dozen conformance cases, which together have everything that tables can have.
pub(crate) fn cases() -> Vec<Case> {
    Conformance::all()
        .into_iter()
        .step_by(4)
        .map(|case| {
            let name = format!("nftables::{}", case.name);
            Case::new(name, move || holds(&case))
        })
        .collect()
}

fn holds(case: &Conformance) {
    let artefacts = case.compile(Mode::Nftables);
    let mut files = artefacts.files.iter();
    let file = files
        .find(|file| file.kind == ArtefactKind::Nftables)
        .unwrap();
    let path = PathBuf::from(file.kind.as_str());
    fs::write(&path, &file.bytes).unwrap();
    let wanted = tables(std::str::from_utf8(&file.bytes).unwrap());
    Tool::new("nft -c -f").path(&path).run();
    assert_eq!(Tool::new("nft list tables").output(), "");
    load(&path, &wanted);
    // What others put there goes, what is there twice comes once.
    Tool::new("nft add chain ip portolan theirs").run();
    load(&path, &wanted);
}

fn load(path: &Path, wanted: &[Table; 2]) {
    Tool::new("nft -f").path(path).run();
    assert_eq!(tables(&Tool::new("nft list ruleset").output()), *wanted);
}

/// Both tables, which have nothing in them that is not portolan's.
fn tables(text: &str) -> [Table; 2] {
    nftables::read(text).unwrap().tables.map(|found| {
        let found = found.unwrap();
        assert_eq!(found.foreign, Vec::new());
        assert!(found.affinity.is_empty());
        found.table
    })
}
