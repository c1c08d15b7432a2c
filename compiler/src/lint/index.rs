//! From an object to what findings about it need: names of ports, the Service it belongs to,
//! portolan's annotations.

use std::collections::BTreeMap;

use crate::diag::Place;
use crate::front::Manifests;
use crate::model::pod::Labels;
use crate::model::slice::LABEL_SERVICE;
use crate::source::{FieldPath, ObjectId, ObjectKind, Objects, Segment};

/// Every object of the input that findings can be about.
#[derive(Debug)]
pub(super) struct Index<'a> {
    objects: &'a Objects,
    known: BTreeMap<ObjectId, Known<'a>>,
    /// By namespace and name; the input's before the base's.
    services: BTreeMap<(&'a str, &'a str), ObjectId>,
}

#[derive(Debug)]
struct Known<'a> {
    /// Names of its ports, in the manifest's order.
    ports: Vec<&'a str>,
    /// The name of the Service it belongs to, if it says one.
    owner: Option<&'a str>,
    annotations: Option<&'a BTreeMap<String, String>>,
    /// Those of a Service.
    labels: Option<&'a Labels>,
}

impl<'a> Index<'a> {
    pub(super) fn new(manifests: [&'a Manifests; 2], objects: &'a Objects) -> Self {
        let mut known = BTreeMap::new();
        let mut services = BTreeMap::new();
        for manifests in manifests {
            for located in &manifests.services {
                let service = &located.value;
                let ports = service
                    .spec
                    .iter()
                    .flat_map(|spec| spec.ports.iter().flatten());
                let ports = ports.map(|port| port.name.as_deref().unwrap_or_default());
                let entry = Known {
                    ports: ports.collect(),
                    owner: None,
                    annotations: service.metadata.annotations.as_ref(),
                    labels: service.metadata.labels.as_ref(),
                };
                known.insert(located.object, entry);
                let name = objects.name(located.object);
                let key = (name.namespace.as_deref().unwrap_or_default(), &*name.name);
                services.entry(key).or_insert(located.object);
            }
            for located in &manifests.slices {
                let slice = &located.value;
                let ports = slice.ports.iter();
                let ports = ports.map(|port| port.name.as_deref().unwrap_or_default());
                let entry = Known {
                    ports: ports.collect(),
                    owner: slice.labels.get(LABEL_SERVICE).map(String::as_str),
                    annotations: Some(&slice.annotations),
                    labels: None,
                };
                known.insert(located.object, entry);
            }
            for located in &manifests.endpoints {
                let metadata = &located.value.metadata;
                let entry = Known {
                    ports: Vec::new(),
                    owner: metadata.name.as_deref(),
                    annotations: metadata.annotations.as_ref(),
                    labels: None,
                };
                known.insert(located.object, entry);
            }
            for located in &manifests.nodes {
                let entry = Known {
                    ports: Vec::new(),
                    owner: None,
                    annotations: located.value.metadata.annotations.as_ref(),
                    labels: None,
                };
                known.insert(located.object, entry);
            }
        }
        Self {
            objects,
            known,
            services,
        }
    }

    /// Each object that has annotations, in order.
    pub(super) fn annotated(
        &self,
    ) -> impl Iterator<Item = (ObjectId, &'a BTreeMap<String, String>)> {
        let with = |(object, known): (&ObjectId, &Known<'a>)| Some((*object, known.annotations?));
        self.known.iter().filter_map(with)
    }

    /// The Service that a slice or Endpoints belong to.
    pub(super) fn owner(&self, object: ObjectId) -> Option<ObjectId> {
        let owner = self.known.get(&object)?.owner?;
        let namespace = self.objects.name(object).namespace.as_deref();
        self.services
            .get(&(namespace.unwrap_or_default(), owner))
            .copied()
    }

    /// The labels of a Service; none where it has no label.
    pub(super) fn labels(&self, service: ObjectId) -> Option<&'a Labels> {
        self.known.get(&service)?.labels
    }

    /// What a finding at a place is about: kind, namespace, name and port name.
    pub(super) fn subject(&self, place: &Place) -> [&str; 4] {
        let Place::Field(object, path) = place else {
            return [""; 4];
        };
        let name = self.objects.name(*object);
        let known = self.known.get(object);
        let port = known.and_then(|known| {
            let index = port_index(name.kind, path)?;
            known.ports.get(index).copied()
        });
        // Slices get new names whenever they are made anew; their Service keeps its own.
        let owner = known.and_then(|known| known.owner);
        [
            name.kind.as_str(),
            name.namespace.as_deref().unwrap_or_default(),
            owner.unwrap_or(&name.name),
            port.unwrap_or_default(),
        ]
    }
}

/// The port that a path leads to or through.
fn port_index(kind: ObjectKind, path: &FieldPath) -> Option<usize> {
    let segments = match (kind, path.segments()) {
        (ObjectKind::Service, [Segment::Key(spec), rest @ ..]) if spec == "spec" => rest,
        (ObjectKind::EndpointSlice, segments) => segments,
        _ => return None,
    };
    match segments {
        [Segment::Key(ports), Segment::Index(index), ..] if ports == "ports" => Some(*index),
        _ => None,
    }
}
