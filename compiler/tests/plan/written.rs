//! Files that no portolan wrote are refused, and what it wrote is read.

use std::collections::BTreeMap;

use portolan_compiler::bundle::{ArtefactKind, Bundle, Digest, Emulates, NodeEntry, Packer};
use portolan_compiler::mode::{ArtefactError, NodeState};
use portolan_compiler::model::name::NodeName;
use portolan_compiler::model::{KubeVersion, Mode};
use portolan_compiler::plan::file::Files as PlanFiles;
use portolan_compiler::target::target;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use crate::states::cases;

type Files = BTreeMap<ArtefactKind, Vec<u8>>;

/// What compiling wrote: each case in each mode.
fn compiled() -> Vec<(String, Files)> {
    let of = |case: &crate::states::Case| {
        let all = [
            &case.artefacts,
            &case.by_rules_artefacts,
            &case.by_maps_artefacts,
        ];
        all.map(|artefacts| {
            let files = artefacts.files.iter();
            let files = files.map(|file| (file.kind, file.bytes.clone())).collect();
            (case.name.clone(), files)
        })
    };
    cases().iter().flat_map(of).collect()
}

/// The files with another text of one kind, and without those that are derived from others.
fn with(files: &Files, kind: ArtefactKind, text: String) -> Files {
    let mut files = files.clone();
    files.remove(&ArtefactKind::IpvsNetlink);
    files.remove(&ArtefactKind::NftablesJson);
    files.insert(kind, text.into_bytes());
    files
}

fn text_of(files: &Files, kind: ArtefactKind) -> String {
    String::from_utf8(files[&kind].clone()).unwrap()
}

/// Lines that never are portolan's, whatever the cluster.
fn strangers(kind: ArtefactKind) -> &'static [&'static str] {
    match kind {
        ArtefactKind::ModulesLoad => &["nbd", "# nothing", "dummy", ""],
        ArtefactKind::Sysctl => &[
            "kernel.panic=1",
            "net.ipv4.ip_forward=0",
            "net.ipv4.vs.conntrack = 1",
        ],
        ArtefactKind::Addresses => &[
            "link add eth9 type dummy",
            "link add kube-ipvs0 type dummy",
            "address add 203.0.113.9/32 dev eth0",
            "address add 203.0.113.9/24 dev kube-ipvs0",
        ],
        ArtefactKind::Ipset => &[
            "create mine hash:ip family inet hashsize 1024 maxelem 65536",
            "add KUBE-CLUSTER-IP 10.96.0.999,tcp:1",
            "add KUBE-IPVS-IPS 203.0.113.9",
            "destroy KUBE-CLUSTER-IP",
            "flush",
        ],
        ArtefactKind::Iptables | ArtefactKind::Ip6tables => &[
            "-I INPUT -j ACCEPT",
            "-I INPUT -j KUBE-SERVICES",
            "-A INPUT -j KUBE-POSTROUTING",
            "-A KUBE-SERVICES -j ACCEPT",
            "-A KUBE-SERVICES -j DROP",
            "-A KUBE-SERVICES -j foreign",
            "-A KUBE-POSTROUTING -j RETURN",
            "-A KUBE-MARK-MASQ -j MARK --set-xmark 0xffffffff/0xffffffff",
            "-A KUBE-FORWARD -j ACCEPT",
            "-A foreign -j ACCEPT",
            "-F INPUT",
            "-P INPUT DROP",
            ":foreign - [0:0]",
            ":INPUT ACCEPT [0:0]",
            ":KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]",
            "[1:60] -A KUBE-SERVICES -j KUBE-MARK-MASQ",
            "*raw\nCOMMIT",
            "COMMIT",
            "# nothing",
        ],
        ArtefactKind::IpvsRules => &[
            "-C",
            "-A -f 42 -s rr",
            "-A -t 203.0.113.9:80 -s dh",
            "-D -t 203.0.113.9:80",
        ],
        ArtefactKind::IpvsTimeouts => &["1 2 3"],
        ArtefactKind::Nftables => &[
            "flush ruleset",
            "include \"/etc/nftables.d/mine.nft\"",
            "delete table inet filter",
            "add rule inet filter input accept",
            "define mine = 1",
            "table inet filter { }",
            "table ip kube-proxy",
            "policy drop;",
            "accept",
            "counter",
            "type filter hook input priority filter; policy drop;",
            "# nothing",
        ],
        ArtefactKind::Services => &["exclude everything", "owner shop/front", ""],
        ArtefactKind::IpvsNetlink | ArtefactKind::NftablesJson => &[],
    }
}

