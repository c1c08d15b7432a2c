//! The tree over a state's objects: objects lie by the digest of their names, sixteen ways at each
//! step, so that a change of one costs the way to the root, however many others there are.

use std::fmt::Write as _;

use crate::bundle::Digest;

/// Digests of objects, each at its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree(Option<Node>);

/// Where an object lies: the digest of its name.
pub type Place = Digest;

/// What is below a place.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    /// One object, wherever the way to it ends.
    Leaf(Place, Digest),
    /// Several that lie alike so far.
    Branch(Box<Branch>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Branch {
    below: [Option<Node>; WAYS],
    digest: Digest,
}

const WAYS: usize = 16;

impl Tree {
    /// The digest over all objects.
    pub fn root(&self) -> Digest {
        self.0
            .as_ref()
            .map_or_else(|| Digest::of(b""), Node::digest)
    }

    /// An object is there, with this digest; one that was at its place is not any more.
    pub fn insert(&mut self, place: Place, object: Digest) {
        self.0 = Some(match self.0.take() {
            None => Node::Leaf(place, object),
            Some(node) => node.with(place, object, 0),
        });
    }

    /// No object is there.
    pub fn remove(&mut self, place: &Place) {
        self.0 = self.0.take().and_then(|node| node.without(place, 0));
    }
}

impl FromIterator<(Place, Digest)> for Tree {
    fn from_iter<I: IntoIterator<Item = (Place, Digest)>>(objects: I) -> Self {
        let mut objects: Vec<_> = objects.into_iter().collect();
        objects.sort_unstable();
        // No way would ever part two at one place.
        objects.dedup_by_key(|(place, _)| *place);
        Self(Node::of(&objects, 0))
    }
}

impl Node {
    fn digest(&self) -> Digest {
        match self {
            Self::Leaf(_, digest) => *digest,
            Self::Branch(branch) => branch.digest,
        }
    }

    /// Those objects, sorted by place, which lie alike for `depth` steps.
    fn of(objects: &[(Place, Digest)], depth: usize) -> Option<Self> {
        match objects {
            [] => None,
            [(place, digest)] => Some(Self::Leaf(*place, *digest)),
            _ => {
                let mut below = [const { None }; WAYS];
                for alike in objects.chunk_by(|(a, _), (b, _)| way(a, depth) == way(b, depth)) {
                    if let [(place, _), ..] = alike {
                        below[way(place, depth)] = Self::of(alike, depth + 1);
                    }
                }
                Some(Self::branch(below))
            }
        }
    }

    fn branch(below: [Option<Self>; WAYS]) -> Self {
        let digest = Digest::of_text(|out| {
            out.write_str("branch\n")?;
            for (way, node) in below.iter().enumerate() {
                if let Some(node) = node {
                    writeln!(out, "{way:x} {}", node.digest())?;
                }
            }
            Ok(())
        });
        Self::Branch(Box::new(Branch { below, digest }))
    }

    fn with(self, place: Place, object: Digest, depth: usize) -> Self {
        match self {
            Self::Leaf(other, _) if other == place => Self::Leaf(place, object),
            Self::Leaf(other, digest) => {
                let mut both = [(other, digest), (place, object)];
                both.sort_unstable();
                Self::of(&both, depth).unwrap_or(Self::Leaf(place, object))
            }
            Self::Branch(branch) => {
                let mut below = branch.below;
                let below_it = &mut below[way(&place, depth)];
                *below_it = Some(match below_it.take() {
                    None => Self::Leaf(place, object),
                    Some(node) => node.with(place, object, depth + 1),
                });
                Self::branch(below)
            }
        }
    }

    /// A branch with one object left is that object: the same objects are the same tree.
    fn without(self, place: &Place, depth: usize) -> Option<Self> {
        match self {
            Self::Leaf(other, _) if other == *place => None,
            leaf @ Self::Leaf(..) => Some(leaf),
            Self::Branch(branch) => {
                let mut below = branch.below;
                let below_it = &mut below[way(place, depth)];
                *below_it = below_it
                    .take()
                    .and_then(|node| node.without(place, depth + 1));
                let mut left = below.iter().flatten();
                match (left.next(), left.next()) {
                    (None, _) => None,
                    (Some(Self::Leaf(place, digest)), None) => Some(Self::Leaf(*place, *digest)),
                    _ => Some(Self::branch(below)),
                }
            }
        }
    }
}

/// Which way a place lies at this step: a hexadecimal digit of it.
fn way(place: &Place, depth: usize) -> usize {
    let byte = place.bytes().get(depth / 2).copied().unwrap_or_default();
    usize::from(if depth.is_multiple_of(2) {
        byte >> 4
    } else {
        byte & 15
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn place(number: u8) -> Place {
        Digest::of(&[number])
    }

    #[test]
    fn a_place_has_one_object() {
        let twice = [(place(1), place(2)), (place(1), place(2))];
        assert_eq!(Tree::from_iter(twice), Tree::from_iter([twice[0]]));
    }

    proptest! {
        #[test]
        fn the_way_to_a_tree_does_not_show(
            steps in prop::collection::vec((any::<u8>(), prop::option::of(any::<u8>())), 0..200)
        ) {
            let mut tree = Tree::default();
            let mut objects = BTreeMap::new();
            for (number, object) in steps {
                if let Some(object) = object {
                    tree.insert(place(number), place(object));
                    objects.insert(place(number), place(object));
                } else {
                    tree.remove(&place(number));
                    objects.remove(&place(number));
                }
            }
            prop_assert_eq!(&tree, &Tree::from_iter(objects.clone()));
            for (place, object) in objects {
                let other = Digest::of(object.bytes());
                let mut changed = tree.clone();
                changed.insert(place, other);
                prop_assert_ne!(changed.root(), tree.root());
                changed.remove(&place);
                prop_assert_ne!(changed.root(), tree.root());
            }
        }
    }
}
