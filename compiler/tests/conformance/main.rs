//! Every case of `fixtures/conformance`, compiled and held against what kube-proxy 1.30.5 itself
//! left in a real kernel. See `fixtures/conformance/README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "a test may panic, and is no hot path"
)]

use portolan_support::conformance::case::{Case, Mode};
use portolan_support::conformance::programmed;

#[test]
fn mode_ipvs_programs_what_kube_proxy_programs() {
    check(Mode::Ipvs);
}

#[test]
fn mode_iptables_programs_what_kube_proxy_programs() {
    check(Mode::Iptables);
}

/// Compares all cases and reports every difference at once.
fn check(mode: Mode) {
    let cases = Case::all();
    assert!(
        cases.len() >= 54,
        "fixtures/conformance has only {} cases",
        cases.len()
    );
    let mut compared = 0;
    let mut report = String::new();
    for case in &cases {
        let expected = case.expected(mode);
        let programmed = programmed::comparable(&case.compile(mode), mode);
        assert_eq!(
            expected.keys().collect::<Vec<_>>(),
            programmed.keys().collect::<Vec<_>>(),
            "{}: the same files",
            case.name
        );
        for (file, expected) in &expected {
            compared += 1;
            let diff = similar::TextDiff::from_lines(expected, &programmed[file]);
            if diff.ratio() < 1.0 {
                let header = format!("{}/{file}", case.name);
                let hunks = diff
                    .unified_diff()
                    .context_radius(2)
                    .header(
                        &format!("kube-proxy {header}"),
                        &format!("portolan {header}"),
                    )
                    .to_string();
                report.push_str(&hunks);
            }
        }
    }
    assert!(report.is_empty(), "differences from kube-proxy:\n{report}");
    let files = match mode {
        Mode::Ipvs => 7,
        Mode::Iptables => 2,
        Mode::Nftables => 1,
    };
    assert!(compared >= 54 * files, "only {compared} files compared");
}
