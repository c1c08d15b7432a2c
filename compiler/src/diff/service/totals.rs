//! How many Services there are and were, and how many of them change.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::Fate;
use crate::diff::{NodeView, Subject};

/// Which Services there are and were; where names are unknown, addresses and ports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    old: BTreeSet<Subject>,
    new: BTreeSet<Subject>,
    touched: BTreeSet<Subject>,
    /// Those of one side that the other may serve by what was not read.
    unread: BTreeSet<Subject>,
    /// Whether there is something that was not read.
    blind: bool,
}

impl Totals {
    pub(super) fn add(&mut self, old: &NodeView, new: &NodeView) {
        for (view, other, subjects) in [(old, new, &mut self.old), (new, old, &mut self.new)] {
            for listener in view.listeners() {
                let subject = view.owner(listener, other).subject;
                if other.is_unread(&listener, view) {
                    self.unread.insert(subject);
                } else {
                    subjects.insert(subject);
                }
            }
            self.blind |= !view.unread.is_empty() || view.lacks_tables(other);
        }
    }

    /// Counts a Service that manifests declare.
    pub(super) fn declare(&mut self, subject: &Subject, fate: Option<Fate>) {
        if fate != Some(Fate::Comes) {
            self.old.insert(subject.clone());
        }
        if fate != Some(Fate::Goes) {
            self.new.insert(subject.clone());
        }
    }

    pub(super) fn touch(&mut self, subject: &Subject) {
        self.touched.insert(subject.clone());
    }

    /// All that there is and was.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.old.iter().chain(&self.new).chain(&self.unread)
    }

    pub(super) fn retain(&mut self, shows: impl Fn(&Subject) -> bool) {
        let all = [
            &mut self.old,
            &mut self.new,
            &mut self.touched,
            &mut self.unread,
        ];
        for subjects in all {
            subjects.retain(&shows);
        }
    }

    /// Services that only the new side has.
    pub fn come(&self) -> impl Iterator<Item = &Subject> {
        self.new.difference(&self.old)
    }

    /// Services that only the old side has.
    pub fn go(&self) -> impl Iterator<Item = &Subject> {
        self.old.difference(&self.new)
    }

    /// Services that both sides have, and that change.
    pub fn change(&self) -> impl Iterator<Item = &Subject> {
        self.stay().filter(|subject| self.changes(subject))
    }

    /// Whether it comes or goes as a whole.
    pub fn fate(&self, subject: &Subject) -> Option<Fate> {
        match (self.old.contains(subject), self.new.contains(subject)) {
            (false, true) => Some(Fate::Comes),
            (true, false) => Some(Fate::Goes),
            _ => None,
        }
    }

    /// How many stay as they are.
    pub fn untouched(&self) -> usize {
        self.stay().filter(|subject| !self.changes(subject)).count()
    }

    /// Services of which nothing is compared: one side may serve them by what was not read.
    pub fn unread(&self) -> impl Iterator<Item = &Subject> {
        let compared = |one: &&Subject| self.old.contains(*one) || self.new.contains(*one);
        self.unread.iter().filter(move |one| !compared(one))
    }

    /// Whether all was read: what was not is no equality.
    pub fn is_whole(&self) -> bool {
        !self.blind
    }

    /// Whether no side has any.
    pub fn is_nothing(&self) -> bool {
        self.old.is_empty() && self.new.is_empty() && self.unread.is_empty()
    }

    /// How many there were.
    pub fn before(&self) -> usize {
        self.old.len()
    }

    fn stay(&self) -> impl Iterator<Item = &Subject> {
        self.old.intersection(&self.new)
    }

    /// Whether something changes about it on a node that was added.
    pub fn is_touched(&self, subject: &Subject) -> bool {
        self.touched.contains(subject)
    }

    fn changes(&self, subject: &Subject) -> bool {
        self.touched.contains(subject) || self.touched.contains(&Subject::Everything)
    }

    /// Whether some side knows no names.
    pub fn has_unnamed(&self) -> bool {
        let mut all = self.old.union(&self.new);
        all.any(|subject| !matches!(subject, Subject::Service(_)))
    }

    /// Services that change or go.
    pub fn affected(&self) -> usize {
        self.change().count() + self.go().count()
    }
}

/// The share of Services that may change or go, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlastRadius(u8);

/// Text that is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a share such as 20%")]
pub struct NotAShare;

impl FromStr for BlastRadius {
    type Err = NotAShare;

    fn from_str(text: &str) -> Result<Self, NotAShare> {
        let number = text.strip_suffix('%').unwrap_or(text);
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAShare);
        }
        let percent: u8 = number.parse().map_err(|_| NotAShare)?;
        (percent <= 100).then_some(Self(percent)).ok_or(NotAShare)
    }
}

impl BlastRadius {
    /// Whether no more than this share changes or goes.
    pub fn allows(self, totals: &Totals) -> bool {
        totals.affected() * 100 <= totals.before() * usize::from(self.0)
    }

    /// The share, in percent.
    pub fn percent(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(old: usize, touched: usize) -> Totals {
        let subjects = |number: usize| -> BTreeSet<Subject> {
            let names = (0..number).map(|number| format!("shop/{number}"));
            names.map(|name| Subject::Service(name.into())).collect()
        };
        Totals {
            old: subjects(old),
            new: subjects(old),
            touched: subjects(touched),
            ..Totals::default()
        }
    }

    #[test]
    fn a_share_is_allowed_up_to_its_edge() {
        for (old, touched, share, allowed) in [
            (10, 2, "20%", true),
            (10, 3, "20%", false),
            (10, 2, "20", true),
            (10, 0, "0%", true),
            (10, 1, "0%", false),
            (10, 10, "100%", true),
            (0, 0, "0%", true),
        ] {
            let radius: BlastRadius = share.parse().unwrap();
            assert_eq!(
                radius.allows(&totals(old, touched)),
                allowed,
                "{old} {touched} {share}"
            );
        }
    }

    #[test]
    fn a_share_is_a_whole_number_of_percent() {
        for text in ["", "%", "101%", "-1%", "+5%", "1.5%", "20 %", "all"] {
            assert_eq!(text.parse::<BlastRadius>(), Err(NotAShare), "{text}");
        }
    }
}
