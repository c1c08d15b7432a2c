//! The reader of virtual servers, beside `ipvsadm`.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use portolan_compiler::kernel::ipvs;
use portolan_compiler::kernel::ipvs::{Foreign, VirtualServer};
use portolan_compiler::model::Timeouts;
use portolan_runtime::host::Ipvs;

use crate::harness::Case;
use crate::node::Tool;

/// Our own kind of virtual servers, and what other software may have beside them.
const RULES: &str = "\
-A -t 10.96.0.1:443 -s rr -p 10800
-a -t 10.96.0.1:443 -r 10.0.0.5:6443 -m -w 1
-a -t 10.96.0.1:443 -r 10.0.0.6:6443 -m -w 0
-A -u [fd00::1]:53 -s mh -b mh-port
-a -u [fd00::1]:53 -r [fd00::5]:5353 -m -w 1
-A --sctp-service 10.96.0.2:7000 -s wrr
-A -t 10.96.0.3:80 -s wlc
-a -t 10.96.0.3:80 -r 10.0.0.7:80 -g -w 1
-A -t 10.96.0.4:0 -s rr -p 300
-A -f 7 -s rr
-a -f 7 -r 10.0.0.8:80 -m -w 1
-A -f 7 -6 -s rr
";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "ipvs::virtual_servers_are_read_as_ipvsadm_prints_them",
            virtual_servers,
        ),
        Case::new("ipvs::timeouts_are_read", timeouts),
        Case::new("ipvs::connections_are_counted", connections),
    ]
}

/// The kernel's own order is that of a hash table, and other software's may be spelled in two ways.
fn comparable(observed: ipvs::Observed) -> (Vec<VirtualServer>, usize, usize) {
    let ipvs::Observed {
        mut servers,
        foreign,
    } = observed;
    for server in &mut servers {
        server.destinations.sort();
    }
    servers.sort_by_key(|server| server.key);
    let lines = |foreign: &Foreign| foreign.lines.len();
    (servers, foreign.len(), foreign.iter().map(lines).sum())
}

fn virtual_servers() {
    Tool::new("modprobe ip_vs").run();
    let rules = Path::new("rules");
    fs::write(rules, RULES).unwrap();
    Tool::new("ipvsadm -R").reading(rules).run();

    let printed = Tool::new("ipvsadm -S -n").output();
    let found = Ipvs::find()
        .unwrap()
        .expect("the module is loaded")
        .observe()
        .unwrap();
    let found = comparable(found.0);
    assert_eq!(found, comparable(ipvs::read(&printed).unwrap()));
    assert_eq!((found.0.len(), found.1, found.2), (3, 4, 6), "{found:?}");
}

/// A connection counts as long as it is established.
fn connections() {
    Tool::new("modprobe ip_vs").run();
    for address in ["10.96.0.1", "10.0.0.5"] {
        Tool::new(&format!("ip address add {address}/32 dev lo")).run();
    }
    let rules = Path::new("rules");
    let text = "-A -t 10.96.0.1:80 -s rr\n-a -t 10.96.0.1:80 -r 10.0.0.5:8080 -m\n\
                -A -t 10.96.0.1:81 -s rr\n-a -t 10.96.0.1:81 -r 10.0.0.5:8080 -m\n";
    fs::write(rules, text).unwrap();
    Tool::new("ipvsadm -R").reading(rules).run();
    let listener = TcpListener::bind("10.0.0.5:8080").unwrap();
    let client = TcpStream::connect("10.96.0.1:80").unwrap();
    let accepted = listener.accept().unwrap();

    let mut ipvs = Ipvs::find().unwrap().expect("the module is loaded");
    let counts: Vec<(String, u64)> = ipvs
        .observe()
        .unwrap()
        .1
        .into_iter()
        .map(|(destination, count)| (destination.to_string(), count))
        .collect();
    let of = |port: u16, count| (format!("10.96.0.1:{port}/TCP -> 10.0.0.5:8080"), count);
    assert_eq!(counts, [of(80, 1), of(81, 0)]);
    drop((client, accepted));
}

fn timeouts() {
    Tool::new("modprobe ip_vs").run();
    Tool::new("ipvsadm --set 600 0 30").run();
    let found = Ipvs::find()
        .unwrap()
        .expect("the module is loaded")
        .timeouts()
        .unwrap();
    let (tcp, tcp_fin, udp) = (600, 120, 30);
    assert_eq!(found, Timeouts { tcp, tcp_fin, udp });
}
