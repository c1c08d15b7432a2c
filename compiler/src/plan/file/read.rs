//! Reads plan files.

use serde_json::Value;

use super::{Files, Ground, PlanFile, ServiceNames, Terms, write};
use crate::bundle::{ArtefactKind, Digest, Target};
use crate::kernel::Part;
use crate::mode::ArtefactError;
use crate::model::address::parse_net;
use crate::model::name::NodeName;
use crate::model::{KubeVersion, Protocol};
use crate::plan::object::encoding::{indented, line};
use crate::plan::{Durability, Interruption, Ownership, Step, Subject};
use crate::source::Origins;
use crate::target::target;

/// Why a text is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Text that is no JSON: what the parser says.
    #[error("not JSON: {0}")]
    Json(String),
    /// JSON of another kind of document.
    #[error("not a plan of portolan")]
    NotAPlan,
    /// A format that is newer than this portolan.
    #[error("format version {0:?} is not known; this portolan reads versions 1.* and 2.*")]
    Version(String),
    /// Its digest says something else than its bytes.
    #[error("the file is not as it was written: its digest does not match")]
    Changed,
    /// Files that portolan would not write.
    #[error(transparent)]
    State(#[from] ArtefactError),
    /// Files that ask for something else than it says.
    #[error("it says target {}, and its files are target {}", said.short(), found.short())]
    Target {
        /// What it says.
        said: Target,
        /// What its files ask for.
        found: Target,
    },
    /// A field above the steps.
    #[error("field {0:?} is missing or makes no sense")]
    Field(&'static str),
    /// A step with a field that is missing or makes no sense.
    #[error("step {id}: {field:?} is missing or makes no sense")]
    Step {
        /// Its number, from 1.
        id: usize,
        /// Name of the field.
        field: &'static str,
    },
}

impl PlanFile {
    /// Reads the text of a plan file.
    ///
    /// # Errors
    /// With the first thing that no portolan writes.
    pub fn read(text: &str) -> Result<Self, FileError> {
        let mut document: Value =
            serde_json::from_str(text).map_err(|error| FileError::Json(error.to_string()))?;
        if document["format"] != "portolan-plan" {
            return Err(FileError::NotAPlan);
        }
        let version = document["formatVersion"].as_str().unwrap_or_default();
        let input = match version.split('.').next() {
            Some("1") => "target",
            Some("2") => "input",
            _ => return Err(FileError::Version(version.to_owned())),
        };
        unchanged(&mut document, text)?;
        let text = |field: &'static str| line(&document[field]).ok_or(FileError::Field(field));
        let steps = document["steps"]
            .as_array()
            .ok_or(FileError::Field("steps"))?;
        let files = files(&document["files"]).ok_or(FileError::Field("files"))?;
        let found = target(&files.state()?);
        if input == "input" {
            let said = text("target")?.parse();
            let said = said.map_err(|_| FileError::Field("target"))?;
            if said != found {
                return Err(FileError::Target { said, found });
            }
        }
        Ok(Self {
            node: NodeName::parse(text("node")?).map_err(|_| FileError::Field("node"))?,
            kube_version: kube_version(&document["kubeVersion"])?,
            input: text(input)?.parse().map_err(|_| FileError::Field(input))?,
            target: found,
            observed: ground(&document["observed"]).ok_or(FileError::Field("observed"))?,
            files,
            terms: terms(&document["terms"])?,
            services: services(&document["services"]).ok_or(FileError::Field("services"))?,
            steps: (1..)
                .zip(steps)
                .map(|(id, value)| step(value).map_err(|field| FileError::Step { id, field }))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Checks the digest, and that nothing stands between the values either.
fn unchanged(document: &mut Value, text: &str) -> Result<(), FileError> {
    if write::text(document) != text {
        return Err(FileError::Changed);
    }
    let found = document
        .as_object_mut()
        .and_then(|fields| fields.remove(write::DIGEST));
    if found != Some(write::digest(document).into()) {
        return Err(FileError::Changed);
    }
    Ok(())
}

fn ground(value: &Value) -> Option<Ground> {
    let digest = |value: &Value| line(value)?.parse::<Digest>().ok();
    let parts = value["parts"].as_object()?;
    Some(Ground {
        digest: digest(&value["digest"])?,
        parts: Part::DIGESTED
            .into_iter()
            .filter_map(|part| Some((part, parts.get(part.id())?)))
            .map(|(part, value)| Some((part, digest(value)?)))
            .collect::<Option<_>>()?,
        machine: match &value["machine"] {
            Value::Null => None,
            machine => Some(digest(machine)?),
        },
    })
}

fn files(value: &Value) -> Option<Files> {
    let read = |(name, lines): (&String, &Value)| {
        let kind = name
            .parse()
            .ok()
            .filter(|kind: &ArtefactKind| kind.is_text())?;
        let lines = lines.as_array()?.iter().map(indented);
        let text = lines
            .map(|text| Some(format!("{}\n", text?)))
            .collect::<Option<String>>()?;
        Some((kind, text))
    };
    let files = value.as_object()?.iter().map(read);
    files.collect::<Option<_>>().map(Files)
}

/// Older files have none, nor have ways back.
fn terms(value: &Value) -> Result<Option<Terms>, FileError> {
    if value.is_null() {
        return Ok(None);
    }
    let read = || {
        Some(Terms {
            ownership: match line(&value["ownership"])? {
                write::TRACKED => Ownership::Tracked,
                write::EVERYTHING => {
                    let ranges = value["exclude"].as_array()?.iter();
                    let ranges = ranges.map(|range| parse_net(line(range)?).ok());
                    Ownership::Everything {
                        exclude: ranges.collect::<Option<_>>()?,
                    }
                }
                _ => return None,
            },
            records: line(&value["records"])?.parse().ok()?,
        })
    };
    read().map(Some).ok_or(FileError::Field("terms"))
}

/// Older files have none.
fn kube_version(value: &Value) -> Result<Option<KubeVersion>, FileError> {
    if value.is_null() {
        return Ok(None);
    }
    let version = line(value).and_then(|text| text.parse().ok());
    version.map(Some).ok_or(FileError::Field("kubeVersion"))
}

/// Older files have none.
fn services(value: &Value) -> Option<ServiceNames> {
    if value.is_null() {
        return Some(ServiceNames::new());
    }
    let read = |(key, name): (&String, &Value)| Some((key.parse().ok()?, line(name)?.into()));
    value.as_object()?.iter().map(read).collect()
}

fn step(value: &Value) -> Result<Step, &'static str> {
    let phase = value["phase"].as_str().and_then(|word| word.parse().ok());
    let subject = Subject::decode(value)?;
    if value["op"] != subject.op().as_str() {
        return Err("op");
    }
    Ok(Step {
        phase: phase.ok_or("phase")?,
        durability: match value["transitional"].as_bool() {
            Some(true) => Durability::Transitional,
            Some(false) => Durability::Lasting,
            None => return Err("transitional"),
        },
        interruption: interruption(&value["interrupts"]).ok_or("interrupts")?,
        origins: Origins::new(),
        subject,
    })
}

fn interruption(value: &Value) -> Option<Interruption> {
    if value.is_null() {
        return Some(Interruption::None);
    }
    if let Some(why) = value["flows"].as_str() {
        return why.parse().ok().map(Interruption::Flows);
    }
    if value["guards"] == true {
        return Some(Interruption::Unguarded);
    }
    Some(Interruption::Connections {
        protocol: value["protocol"].as_str()?.parse::<Protocol>().ok()?,
        count: value["connections"].as_u64(),
    })
}
