//! Who holds a lock, from /proc/locks.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;

/// The process that took the `flock(2)` lock of a file, which somebody holds. Where the kernel lists
/// several that it may be, or none that this process may see, nobody is named.
pub fn lock_holder(file: &File) -> Option<u32> {
    let inode = file.metadata().ok()?.ino();
    holder(&fs::read_to_string("/proc/locks").ok()?, inode)
}

/// `1: FLOCK  ADVISORY  WRITE 1234 00:17:42 0 EOF`; the device is another than `stat(2)` tells where
/// file systems have several.
fn holder(locks: &str, inode: u64) -> Option<u32> {
    let process = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, "FLOCK", _, "WRITE", process, place, ..] = words[..] else {
            return None;
        };
        let found: u64 = place.rsplit(':').next()?.parse().ok()?;
        (found == inode).then_some(process.parse().ok()?)
    };
    let mut found = locks.lines().filter_map(process);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKS: &str = "\
1: POSIX  ADVISORY  WRITE 7 00:17:42 0 EOF
2: FLOCK  ADVISORY  WRITE 1234 00:17:42 0 EOF
2: -> FLOCK  ADVISORY  WRITE 99 00:17:42 0 EOF
3: FLOCK  ADVISORY  READ 5 00:17:43 0 EOF
4: FLOCK  ADVISORY  WRITE 6 00:17:44 0 EOF
5: FLOCK  ADVISORY  WRITE 8 00:18:44 0 EOF
";

    #[test]
    fn a_holder_is_named_where_only_one_is_listed() {
        for (inode, process) in [(42, Some(1234)), (43, None), (44, None), (1, None)] {
            assert_eq!(holder(LOCKS, inode), process, "{inode}");
        }
    }

    #[test]
    fn the_kernel_lists_our_own_lock() {
        let file = tempfile::tempfile().unwrap();
        file.lock().unwrap();
        assert_eq!(lock_holder(&file), Some(std::process::id()));
    }
}
