//! A change of the mode is told as what it is, in every output.

use portolan_compiler::kernel::ipvs::Connections;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::plan::file::Told;
use portolan_compiler::plan::render::{self, Page, Services};
use portolan_compiler::plan::{Claims, DestinationKey, Inventory, Plan, plan};
use portolan_compiler::target::target;
use serde_json::Value;

use crate::file::file;
use crate::states::{cases, claims, empty, go};

#[test]
fn what_stays_served_is_told_and_whose_connections_end() {
    let node_name = NodeName::parse("node-a").unwrap();
    for case in &cases()[..8] {
        let (from, to) = (&case.desired, &case.by_maps);
        let mut node = empty();
        go(&mut node, from, &claims(false, from));
        let claims = Claims::tracked(Inventory::of(from)).with_services(from.services.clone());
        let within = plan(from, &node, &claims).unwrap();
        assert_eq!(within.mode_change, None, "{}", case.name);
        let mut way = plan(to, &node, &claims).unwrap();
        // One connection to each destination that there is.
        let servers = from.virtual_servers().iter();
        let counts: Connections = servers
            .flat_map(|server| server.destinations.iter().map(|one| (server.key, one)))
            .map(|(server, one)| {
                let key = DestinationKey {
                    server,
                    address: one.address,
                    port: one.port,
                };
                (key, 1)
            })
            .collect();
        let services = Services::new(to, from.services.as_ref());
        let unknown = said(&node_name, &way, &services, to);
        way.count_connections(&counts);
        let known = said(&node_name, &way, &services, to);
        let frontends = way.mode_change.unwrap().frontends;
        assert_eq!((frontends.stopped, frontends.started), (0, Some(0)));
        let stay = format!("ipvs -> nftables: {} frontend", frontends.kept);
        assert!(known.contains(&stay), "{}: {known}", case.name);
        if !counts.is_empty() {
            assert!(unknown.contains("how many is not known"), "{unknown}");
            assert!(!known.contains("not known"), "{known}");
        }
        let (_, text) = file(&way, &services, to);
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["modeChange"]["from"], "ipvs", "{}", case.name);
        assert_eq!(Told::read(&text).mode_change, way.mode_change);
    }
}

fn said(node: &NodeName, plan: &Plan, services: &Services, to: &NodeState) -> String {
    let page = Page {
        node,
        target: target(to),
        plan,
        services,
        notes: &[],
    };
    let human = render::human(&page);
    let markdown = render::markdown(&page);
    let line = human.lines().find(|line| line.starts_with("Mode "));
    let line = line.expect("a change of the mode").to_owned();
    assert!(markdown.contains("Mode ipvs"), "{markdown}");
    line
}
