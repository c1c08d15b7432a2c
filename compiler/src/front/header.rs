//! Which kind an object is: looked up cheaply where its lines are plain, parsed otherwise.

use std::fmt;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::source::ObjectKind;

/// `apiVersion` and `kind` of an object, as far as it has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) api_version: Option<String>,
    pub(super) kind: Option<String>,
}

/// What is to be done with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Class {
    /// Read into its type.
    Used(ObjectKind),
    /// Its items are objects; they have this header where they bring none.
    List(Header),
    /// A release of an API that is not read.
    Unread(Unread),
    /// Only checked and counted, under `kind.group`.
    Other(String),
    /// No Kubernetes object.
    Unknown,
}

/// APIs that look useful but are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// `EndpointSlice`s of `discovery.k8s.io/v1beta1`.
    SliceV1Beta1,
    /// A kube-proxy configuration of another API, or of none.
    ConfigVersion,
    /// Facts of a version that does not exist yet.
    FactsVersion,
    /// A lint configuration of a version that does not exist yet.
    LintVersion,
}

impl Header {
    pub(super) fn new(api_version: &str, kind: &str) -> Self {
        Self {
            api_version: Some(api_version.to_owned()),
            kind: Some(kind.to_owned()),
        }
    }

    /// This header, completed from that of the list around it.
    pub(super) fn or(self, inherited: Option<&Self>) -> Self {
        match inherited {
            Some(list) => Self {
                api_version: self.api_version.or_else(|| list.api_version.clone()),
                kind: self.kind.or_else(|| list.kind.clone()),
            },
            None => self,
        }
    }

    pub(super) fn classify(&self) -> Class {
        let (Some(api_version), Some(kind)) = (self.api_version.as_deref(), self.kind.as_deref())
        else {
            return match self.kind.as_deref() {
                Some("KubeProxyConfiguration") => Class::Unread(Unread::ConfigVersion),
                _ => Class::Unknown,
            };
        };
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        if let Some(kind) = ObjectKind::of(group, version, kind) {
            return Class::Used(kind);
        }
        match (group, version, kind) {
            ("discovery.k8s.io", "v1beta1", "EndpointSlice") => Class::Unread(Unread::SliceV1Beta1),
            (_, _, "KubeProxyConfiguration") => Class::Unread(Unread::ConfigVersion),
            ("portolan.dev", _, "NodeFacts") => Class::Unread(Unread::FactsVersion),
            ("portolan.dev", _, "LintConfig") => Class::Unread(Unread::LintVersion),
            ("", "v1", "List") => Class::List(Self::default()),
            _ => match kind.strip_suffix("List") {
                Some(item) if ObjectKind::listed(item) => Class::List(Self::new(api_version, item)),
                _ if group.is_empty() => Class::Other(kind.to_owned()),
                _ => Class::Other(format!("{kind}.{group}")),
            },
        }
    }
}

/// The header of a block mapping whose keys all start at this column, counted from 0, if two plain
/// lines tell it.
///
/// The lines could lie within a quoted scalar; whoever reads the object notices, because it then
/// has no such keys or others.
pub(super) fn sniff_yaml(text: &str, column: usize) -> Option<Header> {
    /// The columns of nearly all objects: documents, and items as kubectl prints them.
    static USUAL: LazyLock<[KeyLines; 2]> = LazyLock::new(|| [0, 2].map(KeyLines::at));
    match column {
        0 => USUAL[0].header(text),
        2 => USUAL[1].header(text),
        _ => KeyLines::at(column).header(text),
    }
}

/// Finds the lines of the two header keys.
#[derive(Debug)]
struct KeyLines {
    api_version: KeyLine,
    kind: KeyLine,
}

impl KeyLines {
    fn at(column: usize) -> Self {
        Self {
            api_version: KeyLine::new("apiVersion:", column),
            kind: KeyLine::new("kind:", column),
        }
    }

    fn header(&self, text: &str) -> Option<Header> {
        Some(Header {
            api_version: Some(self.api_version.value(text)?.to_owned()),
            kind: Some(self.kind.value(text)?.to_owned()),
        })
    }
}

/// Finds a key at the start of a line.
#[derive(Debug)]
pub(super) struct KeyLine {
    finder: Finder<'static>,
    key: &'static str,
    column: usize,
}

impl KeyLine {
    pub(super) fn new(key: &'static str, column: usize) -> Self {
        let needle = format!("\n{}{key}", " ".repeat(column));
        Self {
            finder: Finder::new(needle.as_bytes()).into_owned(),
            key,
            column,
        }
    }

