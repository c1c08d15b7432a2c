//! How much slower compiling is than parsing alone: the parser is the floor.
//!
//! ```sh
//! cargo run --release --example speed                # 5,000 Services, 100,000 endpoints
//! cargo run --release --example speed -- 1000 20     # 1,000 Services with 20 endpoints each
//! ```
//!
//! For each format, a process of its own compiles the cluster for one node without writing anything,
//! and another parses the same text into the same types and does nothing else: split and kinds looked
//! up beforehand, on all cores. They take turns; of each the best run counts. Memory is the process'
//! peak (`VmHWM`), the input included.

mod cluster;
#[allow(dead_code, reason = "another example uses all of it")]
mod compiling;

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use cluster::{Format, Size};
use compiling::Compiling;
use k8s_openapi::api::core::v1::{Node, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Runs within one process: the first ones warm it up.
const RUNS: usize = 5;
/// Processes of each sort, in turn: a machine's speed drifts.
const ROUNDS: usize = 4;

fn main() -> Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["compile", _, path] => measure(compile, Path::new(path)),
        ["parse", format, path] => {
            let format = Format::parse(format).ok_or("unknown format")?;
            measure(|text| parse(text, format), Path::new(path))
        }
        [] => compare(Size {
            services: 5_000,
            endpoints: 20,
        }),
        [services, endpoints] => compare(Size {
            services: services.parse()?,
            endpoints: endpoints.parse()?,
        }),
        _ => Err("usage: speed [SERVICES ENDPOINTS_OF_EACH]".into()),
    }
}

fn compare(size: Size) -> Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let program = std::env::current_exe()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{size}, {} threads", rayon::current_num_threads())?;
    writeln!(
        out,
        "format         size     parse   compile  factor  at most  peak memory"
    )?;
    let mut exit = ExitCode::SUCCESS;
    for format in Format::ALL {
        let path = folder.path().join(format.name());
        let text = cluster::text(size, format)?;
        fs::write(&path, &text)?;
        let run = |what: &str| -> Result<(f64, f64)> {
            let output = Command::new(&program)
                .args([what, format.name()])
                .arg(&path)
                .output()?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into());
            }
            let text = String::from_utf8(output.stdout)?;
            let (seconds, mebibytes) = text.trim().split_once(' ').ok_or("no measurement")?;
            Ok((seconds.parse()?, mebibytes.parse()?))
        };
        let (mut parse, mut compile, mut memory) = (f64::MAX, f64::MAX, 0_f64);
        for _ in 0..ROUNDS {
            parse = parse.min(run("parse")?.0);
            let (seconds, peak) = run("compile")?;
            compile = compile.min(seconds);
            memory = memory.max(peak);
        }
        let factor = compile / parse;
        let limit = match format {
            Format::Documents | Format::List => 1.25,
            Format::Json => 2.0,
        };
        if factor > limit {
            exit = ExitCode::FAILURE;
        }
        #[expect(clippy::cast_precision_loss, reason = "a size for people")]
        let size = text.len() as f64 / 1e6;
        writeln!(
            out,
            "{:<10} {size:>6.1} MB {parse:>7.3} s {compile:>7.3} s {factor:>7.2} {limit:>8.2} {memory:>8.0} MiB",
            format.name()
        )?;
    }
    Ok(exit)
}

/// Prints the best time in seconds and the peak memory in MiB.
fn measure(work: impl Fn(&str) -> Result<Duration>, path: &Path) -> Result<ExitCode> {
    let text = fs::read_to_string(path)?;
    let times: Vec<Duration> = (0..RUNS).map(|_| work(&text)).collect::<Result<_>>()?;
    let best = times.into_iter().min().unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let peak: f64 = peak.unwrap_or("0").parse()?;
    writeln!(
        std::io::stdout(),
        "{} {}",
        best.as_secs_f64(),
        peak / 1024.0
    )?;
    Ok(ExitCode::SUCCESS)
}

fn compile(text: &str) -> Result<Duration> {
    Compiling::new(text, None).time()
}

/// The floor: every object parsed once, straight into its type, which is looked up beforehand, by
/// whichever thread is free.
fn parse(text: &str, format: Format) -> Result<Duration> {
    match format {
        Format::Documents => {
            let parts: Vec<(Parse, &str)> = text
                .split("---\n")
                .skip(1)
                .map(|part| (document_parser(part), part))
                .collect();
            parse_all(&parts)
        }
        Format::List => {
            let items = text.split_once("items:\n").ok_or("no items")?.1;
            let items = items.split_once("\nkind: List").ok_or("no end")?.0;
            let parts: Vec<(Parse, String)> = items
                .split("\n- ")
                .map(|item| format!("- {}", item.strip_prefix("- ").unwrap_or(item)))
                .map(|item| (item_parser(&item), item))
                .collect();
            parse_all(&parts)
        }
        Format::Json => {
            let start = Instant::now();
            let list: List<'_> = serde_json::from_str(text)?;
            list.items
                .par_iter()
                .try_for_each(|item| json(item.get()))
                .map_err(|error| error.to_string())?;
            Ok(start.elapsed())
        }
    }
}

fn parse_all(parts: &[(Parse, impl AsRef<str> + Sync)]) -> Result<Duration> {
    let start = Instant::now();
    // A few at a time, so that all threads are done at almost the same time.
    let shares = parts.par_iter().with_max_len(32);
    shares.try_for_each(|(parse, part)| parse(part.as_ref()))?;
    Ok(start.elapsed())
}

#[derive(serde::Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
}

/// Parses an object of some kind.
type Parse = fn(&str) -> std::result::Result<(), String>;

/// What an object is, from its first line that says so at the top level.
fn kind_of(text: &str, lead: &str) -> &'static str {
    let is = |kind: &str| text.contains(&format!("\n{lead}kind: {kind}\n"));
    ["EndpointSlice", "Service", "Node"]
        .into_iter()
        .find(|kind| is(kind))
        .unwrap_or_default()
}

fn document_parser(text: &str) -> Parse {
    fn one<T: DeserializeOwned>(text: &str) -> std::result::Result<(), String> {
        let value: T = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        black_box(value);
        Ok(())
    }
    match kind_of(text, "") {
        "EndpointSlice" => one::<EndpointSlice>,
        "Service" => one::<Service>,
        _ => one::<Node>,
    }
}

fn item_parser(text: &str) -> Parse {
    fn one<T: DeserializeOwned>(text: &str) -> std::result::Result<(), String> {
        let value: [T; 1] = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        black_box(value);
        Ok(())
    }
    match kind_of(text, "  ") {
        "EndpointSlice" => one::<EndpointSlice>,
        "Service" => one::<Service>,
        _ => one::<Node>,
    }
}

fn json(text: &str) -> serde_json::Result<()> {
    if text.contains(r#""kind": "EndpointSlice""#) {
        black_box(serde_json::from_str::<EndpointSlice>(text)?);
    } else if text.contains(r#""kind": "Node""#) {
        black_box(serde_json::from_str::<Node>(text)?);
    } else {
        black_box(serde_json::from_str::<Service>(text)?);
    }
    Ok(())
}
