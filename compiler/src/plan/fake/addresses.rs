//! kube-ipvs0 and its addresses.

use std::net::IpAddr;

use super::{Refused, toggle};
use crate::observed::Dummy;
use crate::plan::Delta;

pub(super) fn link(dummy: &mut Dummy, delta: &Delta<()>) -> Result<(), Refused> {
    *dummy = match (&dummy, delta) {
        (Dummy::Absent, Delta::Add(())) => Dummy::Present(Vec::new()),
        (Dummy::Present(_), Delta::Remove(())) => Dummy::Absent,
        (Dummy::Present(_), _) => return Err(Refused::Exists),
        (Dummy::Absent, _) => return Err(Refused::Missing),
    };
    Ok(())
}

pub(super) fn address(
    dummy: &mut Dummy,
    address: IpAddr,
    delta: &Delta<()>,
) -> Result<(), Refused> {
    match dummy {
        Dummy::Absent => Err(Refused::Missing),
        Dummy::Present(addresses) => toggle(addresses, address, delta),
    }
}
