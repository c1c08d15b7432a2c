//! Tables as `nft -j -f` takes them (libnftables-json(5)), one command a line.
//!
//! Rules, chains and expressions are the `nftables` crate's types. It has none for types of
//! expressions, for comments on elements, and for the statement that updates a map: these are here,
//! as newer releases of nft print them. nft 1.0.6 reads none of these in JSON, nor maps of addresses
//! and ports: it takes the text only. nft 1.1.3 and 1.1.7 load the script, but tell the kernel of no
//! types of expressions, and cannot list the tables then: this is for programs that read; what is
//! loaded is the text.

mod statement;

use std::net::{IpAddr, SocketAddr};

use nftables::expr::{Expression as Json, NamedExpression, Prefix};
use nftables::schema;
use nftables::stmt::{JumpTarget, Statement};
use nftables::types::{NfChainPolicy, NfChainType, NfFamily, NfHook};
use serde::Serialize;

use super::element::{Element, Key, NodePortKey, Value, Verdict};
use super::names::{ChainName, DataShape, SetName, TABLE};
use super::rule::Operand;
use super::table::{HookKind, HookPoint, Table};
use super::write::{AFFINITY_SIZE, Declaration};
use crate::kernel::text::Text;
use crate::model::{ByAddress, IpFamily, Port};
use crate::source::Origins;
use statement::RuleStatement;

/// Writes a script that puts these tables in the place of whatever there is, all at once.
pub fn write(tables: &[Table], text: &mut Text) {
    text.line(&[], format_args!("{{\"nftables\": ["));
    let mut lines = Lines { text, first: true };
    for table in tables {
        let name = || Object::Table(TableObject::of(table.family));
        lines.push(&[], &Command::Add(name()));
        lines.push(&[], &Command::Delete(name()));
        lines.push(&[], &Command::Add(name()));
        write_table(table, &mut lines);
    }
    text.line(&[], format_args!("]}}"));
}

/// First everything that has a name, then what refers to it.
fn write_table(table: &Table, lines: &mut Lines<'_>) {
    let family = table.family;
    for name in table.sets.keys() {
        lines.push(&[], &Command::Add(Object::set(*name, family)));
    }
    for name in table.chains.keys() {
        lines.push(
            &[],
            &Command::Add(Object::Chain(Box::new(chain(*name, family)))),
        );
    }
    for (name, rules) in &table.chains {
        for rule in rules {
            let rule = RuleObject {
                family: nf_family(family),
                table: TABLE,
                chain: name.to_string(),
                expr: statement::statements(rule, family),
            };
            lines.push(&[], &Command::Add(Object::Rule(rule)));
        }
    }
    for (name, elements) in &table.sets {
        for (key, element) in elements {
            let origins: &Origins = &element.origins;
            let element = ElementObject {
                family: nf_family(family),
                table: TABLE,
                name: name.to_string(),
                elem: [Entry::new(key, element)],
            };
            lines.push(origins, &Command::Add(Object::Element(element)));
        }
    }
}

/// Commands, one a line, with commas between them.
struct Lines<'a> {
    text: &'a mut Text,
    first: bool,
}

