//! What is read: folders, pipes, text in the wrong encoding.

use std::fs;

use golden_support::{Portolan, fixture, folder, snapshot};
use portolan_runtime::report::Exit;

fn demo() -> Portolan {
    Portolan::new("compile --node node-a --stdout --only ipvs.rules")
}

#[test]
fn a_folder_a_pipe_and_files_in_any_order_give_the_same() {
    let folder_run = demo().arg("-f").arg(fixture("demo")).run();
    let pipe = fs::read(fixture("demo/cluster.yaml")).unwrap();
    let pipe_run = demo()
        .words("-f -")
        .arg("-f")
        .arg(fixture("demo/kube-proxy.yaml"))
        .arg("-f")
        .arg(fixture("demo/facts.yaml"))
        .stdin(pipe)
        .run();
    assert_eq!(folder_run.exit, Exit::Done, "{folder_run}");
    assert_eq!(folder_run.text(), pipe_run.text());
}

#[test]
fn folders_are_read_flat_or_deep_and_hidden_ones_never() {
    let dir = folder();
    let path = |name: &str| dir.path().join(name);
    fs::create_dir_all(path("a/b")).unwrap();
    fs::create_dir_all(path(".git")).unwrap();
    fs::copy(fixture("demo/cluster.yaml"), path("cluster.yml")).unwrap();
    fs::copy(fixture("demo/kube-proxy.yaml"), path("a/b/kube-proxy.yaml")).unwrap();
    fs::copy(fixture("demo/facts.yaml"), path("a/facts.yaml")).unwrap();
    fs::write(path("a/README.md"), "no: [manifest").unwrap();
    fs::write(path(".git/config.yaml"), "no: [manifest").unwrap();
    let at = dir.path().display().to_string();
    let missed = demo().arg("-f").arg(&at).hide(&dir).run();
    assert_eq!(missed.exit, Exit::NoInput, "{missed}");
    let flat = demo().words("--exclude a -f").arg(&at).hide(&dir).run();
    assert_eq!(flat.exit, Exit::Done, "{flat}");
    assert!(flat.stderr.contains("[node-facts-missing]"), "{flat}");
    let deep = demo().words("-R -f").arg(&at).hide(&dir).run();
    assert_eq!(deep.exit, Exit::Done, "{deep}");
    assert_eq!(
        deep.text(),
        demo().arg("-f").arg(fixture("demo")).run().text()
    );
}

#[test]
fn text_that_is_not_utf8_is_shown_with_its_place() {
    let dir = folder();
    let path = dir.path().join("latin1.yaml");
    fs::write(&path, b"kind: Service\nmetadata:\n  name: caf\xe9\n").unwrap();
    let run = demo()
        .arg("-f")
        .arg(path.display().to_string())
        .hide(&dir)
        .run();
    assert_eq!(run.exit, Exit::Data);
    snapshot("compile", "input-latin1", run.to_string());

    fs::write(&path, b"\xff\xfek\0i\0n\0d\0").unwrap();
    let run = demo()
        .arg("-f")
        .arg(path.display().to_string())
        .hide(&dir)
        .run();
    assert_eq!(run.exit, Exit::Data);
    snapshot("compile", "input-utf16", run.to_string());
}

#[test]
fn machines_get_one_json_document() {
    let run = demo()
        .words("--message-format json -f")
        .arg(fixture("demo"))
        .run();
    assert_eq!(run.exit, Exit::Done);
    snapshot("compile", "message-format-json", run.stderr);
}
