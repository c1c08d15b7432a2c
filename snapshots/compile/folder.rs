//! `--out` and `--check`: what is written, touched, removed and left alone.

use std::fs;
use std::path::Path;

use golden_support::{Portolan, Run, fixture, folder, snapshot};
use portolan_runtime::report::Exit;
use tempfile::TempDir;

/// Compiles the demo into a folder, with one thing changed in its cluster.
fn compile(dir: &TempDir, words: &str, from: &str, to: &str) -> Run {
    let text = fs::read_to_string(fixture("demo/cluster.yaml")).unwrap();
    assert!(text.contains(from));
    Portolan::new("compile -f - -f")
        .arg(fixture("demo/kube-proxy.yaml"))
        .arg("-f")
        .arg(fixture("demo/facts.yaml"))
        .words(words)
        .arg("--out")
        .arg(dir.path().join("out").display().to_string())
        .stdin(text.replace(from, to))
        .hide(dir)
        .run()
}

fn plain(dir: &TempDir, words: &str) -> Run {
    compile(dir, words, "", "")
}

fn exists(dir: &TempDir, path: &str) -> bool {
    dir.path().join("out").join(path).exists()
}

fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut list = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list.extend(files(&path));
        } else {
            list.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    list.sort();
    list
}

#[test]
fn the_first_run_adds_the_second_finds_nothing_to_do() {
    let dir = folder();
    snapshot(
        "compile",
        "out-first",
        plain(&dir, "--all-nodes").to_string(),
    );
    let before = files(dir.path());
    let again = plain(&dir, "--all-nodes");
    assert_eq!((again.exit, again.text()), (Exit::Done, ""));
    assert_eq!(files(dir.path()), before);
    let check = plain(&dir, "--all-nodes --check");
    assert_eq!((check.exit, check.text()), (Exit::Done, ""));
}

#[test]
fn check_prints_what_one_endpoint_more_changes_and_writes_nothing() {
    let dir = folder();
    plain(&dir, "-q --node node-a");
    let before = files(dir.path());
    let change = (
        "    - 10.244.2.19\n",
        "    - 10.244.2.19\n  - addresses:\n    - 10.244.2.18\n",
    );
    let check = compile(&dir, "-q --node node-a --check", change.0, change.1);
    assert_eq!(check.exit, Exit::Differs, "{check}");
    assert_eq!(files(dir.path()), before);
    let (short, command) = check.text().split_once("To write it: ").unwrap();
    snapshot("compile", "check-one-endpoint-more", short);
    assert!(command.starts_with("portolan compile "), "{command}");
    assert!(!command.contains("--check"), "{command}");
    let whole = compile(&dir, "-q --node node-a --check --whole", change.0, change.1);
    // Digests say nothing to a reader.
    let (diff, _) = whole
        .text()
        .split_once("--- a/nodes/node-a/MANIFEST\n")
        .unwrap();
    snapshot("compile", "check-one-endpoint-more-whole", diff);
    let write = compile(&dir, "-q --node node-a", change.0, change.1);
    snapshot("compile", "out-one-endpoint-more", write.to_string());
}

#[test]
fn a_folder_that_is_not_there_differs() {
    let dir = folder();
    let check = plain(&dir, "-q --node node-a --check");
    assert_eq!(check.exit, Exit::Differs);
    assert!(check.text().contains("\nMANIFEST is missing\n"), "{check}");
    assert!(!dir.path().join("out").exists());
}

#[test]
fn a_node_that_is_gone_is_removed_and_foreign_files_stay() {
    let dir = folder();
    plain(&dir, "-q --all-nodes --source-map");
    assert!(exists(&dir, "nodes/node-b/source-map.json"));
    fs::write(dir.path().join("out/README"), "mine").unwrap();
    let gone = ("name: node-b\n", "name: node-c\n");
    let check = compile(&dir, "-q --all-nodes --check", gone.0, gone.1);
    assert!(
        check
            .text()
            .contains("addresses of node-b is not made any more\n"),
        "{check}"
    );
    let run = compile(&dir, "-q --all-nodes", gone.0, gone.1);
    snapshot("compile", "out-node-gone", run.to_string());
    assert!(!exists(&dir, "nodes/node-b"));
    assert!(exists(&dir, "README"));

    plain(&dir, "-q --all-nodes");
    fs::write(dir.path().join("out/nodes/node-b/NOTES"), "mine").unwrap();
    compile(&dir, "-q --all-nodes", gone.0, gone.1);
    assert!(exists(&dir, "nodes/node-b/NOTES"));
    assert!(!exists(&dir, "nodes/node-b/addresses"));
    assert!(!exists(&dir, "nodes/node-b/MANIFEST"));
}

