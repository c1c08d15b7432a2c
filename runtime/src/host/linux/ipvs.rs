//! IPVS, over generic netlink.

use std::io;
use std::path::Path;

use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_packet_generic::{GenlFamily, GenlMessage};
use netlink_sys::protocols::NETLINK_GENERIC;
use portolan_compiler::back::ipvs::netlink::{
    DestAttr, IpvsAttr, IpvsAttrs, IpvsMessage, Reply, ServiceAttr, observed, timeouts,
};

use super::netlink::Netlink;
use crate::host::{HostError, Ipvs};

/// There while IPVS is, in this thread's network namespace.
const PROC: &str = "/proc/thread-self/net/ip_vs";

/// What IPVS holds; `None` where the kernel has not loaded it. Asking for the family of a module that
/// is not loaded would load it, and looking should leave no trace.
pub(super) fn read() -> Result<Option<Ipvs>, HostError> {
    let fail = |source: io::Error| match source.kind() {
        io::ErrorKind::PermissionDenied => HostError::IpvsForbidden,
        _ => HostError::Kernel {
            what: "its virtual servers",
            source,
        },
    };
    let proc = Path::new(PROC);
    if proc.parent().is_some_and(Path::exists) && !proc.exists() {
        return Ok(None);
    }
    let mut socket = Netlink::open(NETLINK_GENERIC).map_err(fail)?;
    let Some(family) = family(&mut socket).map_err(fail)? else {
        return Ok(None);
    };
    let mut family = Family { socket, id: family };
    let mut replies = Vec::new();
    for message in family.dump(IpvsMessage::get_services()).map_err(fail)? {
        let Some(service) = service(message) else {
            continue;
        };
        let request = IpvsMessage::get_destinations_of(&service);
        let destinations = family.dump(request).map_err(fail)?;
        replies.push(Reply {
            service,
            destinations: destinations.into_iter().filter_map(destination).collect(),
        });
    }
    let config = family.ask(IpvsMessage::get_config()).map_err(fail)?;
    Ok(Some(Ipvs {
        virtual_servers: observed(&replies),
        timeouts: config.iter().find_map(|message| timeouts(message.common())),
    }))
}

/// The family's number, which differs from boot to boot; `None` where the kernel has no such family.
fn family(socket: &mut Netlink) -> io::Result<Option<u16>> {
    let request = GenlMessage::from_payload(GenlCtrl {
        cmd: GenlCtrlCmd::GetFamily,
        nlas: vec![GenlCtrlAttrs::FamilyName(
            IpvsMessage::family_name().to_owned(),
        )],
    });
    let answers = match socket.ask(&request) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        answers => answers?,
    };
    let number = |attr: &GenlCtrlAttrs| match attr {
        GenlCtrlAttrs::FamilyId(number) => Some(*number),
        _ => None,
    };
    Ok(answers
        .iter()
        .find_map(|answer| answer.payload.nlas.iter().find_map(number)))
}

/// The family, with the number it has in this kernel.
struct Family {
    socket: Netlink,
    id: u16,
}

impl Family {
    fn request(&self, message: IpvsMessage) -> GenlMessage<IpvsMessage> {
        let mut request = GenlMessage::from_payload(message);
        request.set_resolved_family_id(self.id);
        request
    }

    fn dump(&mut self, message: IpvsMessage) -> io::Result<Vec<IpvsMessage>> {
        let request = self.request(message);
        self.socket.dump(&request).map(payloads)
    }

    fn ask(&mut self, message: IpvsMessage) -> io::Result<Vec<IpvsMessage>> {
        let request = self.request(message);
        self.socket.ask(&request).map(payloads)
    }
}

fn payloads(messages: Vec<GenlMessage<IpvsMessage>>) -> Vec<IpvsMessage> {
    let payload = |message: GenlMessage<IpvsMessage>| message.payload;
    messages.into_iter().map(payload).collect()
}

fn service(message: IpvsMessage) -> Option<Vec<ServiceAttr>> {
    common(message).find_map(|attr| match attr {
        IpvsAttr::Service(attrs) => Some(attrs),
        _ => None,
    })
}

fn destination(message: IpvsMessage) -> Option<Vec<DestAttr>> {
    common(message).find_map(|attr| match attr {
        IpvsAttr::Dest(attrs) => Some(attrs),
        _ => None,
    })
}

fn common(message: IpvsMessage) -> impl Iterator<Item = IpvsAttr> {
    match message.attrs {
        IpvsAttrs::Common(attrs) => attrs,
        IpvsAttrs::Info(_) => Vec::new(),
    }
    .into_iter()
}
