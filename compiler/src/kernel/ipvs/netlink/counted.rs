//! Counters of replies: those of 64 bits, or where an old kernel sends none, those of 32.

use super::reply::{destination_name, key};
use super::{DestAttr, Reply, ServiceAttr, Stats64Attr, StatsAttr};
use crate::kernel::ipvs::{Counted, Counters};

/// What virtual servers have carried, in their order; of other software's those that have an address,
/// a port and one of the protocols.
pub fn counted(replies: &[Reply]) -> Vec<Counted> {
    let mut counted: Vec<Counted> = replies.iter().filter_map(one).collect();
    counted.sort_by_key(|one| one.server);
    counted
}

fn one(reply: &Reply) -> Option<Counted> {
    let server = key(&reply.service).ok()?;
    let destination = |attrs: &Vec<DestAttr>| {
        let (address, port) = destination_name(server, attrs).ok()?;
        Some((address, port, of_destination(attrs)))
    };
    let mut destinations: Vec<_> = reply.destinations.iter().filter_map(destination).collect();
    destinations.sort_by_key(|(address, port, _)| (*address, *port));
    Some(Counted {
        server,
        counters: of_server(&reply.service),
        destinations,
    })
}

fn of_server(attrs: &[ServiceAttr]) -> Counters {
    let wide = attrs.iter().find_map(|attr| match attr {
        ServiceAttr::Stats64(stats) => Some(wide(stats)),
        _ => None,
    });
    let narrow = || {
        attrs.iter().find_map(|attr| match attr {
            ServiceAttr::Stats(stats) => Some(narrow(stats)),
            _ => None,
        })
    };
    wide.or_else(narrow).unwrap_or_default()
}

fn of_destination(attrs: &[DestAttr]) -> Counters {
    let wide = attrs.iter().find_map(|attr| match attr {
        DestAttr::Stats64(stats) => Some(wide(stats)),
        _ => None,
    });
    let narrow = || {
        attrs.iter().find_map(|attr| match attr {
            DestAttr::Stats(stats) => Some(narrow(stats)),
            _ => None,
        })
    };
    wide.or_else(narrow).unwrap_or_default()
}

fn wide(stats: &[Stats64Attr]) -> Counters {
    let mut counters = Counters::default();
    for stat in stats {
        match *stat {
            Stats64Attr::Conns(number) => counters.connections = number,
            Stats64Attr::InPkts(number) => counters.in_packets = number,
            Stats64Attr::OutPkts(number) => counters.out_packets = number,
            Stats64Attr::InBytes(number) => counters.in_bytes = number,
            Stats64Attr::OutBytes(number) => counters.out_bytes = number,
            Stats64Attr::Cps(number) => counters.connection_rate = number,
            Stats64Attr::InPps(number) => counters.in_packet_rate = number,
            Stats64Attr::OutPps(number) => counters.out_packet_rate = number,
            Stats64Attr::InBps(number) => counters.in_byte_rate = number,
            Stats64Attr::OutBps(number) => counters.out_byte_rate = number,
            Stats64Attr::Other(_) => {}
        }
    }
    counters
}

fn narrow(stats: &[StatsAttr]) -> Counters {
    let mut counters = Counters::default();
    for stat in stats {
        match *stat {
            StatsAttr::Conns(number) => counters.connections = number.into(),
            StatsAttr::InPkts(number) => counters.in_packets = number.into(),
            StatsAttr::OutPkts(number) => counters.out_packets = number.into(),
            StatsAttr::InBytes(number) => counters.in_bytes = number,
            StatsAttr::OutBytes(number) => counters.out_bytes = number,
            StatsAttr::Cps(number) => counters.connection_rate = number.into(),
            StatsAttr::InPps(number) => counters.in_packet_rate = number.into(),
            StatsAttr::OutPps(number) => counters.out_packet_rate = number.into(),
            StatsAttr::InBps(number) => counters.in_byte_rate = number.into(),
            StatsAttr::OutBps(number) => counters.out_byte_rate = number.into(),
            StatsAttr::Other(_) => {}
        }
    }
    counters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ipvs::netlink::{NetU16, key_attrs};

    const WIDE: u64 = 1 << 40;

    fn service(key: &str, stats: Vec<ServiceAttr>) -> Vec<ServiceAttr> {
        let mut attrs = key_attrs(key.parse().unwrap());
        attrs.extend(stats);
        attrs
    }

    fn stats(conns: u32) -> Vec<StatsAttr> {
        vec![StatsAttr::Conns(conns), StatsAttr::OutBps(7)]
    }

    fn stats64(conns: u64) -> Vec<Stats64Attr> {
        vec![Stats64Attr::Conns(conns), Stats64Attr::OutBps(WIDE)]
    }

    #[test]
    fn wide_counters_come_first_and_narrow_ones_do_where_there_are_no_others() {
        let destination = |last: u8, attr| {
            let mut address = [0; 16];
            address[..4].copy_from_slice(&[10, 0, 0, last]);
            vec![DestAttr::Addr(address), DestAttr::Port(NetU16(8080)), attr]
        };
        let replies = [
            Reply {
                service: service("10.96.0.2:80/TCP", vec![ServiceAttr::Stats(stats(3))]),
                destinations: vec![
                    destination(6, DestAttr::Stats(stats(1))),
                    destination(5, DestAttr::Stats64(stats64(WIDE))),
                ],
            },
            Reply {
                service: service(
                    "10.96.0.1:80/TCP",
                    vec![
                        ServiceAttr::Stats(stats(u32::MAX)),
                        ServiceAttr::Stats64(stats64(WIDE)),
                    ],
                ),
                destinations: Vec::new(),
            },
            Reply {
                service: vec![ServiceAttr::Fwmark(7)],
                destinations: Vec::new(),
            },
        ];
        let numbers = |counters: &Counters| (counters.connections, counters.out_byte_rate);
        let found: Vec<_> = counted(&replies)
            .iter()
            .map(|one| {
                let destinations = one.destinations.iter();
                let of =
                    |(address, _, counters): &(_, _, _)| (format!("{address}"), numbers(counters));
                (
                    one.server.to_string(),
                    numbers(&one.counters),
                    destinations.map(of).collect::<Vec<(String, (u64, u64))>>(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("10.96.0.1:80/TCP".to_owned(), (WIDE, WIDE), vec![]),
                (
                    "10.96.0.2:80/TCP".to_owned(),
                    (3, 7),
                    vec![
                        ("10.0.0.5".to_owned(), (WIDE, WIDE)),
                        ("10.0.0.6".to_owned(), (1, 7)),
                    ]
                ),
            ]
        );
    }
}
