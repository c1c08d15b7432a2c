//! Questions that the input cannot answer.

use portolan_compiler::what_if::Unknown;

use crate::report::{Exit, Explain};

#[derive(Debug, thiserror::Error)]
pub(super) enum WhatIfError {
    #[error(transparent)]
    Unknown(Unknown),
    #[error("no node of the input is in a zone: there is none to lose")]
    NoZone,
    #[error("the input has no Service: nothing can become of any")]
    NoService,
    #[error(
        "the input has neither EndpointSlices nor Pods: nobody knows which Services lose an endpoint"
    )]
    NoEndpoints,
}

impl Explain for WhatIfError {
    fn exit(&self) -> Exit {
        match self {
            Self::Unknown(_) => Exit::Usage,
            Self::NoZone | Self::NoService | Self::NoEndpoints => Exit::Data,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Unknown(unknown) => unknown.help(),
            Self::NoZone => "zones are those of the label topology.kubernetes.io/zone of Nodes; --each-node needs none".to_owned(),
            Self::NoService | Self::NoEndpoints => {
                "add the output of: kubectl get services,endpointslices,nodes,pods -A -o yaml"
                    .to_owned()
            }
        })
    }
}
