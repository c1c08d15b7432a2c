//! Random clusters that the API server would accept: Services of all types with all policies,
//! endpoints in all states, nodes and configurations.
//!
//! Addresses, ports and node ports are numbered by their owner, so that no two Services ever claim
//! the same one: what is generated always compiles.

pub mod config;
pub mod endpoints;
pub mod node;
pub mod service;
pub mod text;

use portolan_compiler::model::KubeVersion;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use config::Config;
use endpoints::Backing;
use node::Node;
use service::Service;

/// A cluster with all that portolan reads of one.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Node objects, named by their order as [`node::name`] says.
    pub nodes: Vec<Node>,
    /// Each with its endpoints.
    pub services: Vec<(Service, Backing)>,
    /// The configuration of its kube-proxy; `None` where the defaults are left to it.
    pub config: Option<Config>,
    /// The release that it runs.
    pub version: KubeVersion,
}

impl Cluster {
    /// Its objects, as the API server would give them out.
    pub fn objects(&self) -> Vec<Value> {
        let mut objects: Vec<Value> = self.config.iter().map(Config::object).collect();
        for (node, number) in self.nodes.iter().zip(0..) {
            objects.extend(node.objects(number));
        }
        for ((service, backing), number) in self.services.iter().zip(0..) {
            objects.push(service.object(number));
            objects.extend(backing.objects(number, service));
        }
        objects
    }

    /// The names of its nodes, sorted.
    pub fn node_names(&self) -> Vec<String> {
        (0..self.nodes.len()).map(node::name).collect()
    }
}

/// Clusters of up to three nodes and up to five Services.
pub fn cluster() -> impl Strategy<Value = Cluster> {
    let services = vec((service::service(), endpoints::backing()), 0..=5);
    let version = (30u8..=37).prop_map(|minor| KubeVersion::from_minor(minor).unwrap());
    (
        vec(node::node(), 1..=3),
        services,
        proptest::option::weighted(0.9, config::config()),
        version,
    )
        .prop_map(|(nodes, services, config, version)| Cluster {
            nodes,
            services,
            config,
            version,
        })
}
