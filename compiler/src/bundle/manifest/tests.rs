use super::*;
use crate::bundle::Artefact;

fn name(name: &str) -> NodeName {
    NodeName::parse(name).unwrap()
}

fn manifest() -> Manifest {
    let mut manifest = Manifest::new(Digest::of(b"all"));
    for (node, version, mode) in [
        ("node-b", KubeVersion::NEWEST, Mode::Nftables),
        ("node-a", KubeVersion::OLDEST, Mode::Ipvs),
    ] {
        let artefacts = NodeArtefacts {
            node: name(node),
            target: Digest::of(b"state").into(),
            files: [ArtefactKind::Ipset, ArtefactKind::Sysctl]
                .map(|kind| Artefact {
                    kind,
                    bytes: node.into(),
                    origins: Vec::new(),
                })
                .into(),
        };
        manifest.add(Emulates { version, mode }, Digest::of(b"input"), &artefacts);
    }
    manifest
}

fn part() -> String {
    manifest().part(&name("node-a")).unwrap()
}

#[test]
fn what_is_written_is_read_back() {
    let manifest = manifest();
    let Ok(Head::Parts { tool, input }) = Head::parse(&manifest.head()) else {
        panic!("{}", manifest.head());
    };
    let mut read = Manifest::written_by(tool, Some(input));
    for node in manifest.nodes.keys() {
        read.add_part(node, &manifest.part(node).unwrap()).unwrap();
    }
    assert_eq!(read, manifest);
    let start = concat!(
        "portolan-manifest 3\nportolan ",
        env!("CARGO_PKG_VERSION"),
        "\ninput "
    );
    assert!(manifest.head().starts_with(start), "{}", manifest.head());
    let text = part();
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.split_once("sha256:").map_or(line, |(key, _)| key))
        .collect();
    let files: Vec<&str> = text
        .lines()
        .filter_map(|line| Some(line.split_once("  ")?.1))
        .collect();
    assert_eq!(
        lines,
        [
            "portolan-node 3",
            "node node-a",
            "emulates kube-proxy 1.30 ipvs",
            "input ",
            "target ",
            "",
            ""
        ]
    );
    assert_eq!(files, ["sysctl.conf", "ipset.restore"]);
}

fn format_2() -> String {
    let digest = Digest::of(b"");
    format!(
        "portolan-manifest 2\nportolan 0.1.0\n\nnode node-a\nemulates kube-proxy 1.30 ipvs\n\
         objects {digest}\n{digest}  nodes/node-a/sysctl.conf\n{digest}  nodes/node-a/ipset.restore\n\n\
         node node-b\nemulates kube-proxy 1.37 nftables\nobjects {digest}\n\
         {digest}  nodes/node-b/sysctl.conf\n{digest}  nodes/node-b/ipset.restore\n"
    )
}

