use std::path::PathBuf;

use clap::{ArgGroup, Args};
use portolan_compiler::escape;
use serde_json::json;

use super::shared::bundles::bundle;
use super::shared::format::{Format, FormatArgs};
use crate::commands::shared::Context;
use crate::input::read;
use crate::report::{Exit, Explain, Failure};
use crate::trust::{DEFAULT_KEYS, TrustedKeys, verify};

/// Say who has signed a bundle, and whether that key is trusted
///
/// Nothing is asked but the files: no network, no clock. `portolan apply` asks the same where the node
/// has trusted keys.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    group = ArgGroup::new("whom").args(["key", "trusted_keys"]),
)]
pub(crate) struct VerifySignatureArgs {
    /// The bundle, with its signature beside it as BUNDLE.minisig, or an OCI image layout of both
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,

    /// Take this signature
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,

    /// Trust this public key, as `minisign -G` writes it, and no other
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,

    /// Trust the keys in this file
    #[arg(long, value_name = "FILE", default_value = DEFAULT_KEYS)]
    trusted_keys: PathBuf,

    #[command(flatten)]
    output: FormatArgs,
}

/// Bytes of a public key: two lines.
const KEY_BYTES: u64 = 64 << 10;

/// The key cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the key {}", path.display())]
struct NoKey {
    path: PathBuf,
    source: std::io::Error,
}

impl Explain for NoKey {
    fn exit(&self) -> Exit {
        Exit::NoInput
    }

    fn help(&self) -> Option<String> {
        Some("name a public key with --key, or a file of several with --trusted-keys".to_owned())
    }
}

pub(crate) fn run(
    args: &VerifySignatureArgs,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let keys = keys(args)?;
    let mut file = bundle(&args.bundle)?;
    if let Some(path) = &args.signature {
        file = file.with_signature(path)?;
    }
    let (key, edition) = verify(&file, &keys)?;
    let text = match args.output.format {
        Format::Human => format!("{edition}, signed by {key}\n"),
        Format::Json => escape::json_line(&json!({
            "cluster": edition.cluster.as_str(),
            "counter": edition.counter.get(),
            "digest": file.bundle().digest().to_string(),
            "signedBy": key.to_string(),
        })),
    };
    context.streams.stdout.styled(&text);
    Ok(Exit::Done)
}

fn keys(args: &VerifySignatureArgs) -> Result<TrustedKeys, Failure> {
    if let Some(path) = &args.key {
        let bytes = read::file(path, KEY_BYTES);
        let bytes = bytes.map_err(|source| NoKey {
            path: path.clone(),
            source,
        })?;
        return Ok(TrustedKeys::parse(path, &String::from_utf8_lossy(&bytes))?);
    }
    Ok(TrustedKeys::named(&args.trusted_keys)?)
}
