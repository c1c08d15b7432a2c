//! What is put into a node with ordinary tools is what observing it gives back.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use portolan_compiler::kernel::ipvs;
use portolan_compiler::observed;
use portolan_compiler::observed::{CaptureFile, Dummy, Observed};
use portolan_runtime::host::{self, Observation};
use portolan_support::conformance::case::{Case as Conformance, Mode};

use crate::harness::Case;
use crate::node::Tool;

/// Those below; that each conformance case is read as what it is, its steps prove.
pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("observe::a_node_that_nothing_was_done_to", untouched),
        Case::new("observe::captures_of_the_tools_read_the_same", verbatim),
        Case::new("observe::a_large_node_beside_the_tools", large_node),
    ]
}

fn observe() -> Observation {
    host::observe(&*host::machine().unwrap()).unwrap_or_else(|error| panic!("{error:?}"))
}

/// What each tool reads, by the names of a capture.
fn put(files: &BTreeMap<CaptureFile, String>) {
    Tool::new("modprobe -a ip_vs ip_set dummy").run();
    Tool::new("ip link add kube-ipvs0 type dummy").run();
    for (file, text) in files {
        let path = Path::new(file.as_str());
        fs::write(path, text).unwrap();
        match file {
            CaptureFile::Sets => Tool::new("ipset restore").reading(path).run(),
            CaptureFile::VirtualServers => Tool::new("ipvsadm -R").reading(path).run(),
            CaptureFile::Timeouts => Tool::new(&format!("ipvsadm --set {text}")).run(),
            CaptureFile::Sysctl => Tool::new("sysctl -q -p").path(path).run(),
            CaptureFile::DummyAddresses => {
                let add = |address: &str| format!("address add {address} dev kube-ipvs0\n");
                let batch: String = text.lines().map(add).collect();
                fs::write(path, batch).unwrap();
                Tool::new("ip -batch").path(path).run();
            }
            CaptureFile::Addresses
            | CaptureFile::Iptables
            | CaptureFile::Ip6tables
            | CaptureFile::LegacyIptables
            | CaptureFile::LegacyIp6tables
            | CaptureFile::NftIptables
            | CaptureFile::NftIp6tables
            | CaptureFile::Tables => {}
        }
    }
    // Rules name sets.
    for (file, restore) in [
        (CaptureFile::Iptables, "iptables-restore"),
        (CaptureFile::Ip6tables, "ip6tables-restore"),
    ] {
        if files.contains_key(&file) {
            Tool::new(restore).reading(Path::new(file.as_str())).run();
        }
    }
}

#[track_caller]
fn same(found: &Observed, wanted: &Observed) {
    let difference = found.difference(wanted);
    assert_eq!(difference, None, "found {found:#?}\nwanted {wanted:#?}");
}

/// What was observed is what the case's expectation, taken as a capture, says.
pub(super) fn same_as_expected(found: &Observed, case: &Conformance) {
    let expected = case.expected(Mode::Ipvs);
    let files: BTreeMap<CaptureFile, String> = CaptureFile::ALL
        .into_iter()
        .filter_map(|file| Some((file, expected.get(file.as_str())?.clone())))
        .collect();
    let wanted = observed::read(&files).unwrap();
    let mut found = found.clone();
    // The expectation has the settings that kube-proxy asked for.
    found
        .sysctl
        .retain(|key, _| wanted.sysctl.contains_key(key));
    same(&found, &wanted);
    // And what is written as a capture is read as the same.
    same(&observed::read(&observed::write(&found)).unwrap(), &found);
}

fn untouched() {
    let found = observe();
    assert_eq!(found.observed.dummy, Dummy::Absent);
    assert!(found.observed.ipvs.servers.is_empty());
    assert_eq!(found.observed.other_iptables, None);
}

