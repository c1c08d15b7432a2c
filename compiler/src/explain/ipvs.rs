//! Virtual servers: which one takes a packet, and where it sends it.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::ExplainError;
use super::path::{Effect, Hook, Hop, KernelPlace, Verdict};
use super::walk::{Trace, Walk};
use crate::kernel::ipvs::{Persistence, VirtualServer};

/// What becomes of a packet at the virtual servers.
pub(super) enum Served {
    /// None is for it.
    Untouched(Trace),
    /// It is sent to endpoints, or refused, which was noted.
    Sent(Vec<Trace>),
}

/// Asks the virtual servers of a node, sorted by key.
pub(super) fn serve(
    servers: &[VirtualServer],
    hook: Hook,
    mut trace: Trace,
    walk: &mut Walk,
) -> Result<Served, ExplainError> {
    // A connection is scheduled once.
    let key = trace
        .packet
        .to
        .server()
        .filter(|_| trace.packet.server.is_none());
    let found = key.and_then(|key| {
        let found = servers.binary_search_by(|server| server.key.cmp(&key)).ok();
        found.map(|at| (key, &servers[at]))
    });
    let Some((key, server)) = found else {
        return Ok(Served::Untouched(trace));
    };
    let hop = |effect, origins: &crate::source::Origins| Hop {
        hook,
        place: KernelPlace::Ipvs,
        what: described(server),
        evidence: Vec::new(),
        effect,
        origins: origins.clone(),
    };
    trace.packet.server = Some(key);
    if let Persistence::Timeout(seconds) = server.persistence {
        trace.affinity = Some(seconds);
    }
    // Weight 0 takes no new connections.
    let usable = server.destinations.iter().filter(|one| one.weight > 0);
    let usable: Vec<_> = usable.collect();
    if usable.is_empty() {
        walk.note(&mut trace, hop(Effect::Rejects, &server.origins))?;
        walk.end(trace, Verdict::Rejected);
        return Ok(Served::Sent(Vec::new()));
    }
    let weights: Vec<u32> = usable.iter().map(|one| one.weight).collect();
    let shares = trace.share.by_weight(&weights);
    walk.note(&mut trace, hop(Effect::Continues, &server.origins))?;
    let mut sent = Vec::with_capacity(usable.len());
    for (destination, share) in usable.into_iter().zip(shares) {
        let endpoint = SocketAddr::new(destination.address, destination.port.get());
        let mut trace = trace.clone();
        trace.share = share;
        trace.packet.send_to(endpoint);
        let mut chosen = hop(Effect::SendsTo(endpoint), &destination.origins);
        chosen.what = format!("{key} -> {endpoint}, weight {}", destination.weight);
        walk.note(&mut trace, chosen)?;
        sent.push(trace);
    }
    Ok(Served::Sent(sent))
}

/// `10.96.0.10:53/UDP, rr, keeps clients for 10800 s`.
fn described(server: &VirtualServer) -> String {
    let mut text = format!("{}, {}", server.key, server.scheduler);
    if let Persistence::Timeout(seconds) = server.persistence {
        // Writing to a String cannot fail.
        let _ = write!(text, ", keeps clients for {seconds} s");
    }
    if server.destinations.iter().all(|one| one.weight == 0) {
        text.push_str(", without destinations for new connections");
    }
    text
}
