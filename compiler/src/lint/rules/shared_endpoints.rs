//! PTL008: endpoints that Services of different namespaces share.

use std::collections::BTreeMap;

use super::super::subject::Subject;
use crate::diag::{Code, Finding, Findings};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let cluster = subject.cluster;
    let mut all: Vec<_> = subject
        .gathered
        .ports()
        .flat_map(|port| {
            let key = port.key();
            port.endpoints(cluster)
                .map(move |(socket, origin)| (socket, key.protocol, &key.service, origin))
        })
        .collect();
    all.sort_unstable();
    // Of two Services that share many endpoints the first is told, and how many more there are.
    let mut shared: BTreeMap<_, _> = BTreeMap::new();
    for same in all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let first = same[0];
        let others = same.chunk_by(|a, b| a.2.namespace == b.2.namespace);
        for other in others.skip(1) {
            let (_, count) = shared
                .entry((first.2, other[0].2))
                .or_insert(((first, other[0]), 0usize));
            *count += 1;
        }
    }
    for ((first, service), ((at, (socket, protocol, _, origin)), count)) in shared {
        let more = match count {
            1 => String::new(),
            _ => format!(" (and {} more)", count - 1),
        };
        findings.push(
            Finding::warning(
                Code::SharedEndpoint,
                origin,
                format!("endpoint {socket}/{protocol} of {service} is also one of {first}, in another namespace{more}"),
            )
            .help("check that the namespaces may reach each other's pods; suppress it for the host network's")
            .also(at.3, "the other Service's"),
        );
    }
}