/// Other software's kinds of everything, as its tools take them.
const FOREIGN_SERVERS: &str = "\
-A -t 10.96.0.1:443 -s rr -p 10800
-A -u [fd00::1]:53 -s mh -b mh-port
-A --sctp-service 10.96.0.2:7000 -s sh -b sh-fallback,sh-port
-A -t 10.96.0.3:80 -s wlc -p 300 -M 255.255.255.0
-A -u 10.96.0.6:5060 -s rr -p 60 -o --pe sip
-A -u 10.96.0.7:5060 -s mh -p 60 -o -b mh-fallback,mh-port
-A -t 10.96.0.4:0 -s rr -p 300
-A -f 7 -s rr
-A -f 8 -6 -s rr
-a -t 10.96.0.1:443 -r 10.0.0.5:6443 -m -w 1
-a -t 10.96.0.1:443 -r 10.0.0.6:6443 -m -w 0
-a -u [fd00::1]:53 -r [fd00::5]:5353 -m -w 1
-a -t 10.96.0.3:80 -r 10.0.0.7:80 -g -w 1
-a -t 10.96.0.3:80 -r 10.0.0.8:80 -i -w 3
-a -t 10.96.0.3:80 -r 10.0.0.9:80 -i -w 3 --tun-type gue --tun-port 6080 --tun-csum
-a -t 10.96.0.3:80 -r 10.0.0.10:80 -i -w 3 --tun-type gre --tun-nocsum
-a -f 7 -r 10.0.0.8:80 -m -w 1
";
const FOREIGN_SETS: &str = "\
create KUBE-CLUSTER-IP hash:ip,port family inet
add KUBE-CLUSTER-IP 10.96.0.1,tcp:443
create KUBE-NODE-PORT-TCP bitmap:port range 0-65535
add KUBE-NODE-PORT-TCP 30080
create counted hash:ip,port counters comment
add counted 10.0.0.1,udp:53 comment \"two words\"
create timed hash:net timeout 3000
add timed 10.0.0.0/8
create nets6 hash:net family inet6
add nets6 fd00::/64
create list list:set
add list nets6
create macs hash:mac
add macs 01:02:03:04:05:06
";
const FOREIGN_RULES: &str = "\
*filter
:INPUT DROP [0:0]
:DOCKER-USER - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m comment --comment \"a \\\"quoted\\\" word\" -m limit --limit 5/min -j LOG --log-prefix \"x y: \"
-A INPUT -m set --match-set counted src,dst -j DOCKER-USER
COMMIT
*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
COMMIT
";

fn verbatim() {
    let text = |text: &str| text.to_owned();
    put(&BTreeMap::from([
        (CaptureFile::VirtualServers, text(FOREIGN_SERVERS)),
        (CaptureFile::Sets, text(FOREIGN_SETS)),
        (CaptureFile::Iptables, text(FOREIGN_RULES)),
        (
            CaptureFile::DummyAddresses,
            text("10.96.0.1/32\nfd00::1/128\n"),
        ),
        (CaptureFile::Timeouts, text("600 60 30")),
    ]));
    Tool::new("ip address add 10.96.0.9 peer 10.96.0.8/32 dev kube-ipvs0").run();
    Tool::new("ip link set kube-ipvs0 up").run();
    // Link-local addresses come when duplicates were looked for.
    std::thread::sleep(Duration::from_secs(3));

    let found = observe().observed;
    for counters in ["", " -c"] {
        let files: BTreeMap<CaptureFile, String> = CaptureFile::ALL
            .into_iter()
            .filter(|file| {
                let other = matches!(
                    file,
                    CaptureFile::LegacyIptables
                        | CaptureFile::LegacyIp6tables
                        | CaptureFile::NftIptables
                        | CaptureFile::NftIp6tables
                );
                *file != CaptureFile::DummyAddresses && !other
            })
            .map(|file| {
                let counters = match file {
                    CaptureFile::Iptables | CaptureFile::Ip6tables => counters,
                    _ => "",
                };
                let command = format!("{}{counters}", file.command());
                (file, Tool::new(&command).output())
            })
            .collect();
        let captured = match observed::read(&files) {
            Ok(captured) => captured,
            Err(error) => panic!("{error}\n{files:#?}"),
        };
        same(&captured, &found);
    }
    in_other_forms(&found);
    let (servers, sets) = (&found.ipvs, &found.ipset);
    assert_eq!(
        (servers.servers.len(), servers.foreign.len()),
        (2, 7),
        "{servers:#?}"
    );
    assert_eq!((sets.sets.len(), sets.foreign.len()), (2, 5), "{sets:#?}");
    assert_eq!(found.iptables[0].tables.len(), 2);
    same(&observed::read(&observed::write(&found)).unwrap(), &found);
}

