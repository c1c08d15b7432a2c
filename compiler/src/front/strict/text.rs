//! Text where a type asks for text: a scalar without quotes that kubectl takes for a number or a
//! boolean is none, and the API server refuses the object then.
//!
//! Numbers and booleans of YAML 1.2 are told by the parser. kubectl reads YAML 1.1, which has more of
//! both; whether such a word has quotes is for [`super::super::outline`] to say.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};

use super::{Strict, Watch, Watched};
use crate::front::objects::Format;
use crate::source::Segment;

/// How many such words of one object are worth a person's time.
const WORDS: usize = 5;

/// How the scalar that is read next becomes text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Reading {
    /// By its type: a number is no text.
    #[default]
    Typed,
    /// As its bytes say, whatever they look like.
    AsWritten,
    /// Numbers are text too, in either format: the API takes `cpu: 4`.
    Quantity,
}

impl Reading {
    /// What the name of a type around a text says of it.
    pub(super) fn of_newtype(name: &str) -> Self {
        match name {
            "Quantity" => Self::Quantity,
            "AsWritten" => Self::AsWritten,
            _ => Self::Typed,
        }
    }
}

impl<'de, D: Deserializer<'de>> Strict<'_, D> {
    /// Reads a text.
    pub(super) fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Self { inner, watch } = self;
        match (std::mem::take(&mut watch.reading), watch.format) {
            (Reading::Typed, Format::Yaml) => inner.deserialize_any(Text {
                inner: visitor,
                watch,
            }),
            (Reading::Quantity, _) => inner.deserialize_any(Digits {
                inner: visitor,
                watch,
            }),
            _ => inner.deserialize_string(Watched {
                inner: visitor,
                watch,
            }),
        }
    }
}

/// Shows a text to its visitor, and keeps an eye on words of YAML 1.1.
struct Text<'w, V> {
    inner: V,
    watch: &'w mut Watch,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Text<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    forward_visit! {
        visit_bool: bool,
        visit_i64: i64,
        visit_i128: i128,
        visit_u64: u64,
        visit_u128: u128,
        visit_f64: f64,
    }

    // What JSON's decoder makes of null for a text.
    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_str("")
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_str("")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        self.watch.word(value);
        self.inner.visit_str(value)
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        self.watch.word(value);
        self.inner.visit_borrowed_str(value)
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        self.watch.word(&value);
        self.inner.visit_string(value)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(seq)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(map)
    }
}

/// Numbers as their digits.
struct Digits<'w, V> {
    inner: V,
    watch: &'w mut Watch,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Digits<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<V::Value, E> {
        self.inner.visit_string(value.to_string())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<V::Value, E> {
        self.inner.visit_string(value.to_string())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<V::Value, E> {
        self.inner.visit_string(value.to_string())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        self.inner.visit_str(value)
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        self.inner.visit_string(value)
    }
}

impl Watch {
    /// Notes a text that is none to kubectl if it stands without quotes.
    #[inline]
    fn word(&mut self, text: &str) {
        if text.as_bytes().first().copied().is_some_and(may_begin_word) && yaml11(text).is_some() {
            self.words = true;
            if let Some(trail) = &self.trail
                && self.word_paths.len() < WORDS
            {
                let trail: Vec<Segment> = trail.clone();
                self.word_paths.push(trail);
            }
        }
    }
}

fn may_begin_word(first: u8) -> bool {
    matches!(
        first,
        b'0'..=b'9' | b'+' | b'-' | b'.' | b'y' | b'Y' | b'n' | b'N' | b'o' | b'O'
    )
}

/// What kubectl takes for a boolean or a number and YAML 1.2 takes for text: `yes` and its like,
/// numbers with leading zeros or with underscores. Source: `resolve` of `sigs.k8s.io/yaml/goyaml.v2`.
pub(in crate::front) fn yaml11(text: &str) -> Option<&'static str> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "n" | "N" | "no" | "No" | "NO" | "on" | "On" | "ON"
        | "off" | "Off" | "OFF" => Some("a boolean"),
        _ => is_number(text).then_some("a number"),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let zero_first = unsigned.len() > 1 && unsigned.starts_with('0');
    if !(zero_first || text.contains('_')) || text.starts_with('_') {
        return false;
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = unsigned.replace('_', "");
    let hexadecimal = plain.strip_prefix("0x").or(plain.strip_prefix("0X"));
    if let Some(digits) = hexadecimal {
        return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (plain.as_str(), None),
    };
    let whole_exponent = exponent.is_none_or(|text| {
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        !text.is_empty() && digits(text)
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    whole_exponent
        && digits(whole)
        && digits(fraction)
        && mantissa.len() > usize::from(mantissa.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_yaml_1_1_are_known() {
        for text in ["y", "N", "yes", "off", "ON"] {
            assert_eq!(yaml11(text), Some("a boolean"), "{text}");
        }
        for text in [
            "0755", "089", "1_000", "-01", "1_0.5", "0x1_f", "01e3", "00",
        ] {
            assert_eq!(yaml11(text), Some("a number"), "{text}");
        }
        for text in [
            "",
            "node",
            "nO",
            "yEs",
            "10.96.0.1",
            "010.96.0.1",
            "2001:db8::",
            "1-s",
            "_1",
            "0",
            "-",
            "0_x",
            "v1_2",
            "01-02",
            "0.0.0.0",
            "1e",
            "0x",
            ".",
            "0e",
            "1_e+",
        ] {
            assert_eq!(yaml11(text), None, "{text}");
        }
    }
}
