//! Numbers and booleans where a type asks for them, as kubectl reads them.
//!
//! kubectl makes JSON of YAML first, by the rules of YAML 1.1: `0120` is 80 there, `8e1` is 80, `no` is
//! false, and what has quotes or the tag `!!str` is text. Whether a word has quotes is only known at a
//! second reading ([`Watch::tracking`]); until then it is taken for one that has none.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};

use super::text::Word;
use super::{Strict, Watch};
use crate::source::Format;

/// Whole numbers up to here are told apart by a floating-point number.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl<'w, D> Strict<'w, D> {
    /// Reads a number or a boolean. JSON says by itself what its values are, but for whole numbers that
    /// are written with a fraction of zero.
    pub(super) fn scalar<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        typed: impl FnOnce(D, Scalar<'w, V>) -> Result<V::Value, D::Error>,
    ) -> Result<V::Value, D::Error>
    where
        D: Deserializer<'de>,
    {
        let Self { inner, watch } = self;
        let format = watch.format;
        let scalar = Scalar {
            inner: visitor,
            watch,
        };
        match format {
            Format::Yaml => inner.deserialize_any(scalar),
            Format::Json => typed(inner, scalar),
        }
    }
}

/// Shows a number or a boolean to its visitor.
pub(super) struct Scalar<'w, V> {
    inner: V,
    watch: &'w mut Watch,
}

impl<V> Scalar<'_, V> {
    fn text<'de, E: de::Error>(self, value: &str) -> Result<V::Value, E>
    where
        V: Visitor<'de>,
    {
        self.watch.spend(value.len())?;
        match self.watch.word(value) {
            Some(Word::Boolean(value)) => self.inner.visit_bool(value),
            Some(Word::Whole(value)) => self.inner.visit_i64(value),
            Some(Word::Number(value)) => self.visit_f64(value),
            None => self.inner.visit_str(value),
        }
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Scalar<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    forward_visit! {
        visit_bool(value: bool),
        visit_i64(value: i64),
        visit_i128(value: i128),
        visit_u64(value: u64),
        visit_u128(value: u128),
        visit_none(),
        visit_unit(),
    }

    forward_visit! {
        visit_seq: SeqAccess,
        visit_map: MapAccess,
        visit_enum: EnumAccess,
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<V::Value, E> {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within 53 bits")]
        let whole = (value.fract() == 0.0 && value.abs() < EXACT).then_some(value as i64);
        match whole {
            Some(whole) => self.inner.visit_i64(whole),
            None => self.inner.visit_f64(value),
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<V::Value, E> {
        self.text(value)
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.text(value)
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<V::Value, E> {
        self.text(&value)
    }
}