impl Lines<'_> {
    fn push(&mut self, origins: &[crate::source::Origin], command: &Command) {
        // Strings, numbers and lists only: serialising cannot fail.
        let json = serde_json::to_string(command).unwrap_or_default();
        let comma = if self.first { "" } else { "," };
        self.first = false;
        self.text.line(origins, format_args!("{comma}{json}"));
    }
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Command {
    Add(Object),
    Delete(Object),
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Object {
    Table(TableObject),
    Set(SetObject),
    Map(SetObject),
    Chain(Box<schema::Chain<'static>>),
    Rule(RuleObject),
    Element(ElementObject),
}

#[derive(Serialize)]
struct TableObject {
    family: NfFamily,
    name: &'static str,
}

impl TableObject {
    fn of(family: IpFamily) -> Self {
        Self {
            family: nf_family(family),
            name: TABLE,
        }
    }
}

#[derive(Serialize)]
struct SetObject {
    family: NfFamily,
    table: &'static str,
    name: String,
    #[serde(rename = "type")]
    key: Type,
    #[serde(rename = "map", skip_serializing_if = "Option::is_none")]
    data: Option<Type>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u32>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    flags: &'static [&'static str],
}

/// What keys or values are.
#[derive(Serialize)]
#[serde(untagged)]
enum Type {
    One(&'static str),
    Several(Vec<&'static str>),
    Of { r#typeof: Json<'static> },
}

impl Object {
    fn set(name: SetName, family: IpFamily) -> Self {
        let declaration = Declaration { name, family };
        let expression = name.key().expression();
        let parts = expression.parts();
        let random = parts.iter().any(|part| matches!(part, Operand::Random(_)));
        let mut types: Vec<&'static str> = parts
            .iter()
            .map(|part| declaration.type_of(*part))
            .collect();
        let key = match types.pop() {
            _ if random => Type::Of {
                r#typeof: statement::expression(expression, family),
            },
            Some(one) if types.is_empty() => Type::One(one),
            last => {
                types.extend(last);
                Type::Several(types)
            }
        };
        let data = name.data().map(|data| match data {
            DataShape::Verdict => Type::One("verdict"),
            DataShape::Endpoint => Type::Several(vec![
                declaration.type_of(Operand::Destination),
                "inet_service",
            ]),
        });
        let (flags, size): (&[_], _) = match name {
            SetName::ServiceRanges | SetName::FirewallAllowed => (&["interval"], None),
            SetName::Affinity(_) => (&["timeout", "dynamic"], Some(AFFINITY_SIZE)),
            _ => (&[], None),
        };
        let is_map = data.is_some();
        let object = SetObject {
            family: nf_family(family),
            table: TABLE,
            name: name.to_string(),
            key,
            data,
            size,
            flags,
        };
        if is_map {
            Self::Map(object)
        } else {
            Self::Set(object)
        }
    }
}

#[derive(Serialize)]
struct RuleObject {
    family: NfFamily,
    table: &'static str,
    chain: String,
    expr: Vec<RuleStatement>,
}

#[derive(Serialize)]
struct ElementObject {
    family: NfFamily,
    table: &'static str,
    name: String,
    elem: [Entry; 1],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry {
    Key(EntryKey),
    Pair(EntryKey, Data),
}

/// What a map has for a key. Verdicts are statements here: the crate's expressions of them are not
/// spelled as nft reads them.
#[derive(Serialize)]
#[serde(untagged)]
enum Data {
    Endpoint(Json<'static>),
    Verdict(Box<Statement<'static>>),
}

#[derive(Serialize)]
#[serde(untagged)]
enum EntryKey {
    Plain(Json<'static>),
    Commented { elem: Commented },
}

#[derive(Serialize)]
struct Commented {
    val: Json<'static>,
    comment: String,
}

impl Entry {
    fn new(key: &Key, element: &Element) -> Self {
        let val = self::key(key);
        let key = match &element.comment {
            None => EntryKey::Plain(val),
            Some(comment) => EntryKey::Commented {
                elem: Commented {
                    val,
                    comment: comment.as_str().to_owned(),
                },
            },
        };
        match &element.value {
            None => Self::Key(key),
            Some(data) => Self::Pair(key, value(data)),
        }
    }
}

fn key(key: &Key) -> Json<'static> {
    match key {
        Key::Address(address) | Key::Client(address) => self::address(*address),
        Key::Endpoint(socket) => endpoint(*socket),
        Key::Range(net) => range(*net),
        Key::Frontend(key) => concat(frontend(key)),
        Key::NodePort(key) => concat(node_port(*key)),
        Key::FrontendAndRange(key, net) => {
            concat(frontend(key).into_iter().chain([range(*net)]).collect())
        }
        Key::FrontendSlot(key, slot) => concat(
            frontend(key)
                .into_iter()
                .chain([Json::Number(*slot)])
                .collect(),
        ),
        Key::NodePortSlot(key, slot) => concat(
            node_port(*key)
                .into_iter()
                .chain([Json::Number(*slot)])
                .collect(),
        ),
        Key::Connection(from, to) => concat(vec![address(*from), address(*to)]),
    }
}

fn value(value: &Value) -> Data {
    match value {
        Value::Endpoint(socket) => Data::Endpoint(endpoint(*socket)),
        Value::Verdict(verdict) => Data::Verdict(Box::new(self::verdict(*verdict))),
    }
}

fn endpoint(socket: SocketAddr) -> Json<'static> {
    concat(vec![
        address(socket.ip()),
        Json::Number(socket.port().into()),
    ])
}

fn verdict(verdict: Verdict) -> Statement<'static> {
    match verdict {
        Verdict::Accept => Statement::Accept(None),
        Verdict::Drop => Statement::Drop(None),
        Verdict::Return => Statement::Return(None),
        Verdict::Jump(chain) => Statement::Jump(target(chain)),
        Verdict::Goto(chain) => Statement::Goto(target(chain)),
    }
}

fn frontend(key: &ByAddress) -> Vec<Json<'static>> {
    vec![
        address(key.address),
        string(key.protocol.lower()),
        port(key.port),
    ]
}

fn node_port(key: NodePortKey) -> Vec<Json<'static>> {
    vec![string(key.protocol.lower()), port(key.port)]
}

fn port(port: Port) -> Json<'static> {
    Json::Number(port.get().into())
}

fn address(address: IpAddr) -> Json<'static> {
    Json::String(address.to_string().into())
}

fn string(text: &'static str) -> Json<'static> {
    Json::String(text.into())
}

fn concat(parts: Vec<Json<'static>>) -> Json<'static> {
    Json::Named(NamedExpression::Concat(parts))
}

/// A range, or a single address without its length.
fn range(net: ipnet::IpNet) -> Json<'static> {
    if net.prefix_len() == net.max_prefix_len() {
        return address(net.addr());
    }
    Json::Named(NamedExpression::Prefix(Prefix {
        addr: Box::new(address(net.addr())),
        len: net.prefix_len().into(),
    }))
}

fn target(chain: ChainName) -> JumpTarget<'static> {
    JumpTarget {
        target: chain.to_string().into(),
    }
}

fn nf_family(family: IpFamily) -> NfFamily {
    match family {
        IpFamily::V4 => NfFamily::IP,
        IpFamily::V6 => NfFamily::IP6,
    }
}

fn chain(name: ChainName, family: IpFamily) -> schema::Chain<'static> {
    let hook = name.hook();
    schema::Chain {
        family: nf_family(family),
        table: TABLE.into(),
        name: name.to_string().into(),
        newname: None,
        handle: None,
        _type: hook.map(|hook| match hook.kind {
            HookKind::Filter => NfChainType::Filter,
            HookKind::Nat => NfChainType::NAT,
        }),
        hook: hook.map(|hook| match hook.point {
            HookPoint::Prerouting => NfHook::Prerouting,
            HookPoint::Input => NfHook::Input,
            HookPoint::Forward => NfHook::Forward,
            HookPoint::Output => NfHook::Output,
            HookPoint::Postrouting => NfHook::Postrouting,
        }),
        prio: hook.map(|hook| hook.priority),
        dev: None,
        policy: hook.map(|_| NfChainPolicy::Accept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_spelled_as_nft_reads_them() {
        for (verdict, expected) in [
            (Verdict::Accept, r#"{"accept":null}"#),
            (Verdict::Drop, r#"{"drop":null}"#),
            (Verdict::Return, r#"{"return":null}"#),
            (
                Verdict::Goto(ChainName::RejectChain),
                r#"{"goto":{"target":"reject-chain"}}"#,
            ),
        ] {
            let json = serde_json::to_string(&value(&Value::Verdict(verdict))).unwrap();
            assert_eq!(json, expected);
        }
    }
}
