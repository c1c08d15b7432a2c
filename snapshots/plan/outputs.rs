//! Other forms of a plan, and other ways to it.

use std::fs;

use portolan_compiler::plan::file::PlanFile;
use portolan_runtime::cli::Exit;

use crate::support::{Portolan, Run, fixture, folder, snapshot};

const CASE: &str = "plan/endpoint-replaced";

fn plan(words: &str) -> Portolan {
    Portolan::new("plan")
        .words(words)
        .arg("--observed")
        .arg(fixture(&format!("{CASE}/observed")))
}

fn of_manifests(words: &str) -> Run {
    plan(words).arg("-f").arg(fixture(CASE)).run()
}

#[test]
fn for_machines_and_for_a_comment() {
    let json = of_manifests("-q --output json");
    assert_eq!(json.exit, Exit::Done, "{json}");
    assert!(!PlanFile::read(json.text()).unwrap().steps.is_empty());
    let text = json.text().replace(",{", ",\n {");
    // What the node is asked to hold is what `compile` writes.
    let (before, files) = text.split_once("\"files\":{").unwrap();
    let (_, after) = files.split_once("]},").unwrap();
    snapshot(
        "plan",
        "output-json",
        format!("{before}\"files\":[FILES],{after}"),
    );
    let markdown = of_manifests("-q --output markdown");
    snapshot("plan", "output-markdown", markdown.text());
}

#[test]
fn a_plan_file_is_what_json_prints() {
    let folder = folder();
    let path = folder.path().join("plan.json");
    let run = plan("--detailed-exitcode")
        .arg("--out")
        .arg(path.display().to_string())
        .arg("-f")
        .arg(fixture(CASE))
        .run();
    assert_eq!(run.exit, Exit::Changes, "{run}");
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(written, of_manifests("-q --output json").text());
}

#[test]
fn a_compiled_folder_gives_the_same_steps() {
    let out = folder();
    let compiled = Portolan::new("compile -q -f")
        .arg(fixture(CASE))
        .arg("--out")
        .arg(out.path().display().to_string())
        .run();
    assert_eq!(compiled.exit, Exit::Done, "{compiled}");
    let of_folder = |words: &str| {
        plan(words)
            .arg(out.path().display().to_string())
            .hide(&out)
            .run()
    };
    let read = |run: &Run| PlanFile::read(run.text()).unwrap();
    let run = of_folder("-q --output json");
    let expected = read(&of_manifests("-q --output json"));
    assert!(!expected.services.is_empty());
    assert_eq!(read(&run), expected);
    snapshot("plan", "folder", of_folder("").to_string());
    snapshot(
        "plan",
        "folder-exclusive",
        of_folder("--ownership exclusive").to_string(),
    );
    snapshot(
        "plan",
        "folder-no-such-node",
        of_folder("--node node-b").to_string(),
    );

    // As an older portolan left it.
    fs::remove_file(out.path().join("nodes/node-a/services")).unwrap();
    let manifest = out.path().join("MANIFEST");
    let text = fs::read_to_string(&manifest).unwrap();
    let known = text.lines().filter(|line| !line.ends_with("/services"));
    let older: String = known.map(|line| format!("{line}\n")).collect();
    fs::write(&manifest, older).unwrap();
    snapshot("plan", "folder-older", of_folder("").to_string());
    snapshot(
        "plan",
        "folder-older-exclusive",
        of_folder("--ownership exclusive").to_string(),
    );

    let rules = out.path().join("nodes/node-a/ipvs.rules");
    let text = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, text.replace("10.244.3.19", "10.244.3.20")).unwrap();
    snapshot("plan", "folder-changed", of_folder("").to_string());
    fs::remove_file(out.path().join("MANIFEST")).unwrap();
    snapshot("plan", "folder-without-manifest", of_folder("").to_string());
}

#[test]
fn captures_that_cannot_be_read() {
    let empty = folder();
    let with = |folder: &tempfile::TempDir| {
        Portolan::new("plan -f")
            .arg(fixture(CASE))
            .arg("--observed")
            .arg(folder.path().display().to_string())
            .hide(folder)
            .run()
    };
    snapshot("plan", "capture-empty", with(&empty).to_string());
    let broken = folder();
    for file in fs::read_dir(fixture(&format!("{CASE}/observed"))).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), broken.path().join(file.file_name())).unwrap();
    }
    fs::write(broken.path().join("ipset.save"), "Segmentation fault\n").unwrap();
    snapshot("plan", "capture-broken", with(&broken).to_string());
}
