use std::fmt::Write as _;

use clap::Args;
use portolan_compiler::bundle::Target;
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

pub(crate) fn run(args: &HistoryArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let store = args.state.existing()?;
    let (generations, current) = match &store {
        Some(store) => (all(store)?, store.current()?),
        None => (Vec::new(), None),
    };
    let current = current.map(|current| current.generation);
    let text = match args.output.format {
        Format::Human if generations.is_empty() => "Nothing was applied here.\n".to_owned(),
        Format::Human => table(&generations, current),
        Format::Json => {
            let list: Vec<Value> = generations
                .iter()
                .map(|generation| {
                    json!({
                        "generation": generation.number,
                        "current": current == Some(generation.number),
                        "kind": generation.kind,
                        "provenance": provenance::json(&generation.provenance),
                        "made": utc(generation.made),
                        "node": generation.node.as_str(),
                        "mode": generation.files.mode().as_str(),
                        "kubeVersion": generation.kube_version.map(|version| version.to_string()),
                        "input": generation.input.to_string(),
                        "target": target(generation).map(|target| target.to_string()),
                        "services": services(generation),
                    })
                })
                .collect();
            escape::json_line(&list)
        }
    };
    context.streams.stdout.styled(&text);
    Ok(Exit::Done)
}

fn all(store: &Store) -> Result<Vec<Generation>, StoreError> {
    let numbers = store.generations()?;
    numbers
        .into_iter()
        .map(|number| store.generation(number))
        .collect()
}

fn table(generations: &[Generation], current: Option<u64>) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "  GENERATION  MADE                  TARGET        SERVICES  HOW"
    );
    for generation in generations.iter().rev() {
        let mark = if current == Some(generation.number) {
            '*'
        } else {
            ' '
        };
        let _ = writeln!(
            text,
            "{mark} {:<10}  {}  {:<12}  {:<8}  {}",
            generation.number,
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
