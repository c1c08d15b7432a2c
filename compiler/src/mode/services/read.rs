//! Reads the list.

use std::collections::{BTreeMap, BTreeSet};

use super::line::{FORMAT, Line};
use super::{Frontend, HealthCheck, ServiceList, Unchosen};
use crate::kernel::lines::LineError;
use crate::model::profile::UdpFlows;
use crate::source::Origins;

/// A line that [`super::write`] would not write there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServicesProblem {
    /// The first line says something else.
    #[error("expected '{FORMAT}'")]
    Format,
    /// The second says something else.
    #[error("expected 'udp-flows' and a rule")]
    UdpFlows,
    /// Any other line.
    #[error(
        "expected 'exclude RANGE', 'frontend ADDRESS:PORT/PROTOCOL KIND POLICY SERVICE:PORT', \
         'health-check ADDRESS:PORT/TCP SERVICE NUMBER' or 'endpoint SERVICE:PORT ADDRESS:PORT STANDING'"
    )]
    Line,
    /// It is about what the line before is about, or would come before it.
    #[error("the line stands in the wrong place, or twice")]
    Order,
    /// A flow whose rule does not know such endpoints.
    #[error("only the rule until-deleted keeps the flows of endpoints that are merely listed")]
    WhyKept,
    /// The last line lacks its line feed.
    #[error("the file ends in the middle of a line")]
    Cut,
}

/// Reads what [`super::write`] writes, without origins.
///
/// # Errors
/// With the first line that it would not write there.
pub fn read(text: &str) -> Result<ServiceList, LineError<ServicesProblem>> {
    let mut lines = (1..).zip(text.split_inclusive('\n'));
    let mut next = || {
        lines
            .next()
            .map(|(number, line)| match line.strip_suffix('\n') {
                Some(line) => Ok((number, line)),
                None => Err(error(number, ServicesProblem::Cut, line)),
            })
    };
    match next().transpose()? {
        Some((_, FORMAT)) => {}
        Some((number, line)) => return Err(error(number, ServicesProblem::Format, line)),
        None => return Err(error(1, ServicesProblem::Format, "")),
    }
    let (number, line) = next()
        .transpose()?
        .ok_or_else(|| error(2, ServicesProblem::UdpFlows, ""))?;
    let Some(Line::UdpFlows(udp_flows)) = Line::parse(line) else {
        return Err(error(number, ServicesProblem::UdpFlows, line));
    };
    let mut list = ServiceList {
        udp_flows,
        exclude: BTreeSet::new(),
        frontends: BTreeMap::new(),
        health_checks: BTreeMap::new(),
        unchosen: BTreeMap::new(),
    };
    let mut last = Line::UdpFlows(udp_flows);
    while let Some((number, text)) = next().transpose()? {
        let fail = |problem| error(number, problem, text);
        let line = Line::parse(text).ok_or_else(|| fail(ServicesProblem::Line))?;
        if line <= last || !list.add(line.clone()) {
            return Err(fail(ServicesProblem::Order));
        }
        if matches!(line, Line::Endpoint(_, _, super::WhyKept::Listed))
            && udp_flows != UdpFlows::OfEndpointsThatWent
        {
            return Err(fail(ServicesProblem::WhyKept));
        }
        last = line;
    }
    Ok(list)
}

fn error(line: usize, problem: ServicesProblem, text: &str) -> LineError<ServicesProblem> {
    LineError {
        line,
        problem,
        text: text.into(),
    }
}

impl ServiceList {
    /// Takes a line in; tells whether it is about something new.
    fn add(&mut self, line: Line) -> bool {
        let origins = Origins::new();
        match line {
            Line::UdpFlows(_) => false,
            Line::Exclude(net) => self.exclude.insert(net),
            Line::Frontend(listener, kind, policy, port) => {
                let frontend = Frontend {
                    port,
                    policy,
                    origins,
                };
                self.frontends.insert((listener, kind), frontend).is_none()
            }
            Line::HealthCheck(listener, service, local_endpoints) => {
                let check = HealthCheck {
                    service,
                    local_endpoints,
                    origins,
                };
                self.health_checks.insert(listener, check).is_none()
            }
            Line::Endpoint(port, endpoint, why) => {
                let unchosen = Unchosen { why, origins };
                self.unchosen.insert((port, endpoint), unchosen).is_none()
            }
        }
    }
}