#[test]
fn a_node_that_is_compiled_leaves_the_others_alone() {
    let dir = folder();
    plain(&dir, "-q --all-nodes");
    let others = |dir: &TempDir| files(&dir.path().join("out/nodes/node-b"));
    let before = others(&dir);
    let change = ("    - 10.244.2.19\n", "    - 10.244.2.18\n");
    let check = compile(&dir, "-q --node node-a --check", change.0, change.1);
    assert!(!check.text().contains("node-b"), "{check}");
    let run = compile(&dir, "-q --node node-a", change.0, change.1);
    assert!(!run.text().contains("node-b"), "{run}");
    assert_eq!(others(&dir), before);
    assert!(!before.is_empty());
    // Nor does a part of a node that nobody can read stand in the way of another.
    fs::write(
        dir.path().join("out/nodes/node-b/MANIFEST"),
        "<<<<<<< HEAD\n",
    )
    .unwrap();
    let run = plain(&dir, "--node node-a");
    assert_eq!(run.exit, Exit::Done, "{run}");
    assert!(!run.stderr.contains("not understood"), "{run}");
    let run = plain(&dir, "--all-nodes");
    assert!(
        run.stderr
            .contains("note: the old MANIFEST of node-b is not understood"),
        "{run}"
    );
}

#[test]
fn a_folder_of_an_older_format_keeps_its_other_nodes() {
    let dir = folder();
    plain(&dir, "-q --all-nodes");
    let expected = files(&dir.path().join("out"));
    let out = dir.path().join("out");
    let part = |node: &str| out.join("nodes").join(node).join("MANIFEST");
    let mut whole = "portolan-manifest 2\nportolan 0.1.0\n".to_owned();
    for node in ["node-a", "node-b"] {
        whole.push('\n');
        for line in fs::read_to_string(part(node)).unwrap().lines() {
            match line.split_once("  ") {
                Some((digest, file)) => {
                    whole += &[digest, "  nodes/", node, "/", file, "\n"].concat();
                }
                None if line.starts_with("portolan-") || line.starts_with("target ") => {}
                None => whole += &(line.replace("input ", "objects ") + "\n"),
            }
        }
        fs::remove_file(part(node)).unwrap();
    }
    fs::write(out.join("MANIFEST"), &whole).unwrap();
    plain(&dir, "-q --node node-a");
    assert_eq!(files(&out), expected);

    fs::write(out.join("MANIFEST"), &whole).unwrap();
    fs::remove_file(part("node-b")).unwrap();
    fs::remove_file(out.join("nodes/node-b/services")).unwrap();
    let run = plain(&dir, "-q --node node-a");
    assert_ne!(run.exit, Exit::Done, "{run}");
    assert!(run.stderr.contains("--all-nodes"), "{run}");
}

#[test]
fn refused_input_changes_nothing() {
    let dir = folder();
    plain(&dir, "-q --node node-a");
    let before = files(dir.path());
    let run = compile(&dir, "-q --node node-a", "port: 443", "port: 70000");
    assert_eq!(run.exit, Exit::Data, "{run}");
    assert_eq!(files(dir.path()), before);
    assert_eq!(run.text(), "");
}

#[test]
fn a_damaged_manifest_is_written_anew_and_nothing_is_removed() {
    let dir = folder();
    plain(&dir, "-q --all-nodes");
    let manifest = dir.path().join("out/MANIFEST");
    fs::write(&manifest, "<<<<<<< HEAD\n").unwrap();
    let run = plain(&dir, "--node node-a");
    assert_eq!((run.exit, run.text()), (Exit::Done, "M MANIFEST\n"));
    assert!(
        run.stderr
            .contains("note: the old MANIFEST is not understood"),
        "{run}"
    );
    assert!(exists(&dir, "nodes/node-b/addresses"));
}