/// What the same tools print for people, and for programs, says the same.
fn in_other_forms(found: &Observed) {
    let mut files = observed::write(found);
    files.remove(&CaptureFile::DummyAddresses);
    for form in [
        "ip addr",
        "ip -d addr",
        "ip -s addr",
        "ip -j addr",
        "ip -br addr",
        "ip -c addr",
    ] {
        files.insert(CaptureFile::Addresses, Tool::new(form).output());
        files.insert(CaptureFile::Sets, Tool::new("ipset list").output());
        let read = observed::read(&files).unwrap_or_else(|error| panic!("{form}: {error}"));
        same(&read, found);
    }
    // How tunnels are made is not listed.
    let saved = Tool::new("ipvsadm -Sn").output();
    let cut = |line: &str| line.split(" --tun-").next().unwrap_or_default().to_owned();
    let saved: String = saved.lines().map(|line| cut(line) + "\n").collect();
    let listed = Tool::new("ipvsadm -Ln").output();
    assert_eq!(ipvs::read(&listed), ipvs::read(&saved), "{listed}\n{saved}");
    for (file, command) in [
        (CaptureFile::VirtualServers, "ipvsadm -Ln --stats"),
        (CaptureFile::VirtualServers, "ipvsadm -Ln --rate"),
        (CaptureFile::VirtualServers, "ipvsadm -Ln --thresholds"),
        (CaptureFile::VirtualServers, "ipvsadm -Ln --persistent-conn"),
        (CaptureFile::VirtualServers, "ipvsadm -Lcn"),
        (CaptureFile::VirtualServers, "ipvsadm -L --timeout"),
        (CaptureFile::Sets, "ipset list -t"),
        (CaptureFile::Sets, "ipset list -n"),
        (CaptureFile::Sets, "ipset list -o xml"),
        (CaptureFile::Addresses, "ip link"),
        (CaptureFile::Addresses, "ip -o link"),
        (CaptureFile::Addresses, "ip -j link"),
        (CaptureFile::Iptables, "iptables -S"),
        (CaptureFile::Iptables, "iptables -nvL"),
        (CaptureFile::Ip6tables, "iptables-save"),
        (CaptureFile::Tables, "nft list tables"),
        (CaptureFile::Tables, "nft -j list ruleset"),
    ] {
        let mut files = observed::write(found);
        let text = Tool::new(command).output();
        assert_ne!(text.trim(), "", "{command} prints nothing");
        files.insert(file, text.clone());
        assert!(observed::read(&files).is_err(), "{command}:\n{text}");
    }
}

/// A tenth where nothing is optimised, which says little about speed.
const SERVICES: u32 = if cfg!(debug_assertions) { 100 } else { 1000 };
const ENDPOINTS: u32 = 10;

/// 1,000 Services of 10 endpoints each, read whole. How long that takes is printed beside what the
/// tools take one after the other, as somebody would run them who makes a capture by hand; it is
/// measured in a release build, with `--nocapture`.
fn large_node() {
    let (mut servers, mut sets, mut addresses) = (String::new(), String::new(), String::new());
    sets.push_str("create KUBE-CLUSTER-IP hash:ip,port family inet\n");
    for service in 0..SERVICES {
        let address = format!("10.96.{}.{}", service / 250, service % 250 + 1);
        let _ = writeln!(servers, "-A -t {address}:80 -s rr");
        for endpoint in 0..ENDPOINTS {
            let _ = writeln!(
                servers,
                "-a -t {address}:80 -r 10.{}.{}.{}:8080 -m -w 1",
                100 + endpoint,
                service / 250,
                service % 250 + 1
            );
        }
        let _ = writeln!(sets, "add KUBE-CLUSTER-IP {address},tcp:80");
        let _ = writeln!(addresses, "{address}/32");
    }
    let rules = "*nat\n:KUBE-SERVICES - [0:0]\n\
                 -A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT\nCOMMIT\n";
    put(&BTreeMap::from([
        (CaptureFile::VirtualServers, servers),
        (CaptureFile::Sets, sets),
        (CaptureFile::DummyAddresses, addresses),
        (CaptureFile::Iptables, rules.to_owned()),
    ]));
    // The first run of each finds programs and modules not in memory yet.
    let (mut tools, mut ours) = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        let start = Instant::now();
        for command in [
            "ipvsadm -Sn",
            "ipset save",
            "iptables-save",
            "ip6tables-save",
            "ip -o addr",
        ] {
            Tool::new(command).run();
        }
        tools = tools.min(start.elapsed());
        let start = Instant::now();
        let found = observe().observed;
        ours = ours.min(start.elapsed());
        assert_eq!(found.ipvs.servers.len(), SERVICES as usize);
    }
    eprintln!("tools {tools:?}, observe {ours:?}");
}
