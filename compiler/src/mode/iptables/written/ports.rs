//! The rules that service ports cause, each of one of the forms that they have.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::kernel::iptables::build::goto;
use crate::kernel::iptables::{
    AddrType, ChainName, Match, Negation, Probability, Recent, RejectWith, Rule, TableName, Target,
};
use crate::mode::kube_chain::{HashedChain, KubeChain};
use crate::mode::written::{Rules, Stranger};
use crate::model::{IpFamily, Port, Protocol};

const NAT: TableName = TableName::Nat;
const FILTER: TableName = TableName::Filter;

/// Finds the first rule that no service port causes.
pub(super) fn written(found: Rules<'_>) -> Result<(), Box<Stranger>> {
    let forms = Forms(found);
    found.of_form(
        NAT,
        &KubeChain::Services.into(),
        "a jump from an address and port of a Service to its chain, or one to KUBE-NODEPORTS",
        |rule| forms.leads_from_frontend(rule) || forms.leads_to_node_ports(rule),
    )?;
    found.of_form(
        NAT,
        &KubeChain::NodePorts.into(),
        "a jump from a node port to its chain",
        |rule| forms.leads_from_node_port(rule),
    )?;
    let in_vain = "a rule that refuses or drops what is sent to a Service in vain";
    found.of_form(FILTER, &KubeChain::Services.into(), in_vain, |rule| {
        forms.at_address(&rule.matches).is_some() && forms.refuses(&rule.target)
    })?;
    found.of_form(
        FILTER,
        &KubeChain::ExternalServices.into(),
        in_vain,
        |rule| {
            let matches = &rule.matches;
            let at = forms.at_address(matches).is_some() || is_local_node_port(matches);
            at && forms.refuses(&rule.target)
        },
    )?;
    found.of_form(
        FILTER,
        &KubeChain::ProxyFirewall.into(),
        "a rule that drops what is sent to a load balancer",
        |rule| forms.at_address(&rule.matches).is_some() && rule.target == Target::Drop,
    )?;
    found.of_form(
        FILTER,
        &KubeChain::NodePorts.into(),
        "a rule that accepts health checks at a TCP port",
        |rule| {
            let tcp = node_port(&rule.matches) == Some(Protocol::Tcp);
            tcp && rule.target == Target::Accept
        },
    )?;
    let tables = found.ruleset.tables.iter();
    let nat = tables.filter(|table| table.name == NAT);
    for chain in nat.flat_map(|table| &table.chains) {
        match HashedChain::of(chain.name.as_str()) {
            None => {}
            Some(HashedChain::Cluster | HashedChain::Local) => forms.balance(&chain.name)?,
            Some(HashedChain::External) => forms.external(&chain.name)?,
            Some(HashedChain::Firewall) => forms.firewall(&chain.name)?,
            Some(HashedChain::Endpoint) => forms.endpoint(&chain.name)?,
        }
    }
    Ok(())
}

/// What rules of a family can be.
#[derive(Clone, Copy)]
struct Forms<'a>(Rules<'a>);