    /// The only place of the key, past its colon; nothing if there is none or a second.
    fn only(&self, text: &str) -> Option<usize> {
        let mut places = self.places(text);
        let only = places.next()?;
        places.next().is_none().then_some(only)
    }

    /// The first place of the key, past its colon.
    pub(super) fn first(&self, text: &str) -> Option<usize> {
        self.places(text).next()
    }

    fn places<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        // The first line has no line break before it; it may have the dash of a list item.
        let first = text
            .split_at_checked(self.column)
            .filter(|(lead, rest)| {
                lead.bytes().all(|byte| matches!(byte, b' ' | b'-')) && rest.starts_with(self.key)
            })
            .map(|_| self.column + self.key.len());
        let others = self
            .finder
            .find_iter(text.as_bytes())
            .map(|at| at + self.finder.needle().len());
        let found = first.into_iter().chain(others);
        found.filter(|&at| matches!(text.as_bytes().get(at), None | Some(b' ' | b'\n' | b'\r')))
    }

    fn value<'t>(&self, text: &'t str) -> Option<&'t str> {
        let rest = &text[self.only(text)?..];
        let line = rest.split('\n').next()?;
        let line = line
            .split_once(" #")
            .map_or(line, |(before, _)| before)
            .trim();
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'-'))
                && !text.starts_with('-')
        };
        let bare = ['"', '\'']
            .into_iter()
            .find_map(|quote| line.strip_prefix(quote)?.strip_suffix(quote))
            .unwrap_or(line);
        plain(bare).then_some(bare)
    }
}

/// What a document is, at a glance: parsed in full, kept in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Probe {
    /// Empty, or `null`.
    Nothing,
    /// A mapping, as objects are: what it says of its kind.
    Mapping(Header),
    /// A list, as no object is.
    List,
    /// A scalar, as no object is.
    Misfit,
}

impl<'de> Deserialize<'de> for Probe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ProbeVisitor)
    }
}

struct ProbeVisitor;

macro_rules! misfits {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method<E>(self, _: $type) -> Result<Probe, E> {
            Ok(Probe::Misfit)
        })*
    };
}

impl<'de> Visitor<'de> for ProbeVisitor {
    type Value = Probe;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Kubernetes object")
    }

    misfits! {
        visit_bool: bool,
        visit_i64: i64,
        visit_i128: i128,
        visit_u64: u64,
        visit_u128: u128,
        visit_f64: f64,
        visit_str: &str,
    }

    fn visit_unit<E>(self) -> Result<Probe, E> {
        Ok(Probe::Nothing)
    }

    fn visit_none<E>(self) -> Result<Probe, E> {
        Ok(Probe::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Probe, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Probe::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Probe, A::Error> {
        let mut header = Header::default();
        while let Some(key) = map.next_key::<ProbeKey>()? {
            match key {
                ProbeKey::ApiVersion => header.api_version = map.next_value::<Text>()?.0,
                ProbeKey::Kind => header.kind = map.next_value::<Text>()?.0,
                ProbeKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Probe::Mapping(header))
    }

    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, data: A) -> Result<Probe, A::Error> {
        IgnoredAny.visit_enum(data)?;
        Ok(Probe::Misfit)
    }
}

enum ProbeKey {
    ApiVersion,
    Kind,
    Other,
}

impl<'de> Deserialize<'de> for ProbeKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl Visitor<'_> for KeyVisitor {
            type Value = ProbeKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, key: &str) -> Result<ProbeKey, E> {
                Ok(match key {
                    "apiVersion" => ProbeKey::ApiVersion,
                    "kind" => ProbeKey::Kind,
                    _ => ProbeKey::Other,
                })
            }

            fn visit_bytes<E>(self, _: &[u8]) -> Result<ProbeKey, E> {
                Ok(ProbeKey::Other)
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Text, or nothing if the value is of another type.
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Some(text.to_owned())))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_none<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Text, A::Error> {
                IgnoredAny.visit_seq(seq)?;
                Ok(Text(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
                IgnoredAny.visit_map(map)?;
                Ok(Text(None))
            }
        }

        deserializer.deserialize_any(TextVisitor)
    }
}

/// The column of the keys of a list item that starts with its first key: `- kind: …`.
pub(super) fn item_column(text: &str) -> Option<usize> {
    let dash = text.find(|c| c != ' ')?;
    let rest = text[dash..].strip_prefix('-')?;
    let spaces = rest.len() - rest.trim_start_matches(' ').len();
    (spaces > 0).then_some(dash + 1 + spaces)
}
