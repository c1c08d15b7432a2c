//! What kube-proxy left in a kernel, read and written again, is the same text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::kernel::text::{KeepOrigins, Text};
use portolan_compiler::kernel::{ipset, iptables, ipvs, sysctl};

fn cases() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/conformance");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() > 50, "{} cases in {folder}", cases.len());
    cases
}

fn written(write: impl FnOnce(&mut Text)) -> String {
    let mut text = Text::new(KeepOrigins::No);
    write(&mut text);
    text.finish().0
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

fn expected(case: &Path, file: &str) -> String {
    fs::read_to_string(case.join("expected").join(file)).unwrap()
}

#[test]
fn sets() {
    for case in cases() {
        let text = expected(&case, "ipvs/ipset.save");
        let observed = ipset::read(&text).unwrap();
        assert_eq!(observed.foreign, [], "{}", case.display());
        let again = written(|text| ipset::write(&observed.sets, text));
        assert_eq!(sorted(&again), sorted(&text), "{}", case.display());
    }
}

#[test]
fn virtual_servers() {
    for case in cases() {
        let text = expected(&case, "ipvs/ipvs.rules");
        let observed = ipvs::read(&text).unwrap();
        assert_eq!(observed.foreign, [], "{}", case.display());
        let again = written(|text| ipvs::write(&observed.servers, text));
        assert_eq!(sorted(&again), sorted(&text), "{}", case.display());
    }
}

#[test]
fn rules() {
    for case in cases() {
        for file in ["ipvs/iptables.save", "ipvs/ip6tables.save"] {
            let text = expected(&case, file);
            let saved = iptables::read(&text).unwrap();
            let found = declared(&saved);
            let ruleset = iptables::Ruleset::try_from(saved).unwrap();
            // Written, read and printed as iptables-save prints it: -I has become -A.
            let again = iptables::read(&written(|text| iptables::write(&ruleset, text))).unwrap();
            let lines = |text: &str| -> Vec<String> {
                let rules = text.lines().filter(|line| line.starts_with("-A"));
                rules.map(ToOwned::to_owned).collect()
            };
            assert_eq!(
                sorted(&lines(&text).join("\n")),
                sorted(&declared(&again).join("\n")),
                "{}",
                case.display()
            );
            assert_eq!(lines(&text).len(), found.len());
            assert_eq!(iptables::Ruleset::try_from(again).unwrap(), ruleset);
        }
    }
}

#[test]
fn rules_of_iptables_mode_are_at_least_kept_as_text() {
    for case in cases() {
        for file in ["iptables/iptables.save", "iptables/ip6tables.save"] {
            let text = expected(&case, file);
            let found = declared(&iptables::read(&text).unwrap());
            let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("-A")).collect();
            assert_eq!(sorted(&found.join("\n")), sorted(&lines.join("\n")));
        }
    }
}

#[test]
fn settings_and_timeouts() {
    for case in cases() {
        let text = expected(&case, "ipvs/sysctl");
        let settings = sysctl::read(&text).unwrap();
        assert_eq!(written(|text| sysctl::write(&settings, text)), text);
        let text = expected(&case, "ipvs/ipvs.timeouts");
        let timeouts: ipvs::Timeouts = text.parse().unwrap();
        assert_eq!(written(|text| ipvs::write_timeouts(timeouts, text)), text);
    }
}

#[test]
fn netlink() {
    for case in cases() {
        let servers = ipvs::read(&expected(&case, "ipvs/ipvs.rules"))
            .unwrap()
            .servers;
        let operations = ipvs::netlink::decode(&ipvs::netlink::encode(&servers)).unwrap();
        assert_eq!(ipvs::netlink::virtual_servers(operations).unwrap(), servers);
    }
}

fn declared(saved: &iptables::Saved) -> Vec<String> {
    let chains = saved.tables.iter().flat_map(|table| &table.chains);
    chains
        .flat_map(|chain| {
            let rules = chain.rules.iter();
            rules.map(|rule| format!("-A {} {rule}", chain.name))
        })
        .collect()
}
