//! The short artefacts, with a word on what each line is good for.

use std::fmt::Write as _;
use std::net::IpAddr;

use portolan_compiler::english::count;
use portolan_compiler::kernel::dummy::INTERFACE;
use portolan_compiler::kernel::sysctl::SysctlKey;
use portolan_compiler::model::{IpFamily, Timeouts};

use portolan_compiler::escape::visible;

/// Lines that say something.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
}

pub(super) fn modules(text: &str) -> String {
    let mut out = String::new();
    let mut number = 0;
    for module in lines(text) {
        number += 1;
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", visible(module));
    }
    let _ = writeln!(out, "\n{}", count(number, "kernel module"));
    out
}

pub(super) fn sysctls(text: &str) -> String {
    let mut out = String::new();
    for line in lines(text) {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let (name, value) = (name.trim(), value.trim());
        let meaning = name.parse().map_or("", meaning);
        let setting = format!("{} = {}", visible(name), visible(value));
        let _ = writeln!(out, "{setting:<46}{meaning}");
    }
    out
}

fn meaning(key: SysctlKey) -> &'static str {
    match key {
        SysctlKey::VsConntrack => "conntrack knows IPVS connections, so they can be masqueraded",
        SysctlKey::VsConnReuseMode => "a reused port keeps its connection (kernels before 5.9)",
        SysctlKey::VsExpireNodestConn => "connections end when their destination is gone",
        SysctlKey::VsExpireQuiescentTemplate => "affinity ends when its destination drains",
        SysctlKey::IpForward => "packets are forwarded",
        SysctlKey::ArpIgnore => "ARP is answered on the interface that has the address",
        SysctlKey::ArpAnnounce => "ARP asks with the best local address",
        SysctlKey::RouteLocalnet => "packets to 127.0.0.0/8 may be routed",
    }
}

pub(super) fn addresses(text: &str) -> String {
    let mut out = String::new();
    let mut numbers = [0, 0];
    for line in lines(text) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["link", "add", name, "type", kind] => {
                let _ = writeln!(out, "{}: a new {} interface", visible(name), visible(kind));
            }
            ["address" | "addr", "add", address, "dev", interface] => {
                let ip = address
                    .split('/')
                    .next()
                    .and_then(|ip| ip.parse::<IpAddr>().ok());
                if let Some(ip) = ip {
                    numbers[usize::from(IpFamily::of(ip) == IpFamily::V6)] += 1;
                }
                let on = if *interface == INTERFACE {
                    ""
                } else {
                    interface
                };
                let shown = format!("  {}  {}", visible(address), visible(on));
                let _ = writeln!(out, "{}", shown.trim_end());
            }
            _ => {
                let _ = writeln!(out, "{}", visible(line));
            }
        }
    }
    out.push_str(&count_addresses(numbers));
    out
}

/// How many addresses there are, by family.
pub(super) fn count_addresses([v4, v6]: [usize; 2]) -> String {
    let all = count(v4 + v6, "address");
    format!("\n{all}: {v4} of IPv4, {v6} of IPv6\n")
}

pub(super) fn timeouts(timeouts: Timeouts) -> String {
    const NAMES: [&str; 3] = ["TCP connections", "TCP connections after a FIN", "UDP"];
    let mut out = String::new();
    let seconds = timeouts.to_string();
    for (name, value) in NAMES.iter().zip(seconds.split_whitespace()) {
        let _ = match value {
            "0" => writeln!(out, "{name:<30}as the kernel has it"),
            seconds => writeln!(out, "{name:<30}{seconds} s"),
        };
    }
    out
}
