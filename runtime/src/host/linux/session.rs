//! A process that outlives the terminal it was started from.

use std::fs;

/// Leaves the terminal, and asks not to be the first to go when memory runs out. Neither is vital: who
/// cannot leave is the leader already, and the kernel may keep what is not ours to change.
pub fn detach() {
    let _ = rustix::process::setsid();
    drop(fs::write("/proc/self/oom_score_adj", "-900"));
}
