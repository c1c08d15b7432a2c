//! Flags that say what is portolan's.

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::address::parse_net;
use portolan_compiler::plan::{Claims, Inventory, Ownership};

use crate::report::UsageError;

/// What may be taken away.
#[derive(Debug, Args)]
pub(super) struct OwnershipArgs {
    /// What may be removed when nothing asks for it
    #[arg(
        long,
        value_name = "MODE",
        value_enum,
        default_value = "tracked",
        help_heading = "Node"
    )]
    ownership: Mode,

    /// Claim what is there once, such as what kube-proxy left: kube-ipvs0 with all its addresses,
    /// and every virtual server outside of excludeCIDRs
    #[arg(long, conflicts_with = "ownership", help_heading = "Node")]
    takeover: bool,

    /// Leave virtual servers in these ranges alone [default: the configuration's excludeCIDRs]
    #[arg(
        long,
        value_name = "RANGE,...|none",
        value_delimiter = ',',
        value_parser = range,
        help_heading = "Node"
    )]
    exclude_cidrs: Option<Vec<Range>>,
}

/// What may be taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// What an earlier apply recorded; the rest is listed and left alone
    Tracked,
    /// What --takeover claims, on every run, as kube-proxy does
    Exclusive,
}

/// One value of `--exclude-cidrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    None,
    Net(IpNet),
}

fn range(text: &str) -> Result<Range, String> {
    if text == "none" {
        return Ok(Range::None);
    }
    parse_net(text)
        .map(Range::Net)
        .map_err(|error| error.to_string())
}

impl OwnershipArgs {
    pub(super) fn claims_everything(&self) -> bool {
        self.takeover || self.ownership == Mode::Exclusive
    }

    /// The excludeCIDRs of a compiled folder. An older one does not say them, and guessing could take
    /// away others' virtual servers.
    pub(super) fn excluded(&self, state: &NodeState) -> Result<Vec<IpNet>, UsageError> {
        match &state.services {
            Some(list) => Ok(list.exclude.iter().copied().collect()),
            None if self.claims_everything() && self.exclude_cidrs.is_none() => {
                Err(UsageError::new(
                    "an older portolan compiled this folder, which does not say which virtual \
                     servers are excluded",
                    "compile it again, or pass the configuration's ipvs.excludeCIDRs with \
                     --exclude-cidrs, or --exclude-cidrs none",
                ))
            }
            None => Ok(Vec::new()),
        }
    }

    /// What is ours, given what is configured and recorded.
    pub(super) fn claims(&self, configured: Vec<IpNet>, inventory: Inventory) -> Claims {
        let exclude = match &self.exclude_cidrs {
            None => configured,
            Some(ranges) => ranges
                .iter()
                .filter_map(|range| match range {
                    Range::None => None,
                    Range::Net(net) => Some(*net),
                })
                .collect(),
        };
        Claims {
            ownership: if self.claims_everything() {
                Ownership::Everything { exclude }
            } else {
                Ownership::Tracked
            },
            inventory,
            ..Claims::default()
        }
    }
}