#[test]
fn what_was_compiled_is_read() {
    for (name, files) in compiled() {
        let state = NodeState::from_artefacts(&files);
        state.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// What a cleanup leads to.
#[test]
fn nothing_at_all_is_read() {
    for mode in Mode::ALL {
        let nothing = NodeState::empty(mode);
        let files = PlanFiles::of(&nothing);
        assert_eq!(files.state(), Ok(nothing));
    }
}

#[test]
fn lines_of_others_are_refused_wherever_they_stand() {
    for (name, files) in compiled().iter().step_by(7) {
        for kind in files.keys() {
            let text = match strangers(*kind) {
                [] => continue,
                _ => text_of(files, *kind),
            };
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let ends = [0, 1, lines.len() / 3, lines.len() * 2 / 3, lines.len()];
            for (at, line) in ends
                .into_iter()
                .filter(|at| *at <= lines.len())
                .flat_map(|at| strangers(*kind).iter().map(move |line| (at, line)))
            {
                let (before, after) = lines.split_at(at);
                let text = [&before.concat(), *line, "\n", &after.concat()].concat();
                let read = NodeState::from_artefacts(&with(files, *kind, text));
                let error = read.expect_err(&format!("{name}: {kind:?} {at}: {line}"));
                assert_eq!(error.kind, *kind, "{name}: {line}: {error}");
            }
        }
    }
}

/// A line more, a line less, a word less, two lines that change places: either nobody would write that, or
/// it is another state with another number.
#[test]
fn whatever_is_changed_is_refused_or_is_another_target() {
    let compiled = compiled();
    let mut runner = TestRunner::new(Config::with_cases(600));
    let (mut refused, mut other) = (0, 0);
    let strategy = proptest::prelude::any::<(Index, Index, Index, Index, u8)>();
    let counts = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    runner
        .run(&strategy, |(case, kind, at, word, how)| {
            let (name, files) = case.get(&compiled);
            let kinds: Vec<ArtefactKind> = files
                .keys()
                .copied()
                .filter(|kind| kind.is_text())
                .collect();
            let kind = *kind.get(&kinds);
            let text = text_of(files, kind);
            let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
            if lines.is_empty() {
                return Ok(());
            }
            let at = at.index(lines.len());
            match how % 4 {
                0 => {
                    let line = lines[at].clone();
                    lines.insert(word.index(lines.len() + 1), line);
                }
                1 => drop(lines.remove(at)),
                2 => {
                    let words: Vec<&str> = lines[at].split(' ').collect();
                    let gone = word.index(words.len());
                    let mut left = words.clone();
                    left.remove(gone);
                    lines[at] = left.join(" ");
                }
                _ => {
                    let to = word.index(lines.len());
                    lines.swap(at, to);
                }
            }
            let changed = lines.concat();
            if changed == text {
                return Ok(());
            }
            let was = NodeState::from_artefacts(files).unwrap();
            match NodeState::from_artefacts(&with(files, kind, changed)) {
                Err(_) => counts.0.set(counts.0.get() + 1),
                Ok(state) => {
                    counts.1.set(counts.1.get() + 1);
                    assert_ne!(state, was, "{name}: {kind:?} line {at}");
                    if kind != ArtefactKind::Services {
                        assert_ne!(target(&state), target(&was), "{name}: {kind:?} line {at}");
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    refused += counts.0.get();
    other += counts.1.get();
    assert!(
        refused > 300 && other > 5,
        "{refused} refused, {other} others"
    );
}

fn refusal(files: &Files) -> String {
    let ArtefactError { kind, problem } = NodeState::from_artefacts(files).unwrap_err();
    format!("{}: {problem}", kind.as_str())
}

#[test]
fn the_line_is_told_and_what_is_allowed() {
    let compiled = compiled();
    let (_, files) = &compiled[1];
    let kind = ArtefactKind::Iptables;
    let text = text_of(files, kind);
    let jump = "-I INPUT -j KUBE-FIREWALL\n";
    let number = 1 + text.lines().take_while(|line| *line != jump.trim()).count();
    let first = text.find(jump).unwrap();
    let changed = [&text[..first], "-I INPUT -j ACCEPT\n", &text[first..]].concat();
    assert_eq!(
        refusal(&with(files, kind, changed)),
        format!(
            "iptables.restore: line {number}: portolan writes nothing here: \"-I INPUT -j ACCEPT\""
        )
    );
    let changed = text.replace("-j MASQUERADE --random-fully", "-j ACCEPT");
    let error = refusal(&with(files, kind, changed));
    assert!(
        error.contains("-j MASQUERADE --random-fully\" here: \"-A KUBE-POSTROUTING"),
        "{error}"
    );
    let (_, files) = &compiled[2];
    let kind = ArtefactKind::Nftables;
    let text = text_of(files, kind);
    assert_eq!(
        refusal(&with(files, kind, format!("flush ruleset\n{text}"))),
        "ruleset.nft: line 1: portolan writes \"table ip portolan\" here: \"flush ruleset\""
    );
    let mut both = files.clone();
    both.insert(ArtefactKind::Iptables, b"*nat\nCOMMIT\n".to_vec());
    assert_eq!(
        refusal(&both),
        "iptables.restore: mode nftables has no such file"
    );
}

/// From manifests, a compiled folder, a bundle and a plan, and so the record of a generation, which has a
/// plan's files: one state, one number.
#[test]
fn a_target_is_the_same_by_every_way() {
    let mut packer = Packer::new(None, None);
    let mut expected = Vec::new();
    for (number, case) in cases().iter().enumerate() {
        let modes = [
            (Mode::Ipvs, &case.artefacts),
            (Mode::Iptables, &case.by_rules_artefacts),
            (Mode::Nftables, &case.by_maps_artefacts),
        ];
        for (mode, artefacts) in modes {
            let files: Files = artefacts
                .files
                .iter()
                .map(|file| (file.kind, file.bytes.clone()))
                .collect();
            let state = NodeState::from_artefacts(&files).unwrap();
            let name = format!("{} {}", case.name, mode.as_str());
            assert_eq!(target(&state), artefacts.target, "{name}: a folder");
            let planned = PlanFiles::of(&state).state().unwrap();
            assert_eq!(target(&planned), artefacts.target, "{name}: a plan");
            let node = NodeName::parse(&format!("node-{number}-{}", mode.as_str())).unwrap();
            let entry = NodeEntry {
                emulates: Emulates {
                    version: KubeVersion::NEWEST,
                    mode,
                },
                input: Digest::of(b""),
                target: None,
            };
            packer.add(node.clone(), entry, artefacts.target, &files);
            expected.push((node, artefacts.target));
        }
    }
    assert!(expected.len() > 100, "{}", expected.len());
    let bundle = Bundle::read(packer.finish()).unwrap();
    for (node, wanted) in expected {
        let state = NodeState::from_artefacts(&bundle.files_of(&node).unwrap()).unwrap();
        assert_eq!(target(&state), wanted, "{node}: a bundle");
    }
}
