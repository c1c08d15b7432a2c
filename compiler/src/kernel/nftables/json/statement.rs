//! Rules in JSON.

use nftables::expr::{
    self, BinaryOperation, CT, Expression as Json, Fib, FibFlag, FibResult, Map, Meta, MetaKey,
    NamedExpression, NgMode, Numgen, Payload, PayloadField,
};
use nftables::stmt::{self, Mangle, NAT, NATFamily, NATFlag, Operator, VerdictMap};
use serde::Serialize;

use super::{concat, range, string};
use crate::kernel::iptables::Negation;
use crate::kernel::nftables::names::{Memory, SetName};
use crate::kernel::nftables::rule::{Expression, Match, Operand, Rule, Statement};
use crate::kernel::nftables::write::{ip, loopback};
use crate::model::IpFamily;

/// A statement, or the one that the crate does not have.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum RuleStatement {
    Known(Box<stmt::Statement<'static>>),
    Update { map: Update },
}

/// `update @map { elem : data }`.
#[derive(Serialize)]
pub(super) struct Update {
    op: &'static str,
    elem: TimedElement,
    data: Json<'static>,
    map: String,
}

#[derive(Serialize)]
struct TimedElement {
    elem: Timed,
}

#[derive(Serialize)]
struct Timed {
    val: Json<'static>,
    timeout: u32,
}

pub(super) fn statements(rule: &Rule, family: IpFamily) -> Vec<RuleStatement> {
    let known = |statement| RuleStatement::Known(Box::new(statement));
    let mut list: Vec<RuleStatement> = rule
        .matches
        .iter()
        .map(|part| known(matching(part, family)))
        .collect();
    let statement = match rule.statement {
        Statement::Remember(memory, seconds) => {
            list.push(remember(memory, seconds, family));
            return list;
        }
        Statement::Verdict(verdict) => super::verdict(verdict),
        Statement::Reject => stmt::Statement::Reject(None),
        Statement::VerdictMap(key, map) => stmt::Statement::VerdictMap(VerdictMap {
            key: expression(key, family),
            data: reference(map),
        }),
        Statement::Dnat(key, map) => stmt::Statement::DNAT(Some(NAT {
            addr: Some(Json::Named(NamedExpression::Map(Box::new(Map {
                key: expression(key, family),
                data: reference(map),
            })))),
            family: Some(match family {
                IpFamily::V4 => NATFamily::IP,
                IpFamily::V6 => NATFamily::IP6,
            }),
            port: None,
            flags: None,
        })),
        Statement::SetMark(bits) => mangle(BinaryOperation::OR(vec![mark(), Json::Number(bits)])),
        Statement::FlipMark(bits) => mangle(BinaryOperation::XOR(mark(), Json::Number(bits))),
        Statement::Masquerade => stmt::Statement::Masquerade(Some(NAT {
            addr: None,
            family: None,
            port: None,
            flags: Some([NATFlag::FullyRandom].into()),
        })),
    };
    list.push(known(statement));
    list
}

fn remember(memory: Memory, seconds: u32, family: IpFamily) -> RuleStatement {
    RuleStatement::Update {
        map: Update {
            op: "update",
            elem: TimedElement {
                elem: Timed {
                    val: expression(Expression::Client, family),
                    timeout: seconds,
                },
            },
            data: expression(Expression::Endpoint, family),
            map: format!("@{}", SetName::Affinity(memory)),
        },
    }
}

fn matching(part: &Match, family: IpFamily) -> stmt::Statement<'static> {
    let (left, op, right) = match part {
        Match::New => (ct("state", None), Operator::IN, string("new")),
        Match::Translated => (ct("status", None), Operator::IN, string("dnat")),
        Match::Protocol(protocol) => (
            meta(MetaKey::L4proto),
            Operator::EQ,
            string(protocol.lower()),
        ),
        Match::InSet(key, not, set) => (expression(*key, family), operator(*not), reference(*set)),
        Match::Source(not, net) => (
            self::part(Operand::Source, family),
            operator(*not),
            range(*net),
        ),
        Match::InInterface(not, name) => {
            let name = match name.as_str().strip_suffix('*') {
                Some(name) => format!("{name}\\*"),
                None => name.as_str().to_owned(),
            };
            (
                meta(MetaKey::Iifname),
                operator(*not),
                Json::String(name.into()),
            )
        }
        Match::InInterfacePrefix(not, name) => {
            let name = format!("{}*", name.as_str());
            (
                meta(MetaKey::Iifname),
                operator(*not),
                Json::String(name.into()),
            )
        }
        Match::FromNode => (address_type(FibFlag::Saddr), Operator::EQ, string("local")),
        Match::ToNode => (address_type(FibFlag::Daddr), Operator::EQ, string("local")),
        Match::NotToLoopback => (
            self::part(Operand::Destination, family),
            Operator::NEQ,
            range(loopback(family)),
        ),
        Match::Unmarked(bits) => {
            let masked = BinaryOperation::AND(mark(), Json::Number(*bits));
            (
                Json::BinaryOperation(Box::new(masked)),
                Operator::EQ,
                Json::Number(0),
            )
        }
    };
    stmt::Statement::Match(stmt::Match { left, right, op })
}

pub(super) fn expression(key: Expression, family: IpFamily) -> Json<'static> {
    let mut parts: Vec<Json<'static>> = key
        .parts()
        .into_iter()
        .map(|one| part(one, family))
        .collect();
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            concat(parts)
        }
    }
}

fn part(part: Operand, family: IpFamily) -> Json<'static> {
    match part {
        Operand::Source => payload(ip(family), "saddr"),
        Operand::Destination => payload(ip(family), "daddr"),
        Operand::Protocol => meta(MetaKey::L4proto),
        Operand::Port => payload("th", "dport"),
        Operand::Random(size) => Json::Named(NamedExpression::Numgen(Numgen {
            mode: NgMode::Random,
            ng_mod: size,
            offset: Some(0),
        })),
        Operand::OriginalDestination => {
            let key = match family {
                IpFamily::V4 => "ip daddr",
                IpFamily::V6 => "ip6 daddr",
            };
            ct(key, Some(expr::CTDir::Original))
        }
        Operand::OriginalPort => ct("proto-dst", Some(expr::CTDir::Original)),
    }
}

fn payload(protocol: &'static str, field: &'static str) -> Json<'static> {
    Json::Named(NamedExpression::Payload(Payload::PayloadField(
        PayloadField {
            protocol: protocol.into(),
            field: field.into(),
        },
    )))
}

fn meta(key: MetaKey) -> Json<'static> {
    Json::Named(NamedExpression::Meta(Meta { key }))
}

fn mark() -> Json<'static> {
    meta(MetaKey::Mark)
}

fn mangle(value: BinaryOperation<'static>) -> stmt::Statement<'static> {
    stmt::Statement::Mangle(Mangle {
        key: mark(),
        value: Json::BinaryOperation(Box::new(value)),
    })
}

fn ct(key: &'static str, dir: Option<expr::CTDir>) -> Json<'static> {
    Json::Named(NamedExpression::CT(CT {
        key: key.into(),
        family: None,
        dir,
    }))
}

fn address_type(flag: FibFlag) -> Json<'static> {
    Json::Named(NamedExpression::Fib(Fib {
        result: FibResult::Type,
        flags: [flag].into(),
    }))
}

fn reference(set: SetName) -> Json<'static> {
    Json::String(format!("@{set}").into())
}

fn operator(not: Negation) -> Operator {
    match not {
        Negation::Is => Operator::EQ,
        Negation::Not => Operator::NEQ,
    }
}
