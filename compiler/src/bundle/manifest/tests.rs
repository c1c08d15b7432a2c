use super::*;
use crate::bundle::Artefact;

fn manifest() -> Manifest {
    let entry = |version, mode, objects: &[u8]| NodeEntry {
        emulates: Emulates { version, mode },
        objects: Digest::of(objects),
    };
    let name = |name| NodeName::parse(name).unwrap();
    let mut manifest = Manifest::new(
        [
            (
                name("node-b"),
                entry(KubeVersion::NEWEST, Mode::Nftables, b"b"),
            ),
            (name("node-a"), entry(KubeVersion::OLDEST, Mode::Ipvs, b"a")),
        ]
        .into(),
    );
    for node in ["node-b", "node-a"] {
        manifest.add(&NodeArtefacts {
            node: name(node),
            files: [ArtefactKind::Ipset, ArtefactKind::Sysctl]
                .map(|kind| Artefact {
                    kind,
                    bytes: node.into(),
                    origins: Vec::new(),
                })
                .into(),
        });
    }
    manifest
}

#[test]
fn what_is_written_is_read_back() {
    let manifest = manifest();
    let text = manifest.to_string();
    assert_eq!(Manifest::parse(&text), Ok(manifest));
    let lines: Vec<&str> = text
        .lines()
        .filter_map(|line| match line.split_once("  ") {
            Some((_, path)) => Some(path),
            None => (!line.starts_with("objects")).then_some(line),
        })
        .collect();
    assert_eq!(
        lines,
        [
            "portolan-manifest 2",
            concat!("portolan ", env!("CARGO_PKG_VERSION")),
            "",
            "node node-a",
            "emulates kube-proxy 1.30 ipvs",
            "nodes/node-a/sysctl.conf",
            "nodes/node-a/ipset.restore",
            "",
            "node node-b",
            "emulates kube-proxy 1.37 nftables",
            "nodes/node-b/sysctl.conf",
            "nodes/node-b/ipset.restore",
        ]
    );
}

/// What a run wrote before nodes had releases of their own.
fn format_1() -> String {
    let digest = Digest::of(b"");
    format!(
        "portolan-manifest 1\nportolan 0.1.0\nemulates kube-proxy 1.30 ipvs\nobjects {digest}\n\n\
         {digest}  nodes/node-a/sysctl.conf\n{digest}  nodes/node-b/sysctl.conf\n"
    )
}

#[test]
fn format_1_is_read() {
    let manifest = Manifest::parse(&format_1()).unwrap();
    let nodes: Vec<&str> = manifest.nodes.keys().map(NodeName::as_str).collect();
    assert_eq!(nodes, ["node-a", "node-b"]);
    for entry in manifest.nodes.values() {
        assert_eq!(entry.emulates.to_string(), "kube-proxy 1.30 ipvs");
        assert_eq!(entry.objects, Digest::of(b""));
    }
    assert_eq!(manifest.files.len(), 2);
}

#[test]
fn anything_else_is_refused_with_its_line() {
    let text = manifest().to_string();
    let swap = |from: &str, to: &str| text.replacen(from, to, 1);
    let last = text.lines().last().unwrap();
    for (text, line, problem) in [
        (String::new(), 1, ManifestProblem::NotAManifest),
        ("hello\n".to_owned(), 1, ManifestProblem::NotAManifest),
        (
            swap("manifest 2", "manifest 3"),
            1,
            ManifestProblem::Format("3".to_owned()),
        ),
        (
            swap("portolan 0", "portolano 0"),
            2,
            ManifestProblem::Expected("portolan"),
        ),
        (
            swap("\n\n", "\nx\n"),
            3,
            ManifestProblem::Expected("an empty line"),
        ),
        (
            swap("\nnode ", "\nnote "),
            4,
            ManifestProblem::Expected("node"),
        ),
        (
            swap("node node-a", "node ../a"),
            4,
            ManifestProblem::Node("../a".to_owned()),
        ),
        (
            swap("node node-a", "node node-c"),
            7,
            ManifestProblem::Path("nodes/node-a/sysctl.conf".to_owned()),
        ),
        (
            swap("1.30", "1.030"),
            5,
            ManifestProblem::Expected("emulates"),
        ),
        (
            swap("ipvs", "IPVS"),
            5,
            ManifestProblem::Expected("emulates"),
        ),
        (swap("objects sha256", "objects sha1"), 6, NotADigest.into()),
        (swap("\nsha256", "\nsha255"), 7, NotADigest.into()),
        (
            swap("nodes/node-a/sysctl.conf", "nodes/../sysctl.conf"),
            7,
            ManifestProblem::Path("nodes/../sysctl.conf".to_owned()),
        ),
        (
            swap("nodes/node-a/sysctl.conf", "/etc/sysctl.conf"),
            7,
            ManifestProblem::Path("/etc/sysctl.conf".to_owned()),
        ),
        (format!("{text}{last}\n"), 15, ManifestProblem::Order),
        (
            swap("node node-b", "node node-a"),
            10,
            ManifestProblem::Order,
        ),
        (text[..text.len() - 1].to_owned(), 14, ManifestProblem::Cut),
    ] {
        assert_eq!(
            Manifest::parse(&text),
            Err(ManifestError {
                line,
                problem,
                written_by: None
            }),
            "{text}"
        );
    }
    let text = format_1();
    let swap = |from: &str, to: &str| text.replacen(from, to, 1);
    for (text, line, problem) in [
        (
            swap("1.30", "1.29"),
            3,
            ManifestProblem::Expected("emulates"),
        ),
        (swap("node-b", "node-a"), 7, ManifestProblem::Order),
        (
            swap("nodes/node-b", "nodes/.."),
            7,
            ManifestProblem::Path("nodes/../sysctl.conf".to_owned()),
        ),
    ] {
        assert_eq!(
            Manifest::parse(&text),
            Err(ManifestError {
                line,
                problem,
                written_by: None
            }),
            "{text}"
        );
    }
}

#[test]
fn what_another_portolan_wrote_is_told_from_what_is_damaged() {
    let newer = manifest()
        .to_string()
        .replacen("portolan 0", "portolan 9", 1);
    for (from, to, expected) in [
        (
            "manifest 2",
            "manifest 3",
            "line 1: format \"3\" is not known; this portolan reads formats 1 and 2 (portolan 9.1.0 wrote it, and this is 0.1.0)",
        ),
        (
            "sysctl.conf",
            "sysctl.new",
            "line 7: \"nodes/node-a/sysctl.new\" is not the path of an artefact (portolan 9.1.0 wrote it, and this is 0.1.0)",
        ),
    ] {
        let error = Manifest::parse(&newer.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    assert!(Manifest::parse(&newer).is_ok());
}
