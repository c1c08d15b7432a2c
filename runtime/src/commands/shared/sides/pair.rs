//! Which nodes are compared.

use portolan_compiler::model::name::NodeName;

use super::argument::FilesKind;
use super::{Names, Origin, Side, Told};
use crate::commands::shared::sides::error::DiffError;

/// The name of a node that no side has a name for.
const NAMELESS: &str = "node";

/// Which nodes are compared.
#[derive(Debug, Default)]
pub(in crate::commands) struct Pairing {
    /// Those of both sides, with their indices.
    pub(in crate::commands) both: Vec<(NodeName, usize, usize)>,
    /// Those that only the new side has.
    pub(in crate::commands) new: Vec<NodeName>,
    /// Those that only the old side has.
    pub(in crate::commands) gone: Vec<NodeName>,
}

impl Pairing {
    /// Whether no node is compared, nor could be.
    pub(in crate::commands) fn has_no_node(&self) -> bool {
        self.both.is_empty() && self.is_whole()
    }

    /// Whether both sides have the same nodes.
    pub(in crate::commands) fn is_whole(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty()
    }
}

/// Pairs the nodes of two sides for what manifests declare, which needs none: manifests that have no
/// Node are compared with those of a cluster all the same.
///
/// # Errors
/// As [`pair`].
pub(in crate::commands) fn pair_or_declared(
    old: &Side,
    new: &Side,
    wanted: Option<&str>,
) -> Result<Pairing, DiffError> {
    let declare = [old, new]
        .iter()
        .all(|side| side.origin() == Origin::Manifests);
    match pair(old, new, wanted) {
        Err(DiffError::LacksNodes { .. }) if declare => Ok(Pairing::default()),
        paired => paired,
    }
}

/// Pairs the nodes of two sides.
///
/// # Errors
/// Sides that have no nodes in common, or that are not what the caller may think.
pub(in crate::commands) fn pair(
    old: &Side,
    new: &Side,
    wanted: Option<&str>,
) -> Result<Pairing, DiffError> {
    refuse_unlike(old, new)?;
    if let Some(wanted) = wanted {
        let (a, b) = (find(old, wanted)?, find(new, wanted)?);
        let name = [(old, a), (new, b)]
            .into_iter()
            .find_map(|(side, index)| match side.names() {
                Names::Known(names) => names.get(index).cloned(),
                Names::Unknown | Names::All => None,
            });
        let name = name.or_else(|| NodeName::parse(wanted).ok());
        return Ok(Pairing {
            both: name.map(|name| (name, a, b)).into_iter().collect(),
            ..Pairing::default()
        });
    }
    match (old.names(), new.names()) {
        (Names::Known(old), Names::Known(new)) => by_name(old, new),
        (Names::Known(names), Names::Unknown) => only(names, new),
        (Names::Unknown, Names::Known(names)) => only(names, old),
        (Names::Known(names), Names::All) | (Names::All, Names::Known(names)) => Ok(each(names)),
        (Names::Unknown | Names::All, Names::Unknown | Names::All) => {
            Ok(one(NodeName::parse(NAMELESS).ok()))
        }
    }
}

/// Manifests are compared with something else only where each side says what it is: a change that takes
/// a folder's manifests away and puts compiled rules there chose what is compared.
fn refuse_unlike(old: &Side, new: &Side) -> Result<(), DiffError> {
    let (Some(a), Some(b)) = (old.kind(), new.kind()) else {
        return Ok(());
    };
    let told = [old, new].iter().all(|side| side.told == Told::Word);
    if told || a == b || ![a, b].contains(&FilesKind::Manifests) {
        return Ok(());
    }
    Err(DiffError::Unlike(
        (old.label.clone(), a.reading()),
        (new.label.clone(), b.reading()),
    ))
}

fn find(side: &Side, wanted: &str) -> Result<usize, DiffError> {
    let Names::Known(names) = side.names() else {
        return Ok(0);
    };
    let found = names.iter().position(|name| name.as_str() == wanted);
    found.ok_or_else(|| DiffError::NoNode {
        side: side.label.clone(),
        node: wanted.to_owned(),
        known: names.iter().map(ToString::to_string).collect(),
    })
}

fn only(names: &[NodeName], nameless: &Side) -> Result<Pairing, DiffError> {
    match names {
        [name] => Ok(one(Some(name.clone()))),
        _ if nameless.origin() == Origin::Manifests => Err(DiffError::LacksNodes {
            side: nameless.label.clone(),
            known: names.len(),
        }),
        _ => Err(DiffError::WhichNode {
            side: nameless.label.clone(),
            known: names.len(),
        }),
    }
}

fn each(names: &[NodeName]) -> Pairing {
    let both = names.iter().cloned().enumerate();
    Pairing {
        both: both.map(|(index, name)| (name, index, index)).collect(),
        ..Pairing::default()
    }
}

fn one(name: Option<NodeName>) -> Pairing {
    Pairing {
        both: name.map(|name| (name, 0, 0)).into_iter().collect(),
        ..Pairing::default()
    }
}

fn by_name(old: &[NodeName], new: &[NodeName]) -> Result<Pairing, DiffError> {
    let mut pairing = Pairing::default();
    for (a, name) in old.iter().enumerate() {
        match new.binary_search(name) {
            Ok(b) => pairing.both.push((name.clone(), a, b)),
            Err(_) => pairing.gone.push(name.clone()),
        }
    }
    let lacking = new.iter().filter(|name| old.binary_search(name).is_err());
    pairing.new.extend(lacking.cloned());
    if pairing.both.is_empty() {
        return Err(DiffError::NoCommonNode);
    }
    Ok(pairing)
}
