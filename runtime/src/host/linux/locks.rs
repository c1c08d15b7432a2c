//! Who holds a lock, from /proc/locks.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;

use rustix::fs::{major, minor};

/// The process that took the `flock(2)` lock of a file, which somebody holds. Where the kernel lists
/// several that it may be, or none that this process may see, nobody is named.
pub fn lock_holder(file: &File) -> Option<u32> {
    let found = file.metadata().ok()?;
    let device = (major(found.dev()), minor(found.dev()));
    holder(
        &fs::read_to_string("/proc/locks").ok()?,
        device,
        found.ino(),
    )
}

/// A lock that is held: `1: FLOCK  ADVISORY  WRITE 1234 00:17:42 0 EOF`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    process: u32,
    device: (u32, u32),
    inode: u64,
}

impl Held {
    fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, "FLOCK", _, "WRITE", process, place, ..] = words[..] else {
            return None;
        };
        let [major, minor, inode] = place.split(':').collect::<Vec<_>>()[..] else {
            return None;
        };
        let hex = |text| u32::from_str_radix(text, 16).ok();
        Some(Self {
            process: process.parse().ok()?,
            device: (hex(major)?, hex(minor)?),
            inode: inode.parse().ok()?,
        })
    }
}

fn holder(locks: &str, device: (u32, u32), inode: u64) -> Option<u32> {
    let held: Vec<Held> = locks
        .lines()
        .filter_map(Held::parse)
        .filter(|held| held.inode == inode)
        .collect();
    // Some file systems have several devices, of which `stat(2)` tells another than the kernel here.
    only(held.iter().filter(|held| held.device == device)).or_else(|| only(held.iter()))
}

/// The process of all of these, if it is one.
fn only<'h>(mut held: impl Iterator<Item = &'h Held>) -> Option<u32> {
    let first = held.next()?.process;
    held.all(|other| other.process == first).then_some(first)
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
        for (minor, inode, process) in [
            (0x17, 42, Some(1234)),
            (0x99, 42, Some(1234)),
            (0x17, 43, None),
            (0x17, 44, Some(6)),
            (0x18, 44, Some(8)),
            (0x99, 44, None),
            (0x17, 1, None),
        ] {
            let found = holder(LOCKS, (0, minor), inode);
            assert_eq!(found, process, "{minor}:{inode}");
        }
    }

    #[test]
    fn the_kernel_lists_our_own_lock() {
        let file = tempfile::tempfile().unwrap();
        file.lock().unwrap();
        assert_eq!(lock_holder(&file), Some(std::process::id()));
    }
}
