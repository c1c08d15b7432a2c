//! Services that manifests declare and no node serves: they are drawn as what they are.

use super::{Picture, Side, Vertex};
use crate::diff::declared::{Declaration, Declarations};
use crate::diff::{Subject, service};
use crate::model::service::Skipped;

/// Why nodes do not serve a Service, on either side that declares it so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Declared {
    old: Option<Box<str>>,
    new: Option<Box<str>>,
    compared: bool,
}

impl Declared {
    /// In words: what comes or goes is only here, as it may have no edge to say so.
    pub(super) fn remark(&self) -> String {
        match (&self.old, &self.new) {
            (None, Some(why)) if self.compared => format!("new, {why}"),
            (Some(why), None) if self.compared => format!("gone, {why}"),
            (_, Some(why)) | (Some(why), None) => why.to_string(),
            (None, None) => String::new(),
        }
    }
}

impl Picture {
    /// Draws the Services that a side declares and that no node serves, with the endpoints that are known
    /// to stand behind them; `wanted` says which.
    pub fn declare(
        &mut self,
        declarations: &Declarations,
        side: Side,
        wanted: impl Fn(&Subject) -> bool,
    ) {
        for key in declarations.services() {
            let Some(declaration) = declarations.of_service(key) else {
                continue;
            };
            let subject = service::subject(key);
            let Some(why) = why(declaration).filter(|_| wanted(&subject)) else {
                continue;
            };
            let vertex = Vertex::Service(subject.clone());
            let endpoints = declaration.endpoints.iter().flat_map(|one| &one.endpoints);
            // DNS alone leads to endpoints without a port.
            for endpoint in endpoints.filter(|one| one.port() != 0) {
                self.edge(vertex.clone(), Vertex::Endpoint(*endpoint), side);
            }
            self.alone.insert(vertex);
            let declared = self.declared.entry(subject).or_default();
            declared.compared = side != Side::Only;
            if side != Side::New {
                declared.old = Some(why.clone());
            }
            if side != Side::Old {
                declared.new = Some(why);
            }
        }
    }
}

/// Why no node serves a Service; `None` where nodes do.
fn why(declaration: &Declaration) -> Option<Box<str>> {
    Some(match declaration.skipped? {
        Skipped::NotAllocated => "no cluster IP yet".into(),
        Skipped::Headless => "headless".into(),
        Skipped::ExternalName => match &declaration.external_name {
            Some(name) => format!("alias of {name}").into(),
            None => "alias".into(),
        },
        Skipped::OtherProxy => "left to another proxy".into(),
    })
}