#[test]
fn a_manifest_cannot_lead_out_of_the_folder() {
    let dir = folder();
    plain(&dir, "-q --node node-a");
    let outside = dir.path().join("precious");
    fs::write(&outside, "mine").unwrap();
    let manifest = dir.path().join("out/nodes/node-a/MANIFEST");
    let text = fs::read_to_string(&manifest).unwrap();
    let digest = &text[text.rfind("sha256:").unwrap()..][..71];
    for path in ["../../precious", "../../../precious", "/etc/passwd"] {
        fs::write(&manifest, format!("{text}{digest}  {path}\n")).unwrap();
        assert_eq!(plain(&dir, "-q --node node-a").exit, Exit::Done);
        assert!(outside.exists());
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;

    let dir = folder();
    let elsewhere = dir.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::create_dir_all(dir.path().join("out/nodes")).unwrap();
    symlink(&elsewhere, dir.path().join("out/nodes/node-a")).unwrap();
    let run = plain(&dir, "-q --node node-a");
    assert_eq!(run.exit, Exit::Io);
    snapshot("compile", "out-link", run.to_string());
    assert_eq!(files(&elsewhere), []);

    // A link in a file's place is replaced; what it leads to is left alone.
    fs::remove_file(dir.path().join("out/nodes/node-a")).unwrap();
    plain(&dir, "-q --node node-a");
    let target = elsewhere.join("target");
    fs::write(&target, "mine").unwrap();
    let file = dir.path().join("out/nodes/node-a/addresses");
    fs::remove_file(&file).unwrap();
    symlink(&target, &file).unwrap();
    let run = plain(&dir, "-q --node node-a");
    assert_eq!(
        (run.exit, run.text()),
        (Exit::Done, "M nodes/node-a/addresses\n")
    );
    assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
    assert!(fs::symlink_metadata(&file).unwrap().is_file());
}

#[test]
fn a_source_map_leads_back_to_the_manifest() {
    let dir = folder();
    let run = plain(&dir, "-q --node node-a --source-map");
    assert!(
        run.text().contains("A nodes/node-a/source-map.json\n"),
        "{run}"
    );
    let path = dir.path().join("out/nodes/node-a/source-map.json");
    let map = fs::read_to_string(path).unwrap();
    assert!(map.contains("\"object\":\"Service shop/cart\""), "{map}");
    let check = plain(&dir, "-q --node node-a --check");
    assert_eq!((check.exit, check.text()), (Exit::Done, ""));
}

/// A checkout of the folder works on Windows too, and the folder is read back.
#[test]
fn names_of_devices_are_no_folders() {
    let dir = folder();
    for words in [
        "--all-nodes --source-map",
        "--all-nodes --source-map --check",
    ] {
        let run = compile(&dir, words, "node-b", "aux.example");
        assert_eq!(run.exit, Exit::Done, "{run}");
    }
    assert!(exists(&dir, "nodes/aux_.example/ipvs.rules"));
    assert!(exists(&dir, "nodes/aux_.example/source-map.json"));
    assert!(!exists(&dir, "nodes/aux.example"));
    let rules = dir.path().join("out").display().to_string();
    let same = Portolan::new("diff").arg(format!("rules:path:{rules}"));
    let same = same.arg(format!("rules:{rules}")).run();
    assert_eq!(same.exit, Exit::Done, "{same}");
    let gone = plain(&dir, "--all-nodes");
    assert_eq!(gone.exit, Exit::Done, "{gone}");
    assert!(!exists(&dir, "nodes/aux_.example"));
}

#[test]
fn more_differences_than_one_reads_are_told_short() {
    let dir = folder();
    let services = (0..1_400).map(|number| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{number}, namespace: d}}\n\
             spec: {{clusterIP: 10.96.{}.{}, ports: [{{port: 80}}]}}\n",
            number / 250,
            number % 250 + 1
        )
    });
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: n1}\n\
                status: {addresses: [{type: InternalIP, address: 192.0.2.11}]}\n";
    let input: String = [node.to_owned()].into_iter().chain(services).collect();
    let check = |more: &str| {
        let run = Portolan::new("compile -q -f - --mode iptables --all-nodes --check")
            .words(more)
            .arg("--out")
            .arg(dir.path().join("rules").display().to_string())
            .stdin(input.clone())
            .run();
        assert_eq!(run.exit, Exit::Differs, "{run}");
        run.text().to_owned()
    };
    let (short, whole) = (check(""), check("--whole"));
    assert!(whole.len() > 210_000, "{}", whole.len());
    assert!(short.len() < 1_000, "{short}");
    assert!(
        short.contains("iptables.restore of n1 is missing\n"),
        "{short}"
    );
}
