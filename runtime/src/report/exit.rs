//! Exit codes: one meaning each, whatever the command.

use std::process::ExitCode;

macro_rules! exits {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $meaning:literal;)*) => {
        /// How a run ended.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Exit {
            $(#[doc = $meaning] $name = $code,)*
        }

        impl Exit {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// What it means, in a few words.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)*
                }
            }
        }
    };
}

// Scripts test 1 (diff's convention) and 2 (Terraform's); every error is above. 64 and up are
// those of sysexits.h.
exits! {
    Done = 0, "done, equal, or nothing to do";
    Differs = 1, "there are differences or findings";
    Changes = 2, "the plan has changes (plan --detailed-exitcode only)";
    Stale = 10, "the node is no longer as the plan found it; nothing was touched";
    RolledBack = 11, "the apply failed, and the node is as it was before";
    Dirty = 12, "the apply failed, and the node is neither as before nor as wanted: look at it";
    Untrusted = 13, "a signature or digest does not match";
    Unconfirmed = 14, "nobody confirmed the apply in time, and the node is as it was before";
    Unfinished = 15, "an apply is unfinished: run portolan recover, or portolan confirm";
    Usage = 64, "the command line is wrong";
    Data = 65, "the input is refused; nothing was written";
    NoInput = 66, "an input file is missing or cannot be read";
    Unavailable = 69, "the kernel or a program lacks what is needed";
    Internal = 70, "portolan itself is wrong: please report it";
    Io = 74, "reading or writing failed, or the disk is full";
    Busy = 75, "somebody else holds the lock: try again";
    NoPermission = 77, "a capability is missing, or permission to use a file";
    Interrupted = 130, "interrupted from the keyboard";
    Terminated = 143, "asked to end";
}

impl Exit {
    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// How several runs ended as one: the first error, else whether anything was found.
    pub fn of_all(exits: impl IntoIterator<Item = Self>) -> Self {
        let worse = |all: Self, one: Self| {
            if all > Self::Changes || one < all {
                all
            } else {
                one
            }
        };
        exits.into_iter().fold(Self::Done, worse)
    }

    /// All codes with their meanings, one per line.
    pub fn table() -> String {
        Self::ALL.iter().fold(String::new(), |table, exit| {
            table + &format!("{:>5}  {}\n", exit.code(), exit.meaning())
        })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
