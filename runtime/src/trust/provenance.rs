//! Where rules came from, as it is recorded.

use std::fmt;

use portolan_compiler::bundle::Edition;
use serde::{Deserialize, Serialize};

use super::{KeyId, Unsigned};

/// Where rules came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Which edition of which cluster's rules they are, where they said so.
    pub edition: Option<Edition>,
    /// Who vouched for them.
    pub vouched: Vouched,
    /// Whether they came after all that the node had had.
    pub order: Order,
}

/// Who vouched for rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vouched {
    /// A key that the node trusted.
    Signed(KeyId),
    /// Whoever applied them, with `--unsigned`.
    Waived,
    /// Nobody: the node trusted no keys and asked for none.
    NotAsked,
}

/// Whether rules came after all that a node had had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// They did, or say nothing of it.
    InOrder,
    /// They are older, and whoever applied them meant that.
    Older,
}

impl Provenance {
    /// Of the same rules once more: what a key has signed stays that, and for the rest whoever applies
    /// them vouches, where a signature is demanded.
    #[must_use]
    pub fn again(&self, unsigned: Unsigned) -> Self {
        let vouched = match (self.vouched, unsigned) {
            (_, Unsigned::Allowed) => Vouched::Waived,
            (vouched, Unsigned::Refused) => vouched,
        };
        Self {
            vouched,
            ..self.clone()
        }
    }

    /// Of rules of which nothing is known.
    pub const UNKNOWN: Self = Self {
        edition: None,
        vouched: Vouched::NotAsked,
        order: Order::InOrder,
    };
}

impl fmt::Display for Provenance {
    /// In a few words, such as `prod 147, signed by 6A1F…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(edition) = &self.edition {
            write!(f, "{edition}, ")?;
        }
        match self.vouched {
            Vouched::Signed(key) => write!(f, "signed by {key}")?,
            Vouched::Waived => f.write_str("taken with --unsigned")?,
            Vouched::NotAsked => f.write_str("no signature asked for")?,
        }
        match self.order {
            Order::InOrder => Ok(()),
            Order::Older => f.write_str(", older than what the node had"),
        }
    }
}

/// The same as a record has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recorded {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    counter: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signed_by: Option<String>,
    vouched: Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Signed,
    SignedOlder,
    Unsigned,
    UnsignedOlder,
    NotAsked,
    NotAskedOlder,
}

impl From<&Provenance> for Recorded {
    fn from(provenance: &Provenance) -> Self {
        let edition = provenance.edition.as_ref();
        let vouched = match (provenance.vouched, provenance.order) {
            (Vouched::Signed(_), Order::InOrder) => Word::Signed,
            (Vouched::Signed(_), Order::Older) => Word::SignedOlder,
            (Vouched::Waived, Order::InOrder) => Word::Unsigned,
            (Vouched::Waived, Order::Older) => Word::UnsignedOlder,
            (Vouched::NotAsked, Order::InOrder) => Word::NotAsked,
            (Vouched::NotAsked, Order::Older) => Word::NotAskedOlder,
        };
        Self {
            cluster: edition.map(|edition| edition.cluster.to_string()),
            counter: edition.map(|edition| edition.counter.get()),
            signed_by: match provenance.vouched {
                Vouched::Signed(key) => Some(key.to_string()),
                Vouched::Waived | Vouched::NotAsked => None,
            },
            vouched,
        }
    }
}

impl Recorded {
    /// What it says; `None` where that makes no sense.
    pub(crate) fn read(self) -> Option<Provenance> {
        let edition = match (self.cluster, self.counter) {
            (Some(cluster), Some(counter)) => Some(Edition {
                cluster: cluster.parse().ok()?,
                counter: counter.try_into().ok()?,
            }),
            (None, None) => None,
            _ => return None,
        };
        let order = match self.vouched {
            Word::Signed | Word::Unsigned | Word::NotAsked => Order::InOrder,
            Word::SignedOlder | Word::UnsignedOlder | Word::NotAskedOlder => Order::Older,
        };
        let vouched = match (self.vouched, self.signed_by) {
            (Word::Signed | Word::SignedOlder, Some(key)) => Vouched::Signed(key.parse().ok()?),
            (Word::Unsigned | Word::UnsignedOlder, None) => Vouched::Waived,
            (Word::NotAsked | Word::NotAskedOlder, None) => Vouched::NotAsked,
            _ => return None,
        };
        Some(Provenance {
            edition,
            vouched,
            order,
        })
    }
}
