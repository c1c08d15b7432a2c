//! What stands in mappings and lists: values that are watched too, and keys, which are text to Kubernetes
//! whatever they are to the format.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Strict, Watch};

pub(super) struct Seed<'w, S> {
    pub(super) seed: S,
    pub(super) watch: &'w mut Watch,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(Strict {
            inner,
            watch: self.watch,
        })
    }
}

pub(super) struct KeySeed<'w, S> {
    pub(super) seed: S,
    pub(super) watch: &'w mut Watch,
    pub(super) base: usize,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for KeySeed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(Key {
            inner,
            watch: self.watch,
            base: self.base,
        })
    }
}

/// The deserializer of a key, or the visitor that its text is shown to.
struct Key<'w, T> {
    inner: T,
    watch: &'w mut Watch,
    base: usize,
}

/// A type that no key has is none to ask for: the key is what it is.
macro_rules! as_it_is {
    ($($method:ident($($type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(
            self,
            $(_: $type,)*
            visitor: V,
        ) -> Result<V::Value, D::Error> {
            self.deserialize_any(visitor)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Key<'_, D> {
    type Error = D::Error;

    forward_deserialize! {
        |key, visitor| Key { inner: visitor, watch: key.watch, base: key.base };
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32()
        deserialize_i64() deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32()
        deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64() deserialize_char()
        deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
        deserialize_option() deserialize_unit() deserialize_seq() deserialize_map()
        deserialize_identifier()
        deserialize_newtype_struct(name: &'static str)
    }

    as_it_is! {
        deserialize_ignored_any()
        deserialize_unit_struct(&'static str)
        deserialize_tuple(usize)
        deserialize_tuple_struct(&'static str, usize)
        deserialize_struct(&'static str, &'static [&'static str])
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_enum(name, variants, visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// Keys that are not text to the format: `1:` is the key `1` to Kubernetes all the same.
macro_rules! key_as_text {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.watch.key(self.base, &value.to_string());
            self.inner.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Key<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    key_as_text! {
        visit_bool: bool,
        visit_i64: i64,
        visit_i128: i128,
        visit_u64: u64,
        visit_u128: u128,
        visit_f64: f64,
        visit_char: char,
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        self.watch.key(self.base, value);
        self.inner.visit_str(value)
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        self.watch.key(self.base, value);
        self.inner.visit_borrowed_str(value)
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<V::Value, E> {
        self.watch.spend(value.len())?;
        self.watch.key(self.base, &value);
        self.inner.visit_string(value)
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.watch.key(self.base, "null");
        self.inner.visit_none()
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.watch.key(self.base, "null");
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Key {
            inner,
            watch: self.watch,
            base: self.base,
        })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Key {
            inner,
            watch: self.watch,
            base: self.base,
        })
    }

    // A mapping or a list as a key: YAML allows it, Kubernetes does not, and nothing used has one.
    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<V::Value, A::Error> {
        Err(de::Error::custom("a list cannot be a key"))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<V::Value, A::Error> {
        Err(de::Error::custom("a mapping cannot be a key"))
    }

    forward_visit! {
        visit_enum: EnumAccess,
    }
}
