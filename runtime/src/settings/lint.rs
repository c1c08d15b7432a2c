//! What a `LintConfig` says, where its header goes without saying.

use std::borrow::Cow;
use std::fmt;

use portolan_compiler::front::LintConfig;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};

/// A `LintConfig` without its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LintSettings(pub(super) LintConfig);

const HEADER: [(&str, &str); 2] = [
    ("apiVersion", "portolan.dev/v1alpha1"),
    ("kind", "LintConfig"),
];

/// The header's entries, then those of a mapping.
struct Headed<A> {
    header: std::slice::Iter<'static, (&'static str, &'static str)>,
    value: Option<&'static str>,
    rest: A,
}

impl<'de> Deserialize<'de> for LintSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Mapping;
        impl<'de> Visitor<'de> for Mapping {
            type Value = LintSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, rest: A) -> Result<LintSettings, A::Error> {
                let headed = Headed {
                    header: HEADER.iter(),
                    value: None,
                    rest,
                };
                LintConfig::deserialize(MapAccessDeserializer::new(headed)).map(LintSettings)
            }
        }
        deserializer.deserialize_map(Mapping)
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Headed<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.header.next() {
            Some((key, value)) => {
                self.value = Some(value);
                seed.deserialize(BorrowedStrDeserializer::new(key))
                    .map(Some)
            }
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(BorrowedStrDeserializer::new(value)),
            None => self.rest.next_value_seed(seed),
        }
    }
}

impl JsonSchema for LintSettings {
    fn schema_name() -> Cow<'static, str> {
        "LintSettings".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = LintConfig::json_schema(generator);
        schema.remove("required");
        if let Some(properties) = schema
            .get_mut("properties")
            .and_then(|of| of.as_object_mut())
        {
            properties.retain(|name, _| HEADER.iter().all(|(key, _)| key != name));
        }
        schema
    }
}
