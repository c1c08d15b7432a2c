//! PTL008: endpoints that Services of different namespaces share.

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
    for same in all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (socket, protocol, first, at) = same[0];
        let others = same.chunk_by(|a, b| a.2.namespace == b.2.namespace).skip(1);
        for other in others {
            let (_, _, service, origin) = other[0];
            findings.push(
                Finding::warning(
                    Code::SharedEndpoint,
                    origin,
                    format!("endpoint {socket}/{protocol} of {service} is also one of {first}, in another namespace"),
                )
                .help("check that the namespaces may reach each other's pods; suppress it for the host network's")
                .also(at, "the other Service's"),
            );
        }
    }
}
