//! Packets: who is reached, as whom, and what a change does to those who are talking.

mod paths;

use crate::harness::Case;

pub(crate) fn cases() -> Vec<Case> {
    paths::cases()
}
