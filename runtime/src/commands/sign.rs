use std::path::{Path, PathBuf};

use clap::Args;

use super::shared::bundles::{bundle, save_image};
use super::shared::save::save;
use crate::commands::shared::Context;
use crate::input::read;
use crate::report::{Device, Exit, Explain, Failure, Verbosity};
use crate::rules::signature_path;
use crate::trust::sign::{Locked, SigningKey};

/// Sign a bundle with a secret key of minisign
///
/// `minisign -Sm BUNDLE` does the same, and `minisign -Vm BUNDLE` verifies it. Where the key is locked,
/// its password is asked for on the terminal, or read from standard input (one line).
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  minisign -G -p portolan.pub -s portolan.key
  portolan sign --key portolan.key prod-147.portolan
  portolan sign --key portolan.key prod-147.portolan --oci image"
)]
pub(crate) struct SignArgs {
    /// The bundle; its signature is written beside it, as BUNDLE.minisig
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,

    /// The secret key, as `minisign -G` makes it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,

    /// Write bundle and signature as an OCI image layout as well, tagged with its counter
    #[arg(long, value_name = "DIR")]
    oci: Option<PathBuf>,
}

/// Bytes of a secret key: two lines.
const KEY_BYTES: u64 = 64 << 10;
/// Bytes of a password, as minisign takes them.
const PASSWORD_BYTES: u64 = 1024;

/// Nothing was signed.
#[derive(Debug, thiserror::Error)]
enum SignError {
    /// The secret key cannot be read.
    #[error("cannot read the key {}", path.display())]
    Key {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The password cannot.
    #[error("cannot read the password")]
    Password(#[source] std::io::Error),
}

impl Explain for SignError {
    fn exit(&self) -> Exit {
        match self {
            Self::Key { .. } => Exit::NoInput,
            Self::Password(_) => Exit::Io,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Key { .. } => Some("make one with `minisign -G`".to_owned()),
            Self::Password(_) => None,
        }
    }
}

pub(crate) fn run(args: &SignArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let file = bundle(&args.bundle)?;
    let key = key(&args.key, context)?;
    let signature = key.sign(&file)?;
    let mut told = save(&signature_path(&args.bundle), signature.as_bytes())?;
    if let (Some(id), Some(edition)) = (key.id(), file.bundle().edition()) {
        told = format!("{told}Signed {edition} with key {id}\n");
    }
    if let Some(root) = &args.oci {
        let bundle = file.bundle();
        let signature = Some(signature.as_bytes());
        told += &save_image(
            root,
            &args.bundle,
            bundle.edition(),
            bundle.bytes(),
            signature,
        )?;
    }
    if context.verbosity > Verbosity::Quiet {
        context.streams.stderr.say(&told);
    }
    Ok(Exit::Done)
}

fn key(path: &Path, context: &mut Context<'_, '_>) -> Result<SigningKey, Failure> {
    let fail = |source| SignError::Key {
        path: path.to_owned(),
        source,
    };
    let bytes = read::named(path, KEY_BYTES).map_err(fail)?;
    let text = String::from_utf8_lossy(&bytes);
    let password = match SigningKey::locked(&text)? {
        Locked::No => None,
        Locked::Yes if context.streams.stdin_device == Device::Terminal => {
            Some(rpassword::prompt_password("Password of the key: ").map_err(SignError::Password)?)
        }
        Locked::Yes => Some(line(context).map_err(SignError::Password)?),
    };
    Ok(SigningKey::read(&text, password)?)
}

/// The first line of standard input.
fn line(context: &mut Context<'_, '_>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while (bytes.len() as u64) < PASSWORD_BYTES && context.streams.stdin.read(&mut byte)? == 1 {
        if byte[0] == b'\n' {
            break;
        }
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes)
        .map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))
}
