//! Which endpoint of a pool has which number.

use std::net::IpAddr;

use crate::ir::Endpoint;

/// In larger pools numbers follow the addresses: finding better ones would take longer than it saves.
const MOST: usize = 4096;

/// Numbers endpoints, in the order of their numbers: where one comes or goes, all but a handful of the
/// others keep theirs, and so do the elements of maps that name them.
///
/// Number after number goes to whichever of the endpoints left over weighs most for it (as in
/// rendezvous hashing, Thaler and Ravishankar 1998). One that comes takes the place of another, which
/// takes that of a third further on: of n endpoints, about ln n are given another number.
pub(super) fn slots<'e>(endpoints: impl Iterator<Item = &'e Endpoint>) -> Vec<&'e Endpoint> {
    let mut left: Vec<(u64, &Endpoint)> = endpoints.map(|one| (digest(one), one)).collect();
    if left.len() > MOST {
        return left.into_iter().map(|(_, one)| one).collect();
    }
    let mut numbered = Vec::with_capacity(left.len());
    for slot in 0_u64.. {
        let drawn = mixed(slot);
        let heaviest = (0..left.len()).max_by_key(|at| mixed(left[*at].0 ^ drawn));
        let Some(at) = heaviest else {
            break;
        };
        numbered.push(left.swap_remove(at).1);
    }
    numbered
}

/// The same for the same address and port, on every machine.
fn digest(endpoint: &Endpoint) -> u64 {
    let address = match endpoint.address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    let port = u64::from(endpoint.port.get());
    let segments = address.segments().into_iter();
    segments.fold(mixed(port), |digest, segment| {
        mixed(digest ^ u64::from(segment))
    })
}

/// Every bit of the result depends on every bit of the number (splitmix64, Steele, Lea and Flood 2014).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::Ipv4Addr;

    use super::*;
    use crate::ir::EndpointLocation;
    use crate::model::Port;
    use crate::model::slice::EndpointState;
    use crate::source::{Field, ObjectId, Origin};

    fn pool(size: u32) -> Vec<Endpoint> {
        let endpoint = |number: u32| Endpoint {
            address: Ipv4Addr::from(0x0af4_0001 + number).into(),
            port: Port::new(8080).unwrap(),
            state: EndpointState::Ready,
            location: EndpointLocation::Remote,
            origin: Origin {
                object: ObjectId(0),
                field: Field::Whole,
            },
        };
        (0..size).map(endpoint).collect()
    }

    fn addresses(endpoints: &[&Endpoint]) -> Vec<IpAddr> {
        endpoints.iter().map(|endpoint| endpoint.address).collect()
    }

    #[test]
    fn every_endpoint_has_one_number() {
        for size in [0, 1, 2, 10, 300, 5_000] {
            let pool = pool(size);
            let numbered = addresses(&slots(pool.iter()));
            assert_eq!(numbered.len(), pool.len());
            let different: BTreeSet<IpAddr> = numbered.into_iter().collect();
            assert_eq!(different.len(), pool.len());
        }
    }

    #[test]
    fn most_keep_theirs_where_one_goes() {
        for (size, most) in [(2, 2), (10, 4), (100, 7), (1_000, 10)] {
            let whole = pool(size);
            let before = addresses(&slots(whole.iter()));
            let mut changed = 0;
            for gone in (0..whole.len()).step_by(whole.len().div_ceil(50)) {
                let mut rest = whole.clone();
                rest.remove(gone);
                let after = addresses(&slots(rest.iter()));
                changed += before.iter().zip(after).filter(|(a, b)| *a != b).count() + 1;
            }
            let removals = whole.len().min(50);
            let average = changed.div_ceil(removals);
            assert!(average <= most, "{average} of {size}");
        }
    }
}
