use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::*;
use crate::bundle::{NodeEntry, Target};
use crate::model::Mode;

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn entry(node: &str) -> (NodeName, NodeEntry, Target) {
    let entry = NodeEntry {
        emulates: crate::bundle::Emulates {
            version: "1.37".parse().unwrap(),
            mode: Mode::Ipvs,
        },
        input: digest("input"),
        target: None,
    };
    (NodeName::parse(node).unwrap(), entry, digest(node).into())
}

fn edition() -> Edition {
    Edition {
        cluster: "prod".parse().unwrap(),
        counter: "147".parse().unwrap(),
    }
}

fn files(own: &str) -> BTreeMap<ArtefactKind, Vec<u8>> {
    let text = |text: &str| text.as_bytes().to_vec();
    BTreeMap::from([
        (ArtefactKind::Sysctl, text("net.ipv4.ip_forward = 1\n")),
        (ArtefactKind::Ipset, text(own)),
        (ArtefactKind::IpvsNetlink, text("derived")),
    ])
}

fn small() -> Vec<u8> {
    let mut packer = Packer::new(Some(edition()), Some(digest("all")));
    for node in ["node-b", "node-a"] {
        let (name, entry, target) = entry(node);
        packer.add(name, entry, target, &files(node));
    }
    packer.finish()
}

