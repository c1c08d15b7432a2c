//! Flags that say whose rules a node takes.

use std::path::PathBuf;

use clap::Args;

use crate::trust::{DEFAULT_KEYS, Trust, TrustError, Unsigned};

/// Which keys are trusted.
#[derive(Debug, Args)]
pub(in crate::commands) struct KeysArgs {
    /// Where this file is, take nothing but what a key in it has signed
    #[arg(
        long,
        value_name = "FILE",
        default_value = DEFAULT_KEYS,
        help_heading = "Signatures"
    )]
    trusted_keys: PathBuf,
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
        Trust::load(&self.trusted_keys)
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
