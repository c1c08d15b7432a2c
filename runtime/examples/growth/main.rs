//! How time and memory grow with the input, for inputs of many shapes.
//!
//! ```sh
//! cargo run --release -p portolan-runtime --example growth               # all shapes
//! cargo run --release -p portolan-runtime --example growth -- ports      # those with this in their name
//! ```
//!
//! Each command runs on a shape of size n, 2n and 4n, in a process of its own. The exponent says how time
//! grows: 1 is in proportion to the input, 2 with its square. Memory is the process' peak (`VmHWM`).

mod shapes;

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use portolan_runtime::app::run;
use portolan_runtime::report::{Device, Look, Output, Streams};
use shapes::{SHAPES, Shape};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Above this a row is marked: it grows faster than its input.
const STEEP: f64 = 1.35;

/// Runs of each size; the best counts.
const RUNS: usize = 2;

fn main() -> Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.split_first() {
        Some((word, command)) if word == "--measure" => measure(command),
        _ => table(args.first().map_or("", String::as_str)),
    }
}

fn table(wanted: &str) -> Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<34} {:<34} {:>8} {:>22} {:>22} {:>9} {:>6}",
        "shape", "command", "n", "seconds at n, 2n, 4n", "MiB", "printed", "grows"
    )?;
    let mut exit = ExitCode::SUCCESS;
    for shape in SHAPES.iter().filter(|shape| shape.name.contains(wanted)) {
        for command in shape.commands {
            let row = row(shape, command)?;
            let exponent = (row[2].seconds / row[0].seconds.max(1e-3)).log2() / 2.0;
            if exponent > STEEP {
                exit = ExitCode::FAILURE;
            }
            let mark = if exponent > STEEP { " !" } else { "" };
            let each = |of: fn(&Measured) -> String| {
                let cells: Vec<String> = row.iter().map(of).collect();
                cells.join(" ")
            };
            writeln!(
                out,
                "{:<34} {:<34} {:>8} {:>22} {:>22} {:>7}kB {exponent:>6.2}{mark}",
                shape.name,
                command.split(" @").next().unwrap_or_default(),
                shape.size,
                each(|one| format!("{:.2}", one.seconds)),
                each(|one| format!("{}", one.kibibytes / 1024)),
                row[2].printed / 1000,
            )?;
        }
    }
    Ok(exit)
}

/// What one run took.
struct Measured {
    seconds: f64,
    kibibytes: u64,
    printed: usize,
}

fn row(shape: &Shape, command: &str) -> Result<Vec<Measured>> {
    let mut row = Vec::new();
    for factor in [1, 2, 4] {
        let folder = tempfile::tempdir()?;
        for (name, text) in (shape.files)(shape.size * factor) {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            fs::write(path, text)?;
        }
        if let Some(before) = shape.before {
            one(folder.path(), before)?;
        }
        let mut best: Option<Measured> = None;
        for _ in 0..RUNS {
            let measured = one(folder.path(), command)?;
            if best
                .as_ref()
                .is_none_or(|best| measured.seconds < best.seconds)
            {
                best = Some(measured);
            }
        }
        row.extend(best);
    }
    Ok(row)
}

fn one(folder: &Path, command: &str) -> Result<Measured> {
    // `@a.yaml` is a file of the shape, as what it is to be read may stand before.
    let args = command.split(' ').map(|arg| match arg.split_once('@') {
        Some((kind, name)) => format!("{kind}{}", folder.join(name).display()),
        None => arg.to_owned(),
    });
    let output = Command::new(std::env::current_exe()?)
        .arg("--measure")
        .args(args)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<&str> = text.split_whitespace().collect();
    let [seconds, kibibytes, printed] = numbers[..] else {
        return Err(format!("{command}: {}", String::from_utf8_lossy(&output.stderr)).into());
    };
    Ok(Measured {
        seconds: seconds.parse()?,
        kibibytes: kibibytes.parse()?,
        printed: printed.parse()?,
    })
}

/// Runs a command in this process: prints seconds, peak KiB, and how many bytes the command printed.
fn measure(command: &[String]) -> Result<ExitCode> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut stdin = std::io::empty();
    let start = Instant::now();
    run(
        std::iter::once("portolan").chain(command.iter().map(String::as_str)),
        &mut Streams {
            stdin: &mut stdin,
            stdin_device: Device::Other,
            stdout: Output::new(&mut stdout, Look::Plain, Device::Other),
            stderr: Output::new(&mut stderr, Look::Plain, Device::Other),
        },
    );
    let seconds = start.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    writeln!(
        std::io::stdout(),
        "{seconds} {} {}",
        peak.unwrap_or("0"),
        stdout.len() + stderr.len()
    )?;
    Ok(ExitCode::SUCCESS)
}
