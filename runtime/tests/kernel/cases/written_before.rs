//! Records that an earlier portolan left when its apply was cut off (`fixtures/written-before`).

use std::fs;
use std::path::{Path, PathBuf};

use portolan_runtime::report::Exit;

use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{STATE, on_node};

/// The boot that the records are of.
const BOOT: &str = "80d0a6b1-5d97-4420-a12a-b1ba112ef664";

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("written_before::a_prepared_apply_is_undone", prepared),
        Case::new("written_before::a_switched_apply_is_finished", switched),
    ]
}

fn prepared() {
    left_by("0.1/journals/prepared");
    let recovered = on_node("recover").ends(Exit::Done);
    assert!(recovered.stderr.contains("is undone"), "{recovered}");
    let verified = on_node("verify").ends(Exit::Done);
    let status = on_node("status").ends(Exit::Done);
    assert!(
        status.stdout.starts_with("Generation 1 "),
        "{verified}{status}"
    );
}

fn switched() {
    left_by("0.1/journals/switched");
    let recovered = on_node("recover").ends(Exit::Done);
    assert!(recovered.stderr.contains("is finished"), "{recovered}");
    on_node("verify").ends(Exit::Done);
    let status = on_node("status").ends(Exit::Done);
    assert!(status.stdout.starts_with("Generation 2 "), "{status}");
    // The generation before it is as old, and still a way back.
    on_node("rollback --yes").ends(Exit::Done);
    on_node("verify").ends(Exit::Done);
}

/// Makes the node what the folder says: its records, as if this were the boot that they are of, and
/// its tables.
fn left_by(folder: &str) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/written-before");
    let folder = Path::new(root).join(folder);
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    copy(&folder.join("records"), &PathBuf::from(STATE), boot.trim());
    Tool::new("nft -f").path(&folder.join("node.nft")).run();
}

fn copy(from: &Path, to: &Path, boot: &str) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target, boot);
        } else {
            let text = fs::read_to_string(entry.path()).unwrap();
            fs::write(target, text.replace(BOOT, boot)).unwrap();
        }
    }
}
