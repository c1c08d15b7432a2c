//! kube-proxy's own tables of mode nftables: told and left alone, or taken over and put back; and a node
//! without IPv6.

use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::kernel::nftables;
use portolan_compiler::kernel::nftables::KubeProxyTable;
use portolan_compiler::model::IpFamily;
use portolan_compiler::observed;
use portolan_compiler::observed::{Ipv6, Observed, WithoutIpv6};
use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::plan::render::Services;
use portolan_compiler::plan::{
    End, LeftAlone, NftablesChange, Phase, Subject, Unserved, astray, fake, plan, retrace,
};

use crate::file;
use crate::states::{Case, cases, claims, empty};

/// Where a case has what kube-proxy left in mode nftables.
fn place(case: &Case) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/conformance");
    root.join(&case.name).join("expected/nftables/ruleset.nft")
}

fn left(case: &Case) -> Observed {
    let mut node = empty();
    node.nftables = nftables::read(&fs::read_to_string(place(case)).unwrap()).unwrap();
    let found = &node.nftables.kube_proxy;
    assert!(found.iter().all(Option::is_some), "{}", case.name);
    node
}

/// Some cases: their tables differ in elements and rules, which nobody looks at.
fn some() -> impl Iterator<Item = &'static Case> {
    let recorded = cases().iter().filter(|case| place(case).exists());
    recorded.step_by(9)
}

#[test]
fn a_capture_of_them_is_read_back() {
    for case in some() {
        let node = left(case).ordered();
        assert_eq!(
            observed::read(&observed::write(&node)).as_ref(),
            Ok(&node),
            "{}",
            case.name
        );
    }
}

#[test]
fn without_a_take_over_they_are_told_and_stay() {
    for case in some() {
        for state in [&case.by_maps, &case.by_rules, &case.desired] {
            let plan = plan(state, &left(case), &claims(false, state)).unwrap();
            let found: Vec<_> = plan.left_alone.iter().map(LeftAlone::name).collect();
            assert_eq!(found, ["ip kube-proxy", "ip6 kube-proxy"], "{}", case.name);
            let touched = |subject: &Subject| {
                matches!(
                    subject,
                    Subject::Nftables(NftablesChange::KubeProxyTable(..))
                )
            };
            assert!(!plan.steps.iter().any(|step| touched(&step.subject)));
        }
    }
}

#[test]
fn a_take_over_serves_first_and_every_moment_of_it_leads_back() {
    for case in some() {
        for state in [&case.by_maps, &case.by_rules, &case.desired] {
            let before = left(case).ordered();
            let plan = plan(state, &before, &claims(true, state)).unwrap();
            let gone = plan.steps.iter().filter(|step| {
                matches!(
                    step.subject,
                    Subject::Nftables(NftablesChange::KubeProxyTable(..))
                ) && step.phase == Phase::Clean
            });
            assert_eq!(gone.count(), 2, "{}", case.name);
            let mut node = before.clone();
            for taken in 0..=plan.steps.len() {
                if let Some(last) = taken.checked_sub(1) {
                    fake::execute(&mut node, &plan.steps[last]).unwrap();
                    node = node.ordered();
                }
                // Only around these steps: the others are tried elsewhere.
                let near = plan.steps[taken.saturating_sub(1)..]
                    .iter()
                    .take(2)
                    .any(|step| {
                        matches!(
                            step.subject,
                            Subject::Nftables(NftablesChange::KubeProxyTable(..))
                        )
                    });
                if !near {
                    continue;
                }
                let mut back = node.clone();
                let way = retrace(&plan.steps, &back, End::Old);
                fake::execute_all(&mut back, &way).unwrap();
                assert_eq!(
                    back.ordered().nftables,
                    before.nftables,
                    "{} {taken}",
                    case.name
                );
                let mut on = node.clone();
                let way = retrace(&plan.steps, &on, End::New);
                fake::execute_all(&mut on, &way).unwrap();
                assert_eq!(
                    astray(&plan.steps, &on.ordered(), End::New),
                    [],
                    "{}",
                    case.name
                );
            }
            assert_eq!(node.nftables.kube_proxy, [None, None]);
        }
    }
}

