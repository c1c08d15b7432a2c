//! What `portolan status` tells, beside `ipvsadm`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use portolan_runtime::report::Exit;
use serde_json::Value;

use crate::harness::Case;
use crate::node::Tool;
use crate::node::cluster::{PORT, SERVICE, apply, endpoints};
use crate::node::portolan::{STATE, on_node};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("status::counters_are_those_of_ipvsadm", counters),
        Case::new("status::what_goes_on_is_told", goings_on),
    ]
}

/// Another software's virtual server.
const OTHER: &str = "10.0.0.5:81";

fn counters() {
    let empty = on_node("status").ends(Exit::Done);
    assert!(
        empty.stdout.starts_with("Nothing was applied here.\n"),
        "{empty}"
    );
    endpoints(&["10.0.0.5"]);
    on_node(&apply(&["10.0.0.5"])).ends(Exit::Done);
    Tool::new(&format!("ipvsadm -A -t {OTHER} -s rr")).run();
    Tool::new(&format!("ipvsadm -a -t {OTHER} -r 10.0.0.5:{PORT} -m")).run();
    let listener = TcpListener::bind(("10.0.0.5", PORT)).unwrap();
    for server in [SERVICE, SERVICE, SERVICE, OTHER] {
        talk(&listener, server);
    }

    // The kernel sums up what its processors counted every two seconds.
    while connections(&ipvsadm()) != [1, 3] {
        thread::sleep(Duration::from_millis(100));
    }
    let mut rest = 10;
    let (theirs, ours) = loop {
        let before = ipvsadm();
        let told = on_node("status --exact --destinations").ends(Exit::Done);
        // What ends a connection may still be on its way.
        if before == ipvsadm() {
            break (before, told.stdout);
        }
        rest -= 1;
        assert!(rest > 0, "the counters keep changing");
    };
    assert_eq!(
        table(&ours),
        theirs.difference(&others(&theirs)).cloned().collect()
    );
    assert!(ours.contains("shop/web"), "{ours}");
    assert!(
        ours.contains("1 virtual server of other software"),
        "{ours}"
    );
    let json = json("status --output json --destinations");
    let server = &json["virtualServers"][0];
    assert_eq!(server["service"], "shop/web", "{json}");
    assert_eq!(server["counters"]["connections"], 3, "{json}");
    assert_eq!(
        server["destinations"][0]["counters"]["connections"], 3,
        "{json}"
    );

    let zeroed = on_node("status --zero").ends(Exit::Done);
    assert!(
        zeroed.stderr.contains("the counters of 1 virtual server"),
        "{zeroed}"
    );
    let after = ipvsadm();
    let kept = |table: &Table| -> Vec<String> {
        let lines = others(table).into_iter();
        lines.map(|line| line[2].clone()).collect()
    };
    assert_eq!(kept(&after), ["1", "1"], "they are not ours");
    assert_eq!(connections(&after), [0, 1], "{after:?}");
}

/// Connections of the virtual servers, in order.
fn connections(table: &Table) -> Vec<u64> {
    let servers = table.iter().filter(|line| line[0] == "TCP");
    let mut counts: Vec<u64> = servers.map(|line| line[2].parse().unwrap()).collect();
    counts.sort_unstable();
    counts
}

/// Connects, says something and hears it, and ends the connection.
fn talk(listener: &TcpListener, server: &str) {
    let mut client = TcpStream::connect(server).unwrap();
    let (mut accepted, _) = listener.accept().unwrap();
    client.write_all(b"ahoy").unwrap();
    let mut heard = [0; 4];
    accepted.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"ahoy");
    drop(client);
    assert_eq!(accepted.read(&mut heard).unwrap(), 0);
}

/// Lines of a table: whose they are, and five sums.
type Table = BTreeSet<Vec<String>>;

fn ipvsadm() -> Table {
    table(&Tool::new("ipvsadm -Ln --stats --exact").output())
}

fn table(text: &str) -> Table {
    let line = |line: &str| {
        let words = line.split_whitespace().take(7).map(str::to_owned);
        let words: Vec<String> = words.collect();
        let numbers = words.iter().skip(2).all(|word| word.parse::<u64>().is_ok());
        (words.len() == 7 && numbers).then_some(words)
    };
    // Destinations of different servers may say the same; each goes by the server above it.
    let mut server = String::new();
    text.lines()
        .filter_map(line)
        .map(|mut words| {
            if words[0] == "->" {
                words[0] = format!("{server} ->");
            } else {
                server.clone_from(&words[1]);
            }
            words
        })
        .collect()
}

fn others(table: &Table) -> Table {
    let theirs = |line: &&Vec<String>| line[..2].iter().any(|word| word.starts_with(OTHER));
    let lines: Table = table.iter().filter(theirs).cloned().collect();
    assert_eq!(lines.len(), 2, "{table:?}");
    lines
}

fn json(words: &str) -> Value {
    serde_json::from_str(&on_node(words).ends(Exit::Done).stdout).unwrap()
}

fn goings_on() {
    endpoints(&["10.0.0.5", "10.0.0.6"]);
    on_node(&apply(&["10.0.0.5"])).ends(Exit::Done);
    let listener = TcpListener::bind(("10.0.0.5", PORT)).unwrap();
    let client = TcpStream::connect(SERVICE).unwrap();
    let accepted = listener.accept().unwrap();
    on_node(&apply(&["10.0.0.6"])).ends(Exit::Done);

    let told = on_node("status").ends(Exit::Done).stdout;
    assert!(
        told.starts_with("Generation 2 of node-a: apply, "),
        "{told}"
    );
    let draining = "Draining 10.96.0.1:80/TCP -> 10.0.0.5:8080 of shop/web: 1 connection, ";
    assert!(told.contains(draining), "{told}");
    assert_eq!(
        json("status --output json")["draining"][0]["connections"],
        1
    );
    drop((client, accepted));

    let lock = File::open(format!("{STATE}/lock")).unwrap();
    lock.lock().unwrap();
    let told = on_node("status").ends(Exit::Done).stdout;
    let holder = format!("process {} holds its lock", std::process::id());
    assert!(told.contains(&holder), "{told}");
    let busy = on_node("status --zero --lock-timeout 0").ends(Exit::Busy);
    assert_eq!(busy.stdout, "", "{busy}");
}
