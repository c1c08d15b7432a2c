//! Flags that say whose rules a node takes.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::trust::{DEFAULT_KEYS, Trust, TrustError, Unsigned};

/// Which keys are trusted.
#[derive(Debug, Args)]
pub(in crate::commands) struct KeysArgs {
    /// Take nothing but what a key in this file has signed
    /// [default: /etc/portolan/trusted-keys, where it is]
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    trusted_keys: Option<PathBuf>,
}

/// Which keys are trusted, and whether anything else is taken.
#[derive(Debug, Args)]
pub(in crate::commands) struct TrustArgs {
    #[command(flatten)]
    keys: KeysArgs,

    /// Vouch yourself for what no trusted key has signed; the record says so
    #[arg(long, help_heading = "Signatures")]
    unsigned: bool,
}

impl KeysArgs {
    /// What this node demands.
    pub(in crate::commands) fn trust(&self) -> Result<Trust, TrustError> {
        match &self.trusted_keys {
            Some(path) => Trust::named(path),
            None => Trust::load(Path::new(DEFAULT_KEYS)),
        }
    }
}

impl TrustArgs {
    /// What this node demands.
    pub(in crate::commands) fn trust(&self) -> Result<Trust, TrustError> {
        self.keys.trust()
    }

    /// Whether whoever types vouches.
    pub(in crate::commands) fn unsigned(&self) -> Unsigned {
        if self.unsigned {
            Unsigned::Allowed
        } else {
            Unsigned::Refused
        }
    }
}