/// A bundle of this header and body, with good digests.
fn forge(header: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("{header}\nbody {}\n", Digest::of(body));
    let own = digest(&header);
    [
        header.as_bytes(),
        format!("header {own}\n").as_bytes(),
        body,
    ]
    .concat()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const HEAD: &str = "portolan-bundle 1\nportolan 0.1.0\n";

fn node(name: &str, files: &[(&str, Digest)]) -> String {
    let some = digest("some");
    let mut text =
        format!("\nnode {name}\nemulates kube-proxy 1.37 ipvs\ninput {some}\ntarget {some}\n");
    for (file, digest) in files {
        text.push_str(&[&digest.to_string(), "  ", file, "\n"].concat());
    }
    text
}

fn part(digest: Digest, size: usize, packed: usize) -> String {
    [
        "part ",
        &digest.to_string(),
        " ",
        &size.to_string(),
        " ",
        &packed.to_string(),
        "\n",
    ]
    .concat()
}

#[test]
fn what_is_packed_is_read() {
    let bytes = small();
    assert!(Bundle::begins(&bytes));
    let bundle = Bundle::read(bytes.clone()).unwrap();
    assert_eq!(bundle.edition(), Some(&edition()));
    assert_eq!(bundle.manifest().input, Some(digest("all")));
    // One of each node, and one that both have.
    assert_eq!(bundle.parts(), (3, 36));
    for name in ["node-a", "node-b"] {
        let (name, _, target) = entry(name);
        assert_eq!(bundle.manifest().nodes[&name].target, Some(target));
        let mut expected = files(name.as_str());
        expected.remove(&ArtefactKind::IpvsNetlink);
        assert_eq!(bundle.files_of(&name), Ok(expected));
    }
    assert!(bundle.files_of(&entry("node-c").0).unwrap().is_empty());
    assert_eq!(small(), bytes, "the same nodes are the same bytes");
    let bare = Bundle::read(Packer::new(None, None).finish()).unwrap();
    assert_eq!((bare.edition(), bare.manifest().input), (None, None));
}

#[test]
fn no_byte_says_nothing() {
    let bytes = small();
    for at in 0..bytes.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut flipped = bytes.clone();
            flipped[at] ^= bit;
            assert!(Bundle::read(flipped).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn cut_and_lengthened_ones_are_refused() {
    let bytes = small();
    for end in 0..bytes.len() {
        assert!(Bundle::read(bytes[..end].to_vec()).is_err(), "{end} bytes");
    }
    assert_eq!(
        Bundle::read([&bytes[..], b"\0"].concat()),
        Err(BundleError::Body)
    );
}

#[test]
fn newer_formats_are_refused_by_name() {
    for (text, expected) in [
        (
            "portolan-bundle 2\nwhatever",
            BundleError::Format("2".to_owned()),
        ),
        (
            "portolan-bundle 1.1\n",
            BundleError::Format("1.1".to_owned()),
        ),
        ("portolan-bundle 1", BundleError::Cut),
        ("portolan-bundle", BundleError::NotABundle),
        ("portolan-manifest 3\n", BundleError::NotABundle),
        ("", BundleError::NotABundle),
    ] {
        assert_eq!(Bundle::read(text.into()), Err(expected), "{text}");
    }
    let long = format!("portolan-bundle {}", "9".repeat(1 << 20));
    let Err(BundleError::Format(shown)) = Bundle::read(long.into()) else {
        panic!("a format that long is none");
    };
    assert_eq!(shown.len(), 40);
}

#[test]
fn headers_say_what_is_written_and_nothing_else() {
    let (content, other) = (digest("x"), digest("y"));
    let (low, high) = (content.min(other), content.max(other));
    let body = packed(b"x");
    let one = |file: &str| node("node-a", &[(file, content)]);
    let x = part(content, 1, body.len());
    let good = format!("{HEAD}{}\n{x}", one("sysctl.conf"));
    assert!(Bundle::read(forge(&good, &body)).is_ok());
    for (what, header) in [
        (
            "names that climb",
            format!("{HEAD}{}\n{x}", one("../sysctl.conf")),
        ),
        (
            "absolute names",
            format!("{HEAD}{}\n{x}", one("/etc/passwd")),
        ),
        (
            "names of nodes that climb",
            format!("{HEAD}{}\n{x}", node("..", &[("sysctl.conf", content)])),
        ),
        (
            "derived artefacts",
            format!("{HEAD}{}\n{x}", one("ipvs.nl")),
        ),
        (
            "unknown artefacts",
            format!("{HEAD}{}\n{x}", one("post-install.sh")),
        ),
        (
            "a node twice",
            format!("{HEAD}{0}{0}\n{x}", one("sysctl.conf")),
        ),
        (
            "nodes out of order",
            format!("{HEAD}{}{}\n{x}", node("node-b", &[]), one("sysctl.conf")),
        ),
        (
            "a file twice",
            format!(
                "{HEAD}{}\n{x}",
                node("node-a", &[("sysctl.conf", content); 2])
            ),
        ),
        ("a part twice", format!("{good}{x}")),
        (
            "parts out of order",
            format!(
                "{HEAD}{}\n{}{}",
                node("node-a", &[("sysctl.conf", low), ("addresses", high)]),
                part(high, 1, 1),
                part(low, 1, 1)
            ),
        ),
        (
            "a part that is missing",
            format!("{HEAD}{}\n", one("sysctl.conf")),
        ),
        (
            "a part that nobody has",
            format!("{HEAD}{}\n{x}", node("node-a", &[])),
        ),
        ("sizes with zeros", good.replace(" 1 ", " 01 ")),
        ("sizes with signs", good.replace(" 1 ", " +1 ")),
        (
            "a counter alone",
            good.replace("0.1.0\n", "0.1.0\ncounter 1\n"),
        ),
        (
            "a cluster alone",
            good.replace("0.1.0\n", "0.1.0\ncluster prod\n"),
        ),
        (
            "a counter of nothing",
            good.replace("0.1.0\n", "0.1.0\ncluster prod\ncounter 0\n"),
        ),
        (
            "an unknown line",
            good.replace("0.1.0\n", "0.1.0\nrun me\n"),
        ),
        ("carriage returns", good.replace('\n', "\r\n")),
        (
            "a line twice",
            good.replace("0.1.0\n", "0.1.0\nportolan 0.1.0\n"),
        ),
        ("an end too early", format!("{good}\nbody {content}\n")),
        ("a second header", format!("{good}\nheader {content}\n")),
    ] {
        let bundle = Bundle::read(forge(&header, &body));
        assert!(bundle.is_err(), "{what}");
    }
}

#[test]
fn sizes_that_lie_are_refused_before_they_cost_memory() {
    let bomb = packed(&vec![0; 64 << 20]);
    assert!(bomb.len() < 1 << 17);
    let content = Digest::of(&vec![0; 64 << 20]);
    let (name, _, _) = entry("node-a");
    let claim = |size: usize| {
        let header = node("node-a", &[("sysctl.conf", content)]);
        forge(
            &format!("{HEAD}{header}\n{}", part(content, size, bomb.len())),
            &bomb,
        )
    };
    let refused = |size| Bundle::read(claim(size)).unwrap().files_of(&name);
    assert!(refused(64 << 20).is_ok());
    for size in [0, 1, (64 << 20) - 1, (64 << 20) + 1] {
        let expected = BundleError::Part {
            node: name.clone(),
            kind: ArtefactKind::Sysctl,
        };
        assert_eq!(refused(size), Err(expected), "{size}");
    }
    let too_much = Bundle::read(claim(usize::MAX));
    assert!(
        matches!(too_much, Err(BundleError::Many { .. })),
        "{too_much:?}"
    );
    let elsewhere = format!(
        "{HEAD}{}\n{}",
        node("node-a", &[("sysctl.conf", content)]),
        part(content, 1, usize::MAX)
    );
    assert!(matches!(
        Bundle::read(forge(&elsewhere, &bomb)),
        Err(BundleError::Parts(_))
    ));
    // A stream that ends before its bytes do.
    let more = [&bomb[..], b"more"].concat();
    let header = node("node-a", &[("sysctl.conf", content)]);
    let header = format!("{HEAD}{header}\n{}", part(content, 64 << 20, more.len()));
    assert!(
        Bundle::read(forge(&header, &more))
            .unwrap()
            .files_of(&name)
            .is_err()
    );
}

#[test]
fn one_artefact_of_many_nodes_is_bounded_too() {
    let body = packed(b"x");
    let content = digest("x");
    let nodes: String = (0..200)
        .map(|number| node(&format!("n{number:06}"), &[("sysctl.conf", content)]))
        .collect();
    let header = format!("{HEAD}{nodes}\n{}", part(content, 400 << 20, body.len()));
    let many = Bundle::read(forge(&header, &body));
    assert!(
        matches!(
            many,
            Err(BundleError::Many {
                what: "bytes of all nodes",
                ..
            })
        ),
        "{many:?}"
    );
}

#[test]
fn sections_without_number_are_refused() {
    let parts: String = (0..250_000_u32)
        .map(|number| {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            part(bytes.into(), 0, 0)
        })
        .collect();
    let many = Bundle::read(forge(&format!("{HEAD}\n{parts}"), b""));
    assert!(
        matches!(many, Err(BundleError::Many { what: "parts", .. })),
        "{many:?}"
    );
    let nodes: String = (0..25_000)
        .map(|number| node(&format!("n{number:06}"), &[]))
        .collect();
    let many = Bundle::read(forge(&format!("{HEAD}{nodes}\n"), b""));
    assert!(
        matches!(many, Err(BundleError::Many { what: "nodes", .. })),
        "{many:?}"
    );
}
