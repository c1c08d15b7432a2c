use std::fmt::Write as _;

use clap::Args;
use portolan_compiler::bundle::Target;
use portolan_compiler::escape::visible;
use portolan_compiler::{escape, target};
use serde_json::{Value, json};

use super::shared::format::{Format, FormatArgs};
use super::shared::planning::StateArgs;
use super::shared::provenance;
use super::shared::time::utc;
use crate::commands::shared::Context;
use crate::report::{Exit, Failure};
use crate::transaction::store::{Generation, Store, StoreError};

/// List the generations that were applied on a node
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    state: StateArgs,

    #[command(flatten)]
    output: FormatArgs,
}

/// A generation by its number.
type Listed = (u64, Result<Generation, StoreError>);

pub(crate) fn run(args: &HistoryArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let store = args.state.existing()?;
    let (generations, current) = match &store {
        Some(store) => (all(store)?, store.current()),
        None => (Vec::new(), Ok(None)),
    };
    let number = current.as_ref().ok().and_then(|current| {
        let current = current.as_ref()?;
        Some(current.generation)
    });
    let text = match args.output.format {
        Format::Human if generations.is_empty() => "Nothing was applied here.\n".to_owned(),
        Format::Human => table(&generations, number),
        Format::Json => {
            let list: Vec<Value> = generations
                .iter()
                .map(|listed| json_of(listed, number))
                .collect();
            escape::json_line(&list)
        }
    };
    context.streams.stdout.styled(&text);
    // The list is good without it, but nobody knows which of them is current.
    current?;
    Ok(Exit::Done)
}

/// All of them; one that is lost is listed as that, and stops nothing.
fn all(store: &Store) -> Result<Vec<Listed>, StoreError> {
    let mut all = Vec::new();
    for number in store.generations()? {
        match store.generation(number) {
            // An apply that goes on meanwhile forgets the oldest.
            Err(StoreError::NoGeneration { .. }) => {}
            read => all.push((number, read)),
        }
    }
    Ok(all)
}

fn json_of((number, read): &Listed, current: Option<u64>) -> Value {
    let is_current = current == Some(*number);
    match read {
        Ok(generation) => json!({
            "generation": number,
            "current": is_current,
            "kind": generation.kind,
            "provenance": provenance::json(&generation.provenance),
            "made": utc(generation.made),
            "node": generation.node.as_str(),
            "mode": generation.files.mode().as_str(),
            "kubeVersion": generation.kube_version.map(|version| version.to_string()),
            "input": generation.input.to_string(),
            "target": target(generation).map(|target| target.to_string()),
            "services": services(generation),
        }),
        Err(error) => json!({
            "generation": number,
            "current": is_current,
            "damaged": error.to_string(),
        }),
    }
}

fn table(generations: &[Listed], current: Option<u64>) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "  GENERATION  MADE                  TARGET        SERVICES  HOW"
    );
    for (number, read) in generations.iter().rev() {
        let mark = if current == Some(*number) { '*' } else { ' ' };
        let generation = match read {
            Ok(generation) => generation,
            Err(error) => {
                let _ = writeln!(text, "{mark} {number:<10}  {}", visible(&error.to_string()));
                continue;
            }
        };
        let _ = writeln!(
            text,
            "{mark} {number:<10}  {}  {:<12}  {:<8}  {}",
            utc(generation.made),
            target(generation).map_or_else(|| "-".to_owned(), |target| target.short()),
            services(generation).map_or_else(|| "-".to_owned(), |number| number.to_string()),
            provenance::after(&generation.kind.describe(), &generation.provenance),
        );
    }
    text
}

/// What the node was asked to hold; nothing of files that portolan would not write.
fn target(generation: &Generation) -> Option<Target> {
    let state = generation.files.state().ok()?;
    Some(target::target(&state))
}

/// How many Services it has, where it says so.
fn services(generation: &Generation) -> Option<usize> {
    let list = generation.files.services().ok()?;
    list.map(|list| list.len())
}
