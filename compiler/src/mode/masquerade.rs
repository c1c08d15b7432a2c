//! How marked packets get the node's address, the same in modes ipvs and iptables.

use crate::ir::Masquerading;
use crate::kernel::iptables::build::{comment, rule};
use crate::kernel::iptables::{Mark, Match, Negation, PortChoice, Rule, Target};
use crate::model::Release;

/// Programs of a current node, where the facts say nothing else.
pub(super) const CURRENT_IPTABLES: Release = Release {
    major: 1,
    minor: 8,
    patch: 9,
};

const SNAT: &str = "kubernetes service traffic requiring SNAT";

/// The mark that asks for masquerading, and how that chooses ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Masquerade {
    bits: u32,
    port_choice: PortChoice,
}

impl Masquerade {
    pub(super) fn new(masquerading: &Masquerading, iptables: Release) -> Self {
        // iptables has --random-fully from 1.6.2 on.
        let random = Release {
            major: 1,
            minor: 6,
            patch: 2,
        };
        Self {
            bits: masquerading.mark(),
            port_choice: if iptables >= random {
                PortChoice::RandomFully
            } else {
                PortChoice::Default
            },
        }
    }

    /// What rules of KUBE-MARK-MASQ and KUBE-POSTROUTING seem to say; kube-proxy's own default where
    /// they say nothing that could be.
    pub(super) fn read_off(mark_masq: &[Rule], postrouting: &[Rule]) -> Self {
        let bits = mark_masq.iter().find_map(|rule| match rule.target {
            Target::Mark(mark) if mark.value.is_power_of_two() => Some(mark.value),
            _ => None,
        });
        let default = Target::Masquerade(PortChoice::Default);
        let snat = comment(SNAT);
        let by_default = postrouting
            .iter()
            .any(|rule| rule.target == default && rule.matches.contains(&snat));
        Self {
            bits: bits.unwrap_or(1 << 14),
            port_choice: if by_default {
                PortChoice::Default
            } else {
                PortChoice::RandomFully
            },
        }
    }

    /// Rules of KUBE-MARK-MASQ.
    pub(super) fn mark_masq(self) -> Vec<Rule> {
        vec![rule([], Target::Mark(self.mark(self.bits)))]
    }

    /// Rules of KUBE-POSTROUTING.
    pub(super) fn postrouting(self) -> [Rule; 3] {
        [
            rule(
                [Match::Mark(Negation::Not, self.mark(self.bits))],
                Target::Return,
            ),
            // Clears the mark, so that a packet that passes again is not masqueraded twice.
            rule([], Target::Mark(self.mark(0))),
            rule([comment(SNAT)], Target::Masquerade(self.port_choice)),
        ]
    }

    /// Rules of KUBE-FORWARD that let Services' packets through.
    pub(super) fn forward(self) -> [Rule; 2] {
        [
            rule(
                [
                    comment("kubernetes forwarding rules"),
                    Match::Mark(Negation::Is, self.mark(self.bits)),
                ],
                Target::Accept,
            ),
            rule(
                [
                    comment("kubernetes forwarding conntrack rule"),
                    Match::RelatedEstablished,
                ],
                Target::Accept,
            ),
        ]
    }

    /// Sets the mark with the mask's bits, clears it with none.
    fn mark(self, mask: u32) -> Mark {
        Mark {
            value: self.bits,
            mask,
        }
    }
}
