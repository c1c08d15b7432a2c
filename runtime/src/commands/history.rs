use std::fmt::Write as _;
use std::time::SystemTime;

use clap::Args;
use jiff::Timestamp;
use portolan_compiler::escape;
use serde_json::{Value, json};

use super::format::{Format, FormatArgs};
use super::planning::StateArgs;
use crate::cli::{Context, Exit, Failure};
use crate::transaction::store::{Generation, Store, StoreError};

/// List the generations that were applied on a node
#[derive(Debug, Args)]
pub struct HistoryArgs {
    #[command(flatten)]
    state: StateArgs,

    #[command(flatten)]
    output: FormatArgs,
}

pub(super) fn run(args: &HistoryArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
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
                        "made": utc(generation.made),
                        "node": generation.node.as_str(),
                        "mode": generation.files.mode().as_str(),
                        "kubeVersion": generation.kube_version.map(|version| version.to_string()),
                        "objects": generation.objects.to_string(),
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
    let _ = writeln!(text, "  GENERATION  MADE                  SERVICES  HOW");
    for generation in generations.iter().rev() {
        let mark = if current == Some(generation.number) {
            '*'
        } else {
            ' '
        };
        let _ = writeln!(
            text,
            "{mark} {:<10}  {}  {:<8}  {}",
            generation.number,
            utc(generation.made),
            services(generation).map_or_else(|| "-".to_owned(), |number| number.to_string()),
            generation.kind.describe(),
        );
    }
    text
}

/// How many Services it has, where it says so.
fn services(generation: &Generation) -> Option<usize> {
    let list = generation.files.services().ok()?;
    list.map(|list| list.len())
}

/// `2026-11-21T13:00:00Z`, of the machine's clock.
pub(super) fn utc(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    // A moment that no calendar has is none that a machine made.
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let moment = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn moments_are_told_in_utc() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_795_262_591, "2026-11-21T12:03:11Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (1 << 50, "9999-12-30T22:00:00Z"),
        ] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(utc(time), text);
        }
    }
}
