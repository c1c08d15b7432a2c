//! The report for people: a few lines, and a table.

use std::fmt::Write as _;
use std::net::SocketAddr;

use portolan_compiler::english::{agree, count};
use portolan_compiler::escape::visible;
use portolan_compiler::kernel::ipvs::Counters;
use portolan_compiler::model::Mode;
use portolan_compiler::plan::Held;

use super::report::{Applied, Boot, Counts, Draining, Holding, Report, Row, Unfinished};
use crate::commands::shared::mirrored;
use crate::commands::shared::provenance;
use crate::commands::shared::time::utc;
use crate::transaction::store::{Holder, Purpose};

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figures {
    /// As `ipvsadm` does: from a hundred million on in thousands, millions and so on.
    Short,
    /// In full, to the last digit.
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
    let nothing = || "Nothing was applied here.\n".to_owned();
    let unfinished = report.unfinished.iter();
    let unfinished = unfinished.map(|transaction| self::unfinished(transaction, report.holder));
    [report.applied.as_ref().map_or_else(nothing, applied)]
        .into_iter()
        .chain(unfinished)
        .chain([holder(report.holder)])
        .chain(report.draining.iter().map(draining))
        .chain(report.unserved.iter().map(|one| format!("IPv6: {one}.\n")))
        .chain([match &report.applied {
            Some(applied) if applied.mode != Mode::Ipvs => by_rules(applied),
            Some(_) | None => counts(&report.counts, figures),
        }])
        .collect()
}

fn holder(holder: Holder) -> String {
    match holder {
        Holder::Nobody => String::new(),
        Holder::Process(number) => {
            format!("A portolan works on this node: process {number} holds its lock.\n")
        }
        Holder::Somebody => "A portolan works on this node.\n".to_owned(),
    }
}

/// Nothing is left to be served after a cleanup.
fn by_rules(applied: &Applied) -> String {
    let mode = applied.mode.as_str();
    let of = match applied.services {
        None => String::new(),
        Some(1) => " of 1 Service".to_owned(),
        Some(many) => format!(" of {many} Services"),
    };
    match applied.listeners {
        0 => String::new(),
        1 => format!(
            "Mode {mode} serves 1 address and port{of}; only mode ipvs counts what it carries.\n"
        ),
        many => format!(
            "Mode {mode} serves {many} addresses and ports{of}; only mode ipvs counts what they \
             carry.\n"
        ),
    }
}

fn counts(counts: &Counts, figures: Figures) -> String {
    let (rows, others) = match counts {
        Counts::NotLoaded => {
            return "There are no virtual servers: IPVS is not loaded.\n".to_owned();
        }
        Counts::Unreadable(reason) => return format!("No counters: {reason}.\n"),
        Counts::Known { rows, others } => (rows, others),
    };
    let table = match &rows[..] {
        [] => String::new(),
        rows => format!("\n{}", table(rows, figures)),
    };
    let others = match others {
        0 => String::new(),
        1 => "\nBeside them there is 1 virtual server of other software.\n".to_owned(),
        many => format!("\nBeside them there are {many} virtual servers of other software.\n"),
    };
    table + &others
}

fn applied(applied: &Applied) -> String {
    let Applied {
        generation,
        node,
        target,
        holding,
        kind,
        provenance,
        distrusted,
        made,
        boot,
        mode,
        kube_version,
        ..
    } = applied;
    let mut text = format!(
        "Generation {generation} of {node}: {}, {}\nTarget {}{}\n",
        provenance::after(&kind.describe(), provenance),
        utc(*made),
        target.short(),
        held(holding)
    );
    let asked = !matches!(kind, Purpose::Cleanup | Purpose::Taken);
    if asked {
        text += &mirrored::of_number(*generation, *kube_version, *mode);
    }
    if let Some(why) = distrusted {
        let why = visible(why);
        text = format!("{text}The next boot would not bring it back: {why}\n");
    }
    if *boot == Boot::Earlier && asked {
        text += "The machine was started since: `portolan recover` brings it back.\n";
    }
    text
}

/// What the node holds of it, in a clause.
fn held(holding: &Holding) -> String {
    match holding {
        Holding::Read(Held::Target(_)) => ", and the node holds it".to_owned(),
        Holding::Read(Held::Ipv4Of(_)) => ", and the node holds it of IPv4".to_owned(),
        Holding::Read(Held::Other { objects }) => format!(
            ", and the node differs from it in {}: `portolan verify` names {}",
            count(*objects, "object"),
            agree(*objects, "it", "them")
        ),
        Holding::Unreadable(reason) => {
            format!(
                "; whether the node holds it cannot be read: {}",
                visible(reason)
            )
        }
        Holding::NotAsked => String::new(),
    }
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
    let of = draining.service.as_ref();
    let of = of.map_or_else(String::new, |service| format!(" of {service}"));
    format!("Draining {destination}{of}: {connections}{seconds} s left\n")
}

/// A line of the table.
struct Line {
    name: String,
    numbers: [String; 10],
    service: String,
}

fn table(rows: &[Row], figures: Figures) -> String {
    let named = rows.iter().any(|row| row.service.is_some());
    let mut lines = vec![Line {
        name: "Prot LocalAddress:Port".to_owned(),
        numbers: COLUMNS.map(str::to_owned),
        service: if named { "Service" } else { "" }.to_owned(),
    }];
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
            name: format!("{:<4} {address}", server.protocol.as_str()),
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
        ..100_000_000 => number.to_string(),
        100_000_000..1_000_000_000 => format!("{}K", number / K),
        1_000_000_000..100_000_000_000 => format!("{}M", number / M),
        100_000_000_000..100_000_000_000_000 => format!("{}G", number / G),
        _ => format!("{}T", number / T),
    }
}
