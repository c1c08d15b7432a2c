//! The report for people: a few lines, and a table.

use std::fmt::Write as _;
use std::net::SocketAddr;

use portolan_compiler::back::ipvs::Counters;

use super::report::{Applied, Boot, Counts, Draining, Report, Row, Unfinished};
use crate::commands::history::utc;
use crate::transaction::store::{Holder, Kind};

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figures {
    /// As `ipvsadm` does: from a hundred million on in thousands, millions and so on.
    Short,
    /// In full.
    Exact,
}

/// Columns as wide as `ipvsadm`'s, where what stands in them is not wider.
const NAME_WIDTH: usize = 33;
const NUMBER_WIDTH: usize = 9;

const COLUMNS: [&str; 10] = [
    "Conns", "InPkts", "OutPkts", "InBytes", "OutBytes", "CPS", "InPPS", "OutPPS", "InBPS",
    "OutBPS",
];

/// The report as text.
pub(super) fn text(report: &Report, figures: Figures) -> String {
    let mut text = match &report.applied {
        Some(applied) => self::applied(applied),
        None => "Nothing was applied here.\n".to_owned(),
    };
    if let Some(transaction) = &report.unfinished {
        text += &unfinished(transaction, report.holder);
    }
    match report.holder {
        Holder::Nobody => {}
        Holder::Process(number) => {
            text += &format!("A portolan works on this node: process {number} holds its lock.\n");
        }
        Holder::Somebody => text += "A portolan works on this node.\n",
    }
    report
        .draining
        .iter()
        .for_each(|one| text += &draining(one));
    match &report.counts {
        Counts::NotLoaded => text += "There are no virtual servers: IPVS is not loaded.\n",
        Counts::Unreadable(reason) => text += &format!("No counters: {reason}.\n"),
        Counts::Known { rows, others } => {
            if !rows.is_empty() {
                text += "\n";
                text += &table(rows, figures);
            }
            text += &match others {
                0 => String::new(),
                1 => "\nBeside them there is 1 virtual server of other software.\n".to_owned(),
                many => {
                    format!("\nBeside them there are {many} virtual servers of other software.\n")
                }
            };
        }
    }
    text
}

fn applied(applied: &Applied) -> String {
    let Applied {
        generation,
        node,
        kind,
        made,
        boot,
    } = applied;
    let mut text = format!(
        "Generation {generation} of {node}: {}, {}\n",
        kind.describe(),
        utc(*made)
    );
    if *boot == Boot::Earlier && *kind != Kind::Cleanup {
        text += "The machine was started since: `portolan recover` brings it back.\n";
    }
    text
}

fn unfinished(transaction: &Unfinished, holder: Holder) -> String {
    let Unfinished {
        id,
        marker,
        boot,
        confirm_within,
    } = transaction;
    let marker = marker.as_str();
    match (boot, confirm_within, holder) {
        (Boot::Earlier, _, _) => {
            format!("Apply {id} was cut off by a boot: `portolan recover` clears up.\n")
        }
        (Boot::This, Some(0), _) => {
            format!("Apply {id} was not confirmed in time: `portolan recover` undoes it.\n")
        }
        (Boot::This, Some(seconds), _) => format!(
            "Apply {id} waits: it is undone in {seconds} s unless `portolan confirm {id}` comes \
             before.\n"
        ),
        (Boot::This, None, Holder::Nobody) => {
            format!("Apply {id} was cut off ({marker}): `portolan recover` ends it.\n")
        }
        (Boot::This, None, _) => format!("Apply {id} is under way ({marker}).\n"),
    }
}

fn draining(draining: &Draining) -> String {
    let connections = match draining.connections {
        Some(1) => "1 connection, ".to_owned(),
        Some(many) => format!("{many} connections, "),
        None => String::new(),
    };
    let (destination, seconds) = (&draining.destination, draining.seconds);
    format!("Draining {destination}: {connections}{seconds} s left\n")
}

/// A line of the table.
struct Line {
    name: String,
    numbers: [String; 10],
    service: String,
}

fn table(rows: &[Row], figures: Figures) -> String {
    let mut lines = vec![Line {
        name: "Prot LocalAddress:Port".to_owned(),
        numbers: COLUMNS.map(str::to_owned),
        service: String::new(),
    }];
    if rows.iter().any(|row| row.service.is_some()) {
        lines[0].service = "Service".to_owned();
    }
    if rows.iter().any(|row| !row.counted.destinations.is_empty()) {
        lines.push(Line {
            name: "  -> RemoteAddress:Port".to_owned(),
            numbers: Default::default(),
            service: String::new(),
        });
    }
    for row in rows {
        let server = &row.counted.server;
        let address = SocketAddr::new(server.address, server.port.get());
        lines.push(Line {
            name: format!("{:<4} {address}", server.protocol.upper()),
            numbers: numbers(&row.counted.counters, figures),
            service: row.service.as_deref().unwrap_or_default().to_owned(),
        });
        for (address, port, counters) in &row.counted.destinations {
            lines.push(Line {
                name: format!("  -> {}", SocketAddr::new(*address, port.get())),
                numbers: numbers(counters, figures),
                service: String::new(),
            });
        }
    }
    aligned(&lines)
}

fn aligned(lines: &[Line]) -> String {
    let widest =
        |width: usize, of: &dyn Fn(&Line) -> usize| lines.iter().map(of).fold(width, usize::max);
    let name = widest(NAME_WIDTH, &|line| line.name.len());
    let columns: [usize; 10] =
        std::array::from_fn(|at| widest(NUMBER_WIDTH - 1, &|line| line.numbers[at].len()));
    let mut text = String::new();
    for line in lines {
        let mut written = format!("{:<name$}", line.name);
        for (number, width) in line.numbers.iter().zip(columns) {
            // Writing to a String cannot fail.
            let _ = write!(written, " {number:>width$}");
        }
        let _ = write!(written, "  {}", line.service);
        let _ = writeln!(text, "{}", written.trim_end());
    }
    text
}

fn numbers(counters: &Counters, figures: Figures) -> [String; 10] {
    [
        counters.connections,
        counters.in_packets,
        counters.out_packets,
        counters.in_bytes,
        counters.out_bytes,
        counters.connection_rate,
        counters.in_packet_rate,
        counters.out_packet_rate,
        counters.in_byte_rate,
        counters.out_byte_rate,
    ]
    .map(|number| match figures {
        Figures::Short => short(number),
        Figures::Exact => number.to_string(),
    })
}

/// As `ipvsadm` does (`print_largenum`).
fn short(number: u64) -> String {
    const K: u64 = 1_000;
    const M: u64 = 1_000 * K;
    const G: u64 = 1_000 * M;
    const T: u64 = 1_000 * G;
    match number {
        0..100_000_000 => number.to_string(),
        ..1_000_000_000 => format!("{}K", number / K),
        ..100_000_000_000 => format!("{}M", number / M),
        ..100_000_000_000_000 => format!("{}G", number / G),
        _ => format!("{}T", number / T),
    }
}