#[test]
fn one_that_kube_proxy_made_anew_meanwhile_stays() {
    let case = some().next().unwrap();
    let before = left(case).ordered();
    let steps = plan(&case.by_maps, &before, &claims(true, &case.by_maps))
        .unwrap()
        .steps;
    let mut node = before;
    fake::execute_all(&mut node, &steps).unwrap();
    let other = nftables::read("table ip kube-proxy {\n\tchain other {\n\t}\n}\n").unwrap();
    node.nftables.kube_proxy = other.kube_proxy.clone();
    let way = retrace(&steps, &node, End::Old);
    fake::execute_all(&mut node, &way).unwrap();
    assert_eq!(node.nftables.kube_proxy[0], other.kube_proxy[0]);
    assert!(node.nftables.kube_proxy[1].is_some());
}

#[test]
fn a_plan_file_holds_them_whole() {
    for case in some() {
        let plan = plan(&case.by_maps, &left(case), &claims(true, &case.by_maps)).unwrap();
        let (file, text) = file::file(&plan, &Services::new(&case.by_maps, None), &case.by_maps);
        assert_eq!(PlanFile::read(&text).as_ref(), Ok(&file), "{}", case.name);
    }
}

#[test]
fn only_one_table_of_kube_proxys_is_put_back() {
    let lines = |text: &str| -> Vec<Box<str>> { text.lines().map(Into::into).collect() };
    let good = lines("table ip kube-proxy {\nchain services {\naccept comment \"a b\"\n}\n}");
    let table = KubeProxyTable::of_lines(&good).unwrap();
    assert_eq!(
        (table.family(), table.chains(), table.lines()),
        (IpFamily::V4, 1, &good[..])
    );
    for text in [
        "",
        "table ip filter {\n}",
        "table inet kube-proxy {\n}",
        "table ip kube-proxy {\n}\ntable ip6 kube-proxy {\n}",
        "table ip kube-proxy {\n}\ntable ip filter {\n}",
        "table ip kube-proxy {\n}\nflush ruleset",
        "table ip kube-proxy {\ninclude \"/etc/shadow\"\n}",
        "table ip kube-proxy {\nchain a {\naccept; include \"/etc/shadow\"\n}\n}",
        "table ip kube-proxy {\nchain a {\naccept comment \"\u{1b}[2J\"\n}\n}",
        "table ip kube-proxy {\n\tchain a {\n}\n}",
        "table ip kube-proxy {\nchain a {",
    ] {
        assert_eq!(KubeProxyTable::of_lines(&lines(text)), None, "{text}");
    }
}

#[test]
fn without_ipv6_a_node_is_asked_for_ipv4_alone() {
    for case in some() {
        for state in [&case.by_rules, &case.desired] {
            for why in [WithoutIpv6::Kernel, WithoutIpv6::Setting] {
                let mut node = empty();
                node.ipv6 = Ipv6::Without(why);
                let made = plan(state, &node, &claims(false, state)).unwrap();
                let v4 = state.of_family(IpFamily::V4);
                let alone = plan(&v4, &empty(), &claims(false, &v4)).unwrap();
                assert_eq!(made.steps, alone.steps, "{}", case.name);
                let text = format!("{:?}", made.steps);
                assert!(
                    !text.contains("KUBE-6-") && !text.contains("fd00:"),
                    "{text}"
                );
                let unserved = Unserved::of(state, node.ipv6).unwrap();
                assert!(made.left_alone.contains(&LeftAlone::Ipv6(unserved)));
                assert!(made.census.asked > 0);
                // What it holds then is all that it can be asked for.
                fake::execute_all(&mut node, &made.steps).unwrap();
                let again = plan(state, &node, &claims(false, state)).unwrap();
                assert_eq!(again.steps, []);
                assert_eq!(again.unserved(), made.unserved());
            }
        }
    }
}
