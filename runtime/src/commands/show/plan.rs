//! A plan: what it would do, where and on what it was made, and whether this node would still take it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use portolan_compiler::diag::some;
use portolan_compiler::english::count;
use portolan_compiler::escape::visible;
use portolan_compiler::plan::Plan;
use portolan_compiler::plan::file::{PlanFile, Told};
use portolan_compiler::plan::render::{Page, Services};

use super::error::Problem;
use crate::commands::shared::planning::{StateArgs, print, taken};
use crate::host;
use crate::host::Holds;
use crate::report::{Explain as _, Failure};
use crate::transaction::store::Store;

pub(super) fn show(text: &str, records: &StateArgs) -> Result<String, Problem> {
    let file = PlanFile::read(text)?;
    let told = Told::read(text);
    let state = file
        .files
        .state()
        .map_err(|problem| Problem::Plan(problem.into()))?;
    let plan = Plan {
        serving: file.files.serving(),
        mode_change: told.mode_change,
        ..Plan::of(file.steps.clone())
    };
    let page = Page {
        node: &file.node,
        target: file.target,
        plan: &plan,
        services: &Services::new(&state, None).with_told(told.of_steps(&file)),
        notes: &told.notes,
    };
    Ok(print::human(&page) + &left_alone(&told) + &made(&file, records))
}

fn left_alone(told: &Told) -> String {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (kind, name) in &told.left_alone {
        kinds.entry(kind).or_default().push(name);
    }
    let line = |(kind, names): (&&str, &Vec<&str>)| {
        let number = count(names.len(), kind);
        format!(
            "Left alone: {}: {}.\n",
            visible(&number),
            visible(&some(names.iter()))
        )
    };
    kinds.iter().map(line).collect()
}

/// Where the plan comes from, and what this machine makes of it.
fn made(file: &PlanFile, records: &StateArgs) -> String {
    let version = match file.kube_version {
        Some(version) => format!("kube-proxy {version}"),
        None => "an unknown release of kube-proxy".to_owned(),
    };
    let machine = host::identity().ok();
    let place = match file.observed.machine {
        None => "a capture",
        made if made == machine => "this machine, since its last boot",
        Some(_) => "another machine or network namespace, or before the last boot",
    };
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "\nMirrors  {version} in mode {}",
        file.files.mode().as_str()
    );
    let _ = writeln!(text, "Input    {}", file.input.short());
    let _ = writeln!(text, "Made on  {}, {place}", file.observed.digest.short());
    let _ = writeln!(text, "Now      {}", visible(&now(file, records)));
    text
}

/// Whether this node would take it, in a line.
fn now(file: &PlanFile, records: &StateArgs) -> String {
    match judge(file, records) {
        Ok(verdict) => verdict,
        Err(failure) => format!(
            "whether this node would take it cannot be told: {}",
            failure.in_a_line()
        ),
    }
}

fn judge(file: &PlanFile, records: &StateArgs) -> Result<String, Failure> {
    let not = |problem: taken::NotTaken| match problem.help() {
        Some(help) => format!("this node would not take it: {problem}; {help}"),
        None => format!("this node would not take it: {problem}"),
    };
    let machine = Some(host::identity()?);
    let store = records.existing()?;
    let own = taken::name(file, machine, None, store.as_ref())?;
    if let Err(problem) = taken::here(file, machine, own.as_ref()) {
        return Ok(not(problem));
    }
    let inventory = store.as_ref().map(Store::inventory).transpose()?;
    let services = store.as_ref().map(Store::services).transpose()?;
    let holds = Holds {
        services: services.flatten(),
        ..host::services(inventory.unwrap_or_default())?
    };
    let taken = taken::now(file, &holds).and_then(|()| taken::derived(file, &holds));
    Ok(match taken {
        Ok(_) => "this node holds what the plan was made on, and would take it".to_owned(),
        Err(problem) => not(problem),
    })
}
