//! Our messages against bytes captured from `ipvsadm` and the kernel.
//!
//! The captures are little-endian, so on another machine they are turned before they are parsed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use netlink_packet_core::{Emitable, ParseableParametrized};
use netlink_packet_generic::GenlHeader;

use super::attribute::Space;
use super::byte_order::{Order, turn_attributes};
use super::*;
use crate::kernel::ipvs;
use crate::kernel::ipvs::VirtualServer;

const REQUESTS: &str = include_str!("requests.txt");
const DUMP: &str = include_str!("dump.txt");

/// Length of `genlmsghdr` in bytes.
const GENERIC_HEADER: usize = 4;

fn bytes(hex: &str) -> Vec<u8> {
    assert_eq!(hex.len() % 2, 0, "{hex}");
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn parse(hex: &str) -> IpvsMessage {
    let mut bytes = bytes(hex);
    let (header, attributes) = bytes.split_at_mut(GENERIC_HEADER);
    assert_eq!(header[1..], [1, 0, 0], "version and reserved bytes");
    if Order::HOST != Order::Little {
        turn_attributes(attributes, Order::Little, IpvsAttr::turn);
    }
    let header = GenlHeader {
        cmd: header[0],
        version: header[1],
    };
    IpvsMessage::parse_with_param(attributes, header).unwrap()
}

/// A message in hexadecimal, as the captures have it.
fn hex(message: &IpvsMessage) -> String {
    let mut attributes = vec![0; message.buffer_len()];
    message.emit(&mut attributes);
    if Order::HOST != Order::Little {
        turn_attributes(&mut attributes, Order::HOST, IpvsAttr::turn);
    }
    let header = [message.cmd.into(), 1, 0, 0];
    let mut text = String::new();
    for byte in header.iter().chain(&attributes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// The captured requests: the arguments of `ipvsadm` and the bytes.
fn requests() -> Vec<(&'static str, &'static str)> {
    let mut lines = REQUESTS.lines().skip_while(|line| !line.is_empty());
    let mut requests = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(arguments) = line.strip_prefix("# ipvsadm ") {
            requests.push((arguments, lines.next().unwrap()));
        }
    }
    requests
}

/// The virtual server of an `-A` line, and the destination of an `-a` line after it.
fn rule(text: &str) -> Option<VirtualServer> {
    let observed = ipvs::read(text).unwrap();
    observed.servers.into_iter().next()
}

#[test]
fn our_requests_are_those_of_ipvsadm() {
    let mut services = BTreeMap::new();
    let mut compared = 0;
    for (arguments, captured) in requests() {
        let words: Vec<&str> = arguments.split(' ').collect();
        let service = words[1..words.len().min(3)].join(" ");
        let operation = match words[0] {
            "-A" | "-E" => {
                let line = arguments.replacen("-E", "-A", 1);
                let Some(server) = rule(&line) else { continue };
                services.insert(service, line);
                match words[0] {
                    "-A" => Operation::NewService(server),
                    _ => Operation::SetService(server),
                }
            }
            "-a" | "-e" => {
                let line = arguments.replacen("-e", "-a", 1);
                let Some(add) = services.get(&service) else {
                    continue;
                };
                let Some(mut server) = rule(&format!("{add}\n{line}")) else {
                    continue;
                };
                let destination = server.destinations.remove(0);
                match words[0] {
                    "-a" => Operation::NewDest(server.key, destination),
                    _ => Operation::SetDest(server.key, destination),
                }
            }
            "-D" => Operation::DelService(rule(&services[&service]).unwrap().key),
            "--set" => Operation::SetConfig(ipvs::Timeouts {
                tcp: 60,
                tcp_fin: 600,
                udp: 250,
            }),
            "-C" => Operation::Flush,
            _ => continue,
        };
        let message = IpvsMessage::from(&operation);
        assert_eq!(hex(&message), captured, "{arguments}");
        assert_eq!(Operation::try_from(&message), Ok(operation), "{arguments}");
        compared += 1;
    }
    assert_eq!(compared, 20);
}

#[test]
fn a_destination_is_deleted_by_the_same_name() {
    // ipvsadm fills what the kernel does not look at with its defaults: -g and weight 1.
    let (_, captured) = requests()
        .into_iter()
        .find(|(arguments, _)| arguments.starts_with("-d"))
        .unwrap();
    let Ok(Operation::DelDest(key, address, port)) = Operation::try_from(&parse(captured)) else {
        panic!("{captured}");
    };
    assert_eq!(key.to_string(), "10.96.0.1:443/TCP");
    assert_eq!(
        (address.to_string(), port.get()),
        ("10.0.0.6".to_owned(), 6443)
    );
}

#[test]
fn every_captured_message_survives() {
    let dump = DUMP
        .lines()
        .filter_map(|line| line.strip_prefix("> ").or(line.strip_prefix("< ")));
    for captured in requests().into_iter().map(|(_, bytes)| bytes).chain(dump) {
        let message = parse(captured);
        // The kernel leaves the flag that marks a nest out of its statistics.
        let again = parse(&hex(&message));
        assert_eq!(again, message);
    }
}

#[test]
fn every_captured_request_survives_to_the_letter() {
    for (arguments, captured) in requests() {
        assert_eq!(hex(&parse(captured)), captured, "{arguments}");
    }
}

#[test]
fn captured_requests_can_be_read_by_people() {
    let shown: Vec<String> = requests()
        .into_iter()
        .map(|(_, captured)| parse(captured).to_string())
        .collect();
    for expected in [
        "NEW_SERVICE  tcp 10.96.0.1:443 sched rr",
        "NEW_SERVICE  tcp 10.96.0.3:80 sched mh mh-port persistent 10800",
        "NEW_SERVICE  sctp [fd00:10:96::b]:7000 sched rr persistent 10800",
        "NEW_DEST  tcp 10.96.0.1:443 -> 10.0.0.5:6443 masq weight 1",
        "NEW_DEST  tcp [fd00:10:96::1]:443 -> [fd00:10:244::5]:6443 masq weight 1",
        "NEW_SERVICE  fwmark 42 sched wlc",
        "NEW_SERVICE  fwmark 43 ipv6 sched rr",
        "NEW_DEST  fwmark 42 -> 10.0.0.9:0 route weight 3",
        "NEW_SERVICE  tcp 10.96.0.5:80 sched sh sh-fallback sh-port",
        "NEW_SERVICE  udp 10.96.0.6:5060 sched rr pe sip persistent 60",
        "NEW_SERVICE  udp 10.96.0.4:80 sched wrr one-packet persistent 300 netmask 255.255.255.0",
        "NEW_DEST  udp 10.96.0.4:80 -> 10.0.0.5:80 tunnel weight 100 upper threshold 10 lower threshold 5",
        "NEW_DEST  tcp 10.96.0.5:80 -> 10.0.0.7:80 tunnel weight 1 gue tunnel port 6080",
        "NEW_SERVICE  tcp [fd00::1]:80 sched wrr persistent 300 netmask 64",
        "NEW_SERVICE  tcp 10.96.0.11:80 sched wlc flag-1 flag-3",
        "SET_CONFIG  tcp 60  tcpfin 600  udp 250",
        "ZERO",
        "FLUSH",
    ] {
        assert!(
            shown.iter().any(|line| line == expected),
            "{expected}\nin {shown:#?}"
        );
    }
}

/// The dumps of both nodes, as a driver would put the replies together.
fn replies() -> Vec<Reply> {
    let mut replies: Vec<Reply> = Vec::new();
    let mut asked = None;
    for line in DUMP.lines() {
        let Some(reply) = line.strip_prefix("< ") else {
            asked = line.strip_prefix("> ").map(parse);
            continue;
        };
        for attr in parse(reply).common() {
            match attr {
                IpvsAttr::Service(attrs) => replies.push(Reply {
                    service: attrs.clone(),
                    destinations: Vec::new(),
                }),
                IpvsAttr::Dest(attrs) => {
                    let Some([IpvsAttr::Service(named)]) = asked.as_ref().map(IpvsMessage::common)
                    else {
                        panic!("{asked:?}");
                    };
                    let reply = replies
                        .iter_mut()
                        .rfind(|reply| named.iter().all(|attr| reply.service.contains(attr)));
                    reply.unwrap().destinations.push(attrs.clone());
                }
                _ => {}
            }
        }
    }
    replies
}

#[test]
fn a_dump_shows_ours_and_others() {
    let observed = observed(&replies());
    let mut servers = observed.servers;
    servers.sort_by_key(|server| server.key);
    let mut text = crate::kernel::text::Text::default();
    ipvs::write(&servers, &mut text);
    assert_eq!(
        text.finish().0,
        "\
-A -t 10.96.0.1:443 -s lc
-a -t 10.96.0.1:443 -r 10.0.0.5:6443 -m -w 0
-a -t 10.96.0.1:443 -r 10.0.0.6:6443 -m -w 0
-A -t 10.96.0.2:443 -s mh -b mh-port
-A -t 10.96.0.3:80 -s mh -p 10800 -b mh-port
-A -u 10.96.0.10:53 -s rr -p 10800
-a -u 10.96.0.10:53 -r 10.244.0.2:53 -m -w 1
-A --sctp-service 10.96.0.11:7000 -s rr
-a --sctp-service 10.96.0.11:7000 -r 10.244.0.3:7000 -m -w 1
-A -t [fd00:10:96::1]:443 -s rr
-a -t [fd00:10:96::1]:443 -r [fd00:10:244::5]:6443 -m -w 1
-A -u [fd00:10:96::a]:53 -s mh -b mh-port
-a -u [fd00:10:96::a]:53 -r [fd00:10:244::2]:53 -m -w 1
-A --sctp-service [fd00:10:96::b]:7000 -s rr -p 10800
-a --sctp-service [fd00:10:96::b]:7000 -r [fd00:10:244::3]:7000 -m -w 1
"
    );
    let mut others: Vec<String> = observed
        .foreign
        .iter()
        .map(|foreign| foreign.lines.join("; "))
        .collect();
    others.sort();
    assert_eq!(
        others,
        [
            "-A -f 42 -s wlc; -a -f 42 -r 10.0.0.9:0 -g -w 3",
            "-A -f 43 -6 -s rr",
            "-A -t 10.96.0.10:80 -s mh",
            "-A -t 10.96.0.11:80 -s wlc -b flag-1,flag-3",
            "-A -t 10.96.0.5:80 -s sh -b sh-fallback,sh-port; \
             -a -t 10.96.0.5:80 -r [fd00:10:244::9]:80 -i -w 1 --tun-type ipip; \
             -a -t 10.96.0.5:80 -r 10.0.0.9:80 -g -w 1; \
             -a -t 10.96.0.5:80 -r 10.0.0.8:80 -i -w 1 --tun-type gre --tun-csum; \
             -a -t 10.96.0.5:80 -r 10.0.0.7:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum",
            "-A -t 10.96.0.9:80 -s mh -b mh-fallback",
            "-A -t [fd00::1]:80 -s wrr -p 300 -M 64",
            "-A -u 10.96.0.4:80 -s wrr -p 300 -M 255.255.255.0 -o; \
             -a -u 10.96.0.4:80 -r 10.0.0.5:80 -i -w 100 -x 10 -y 5 --tun-type ipip",
            "-A -u 10.96.0.6:5060 -s rr -p 60 --pe sip",
        ]
    );
    // What is written down of them is read as the same.
    let lines = observed.foreign.iter().flat_map(|foreign| &foreign.lines);
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    assert_eq!(ipvs::read(&text).unwrap().foreign, observed.foreign);
}

#[test]
fn statistics_are_optional() {
    let mut replies = replies();
    let whole = observed(&replies);
    for reply in &mut replies {
        reply
            .service
            .retain(|attr| !matches!(attr, ServiceAttr::Stats(_) | ServiceAttr::Stats64(_)));
        for attrs in &mut reply.destinations {
            attrs.retain(|attr| !matches!(attr, DestAttr::Stats(_) | DestAttr::Stats64(_)));
        }
    }
    assert_eq!(observed(&replies), whole);
}

#[test]
fn our_dump_requests_are_those_of_ipvsadm() {
    let asked: Vec<&str> = DUMP
        .lines()
        .filter_map(|line| line.strip_prefix("> "))
        .collect();
    for message in [
        IpvsMessage::get_services(),
        IpvsMessage::get_destinations(rule("-A -t 10.96.0.1:443 -s rr").unwrap().key),
        IpvsMessage::get_config(),
        IpvsMessage::get_info(),
    ] {
        assert!(asked.contains(&&*hex(&message)), "{message:?}");
    }
}

#[test]
fn timeouts_and_info_can_be_read() {
    let answers: Vec<IpvsMessage> = DUMP
        .lines()
        .filter_map(|line| line.strip_prefix("< "))
        .map(parse)
        .collect();
    let config = answers
        .iter()
        .find(|message| message.cmd == IpvsCmd::SetConfig)
        .unwrap();
    let found = timeouts(config.common()).unwrap();
    assert_eq!(found.to_string(), "60 600 250");
    let info = answers
        .iter()
        .find(|message| message.cmd == IpvsCmd::SetInfo)
        .unwrap();
    assert_eq!(
        info.attrs,
        IpvsAttrs::Info(vec![
            InfoAttr::Version(0x01_0201),
            InfoAttr::ConnTabSize(4096)
        ])
    );
    assert_eq!(
        info.to_string(),
        "SET_INFO  version 1.2.1  connection table 4096"
    );
}
