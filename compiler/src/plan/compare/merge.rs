//! Walks two sorted lists together.

use std::cmp::Ordering;

/// Walks both sorted lists and hands out each key with what either side has for it.
pub(super) fn merge<'a, K: Ord, A, B>(
    left: &'a [A],
    left_key: impl Fn(&A) -> K,
    right: &'a [B],
    right_key: impl Fn(&B) -> K,
    mut each: impl FnMut(Option<&'a A>, Option<&'a B>),
) {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    loop {
        match (left.peek(), right.peek()) {
            (None, None) => return,
            (Some(_), None) => each(left.next(), None),
            (None, Some(_)) => each(None, right.next()),
            (Some(a), Some(b)) => match left_key(a).cmp(&right_key(b)) {
                Ordering::Less => each(left.next(), None),
                Ordering::Greater => each(None, right.next()),
                Ordering::Equal => each(left.next(), right.next()),
            },
        }
    }
}