fn whole(text: &str) -> Result<Manifest, ManifestError> {
    match Head::parse(text)? {
        Head::Whole(manifest) => Ok(manifest),
        parts @ Head::Parts { .. } => panic!("{parts:?}"),
    }
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
fn older_formats_are_read() {
    for (text, files) in [(format_1(), 2), (format_2(), 4)] {
        let manifest = whole(&text).unwrap();
        let nodes: Vec<&str> = manifest.nodes.keys().map(NodeName::as_str).collect();
        assert_eq!(nodes, ["node-a", "node-b"]);
        let entry = manifest.nodes[&name("node-a")];
        assert_eq!(entry.emulates.to_string(), "kube-proxy 1.30 ipvs");
        assert_eq!((entry.input, entry.target), (Digest::of(b""), None));
        assert_eq!(manifest.files.len(), files);
        assert_eq!(manifest.part(&name("node-a")), None);
    }
}

/// What a text is read as, by whoever reads it.
type Read = fn(&str) -> Result<(), ManifestError>;

fn refused(read: Read, text: &str, line: usize, problem: ManifestProblem) {
    let expected = ManifestError {
        line,
        problem,
        written_by: None,
    };
    assert_eq!(read(text), Err(expected), "{text}");
}

#[test]
fn anything_else_is_refused_with_its_line() {
    let read: Read = |text| Head::parse(text).map(drop);
    let head = manifest().head();
    let swap = |from: &str, to: &str| head.replacen(from, to, 1);
    for (text, line, problem) in [
        (String::new(), 1, ManifestProblem::NotAManifest),
        ("hello\n".to_owned(), 1, ManifestProblem::NotAManifest),
        (
            swap("manifest 3", "manifest 4"),
            1,
            ManifestProblem::Format("4".to_owned()),
        ),
        (
            swap("portolan 0", "portolano 0"),
            2,
            ManifestProblem::Expected("portolan"),
        ),
        (
            format!("{head}\n"),
            4,
            ManifestProblem::Expected("the end of the file"),
        ),
        (head[..head.len() - 1].to_owned(), 3, ManifestProblem::Cut),
    ] {
        refused(read, &text, line, problem);
    }
    let text = format_2();
    let swap = |from: &str, to: &str| text.replacen(from, to, 1);
    for (text, line, problem) in [
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
            swap("node node-a", "node node-c"),
            7,
            ManifestProblem::Path("nodes/node-a/sysctl.conf".to_owned()),
        ),
        (
            swap("nodes/node-a/sysctl.conf", "/etc/sysctl.conf"),
            7,
            ManifestProblem::Path("/etc/sysctl.conf".to_owned()),
        ),
        (
            swap("node node-b", "node node-a"),
            10,
            ManifestProblem::Order,
        ),
    ] {
        refused(read, &text, line, problem);
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
        refused(read, &text, line, problem);
    }
}

#[test]
fn a_part_is_what_was_written_for_its_node() {
    let read: Read =
        |text| Manifest::written_by(String::new(), None).add_part(&name("node-a"), text);
    let text = part();
    let swap = |from: &str, to: &str| text.replacen(from, to, 1);
    let last = text.lines().last().unwrap();
    for (text, line, problem) in [
        (String::new(), 1, ManifestProblem::NotAManifest),
        (manifest().head(), 1, ManifestProblem::NotAManifest),
        (
            swap("portolan-node 3", "portolan-node 4"),
            1,
            ManifestProblem::Format("4".to_owned()),
        ),
        (
            swap("node node-a", "node ../a"),
            2,
            ManifestProblem::Node("../a".to_owned()),
        ),
        (
            swap("node node-a", "node node-b"),
            2,
            ManifestProblem::Elsewhere(name("node-b")),
        ),
        (
            swap("1.30", "1.030"),
            3,
            ManifestProblem::Expected("emulates"),
        ),
        (
            swap("ipvs", "IPVS"),
            3,
            ManifestProblem::Expected("emulates"),
        ),
        (swap("input sha256", "input sha1"), 4, NotADigest.into()),
        (
            swap("\ntarget", "\nobjects"),
            5,
            ManifestProblem::Expected("target"),
        ),
        (swap("\nsha256", "\nsha255"), 6, NotADigest.into()),
        (
            swap("sysctl.conf", "../sysctl.conf"),
            6,
            ManifestProblem::Path("../sysctl.conf".to_owned()),
        ),
        (format!("{text}{last}\n"), 8, ManifestProblem::Order),
        (text[..text.len() - 1].to_owned(), 7, ManifestProblem::Cut),
    ] {
        refused(read, &text, line, problem);
    }
}

#[test]
fn what_another_portolan_wrote_is_told_from_what_is_damaged() {
    let newer = format_2().replacen("portolan 0", "portolan 9", 1);
    for (from, to, expected) in [
        (
            "manifest 2",
            "manifest 4",
            "line 1: format \"4\" is not known; this portolan reads formats 1 to 3 (portolan 9.1.0 wrote it, and this is 0.1.0)",
        ),
        (
            "sysctl.conf",
            "sysctl.new",
            "line 7: \"nodes/node-a/sysctl.new\" is not the path of an artefact (portolan 9.1.0 wrote it, and this is 0.1.0)",
        ),
    ] {
        let error = Head::parse(&newer.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    assert!(Head::parse(&newer).is_ok());
}
