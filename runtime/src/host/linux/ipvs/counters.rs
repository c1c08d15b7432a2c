//! What virtual servers have carried: the only reading that takes the statistics of answers.

use std::io;

use netlink_packet_generic::GenlMessage;
use portolan_compiler::kernel::ipvs::netlink::{IpvsAttr, IpvsMessage, Reply, ServiceAttr};
use portolan_compiler::kernel::ipvs::{Counted, netlink};
use portolan_compiler::model::TransportAddress;

use super::super::ipvs;
use super::{Ipvs, destination, failed, service};
use crate::host::{Detail, HostError};

/// Counters; `None` where the module is not loaded.
pub(in crate::host::linux) fn read(detail: Detail) -> Result<Option<Vec<Counted>>, HostError> {
    let Some(mut ipvs) = Ipvs::find()? else {
        return Ok(None);
    };
    let replies = replies(&mut ipvs, detail).map_err(failed("what its virtual servers carried"))?;
    Ok(Some(netlink::counted(&replies)))
}

/// Sets them to zero, for each virtual server and its destinations at once.
pub(in crate::host::linux) fn zero(servers: &[TransportAddress]) -> Result<(), HostError> {
    let requests = servers.iter().map(|server| IpvsMessage::zero(*server));
    ipvs::change("counters of virtual servers", requests)
}

fn replies(ipvs: &mut Ipvs, detail: Detail) -> io::Result<Vec<Reply>> {
    let services = dump(ipvs, IpvsMessage::get_services(), service)?;
    let with_destinations = |service: Vec<ServiceAttr>| {
        let destinations = match detail {
            Detail::Servers => Vec::new(),
            Detail::Destinations => dump(
                ipvs,
                IpvsMessage::get_destinations_of(&service),
                destination,
            )?,
        };
        Ok(Reply {
            service,
            destinations,
        })
    };
    services.into_iter().map(with_destinations).collect()
}

fn dump<T>(
    ipvs: &mut Ipvs,
    request: IpvsMessage,
    part: impl Fn(IpvsAttr) -> Option<T>,
) -> io::Result<Vec<T>> {
    let request = message(ipvs, request);
    let replies = ipvs.netlink.dump(&request)?;
    let parts =
        |reply: GenlMessage<IpvsMessage>| reply.payload.into_common().into_iter().find_map(&part);
    Ok(replies.into_iter().filter_map(parts).collect())
}

fn message(ipvs: &Ipvs, payload: IpvsMessage) -> GenlMessage<IpvsMessage> {
    let mut message = GenlMessage::from_payload(payload);
    message.set_resolved_family_id(ipvs.family());
    message
}