impl Forms<'_> {
    fn is_host(self, net: IpNet) -> bool {
        IpFamily::of_net(net) == self.0.family && net.prefix_len() == net.max_prefix_len()
    }

    /// The kind of the chain that a target leads to, and the hash in its name, where it is one of a
    /// service port and is there.
    fn hashed(self, target: &Target) -> Option<(HashedChain, &str)> {
        let Target::Chain(name) = target else {
            return None;
        };
        if !self.0.has(NAT, name) {
            return None;
        }
        let kind = HashedChain::of(name.as_str())?;
        let hash = name.as_str().strip_prefix(kind.as_str())?;
        Some((kind, hash))
    }

    /// `-d ADDRESS -p PROTOCOL comment --dport PORT`.
    fn at_address(self, matches: &[Match]) -> Option<(Protocol, Port)> {
        let [Match::Destination(Negation::Is, net), rest @ ..] = matches else {
            return None;
        };
        self.is_host(*net).then(|| at_port(rest)).flatten()
    }

    fn refuses(self, target: &Target) -> bool {
        let with = match self.0.family {
            IpFamily::V4 => RejectWith::IcmpPortUnreachable,
            IpFamily::V6 => RejectWith::Icmp6PortUnreachable,
        };
        matches!(target, Target::Drop) || *target == Target::Reject(with)
    }

    fn leads_from_frontend(self, rule: &Rule) -> bool {
        let leads = self.hashed(&rule.target);
        let leads = leads.is_some_and(|(kind, _)| kind != HashedChain::Endpoint);
        leads && self.at_address(&rule.matches).is_some()
    }

    fn leads_to_node_ports(self, rule: &Rule) -> bool {
        let local = Match::DestinationType(Negation::Is, AddrType::Local);
        let fits = match &rule.matches[..] {
            [Match::Comment(_), kind] => *kind == local,
            [Match::Destination(Negation::Is, net), Match::Comment(_)] => self.is_host(*net),
            [
                Match::Destination(Negation::Not, net),
                Match::Comment(_),
                kind,
            ] => *net == self.0.family.loopback() && *kind == local,
            _ => false,
        };
        fits && rule.target == goto(KubeChain::NodePorts)
    }

    fn leads_from_node_port(self, rule: &Rule) -> bool {
        let kind = self.hashed(&rule.target).map(|(kind, _)| kind);
        kind == Some(HashedChain::External) && node_port(&rule.matches).is_some()
    }

    /// What others than local pods send to the cluster IP is masqueraded; then come the endpoints that
    /// clients have, then all by chance.
    fn balance(self, name: &ChainName) -> Result<(), Box<Stranger>> {
        const FORM: &str =
            "rules that masquerade, and jumps to the endpoints' chains with equal chances";
        let rules = self.0.chain(NAT, name);
        let mut rest = rules;
        while let [rule, after @ ..] = rest
            && rule.target == goto(KubeChain::MarkMasq)
            && self.is_of_strangers(&rule.matches)
        {
            rest = after;
        }
        let known = rest.iter().take_while(|rule| self.is_recall(rule)).count();
        let (_, by_chance) = rest.split_at(known);
        if by_chance.is_empty() || known > by_chance.len() {
            return self.0.cut(NAT, name, FORM);
        }
        for (rule, left) in by_chance.iter().zip((1..=by_chance.len()).rev()) {
            let chance = (left > 1).then(|| Match::Random(Probability::one_of(left)));
            let leads = self.hashed(&rule.target).map(|(kind, _)| kind);
            let says = without_comment(&rule.matches);
            if leads != Some(HashedChain::Endpoint) || !says.iter().eq(chance.as_ref()) {
                return self.0.refused(NAT, name, rule, FORM);
            }
        }
        Ok(())
    }

    /// What is sent to an address, by others than local pods where these are known.
    fn is_of_strangers(self, matches: &[Match]) -> bool {
        match matches {
            [Match::Source(Negation::Not, _), rest @ ..] => self.at_address(rest).is_some(),
            [
                address,
                Match::InInterface(Negation::Not, _) | Match::InInterfacePrefix(Negation::Not, _),
                rest @ ..,
            ] => {
                let matches = [std::slice::from_ref(address), rest].concat();
                self.at_address(&matches).is_some()
            }
            all => self.at_address(all).is_some(),
        }
    }

    /// A client goes to the endpoint that it had.
    fn is_recall(self, rule: &Rule) -> bool {
        let [
            Match::Recent {
                usage: Recent::Check { seconds },
                list,
                family,
            },
        ] = without_comment(&rule.matches)
        else {
            return false;
        };
        let to_endpoint = self.hashed(&rule.target).map(|(kind, _)| kind);
        to_endpoint == Some(HashedChain::Endpoint)
            && rule.target == Target::Chain(list.clone())
            && *family == self.0.family
            && (1..=86_400).contains(seconds)
    }

    /// What an endpoint sends to itself is masqueraded; all goes to the endpoint.
    fn endpoint(self, name: &ChainName) -> Result<(), Box<Stranger>> {
        const FORM: &str =
            "a rule that masquerades what the endpoint sends itself, and one that leads there";
        let rules = self.0.chain(NAT, name);
        let [hairpin, there] = rules else {
            return match rules.get(2) {
                Some(more) => self.0.refused(NAT, name, more, FORM),
                None => self.0.cut(NAT, name, FORM),
            };
        };
        let Target::Dnat(to) = there.target else {
            return self.0.refused(NAT, name, there, FORM);
        };
        if !is_hairpin(hairpin, to) {
            return self.0.refused(NAT, name, hairpin, FORM);
        }
        let remembers = |part: &Match| {
            matches!(part, Match::Recent { usage: Recent::Set, list, family }
                if list == name && *family == self.0.family)
        };
        let leads = match &there.matches[..] {
            [Match::Protocol(protocol), rest @ ..] => match without_comment(rest) {
                [Match::Transport(own, None)] => own == protocol,
                [remember, Match::Transport(own, None)] => own == protocol && remembers(remember),
                _ => false,
            },
            _ => false,
        };
        if leads && IpFamily::of(to.ip()) == self.0.family {
            Ok(())
        } else {
            self.0.refused(NAT, name, there, FORM)
        }
    }

    /// What outsiders send: whether it is masqueraded, who is under no policy, and on to endpoints.
    fn external(self, name: &ChainName) -> Result<(), Box<Stranger>> {
        let own = Match::SourceType(Negation::Is, AddrType::Local);
        let form = "rules that masquerade, and jumps to the Service's endpoints";
        self.0.of_form(NAT, name, form, |rule| {
            let masquerades = rule.target == goto(KubeChain::MarkMasq);
            let balances = match (self.hashed(&rule.target), hash(name)) {
                (Some((HashedChain::Cluster | HashedChain::Local, to)), own) => Some(to) == own,
                _ => false,
            };
            match &rule.matches[..] {
                [] => balances,
                [Match::Comment(_)] => masquerades,
                [Match::Comment(_), from] => (masquerades || balances) && *from == own,
                [
                    Match::Source(Negation::Is, _)
                    | Match::InInterface(Negation::Is, _)
                    | Match::InInterfacePrefix(Negation::Is, _),
                    Match::Comment(_),
                ] => balances,
                _ => false,
            }
        })
    }

    /// Who may use a load balancer goes on; what is left is dropped in table filter.
    fn firewall(self, name: &ChainName) -> Result<(), Box<Stranger>> {
        let form =
            "jumps of ranges to the Service's KUBE-EXT chain, and a last rule that does nothing";
        self.0
            .of_form(NAT, name, form, |rule| match &rule.matches[..] {
                [Match::Comment(_)] => rule.target == Target::Continue,
                [Match::Source(Negation::Is, net), Match::Comment(_)] => {
                    let to = self.hashed(&rule.target);
                    let own = hash(name).map(|hash| (HashedChain::External, hash));
                    IpFamily::of_net(*net) == self.0.family && to.is_some() && to == own
                }
                _ => false,
            })
    }
}

