//! Virtual servers as a table, and netlink messages one by one.

use std::fmt::Write as _;
use std::net::SocketAddr;

use anstyle::Style;
use portolan_compiler::english::count;
use portolan_compiler::kernel::ipvs;
use portolan_compiler::kernel::ipvs::{Destination, Persistence, VirtualServer, netlink};

use super::error::Problem;
use portolan_compiler::escape::visible;

const BOLD: Style = Style::new().bold();
/// Room for an IPv6 address with its port, as far as tables are usually read.
const WIDTH: usize = 30;

/// As `ipvsadm -Ln` prints them, without counters of connections.
pub(super) fn table(text: &str) -> Result<String, Problem> {
    let observed = ipvs::read(text)?;
    let mut out = format!(
        "{BOLD}{:<5}{:<w$}Scheduler{BOLD:#}\n{BOLD}  -> {:<w$}Forward Weight{BOLD:#}\n",
        "Prot",
        "LocalAddress:Port",
        "RemoteAddress:Port",
        w = WIDTH
    );
    for server in &observed.servers {
        service(&mut out, server);
    }
    for foreign in &observed.foreign {
        for line in &foreign.lines {
            let _ = writeln!(out, "{}", visible(line));
        }
    }
    let destinations = observed
        .servers
        .iter()
        .map(|server| server.destinations.len())
        .sum();
    let _ = write!(
        out,
        "\n{} with {}",
        count(observed.servers.len(), "virtual server"),
        count(destinations, "destination")
    );
    if !observed.foreign.is_empty() {
        let _ = write!(
            out,
            "; {} that portolan would not write",
            count(observed.foreign.len(), "virtual server")
        );
    }
    out.push('\n');
    Ok(out)
}

// Writing to a String cannot fail.
fn service(out: &mut String, server: &VirtualServer) {
    let key = server.key;
    let address = SocketAddr::new(key.address, key.port.get()).to_string();
    let _ = write!(
        out,
        "{BOLD}{:<5}{address:<w$}{BOLD:#}{}",
        key.protocol.as_str(),
        server.scheduler,
        w = WIDTH
    );
    if let Some(flag) = server.scheduler.flag() {
        let _ = write!(out, " ({flag})");
    }
    if let Persistence::Timeout(seconds) = server.persistence {
        let _ = write!(out, " persistent {seconds}");
    }
    out.push('\n');
    for destination in &server.destinations {
        let Destination {
            address,
            port,
            weight,
            ..
        } = destination;
        let address = SocketAddr::new(*address, port.get()).to_string();
        let _ = writeln!(out, "  -> {address:<WIDTH$}Masq    {weight}");
    }
}

/// Messages one by one, numbered as they are in the stream.
pub(super) fn messages(bytes: &[u8]) -> Result<String, Problem> {
    let messages = netlink::messages(bytes)?;
    let mut out = String::new();
    for message in &messages {
        let _ = writeln!(out, "{}", visible(&message.to_string()));
    }
    let _ = writeln!(
        out,
        "\n{}, {} bytes",
        count(messages.len(), "message"),
        bytes.len()
    );
    Ok(out)
}
