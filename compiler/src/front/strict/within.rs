//! What a sequence, a mapping and a tagged value hold: each goes on under the same watch.

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::key::{KeySeed, Seed};
use super::{Watch, Watched};
use crate::source::Segment;

/// The elements of a sequence.
pub(super) struct Elements<'w, A> {
    pub(super) inner: A,
    pub(super) watch: &'w mut Watch,
    pub(super) height: usize,
    pub(super) next: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, A::Error> {
        self.watch.spend(1)?;
        self.watch.cut(self.height);
        if let Some(trail) = &mut self.watch.trail {
            trail.push(Segment::Index(self.next));
        }
        self.next += 1;
        let element = self.inner.next_element_seed(Seed {
            seed,
            watch: &mut *self.watch,
        });
        if matches!(element, Ok(None)) {
            self.watch.cut(self.height);
        }
        element
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// The entries of a mapping.
pub(super) struct Entries<'w, A> {
    pub(super) inner: A,
    pub(super) watch: &'w mut Watch,
    pub(super) base: usize,
    pub(super) height: usize,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        self.watch.spend(1)?;
        self.watch.cut(self.height);
        self.inner.next_key_seed(KeySeed {
            seed,
            watch: &mut *self.watch,
            base: self.base,
        })
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.inner.next_value_seed(Seed {
            seed,
            watch: &mut *self.watch,
        })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// A value with a YAML tag of its own.
pub(super) struct Tagged<'w, A> {
    pub(super) inner: A,
    pub(super) watch: &'w mut Watch,
}

impl<'de, 'w, A: de::EnumAccess<'de>> de::EnumAccess<'de> for Tagged<'w, A> {
    type Error = A::Error;
    type Variant = Tagged<'w, A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Self::Variant), A::Error> {
        let (tag, inner) = self.inner.variant_seed(seed)?;
        Ok((
            tag,
            Tagged {
                inner,
                watch: self.watch,
            },
        ))
    }
}

impl<'de, A: de::VariantAccess<'de>> de::VariantAccess<'de> for Tagged<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.inner.newtype_variant_seed(Seed {
            seed,
            watch: self.watch,
        })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(
            len,
            Watched {
                inner: visitor,
                watch: self.watch,
            },
        )
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(
            fields,
            Watched {
                inner: visitor,
                watch: self.watch,
            },
        )
    }
}
