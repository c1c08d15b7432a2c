//! Rules that are not trusted.

use std::io;
use std::path::PathBuf;

use portolan_compiler::bundle::{ClusterName, Counter, Edition};
use portolan_compiler::diag::some;

use super::KeyId;
use super::keys::KeyProblem;
use crate::report::{Exit, Explain};

/// Why rules are not trusted; nothing was touched.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The keys cannot be read.
    #[error("cannot read the trusted keys in {}", path.display())]
    Read {
        /// Their file.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// Others could say whom the node trusts.
    #[error("{} {problem}, so others could say whom this node trusts", path.display())]
    Unsafe {
        /// The file of keys.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A line of the keys makes no sense.
    #[error("{}:{line}: {problem}", path.display())]
    Keys {
        /// The file of keys.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: KeyProblem,
    },
    /// What can have no signature.
    #[error("this node takes what a trusted key has signed, and {what} has no signature")]
    Plain {
        /// What it is.
        what: String,
    },
    /// A plan, without what it was made of.
    #[error("this node takes what a trusted key has signed, and a plan has no signature")]
    Plan,
    /// A file of keys that somebody named and that is not there.
    #[error("no keys are trusted: {} is not there", path.display())]
    NoKeys {
        /// The file that was named.
        path: PathBuf,
    },
    /// A signature of an older kind.
    #[error("{} is a signature of minisign's older kind, which is not taken", path.display())]
    Legacy {
        /// The signature's file.
        path: PathBuf,
    },
    /// A bundle without its signature.
    #[error("{} has no signature beside it", path.display())]
    NoSignature {
        /// The bundle.
        path: PathBuf,
    },
    /// A file that is none of minisign's signatures.
    #[error("{} is not a signature as minisign writes it", path.display())]
    NotASignature {
        /// The file that was taken for one.
        path: PathBuf,
    },
    /// A signature of something else.
    #[error("the signature of {} is not of this file, or not by key {key}", path.display())]
    Invalid {
        /// The bundle.
        path: PathBuf,
        /// The key that it names.
        key: KeyId,
    },
    /// A comment that says otherwise than the header.
    #[error("{}: its comment says {word}, and the bundle is {edition}", path.display())]
    Contradiction {
        /// The signature's file.
        path: PathBuf,
        /// What the comment says.
        word: String,
        /// What the header says.
        edition: Edition,
    },
    /// A bundle that says not whose it is.
    #[error("{} says neither cluster nor counter, and so cannot be signed", path.display())]
    NoEdition {
        /// The bundle.
        path: PathBuf,
    },
    /// A key that is not trusted.
    #[error("key {key} is not among the trusted keys in {}", path.display())]
    Unknown {
        /// The key that has signed.
        key: KeyId,
        /// The file of keys.
        path: PathBuf,
    },
    /// A key that is trusted no more.
    #[error("key {key} is revoked in {}", path.display())]
    Revoked {
        /// The key that has signed.
        key: KeyId,
        /// The file of keys.
        path: PathBuf,
    },
    /// A key of other clusters.
    #[error(
        "key {key} is trusted in {} for {}, and not for {}", path.display(),
        some(clusters.iter().map(ClusterName::as_str)),
        cluster.as_ref().map_or("rules of no cluster", ClusterName::as_str)
    )]
    Elsewhere {
        /// The key that has signed.
        key: KeyId,
        /// The file of keys.
        path: PathBuf,
        /// The clusters that it is trusted for.
        clusters: Vec<ClusterName>,
        /// Whose rules it has signed.
        cluster: Option<ClusterName>,
    },
    /// What was applied without a signature before keys were trusted.
    #[error("nobody has vouched for it: it was applied before this node trusted any keys")]
    NobodyVouched,
    /// Rules that are older than what the node has had.
    #[error("it is {offered}, and this node has had {} {had} already", offered.cluster)]
    Older {
        /// What it is.
        offered: Edition,
        /// The highest counter that the node has had of the cluster.
        had: Counter,
    },
    /// Text that is no secret key.
    #[error("no secret key of minisign")]
    NotASecretKey,
    /// A password that does not unlock it.
    #[error("the password does not unlock the key")]
    Password,
    /// No signature came of it.
    #[error("cannot sign: {0}")]
    Sign(String),
}

