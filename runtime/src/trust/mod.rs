//! Whose rules a node takes: those that a key has signed which it trusts.
//!
//! Signatures are minisign's (<https://jedisct1.github.io/minisign/>): Ed25519 over `BLAKE2b` of a whole
//! bundle, and once more over that signature with a comment. They need no network and no clock.
//! Which keys a node trusts a file says that only root can write: [`keys`].

mod error;
mod key_id;
pub mod keys;
mod provenance;
pub mod sign;
mod signature;
#[cfg(test)]
mod tests;

pub use error::TrustError;
pub use key_id::KeyId;
pub use keys::TrustedKeys;
pub(crate) use provenance::Recorded;
pub use provenance::{Order, Provenance, Vouched};
pub use signature::verify;

use std::path::Path;

use portolan_compiler::bundle::{ClusterName, Counter, Edition};

use crate::rules::{BundleFile, Rules};

/// Which keys a node trusts unless somebody says otherwise.
pub const DEFAULT_KEYS: &str = "/etc/portolan/trusted-keys";

/// What a node demands of rules.
#[derive(Debug)]
pub enum Trust {
    /// Nothing: there is no file of trusted keys.
    NotAsked,
    /// A signature by one of these.
    Demanded(TrustedKeys),
}

/// What is offered to a node.
#[derive(Debug, Clone, Copy)]
pub enum Presented<'a> {
    /// A bundle, or what was made of it.
    Bundle(&'a BundleFile),
    /// A plan alone.
    Plan,
    /// What nobody can have signed, with what it is called in a sentence.
    Plain(&'a str),
}

/// Whether rules are taken that nobody vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsigned {
    /// They are refused where keys are trusted.
    Refused,
    /// Whoever applies them vouches for them, which is recorded.
    Allowed,
}

/// Whether rules are taken that are older than what a node has had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Older {
    /// They are refused.
    Refused,
    /// They are taken, which is recorded; the counter stays.
    Allowed,
}

impl<'a> Presented<'a> {
    /// Compiled rules, or what is compiled from manifests where there are none.
    pub fn of(rules: Option<&'a Rules>) -> Self {
        match rules {
            Some(Rules::Bundle(file)) => Self::Bundle(file),
            Some(Rules::Folder(_)) => Self::Plain("a folder"),
            None => Self::Plain("what is compiled from manifests"),
        }
    }
}

impl Trust {
    /// What the file at this path demands; nothing where there is none.
    ///
    /// # Errors
    /// A file that others may write to, that cannot be read, or that makes no sense.
    pub fn load(path: &Path) -> Result<Self, TrustError> {
        Ok(keys::load(path)?.map_or(Self::NotAsked, Self::Demanded))
    }

    /// What the file at this path demands, which somebody named: it has to be there.
    ///
    /// # Errors
    /// Likewise, and where there is none.
    pub fn named(path: &Path) -> Result<Self, TrustError> {
        TrustedKeys::named(path).map(Self::Demanded)
    }

    /// Who vouches for what is offered.
    ///
    /// # Errors
    /// What is demanded and is not there.
    pub fn vouch(&self, offered: Presented<'_>, unsigned: Unsigned) -> Result<Vouched, TrustError> {
        let (keys, file) = match (self, unsigned, offered) {
            (_, Unsigned::Allowed, _) => return Ok(Vouched::Waived),
            (Self::NotAsked, ..) => return Ok(Vouched::NotAsked),
            (_, _, Presented::Plan) => return Err(TrustError::Plan),
            (_, _, Presented::Plain(what)) => {
                return Err(TrustError::Plain {
                    what: what.to_owned(),
                });
            }
            (Self::Demanded(keys), _, Presented::Bundle(file)) => (keys, file),
        };
        verify(file, keys).map(|(key, _)| Vouched::Signed(key))
    }

    /// Takes again what was taken once: the key that had signed it is still trusted.
    ///
    /// # Errors
    /// Where nobody vouched for it, or whose key has signed it is trusted no more.
    pub fn take_again(
        &self,
        provenance: &Provenance,
        unsigned: Unsigned,
    ) -> Result<(), TrustError> {
        let Self::Demanded(keys) = self else {
            return Ok(());
        };
        match (&provenance.vouched, unsigned) {
            (_, Unsigned::Allowed) | (Vouched::Waived, _) => Ok(()),
            (Vouched::NotAsked, _) => Err(TrustError::NobodyVouched),
            (Vouched::Signed(key), _) => {
                let cluster = provenance.edition.as_ref().map(|edition| &edition.cluster);
                keys.still_trusts(*key, cluster)
            }
        }
    }
}

/// Whether an edition comes after all that a node has had of its cluster.
///
/// # Errors
/// One that is older, unless that is allowed.
pub fn in_order(
    edition: Option<&Edition>,
    highest: impl Fn(&ClusterName) -> Option<Counter>,
    older: Older,
) -> Result<Order, TrustError> {
    let Some(edition) = edition else {
        return Ok(Order::InOrder);
    };
    match (highest(&edition.cluster), older) {
        (Some(had), Older::Refused) if edition.counter < had => Err(TrustError::Older {
            offered: edition.clone(),
            had,
        }),
        (Some(had), Older::Allowed) if edition.counter < had => Ok(Order::Older),
        _ => Ok(Order::InOrder),
    }
}
