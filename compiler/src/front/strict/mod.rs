//! A serde adapter between a format's deserializer and the types it fills: it sees every mapping
//! on the way and notes what the formats and the types let pass in silence.
//!
//! Duplicate keys are suspected by a 64-bit hash per key, because comparing text would cost more
//! than parsing; [`crate::source::outline`] confirms a suspicion. Fields a type ignores are walked like
//! any other, so that duplicates and nesting within them are seen too.

use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::source::{Format, Segment, limits};

/// What a visitor is shown goes on to the one within, as it is: a value, nothing, or something to ask on.
macro_rules! forward_visit {
    ($($method:ident($($value:ident: $type:ty)?),)*) => {
        $(fn $method<E: de::Error>(self $(, $value: $type)?) -> Result<V::Value, E> {
            self.inner.$method($($value)?)
        })*
    };
    ($($method:ident: $Access:ident,)*) => {
        $(fn $method<A: de::$Access<'de>>(self, access: A) -> Result<V::Value, A::Error> {
            self.inner.$method(access)
        })*
    };
}

/// What is asked for is asked of the deserializer within, for a visitor that the expression makes of the
/// caller's.
macro_rules! forward_deserialize {
    (
        |$this:ident, $visitor:ident| $watched:expr;
        $($method:ident($($name:ident: $type:ty),*))*
    ) => {
        $(fn $method<V: Visitor<'de>>(
            self,
            $($name: $type,)*
            $visitor: V,
        ) -> Result<V::Value, D::Error> {
            let $this = self;
            $this.inner.$method($($name,)* $watched)
        })*
    };
}

mod key;
mod scalar;
mod text;
mod within;

use text::Reading;
pub(super) use text::yaml11;
use within::{Elements, Entries, Tagged};

/// How many unknown fields of one object are worth a person's time.
const UNKNOWN_FIELDS: usize = 5;

/// Below this many keys a mapping is compared key by key; above, it is sorted once it is complete.
const FEW_KEYS: usize = 24;

/// What the adapter noticed while one text was read.
#[derive(Debug)]
pub(super) struct Watch {
    /// Some mapping probably has a key twice.
    pub(super) duplicate: bool,
    /// A key `<<` was met: a YAML merge, if this is YAML.
    pub(super) merge: bool,
    /// A field was met that its type does not know.
    pub(super) unknown: bool,
    /// Paths of unknown fields; filled only by [`Watch::tracking`].
    pub(super) unknown_paths: Vec<Vec<Segment>>,
    /// A text was met that kubectl takes for a number or a boolean unless it has quotes: a second reading,
    /// by [`Watch::tracking`], takes it for what it is.
    pub(super) words: bool,
    /// Paths of such texts that have no quotes where text is expected; filled only by [`Watch::tracking`].
    pub(super) word_paths: Vec<Vec<Segment>>,
    /// Nesting went over the limit, and reading stopped.
    pub(super) too_deep: bool,
    /// Aliases blew the text up beyond the budget, and reading stopped.
    pub(super) bomb: bool,
    /// The object itself has a key `apiVersion`.
    pub(super) has_api_version: bool,
    /// The object itself has a key `kind`.
    pub(super) has_kind: bool,
    /// Hashes of the keys of all open mappings, innermost last.
    hashes: Vec<u64>,
    depth: usize,
    /// Depth of the keys of the object itself.
    root: usize,
    ignoring: Ignoring,
    budget: usize,
    trail: Option<Vec<Segment>>,
    /// Paths of all texts without quotes that kubectl takes for something else.
    plain: Option<Rc<BTreeSet<Vec<Segment>>>>,
    format: Format,
    reading: Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ignoring {
    No,
    Yes,
}

impl Watch {
    /// For text of this many bytes, whose object lies under `wrappers` further levels.
    pub(super) fn new(bytes: usize, format: Format, wrappers: usize) -> Self {
        Self {
            duplicate: false,
            merge: false,
            unknown: false,
            unknown_paths: Vec::new(),
            words: false,
            word_paths: Vec::new(),
            too_deep: false,
            bomb: false,
            has_api_version: false,
            has_kind: false,
            hashes: Vec::new(),
            depth: 0,
            root: wrappers + 1,
            ignoring: Ignoring::No,
            budget: limits::visits(bytes),
            trail: None,
            plain: None,
            format,
            reading: Reading::Typed,
        }
    }

    /// Also keeps the path from there, so that [`Watch::trail`] tells where reading stopped, and takes words
    /// of YAML 1.1 by whether they have quotes: these paths lead to those that have none.
    pub(super) fn tracking(
        mut self,
        from: &[Segment],
        plain: Option<Rc<BTreeSet<Vec<Segment>>>>,
    ) -> Self {
        self.trail = Some(from.to_vec());
        self.plain = plain;
        self
    }

    /// Where reading is, or stopped.
    pub(super) fn trail(&self) -> &[Segment] {
        self.trail.as_deref().unwrap_or_default()
    }

    #[inline]
    fn enter<E: de::Error>(&mut self) -> Result<(), E> {
        self.reading = Reading::Typed;
        self.depth += 1;
        if self.depth >= limits::NESTING + self.root {
            self.too_deep = true;
            return Err(E::custom("nested too deeply"));
        }
        Ok(())
    }

    #[inline]
    fn leave(&mut self) {
        self.depth -= 1;
    }

    #[inline]
    fn spend<E: de::Error>(&mut self, amount: usize) -> Result<(), E> {
        if let Some(left) = self.budget.checked_sub(amount) {
            self.budget = left;
            return Ok(());
        }
        self.bomb = true;
        Err(E::custom("aliases repeat too much text"))
    }

