//! The units, run by a systemd as they are, restrictions included.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;
use std::{fs, thread};

use portolan_compiler::bundle::Digest;
use portolan_runtime::report::Exit;
use serde_json::Value;

use crate::harness::Case;
use crate::node::cluster::{PORT, SERVICE, apply, endpoints};
use crate::node::portolan::{Run, portolan};
use crate::node::recording::{differences, record, virtual_servers};
use crate::node::systemd::{Systemd, problems};
use crate::node::{Tool, Variant};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("systemd::units_are_sound", sound),
        Case::new("systemd::a_boot_brings_the_generation_back", boot),
        Case::new("systemd::the_timer_takes_away_what_drained", drain),
        Case::new("systemd::an_unconfirmed_apply_is_undone", unconfirmed),
    ]
}

/// Where the units keep the records.
const STATE: &str = "/var/lib/portolan";

/// Runs the command on the units' records.
fn on_node(words: &str) -> Run {
    portolan(&format!("{words} --state-dir {STATE}"))
}

fn until(done: impl Fn() -> bool) {
    while !done() {
        thread::sleep(Duration::from_millis(50));
    }
}

fn sound() {
    assert_eq!(problems(), "");
}

/// Writes a record with its digest, as portolan does.
fn write_record(path: &Path, record: &Value) {
    let mut record = record.clone();
    record.as_object_mut().unwrap().remove("digest");
    let text = record.to_string() + "\n";
    let digest = Digest::of(text.as_bytes());
    fs::write(path, format!("{{\"digest\":\"{digest}\",{}", &text[1..])).unwrap();
}

fn boot() {
    let systemd = Systemd::boot();
    on_node(&apply(&["10.0.0.5", "10.0.0.6"])).ends(Exit::Done);
    let settings = "net.ipv4.vs.conntrack=1\nnet.ipv4.conf.all.arp_ignore=1\n";
    let before = record(settings, Variant::Nft);

    Tool::new("ipvsadm -C").run();
    Tool::new("ip link delete kube-ipvs0").run();
    Tool::new("nft flush ruleset").run();
    Tool::new("ipset destroy").run();
    Tool::new("sysctl -q net.ipv4.vs.conntrack=0").run();
    let current = Path::new(STATE).join("current");
    let mut record_of: Value =
        serde_json::from_str(&fs::read_to_string(&current).unwrap()).unwrap();
    let boot = std::mem::replace(&mut record_of["boot"], "another".into());
    write_record(&current, &record_of);
    let told = on_node("status").ends(Exit::Done).stdout;
    assert!(told.contains("`portolan recover` brings it back"), "{told}");

    let said = systemd.start("portolan.service");
    assert!(
        said.contains("Brought back generation 1 after a boot."),
        "{said}"
    );
    let report = differences(("before", &before), &record(settings, Variant::Nft));
    assert!(report.is_empty(), "{report}\n{said}");
    let text = fs::read_to_string(&current).unwrap();
    assert!(text.contains(boot.as_str().unwrap()), "{text}");
    on_node("verify").ends(Exit::Done);
}

fn drain() {
    let systemd = Systemd::boot();
    endpoints(&["10.0.0.5", "10.0.0.6"]);
    on_node(&apply(&["10.0.0.5"])).ends(Exit::Done);
    let listener = TcpListener::bind(("10.0.0.5", PORT)).unwrap();
    let client = TcpStream::connect(SERVICE).unwrap();
    let accepted = listener.accept().unwrap();
    on_node(&format!("{} --drain 4s", apply(&["10.0.0.6"]))).ends(Exit::Done);
    let draining = || virtual_servers().contains("10.0.0.5:8080");
    assert!(draining(), "{}", virtual_servers());

    systemd.start("portolan-drain.timer");
    until(|| !draining());
    let inventory = Path::new(STATE).join("inventory");
    until(|| !fs::read_to_string(&inventory).unwrap().contains("draining"));
    on_node("verify").ends(Exit::Done);
    drop((client, accepted));
}

fn unconfirmed() {
    let systemd = Systemd::boot();
    on_node(&apply(&["10.0.0.5"])).ends(Exit::Done);
    let before = virtual_servers();
    let words = apply(&["10.0.0.5", "10.0.0.6"]);
    let (unit, said) = ("--unit=apply", "/run/apply-said");
    systemd
        .tool(&format!(
            "systemd-run --quiet {unit} --property=StandardError=file:{said} \
             /usr/bin/portolan {words} --confirm-timeout 4s --state-dir {STATE}"
        ))
        .run();
    let told = || fs::read_to_string(said).unwrap_or_default();
    until(|| told().contains("In place.") || told().contains("error"));
    assert!(told().contains("In place."), "{}", told());
    systemd
        .tool("systemctl kill --signal=KILL apply.service")
        .run();
    let timers = systemd
        .tool("systemctl list-units --all --no-pager --plain")
        .output();
    assert!(timers.contains("portolan-confirm-2-"), "{timers}");
    let journal = Path::new(STATE).join("journal");
    until(|| !journal.exists());
    assert_eq!(virtual_servers(), before);
    on_node("verify").ends(Exit::Done);
}
