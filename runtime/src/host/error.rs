//! What goes wrong when a node is asked.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use portolan_compiler::kernel::Part;

use super::Signal;
use crate::report::{Exit, Explain};

/// Why this machine cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The machine runs no Linux; its system.
    #[error("this needs Linux, and the machine runs {0}")]
    NeedsLinux(&'static str),
    /// The kernel does not answer as expected.
    #[error("cannot ask the kernel for {what}")]
    Kernel {
        /// What was asked.
        what: &'static str,
        /// What the kernel answered, or why it could not be asked.
        source: io::Error,
    },
    /// The kernel refuses a change.
    #[error("the kernel refuses a change of {what}")]
    Change {
        /// What was to change.
        what: &'static str,
        /// What the kernel answered.
        source: io::Error,
    },
    /// A setting cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// The setting's file under /proc/sys.
        path: String,
        /// What the system answered.
        source: io::Error,
    },
    /// Files under /proc cannot be read.
    #[error("cannot read {path}")]
    Proc {
        /// The file under /proc or /sys.
        path: String,
        /// What the system answered.
        source: io::Error,
    },
    /// The capability that everything needs.
    #[error("this needs the capability CAP_NET_ADMIN")]
    NoNetAdmin,
    /// What rules that match sets need on top.
    #[error(
        "this needs the capability CAP_NET_RAW as well: iptables asks for sets through a raw socket"
    )]
    NoNetRaw,
    /// IPVS asks for more than the rest.
    #[error(
        "the kernel does not let this process see its virtual servers: IPVS asks for the capability \
         CAP_NET_ADMIN in the machine's own user namespace"
    )]
    IpvsForbidden,
    /// A program is not there.
    #[error("the program {program} is not installed")]
    NoProgram {
        /// Name of the program, without a path.
        program: &'static str,
        /// The package that distributions have it in.
        package: &'static str,
    },
    /// A program cannot be started.
    #[error("cannot run {}", path.display())]
    Start {
        /// Where it is.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// A program fails.
    #[error("{program} failed ({status}): {message}")]
    Program {
        /// Name of the program, without a path.
        program: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// What it said, on one line.
        message: String,
    },
    /// A program does not come to its end, and was ended.
    #[error("{program} did not end within {seconds} s, and was ended")]
    Hung {
        /// Name of the program, without a path.
        program: &'static str,
        /// Seconds that it had.
        seconds: u64,
    },
    /// Somebody wants us to end, and a program was ended for that.
    #[error("ended by {signal} while {program} ran")]
    Interrupted {
        /// Name of the program, without a path.
        program: &'static str,
        /// What came.
        signal: Signal,
    },
    /// Text that no program is given.
    #[error("{program} is not given a line that is too long or has control characters: {line:?}")]
    UnsafeLine {
        /// The program's name.
        program: &'static str,
        /// How the line begins.
        line: String,
    },
    /// A step that no plan of portolan's has.
    #[error("a step is to change {object}, which is not portolan's")]
    Foreign {
        /// What the step is about.
        object: String,
    },
    /// A program prints what nobody expects of it.
    #[error("cannot make sense of what {program} prints: {problem}")]
    Output {
        /// Name of the program, without a path.
        program: &'static str,
        /// What is wrong, with its line.
        problem: String,
    },
    /// A table of nftables is not what a change was made for.
    #[error(
        "the nftables table was changed after it was read{}",
        .by.as_ref().map_or_else(String::new, |by| format!("; the ruleset was last changed by {by}"))
    )]
    RulesetChanged {
        /// The program that changed the ruleset last, where the kernel says so.
        by: Option<String>,
    },
    /// The node is never the same twice.
    #[error("the node kept changing while it was read {readings} times; last, its {}", part.contents())]
    Unsettled {
        /// What differed in the end.
        part: Part,
        /// How often it was read.
        readings: usize,
    },
}

impl Explain for HostError {
    fn exit(&self) -> Exit {
        match self {
            Self::NeedsLinux(_)
            | Self::NoProgram { .. }
            | Self::Program { .. }
            | Self::Hung { .. }
            | Self::Output { .. } => Exit::Unavailable,
            Self::Interrupted { signal, .. } => signal.exit(),
            Self::UnsafeLine { .. } => Exit::Data,
            Self::Foreign { .. } => Exit::Untrusted,
            Self::NoNetAdmin | Self::NoNetRaw | Self::IpvsForbidden => Exit::NoPermission,
            Self::Unsettled { .. } | Self::RulesetChanged { .. } => Exit::Busy,
            Self::Kernel { source, .. }
            | Self::Change { source, .. }
            | Self::Write { source, .. }
            | Self::Proc { source, .. }
            | Self::Start { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => Exit::NoPermission,
                io::ErrorKind::ResourceBusy => Exit::Busy,
                _ => Exit::Io,
            },
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NeedsLinux(_) => Some("run it on the node itself".to_owned()),
            Self::NoNetAdmin | Self::NoNetRaw => {
                Some("run it as root, with sudo for example".to_owned())
            }
            Self::IpvsForbidden => {
                Some("run it on the node, not in a container with users of its own".to_owned())
            }
            Self::NoProgram { package, .. } => Some(format!("install the package {package}")),
            Self::Unsettled { .. } => Some(
                "stop what programs the node, such as kube-proxy, or try again; `portolan doctor` \
                 says who is there"
                    .to_owned(),
            ),
            Self::RulesetChanged { .. } => Some("plan again, on what is there now".to_owned()),
            Self::Hung { program, .. } => Some(format!(
                "see what it waits for: run {program} by hand, and look for others of its name"
            )),
            Self::Foreign { .. } => {
                Some("plan again, and find out who changed the plan or the records".to_owned())
            }
            Self::Kernel { .. }
            | Self::Interrupted { .. }
            | Self::Change { .. }
            | Self::Write { .. }
            | Self::Proc { .. }
            | Self::Start { .. }
            | Self::Program { .. }
            | Self::UnsafeLine { .. }
            | Self::Output { .. } => None,
        }
    }
}