    fn key(&mut self, base: usize, key: &str) {
        let hash = hash(key.as_bytes());
        if self.hashes.len() - base < FEW_KEYS && self.hashes[base..].contains(&hash) {
            self.duplicate = true;
        }
        self.hashes.push(hash);
        if self.depth == self.root {
            self.has_kind |= key == "kind";
            self.has_api_version |= key == "apiVersion";
        }
        self.merge |= key == "<<";
        if let Some(trail) = &mut self.trail {
            trail.push(Segment::Key(key.to_owned().into()));
        }
    }

    /// Compares the keys of a mapping that is complete, if that was put off.
    #[inline]
    fn close(&mut self, base: usize) {
        let keys = &mut self.hashes[base..];
        if keys.len() > FEW_KEYS {
            keys.sort_unstable();
            self.duplicate |= keys.windows(2).any(|pair| pair[0] == pair[1]);
        }
        self.hashes.truncate(base);
    }

    #[inline]
    fn height(&self) -> usize {
        self.trail.as_ref().map_or(0, Vec::len)
    }

    #[inline]
    fn cut(&mut self, height: usize) {
        if let Some(trail) = &mut self.trail {
            trail.truncate(height);
        }
    }

    fn note_unknown(&mut self) {
        self.unknown = true;
        if let Some(trail) = &self.trail
            && self.unknown_paths.len() < UNKNOWN_FIELDS
        {
            self.unknown_paths.push(trail.clone());
        }
    }
}

/// Mixes eight bytes at a time. Whoever builds a collision gains a slower run for themselves: a
/// suspicion is confirmed on the text.
#[inline]
fn hash(bytes: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = bytes.len() as u64;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = (state.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(MULTIPLIER);
    }
    let last = rest
        .iter()
        .fold(0, |last, byte| (last << 8) | u64::from(*byte));
    state = (state.rotate_left(23) ^ last).wrapping_mul(MULTIPLIER);
    state ^ (state >> 31)
}

/// A deserializer that reports to a [`Watch`].
pub(super) struct Strict<'w, D> {
    inner: D,
    watch: &'w mut Watch,
}

impl<'w, D> Strict<'w, D> {
    pub(super) fn new(inner: D, watch: &'w mut Watch) -> Self {
        Self { inner, watch }
    }
}

macro_rules! deserialize_scalar {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.scalar(visitor, |inner, scalar| inner.$method(scalar))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<'_, D> {
    type Error = D::Error;

    forward_deserialize! {
        |strict, visitor| Watched { inner: visitor, watch: strict.watch };
        deserialize_i128() deserialize_u128() deserialize_char() deserialize_bytes()
        deserialize_byte_buf() deserialize_option() deserialize_unit() deserialize_seq()
        deserialize_map() deserialize_identifier()
        deserialize_unit_struct(name: &'static str)
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    deserialize_scalar! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32
        deserialize_f64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Self { inner, watch } = self;
        watch.reading = Reading::Either;
        let result = inner.deserialize_any(Watched {
            inner: visitor,
            watch: &mut *watch,
        });
        watch.reading = Reading::Typed;
        result
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.text(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.watch.reading = Reading::of_newtype(name);
        self.inner.deserialize_newtype_struct(
            name,
            Watched {
                inner: visitor,
                watch: self.watch,
            },
        )
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Self { inner, watch } = self;
        if watch.ignoring == Ignoring::Yes {
            return inner.deserialize_any(Watched {
                inner: visitor,
                watch,
            });
        }
        if watch.depth > 0 {
            watch.note_unknown();
        }
        watch.ignoring = Ignoring::Yes;
        let result = inner.deserialize_any(Watched {
            inner: visitor,
            watch: &mut *watch,
        });
        watch.ignoring = Ignoring::No;
        result
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

struct Watched<'w, V> {
    inner: V,
    watch: &'w mut Watch,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Watched<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    forward_visit! {
        visit_bool(value: bool),
        visit_i8(value: i8),
        visit_i16(value: i16),
        visit_i32(value: i32),
        visit_i64(value: i64),
        visit_i128(value: i128),
        visit_u8(value: u8),
        visit_u16(value: u16),
        visit_u32(value: u32),
        visit_u64(value: u64),
        visit_u128(value: u128),
        visit_f32(value: f32),
        visit_f64(value: f64),
        visit_char(value: char),
        visit_bytes(value: &[u8]),
        visit_borrowed_bytes(value: &'de [u8]),
        visit_byte_buf(value: Vec<u8>),
        visit_none(),
        visit_unit(),
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        match self.watch.number_or_text(value) {
            Some(whole) => self.inner.visit_i64(whole),
            None => self.inner.visit_str(value),
        }
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        match self.watch.number_or_text(value) {
            Some(whole) => self.inner.visit_i64(whole),
            None => self.inner.visit_borrowed_str(value),
        }
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        match self.watch.number_or_text(&value) {
            Some(whole) => self.inner.visit_i64(whole),
            None => self.inner.visit_string(value),
        }
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Strict {
            inner,
            watch: self.watch,
        })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Strict {
            inner,
            watch: self.watch,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let watch = self.watch;
        watch.enter()?;
        let height = watch.height();
        let seq = Elements {
            inner,
            watch: &mut *watch,
            height,
            next: 0,
        };
        // Passed on as it is, not unpacked: types are large, and a copy per level shows.
        let result = self.inner.visit_seq(seq);
        watch.leave();
        result
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let watch = self.watch;
        watch.enter()?;
        let (base, height) = (watch.hashes.len(), watch.height());
        let map = Entries {
            inner,
            watch: &mut *watch,
            base,
            height,
        };
        let result = self.inner.visit_map(map);
        watch.close(base);
        watch.leave();
        result
    }

    fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Tagged {
            inner: data,
            watch: self.watch,
        })
    }
}
