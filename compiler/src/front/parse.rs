//! One stretch of text into one value, through the strict adapter.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, SeqAccess, Visitor};

use super::colon;
use super::depth::too_deep;
use super::fault::Fault;
use super::phrases;
use super::strict::{Strict, Watch, yaml11};
use crate::source::outline::Outline;
use crate::source::{Format, Segment};

/// How a stretch holds its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// It is the object.
    Whole,
    /// It is a YAML list with the object as its only element.
    Item,
}

impl Shape {
    /// Levels around the object.
    pub(super) fn wrappers(self) -> usize {
        match self {
            Self::Whole => 0,
            Self::Item => 1,
        }
    }
}

/// Whether the path to where the parser is gets recorded; it costs, so only a second reading does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paths {
    Forget,
    Track,
}

/// Reads a value, and tells what the adapter noticed.
pub(super) fn parse<T: DeserializeOwned>(
    text: &str,
    format: Format,
    shape: Shape,
    paths: Paths,
) -> (Result<T, Fault>, Watch) {
    let watch = || {
        let watch = Watch::new(text.len(), format, shape.wrappers());
        match paths {
            Paths::Forget => watch,
            Paths::Track => watch.tracking(&[], plain_words(text, format).map(Rc::new)),
        }
    };
    if format == Format::Yaml
        && let Some(place) = too_deep(text)
    {
        return (Err(Fault::too_deep(Some(place))), watch());
    }
    match format {
        Format::Yaml => {
            let (result, first) = parse_yaml(text, shape, watch());
            let (result, watch) = match result {
                Err(error) if error.to_string().contains(phrases::COLON) => {
                    match colon::quoted(text) {
                        Some(text) => parse_yaml(&text, shape, watch()),
                        None => (Err(error), first),
                    }
                }
                result => (result, first),
            };
            (result.map_err(|error| Fault::yaml(&error, &watch)), watch)
        }
        Format::Json => {
            let mut watch = watch();
            let mut inner = serde_json::Deserializer::from_str(text);
            let result = T::deserialize(Strict::new(&mut inner, &mut watch))
                .and_then(|value| inner.end().map(|()| value))
                .map_err(|error| Fault::json(&error, &watch));
            (result, watch)
        }
    }
}

/// Paths of the texts without quotes that kubectl takes for numbers or booleans.
pub(super) fn plain_words(text: &str, format: Format) -> Option<BTreeSet<Vec<Segment>>> {
    let outline = (format == Format::Yaml).then(|| Outline::parse(text));
    Some(outline??.plain(|text| yaml11(text).is_some()))
}

fn parse_yaml<T: DeserializeOwned>(
    text: &str,
    shape: Shape,
    mut watch: Watch,
) -> (Result<T, serde_yaml::Error>, Watch) {
    let inner = Strict::new(serde_yaml::Deserializer::from_str(text), &mut watch);
    let value = match shape {
        Shape::Whole => T::deserialize(inner),
        Shape::Item => One::deserialize(inner).map(|One(value)| value),
    };
    (value, watch)
}

/// The only element of a list.
struct One<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OneVisitor(PhantomData))
    }
}

struct OneVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneVisitor<T> {
    type Value = One<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of one element")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<One<T>, A::Error> {
        let Some(value) = seq.next_element()? else {
            return Err(serde::de::Error::invalid_length(0, &self));
        };
        if seq.next_element::<IgnoredAny>()?.is_some() {
            return Err(serde::de::Error::invalid_length(2, &self));
        }
        Ok(One(value))
    }
}