fn is_hairpin(rule: &Rule, to: SocketAddr) -> bool {
    let [Match::Source(Negation::Is, net), rest @ ..] = &rule.matches[..] else {
        return false;
    };
    let own: IpAddr = to.ip();
    *net == IpNet::from(own)
        && without_comment(rest).is_empty()
        && rule.target == goto(KubeChain::MarkMasq)
}

fn hash(name: &ChainName) -> Option<&str> {
    let kind = HashedChain::of(name.as_str())?;
    name.as_str().strip_prefix(kind.as_str())
}

/// `-p PROTOCOL comment --dport PORT`.
fn at_port(matches: &[Match]) -> Option<(Protocol, Port)> {
    match matches {
        [
            Match::Protocol(protocol),
            Match::Comment(_),
            Match::Transport(own, Some(port)),
        ] if own == protocol => Some((*protocol, *port)),
        _ => None,
    }
}

fn node_port(matches: &[Match]) -> Option<Protocol> {
    at_port(matches).map(|(protocol, _)| protocol)
}

/// `-p PROTOCOL comment --dst-type LOCAL --dport PORT`.
fn is_local_node_port(matches: &[Match]) -> bool {
    match matches {
        [
            Match::Protocol(protocol),
            Match::Comment(_),
            Match::DestinationType(Negation::Is, AddrType::Local),
            Match::Transport(own, Some(_)),
        ] => own == protocol,
        _ => false,
    }
}

/// Rules of large clusters have none.
fn without_comment(matches: &[Match]) -> &[Match] {
    match matches {
        [Match::Comment(_), rest @ ..] => rest,
        all => all,
    }
}