impl Explain for TrustError {
    fn exit(&self) -> Exit {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Exit::NoPermission
            }
            Self::Read { .. } => Exit::Io,
            Self::Unsafe { .. } => Exit::NoPermission,
            Self::Keys { .. } | Self::NotASecretKey => Exit::Data,
            Self::NoKeys { .. } => Exit::NoInput,
            Self::Password => Exit::NoPermission,
            Self::Sign(_) => Exit::Internal,
            Self::Plain { .. }
            | Self::Plan
            | Self::Legacy { .. }
            | Self::NoSignature { .. }
            | Self::NotASignature { .. }
            | Self::Invalid { .. }
            | Self::Contradiction { .. }
            | Self::NoEdition { .. }
            | Self::Unknown { .. }
            | Self::Revoked { .. }
            | Self::Elsewhere { .. }
            | Self::NobodyVouched
            | Self::Older { .. } => Exit::Untrusted,
        }
    }

    fn help(&self) -> Option<String> {
        let text = match self {
            Self::Read { .. } => {
                "as long as it cannot be read, nobody is trusted: make it readable for root, or remove it \
                 to trust without signatures"
            }
            Self::Unsafe { .. } => {
                "chown root and chmod go-w, the file and the folders that it lies in"
            }
            Self::Keys { .. } => {
                "a line is a public key of minisign (RW...), with cluster=NAME after it where it is not \
                 for all clusters, or `revoked` and a key"
            }
            Self::Plain { .. } => {
                "put the rules into a bundle, sign it and name that: `portolan bundle create`, `portolan \
                 sign`; pass --unsigned to vouch for them yourself, which is recorded"
            }
            Self::Plan => {
                "name the signed bundle that it was made of with --bundle; pass --unsigned to vouch for the \
                 plan yourself, which is recorded"
            }
            Self::NoKeys { .. } => {
                "name a public key with --key, or a file of several with --trusted-keys"
            }
            Self::Legacy { .. } => "sign again without -l",
            Self::NoSignature { .. } => {
                "bring the file that ends in .minisig along, or name it with --signature; an image has it \
                 where `portolan sign --oci` made that; `portolan apply --unsigned` takes a bundle without, \
                 and records that"
            }
            Self::NotASignature { .. } | Self::Invalid { .. } => {
                "fetch bundle and signature again, both of the same run; if they stay different, somebody \
                 changed one of them"
            }
            Self::Contradiction { .. } => {
                "it was made for another bundle or by hand: sign this one again"
            }
            Self::NoEdition { .. } => "make it with `portolan bundle create --cluster --counter`",
            Self::Unknown { .. } => {
                "find out whose key that is; if the node is to trust it, add its line to that file"
            }
            Self::Revoked { .. } => {
                "apply rules that a trusted key has signed, and find out who still signs with this one; \
                 --unsigned takes them all the same"
            }
            Self::Elsewhere { .. } => {
                "rules of another cluster, or a key with a line too narrow: find out which"
            }
            Self::NobodyVouched => {
                "apply a signed bundle, or pass --unsigned to vouch for it yourself"
            }
            Self::Older { .. } => {
                "find out where the newer one is; pass --allow-older if this one is meant: the record \
                 says so, and the counter stays; `portolan rollback` leads to what was applied here before"
            }
            Self::NotASecretKey => {
                "name the file that `minisign -G` wrote, such as ~/.minisign/minisign.key"
            }
            Self::Password | Self::Sign(_) => return None,
        };
        Some(text.to_owned())
    }
}
