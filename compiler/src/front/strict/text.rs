//! Text where a type asks for text: a scalar without quotes that kubectl takes for a number or a
//! boolean is none, and the API server refuses the object then.
//!
//! Numbers and booleans of YAML 1.2 are told by the parser. kubectl reads YAML 1.1, which has more of
//! both; whether such a word has quotes is for [`crate::source::outline`] to say.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};

use super::{Strict, Watch, Watched};
use crate::source::Format;

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
    /// As what it looks like.
    Either,
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
        visit_bool(value: bool),
        visit_i64(value: i64),
        visit_i128(value: i128),
        visit_u64(value: u64),
        visit_u128(value: u128),
        visit_f64(value: f64),
    }

    forward_visit! {
        visit_seq: SeqAccess,
        visit_map: MapAccess,
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
        self.watch.misplaced_word(value);
        self.inner.visit_str(value)
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        self.watch.misplaced_word(value);
        self.inner.visit_borrowed_str(value)
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        self.watch.misplaced_word(&value);
        self.inner.visit_string(value)
    }
}

/// A number is shown as the text of its digits.
macro_rules! digits {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.visit_string(value.to_string())
        })*
    };
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

    digits! {
        visit_i64: i64,
        visit_u64: u64,
        visit_f64: f64,
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
    /// What a text is to kubectl, if that is none: surely at a second reading, and as if it had no quotes
    /// at the first.
    #[inline]
    pub(super) fn word(&mut self, text: &str) -> Option<Word> {
        let first = text.as_bytes().first().copied()?;
        if self.format == Format::Json || !may_begin_word(first) {
            return None;
        }
        let word = yaml11(text)?;
        self.words = true;
        let stands_plain = match (&self.plain, &self.trail) {
            (Some(plain), Some(trail)) => plain.contains(trail),
            _ => true,
        };
        stands_plain.then_some(word)
    }

    /// The whole number that a word is where a number or a text may stand, such as a target port: at a second
    /// reading only, as a text is what it is otherwise.
    #[inline]
    pub(super) fn number_or_text(&mut self, text: &str) -> Option<i64> {
        if std::mem::take(&mut self.reading) != Reading::Either {
            return None;
        }
        match self.word(text) {
            Some(Word::Whole(whole)) if self.plain.is_some() => Some(whole),
            _ => None,
        }
    }

    /// Notes a word where text is expected.
    fn misplaced_word(&mut self, text: &str) {
        if self.word(text).is_some()
            && let Some(trail) = &self.trail
            && self.word_paths.len() < WORDS
        {
            self.word_paths.push(trail.clone());
        }
    }
}

fn may_begin_word(first: u8) -> bool {
    matches!(
        first,
        b'0'..=b'9' | b'+' | b'-' | b'.' | b'y' | b'Y' | b'n' | b'N' | b'o' | b'O'
    )
}

/// What a word without quotes is to kubectl, and not to YAML 1.2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::front) enum Word {
    /// A boolean, such as `no`.
    Boolean(bool),
    /// A whole number, such as `0120`, which is 80.
    Whole(i64),
    /// Any other number.
    Number(f64),
}

impl Word {
    /// What it is, for a sentence.
    pub(in crate::front) fn what(self) -> &'static str {
        match self {
            Self::Boolean(_) => "a boolean",
            Self::Whole(_) | Self::Number(_) => "a number",
        }
    }
}

/// What kubectl takes for a boolean or a number and YAML 1.2 takes for text: `yes` and its like,
/// numbers with leading zeros or with underscores. Source: `resolve` of `sigs.k8s.io/yaml/goyaml.v2`.
pub(in crate::front) fn yaml11(text: &str) -> Option<Word> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(Word::Boolean(true)),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(Word::Boolean(false)),
        _ => number(text),
    }
}

/// A number as Go reads it without a base: of base 8 where a zero leads and its digits allow it.
fn number(text: &str) -> Option<Word> {
    let (sign, unsigned) = match text.split_at_checked(1) {
        Some((sign @ ("+" | "-"), unsigned)) => (sign, unsigned),
        _ => ("", text),
    };
    let zero_first = unsigned.len() > 1 && unsigned.starts_with('0');
    if !(zero_first || text.contains('_')) || text.starts_with('_') {
        return None;
    }
    let plain = unsigned.replace('_', "");
    let whole = |digits: &str, radix| {
        let bare = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let whole = i64::from_str_radix(&format!("{sign}{digits}"), radix);
        whole.ok().filter(|_| bare).map(Word::Whole)
    };
    let prefixed = plain.split_at_checked(2);
    match prefixed {
        Some(("0x" | "0X", digits)) => return whole(digits, 16),
        Some(("0o" | "0O", digits)) => return whole(digits, 8),
        Some(("0b" | "0B", digits)) => return whole(digits, 2),
        _ => {}
    }
    let radix = if plain.len() > 1 && plain.starts_with('0') {
        8
    } else {
        10
    };
    whole(&plain, radix).or_else(|| fraction(sign, &plain))
}

/// Digits with at most one point, and perhaps an exponent.
fn fraction(sign: &str, plain: &str) -> Option<Word> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (plain, None),
    };
    let whole_exponent = exponent.is_none_or(|text| {
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        !text.is_empty() && digits(text)
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = whole_exponent
        && digits(whole)
        && digits(fraction)
        && mantissa.len() > usize::from(mantissa.contains('.'));
    let value: f64 = format!("{sign}{plain}").parse().ok()?;
    is_number.then_some(Word::Number(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_yaml_1_1_are_known() {
        use Word::{Boolean, Number, Whole};
        for (text, expected) in [
            ("y", Boolean(true)),
            ("N", Boolean(false)),
            ("yes", Boolean(true)),
            ("off", Boolean(false)),
            ("ON", Boolean(true)),
            ("0755", Whole(0o755)),
            ("0120", Whole(80)),
            ("089", Number(89.0)),
            ("1_000", Whole(1_000)),
            ("-01", Whole(-1)),
            ("1_0.5", Number(10.5)),
            ("0x1_f", Whole(0x1f)),
            ("0b1_1", Whole(3)),
            ("01e3", Number(1_000.0)),
            ("00", Whole(0)),
        ] {
            assert_eq!(yaml11(text), Some(expected), "{text}");
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
