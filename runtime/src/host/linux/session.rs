//! A process that outlives the terminal it was started from.

use std::fs;

use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

/// Leaves the terminal, and asks not to be the first to go when memory runs out. Neither is vital: who
/// cannot leave is the leader already, and the kernel may keep what is not ours to change.
pub fn detach() {
    let _ = rustix::process::setsid();
    drop(fs::write("/proc/self/oom_score_adj", "-900"));
}

/// Gives up every capability of this thread, for good: what is left to do is reading files. That the
/// kernel refuses to take them is no reason to stop.
pub fn drop_capabilities() {
    let none = CapabilitySet::empty();
    let sets = CapabilitySets {
        effective: none,
        permitted: none,
        inheritable: none,
    };
    let _ = set_capabilities(None, sets);
}
