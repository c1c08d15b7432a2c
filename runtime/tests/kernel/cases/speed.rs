//! How long applying takes beside what it could cost at least, and how fast connections are made:
//! printed, with `--nocapture`, and worth reading in a release build only. What is asserted is what does
//! not depend on the machine.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use portolan_compiler::model::{IpFamily, Mode};
use portolan_compiler::plan::file::PlanFile;
use portolan_runtime::host;
use portolan_runtime::report::Exit;

use crate::bed::{Bed, Client, Node, Reach, Service, Transport};
use crate::cluster::{Format, Size, text};
use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{on_node, portolan, program};

/// A twentieth where nothing is optimised.
const SERVICES: usize = if cfg!(debug_assertions) { 50 } else { 1000 };
const ENDPOINTS: usize = 10;

/// The best of as many rounds counts.
const ROUNDS: usize = if cfg!(debug_assertions) { 1 } else { 3 };

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("speed::apply_beside_the_tools", beside_the_tools),
        Case::new("speed::the_first_and_the_last_service", first_and_last),
    ]
}

/// A cold node gets a large cluster: from the tools, fed the finished text one after the other, and
/// from portolan, which reads the same text, looks at the node before and after, and keeps records.
/// Then one endpoint changes.
fn beside_the_tools() {
    let size = Size {
        services: SERVICES,
        endpoints: ENDPOINTS,
    };
    let cluster = text(size, Format::Json).unwrap();
    fs::write("/run/cluster.json", &cluster).unwrap();
    let node = node(&cluster);
    let compile = |out: &str| {
        let words = "compile -q -f /run/cluster.json --mode ipvs --kube-version 1.30";
        portolan(&format!("{words} --node {node} --out {out}")).ends(Exit::Done);
    };
    compile("/run/rules");
    let rules = Path::new("/run/rules/nodes").join(&node);
    Tool::new("modprobe -a ip_vs dummy ip_set").run();
    Tool::new("sysctl -q -p")
        .path(&rules.join("sysctl.conf"))
        .run();

    let (mut tools, mut ours) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        Tool::new("ip -batch").path(&rules.join("addresses")).run();
        for (tool, file) in [
            ("ipset restore", "ipset.restore"),
            ("iptables-restore --noflush", "iptables.restore"),
            ("ip6tables-restore --noflush", "ip6tables.restore"),
            ("ipvsadm -R", "ipvs.rules"),
        ] {
            Tool::new(tool).reading(&rules.join(file)).run();
        }
        tools = tools.min(begin.elapsed());
        empty();

        let begin = Instant::now();
        apply("/run/rules", &node);
        ours = ours.min(begin.elapsed());
        if ROUNDS > 1 {
            empty();
            drop(fs::remove_dir_all("/run/portolan"));
        }
    }
    if ROUNDS > 1 {
        apply("/run/rules", &node);
    }

    // One endpoint goes elsewhere.
    let servers = fs::read_to_string(rules.join("ipvs.rules")).unwrap();
    let line = servers
        .lines()
        .find(|line| line.starts_with("-a -t"))
        .unwrap();
    let endpoint = line.split_whitespace().nth(4).unwrap();
    let (address, _) = endpoint.rsplit_once(':').unwrap();
    let quoted = format!("\"{address}\"");
    assert!(cluster.contains(&quoted), "{quoted}");
    fs::write(
        "/run/cluster.json",
        cluster.replacen(&quoted, "\"10.255.255.254\"", 1),
    )
    .unwrap();
    compile("/run/changed");
    on_node("plan -q /run/changed --out /run/plan.json").ends(Exit::Done);
    let plan = PlanFile::read(&fs::read_to_string("/run/plan.json").unwrap()).unwrap();
    // The Service's virtual servers, at a few addresses, and perhaps an entry for hairpins.
    assert!(plan.steps.len() <= 20, "{:#?}", plan.steps);

    let machine = host::machine().unwrap();
    let reading = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            drop(host::read_once(&*machine).unwrap());
            begin.elapsed()
        })
        .min();
    let begin = Instant::now();
    apply("/run/changed", &node);
    let change = begin.elapsed();
    eprintln!(
        "{SERVICES} Services with {ENDPOINTS} endpoints each, from nothing: tools {tools:?}, \
         apply {ours:?}\none endpoint, {} steps: apply {change:?}, a full reading {:?}",
        plan.steps.len(),
        reading.unwrap_or_default(),
    );
}

/// The whole program, its start included.
fn apply(folder: &str, node: &str) {
    let status = program(&format!("apply --yes --drain 0 --node {node} {folder}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
}

fn node(cluster: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(cluster).unwrap();
    let items = value["items"].as_array().unwrap();
    let mut nodes = items.iter().filter(|item| item["kind"] == "Node");
    let name = nodes.next().unwrap()["metadata"]["name"].as_str().unwrap();
    name.to_owned()
}

/// With the tools again, so that both begin alike.
fn empty() {
    Tool::new("ipvsadm -C").run();
    Tool::new("ip link delete kube-ipvs0").run();
    fs::write("/run/nothing", "*nat\nCOMMIT\n*filter\nCOMMIT\n").unwrap();
    for restore in ["iptables-restore", "ip6tables-restore"] {
        Tool::new(restore).reading(Path::new("/run/nothing")).run();
    }
    Tool::new("ipset destroy").run();
}

/// New connections to the first and to the last of many Services, in every mode: where rules are asked
/// one after the other, the last one waits for all others.
fn first_and_last() {
    const SERVICES: u16 = if cfg!(debug_assertions) { 20 } else { 250 };
    const REQUESTS: u32 = if cfg!(debug_assertions) { 10 } else { 100 };
    let bed = Bed::new(&[("a", Node::A)]);
    let service = |number: u16| {
        let name = format!("service-{number:03}");
        Service::new(name, number)
            .over(&[Transport::Udp])
            .pods(&["a"])
    };
    let services: Vec<Service> = (1..=SERVICES).map(service).collect();
    let all: Vec<&Service> = services.iter().collect();
    let ends = [&services[0], &services[services.len() - 1]];
    for mode in [Mode::Iptables, Mode::Nftables, Mode::Ipvs] {
        bed.change_in(mode, "", &all);
        let mut best = [Duration::MAX; 2];
        for _ in 0..4 * ROUNDS {
            for (best, service) in best.iter_mut().zip(ends) {
                let to = service.at(Reach::ClusterIp, Transport::Udp, IpFamily::V4);
                *best = bed.client(Client::One).time(REQUESTS, to).min(*best);
            }
        }
        let [first, last] = best.map(|best| f64::from(REQUESTS) / best.as_secs_f64());
        eprintln!(
            "{SERVICES} Services, mode {}: {first:.0} connections a second to the first, {last:.0} to the last",
            mode.as_str()
        );
    }
}
