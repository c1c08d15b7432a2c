//! What each proxy mode costs to compile, and mode nftables to load.
//!
//! ```sh
//! cargo run --release --example modes                # 1,000 Services with 10 endpoints each
//! cargo run --release --example modes -- 5000 20
//! ```
//!
//! Compiling is timed in one process, the modes in turn. Loading needs root and nft: our ruleset and
//! what kube-proxy hands over for the same cluster are loaded in turn, each time in a network namespace
//! of their own, and then one endpoint is replaced. Of each the best run counts.

#[allow(dead_code, reason = "another example uses all of it")]
mod cluster;
mod compiling;
mod kube_proxy;

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cluster::{Format, Size};
use compiling::Compiling;
use portolan_compiler::apply::{Batch, batches};
use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::Mode;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::{Claims, Inventory, fake, plan};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const MODES: [Mode; 3] = [Mode::Ipvs, Mode::Iptables, Mode::Nftables];
/// An endpoint of the cluster, and where it goes.
const ENDPOINT: &str = "\"10.128.0.1\"";
const ELSEWHERE: &str = "\"10.255.255.254\"";
/// Runs of each sort, in turn: a machine's speed drifts.
const ROUNDS: usize = 4;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let size = match args.as_slice() {
        [] => Size {
            services: 1_000,
            endpoints: 10,
        },
        [services, endpoints] => Size {
            services: services.parse()?,
            endpoints: endpoints.parse()?,
        },
        _ => return Err("usage: modes [SERVICES ENDPOINTS_OF_EACH]".into()),
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{size}, {} threads", rayon::current_num_threads())?;
    let text = cluster::text(size, Format::Json)?;
    for (mode, best) in compiling(&text)? {
        let (name, best) = (mode.as_str(), best.as_secs_f64());
        writeln!(out, "{:<18} {name:<12} {best:>8.3} s", "compile")?;
    }
    let folder = tempfile::tempdir()?;
    let mut rivals = rivals(&text, folder.path())?;
    for _ in 0..ROUNDS {
        for rival in &mut rivals {
            rival.load()?;
        }
    }
    for rival in &rivals {
        for (what, loaded) in [
            ("nft, all", &rival.whole),
            ("nft, one endpoint", &rival.change),
        ] {
            let (name, best) = (rival.name, loaded.best.as_secs_f64());
            let size = fs::metadata(&loaded.file)?.len();
            writeln!(out, "{what:<18} {name:<12} {best:>8.3} s {size:>10} B")?;
        }
    }
    Ok(())
}

/// The best time of each mode.
fn compiling(text: &str) -> Result<Vec<(Mode, Duration)>> {
    let mut best = MODES.map(|mode| (mode, Duration::MAX));
    for _ in 0..ROUNDS {
        for (mode, best) in &mut best {
            let compiling = Compiling::new(text, Some(*mode));
            *best = compiling.time()?.min(*best);
        }
    }
    Ok(best.into())
}

/// Texts that nft loads, and how long it took.
#[derive(Debug)]
struct Rival {
    name: &'static str,
    whole: Loaded,
    /// One endpoint is replaced on top of it.
    change: Loaded,
}

impl Rival {
    fn load(&mut self) -> Result<()> {
        let namespace = Namespace::new()?;
        self.whole.load(&namespace)?;
        self.change.load(&namespace)
    }
}

#[derive(Debug)]
struct Loaded {
    file: PathBuf,
    best: Duration,
}

impl Loaded {
    fn new(file: PathBuf, text: &[u8]) -> Result<Self> {
        fs::write(&file, text)?;
        let best = Duration::MAX;
        Ok(Self { file, best })
    }

    fn load(&mut self, namespace: &Namespace) -> Result<()> {
        self.best = namespace.load(&self.file)?.min(self.best);
        Ok(())
    }
}

/// Ours and kube-proxy's, for one cluster.
fn rivals(text: &str, folder: &Path) -> Result<[Rival; 2]> {
    let changed = text.replacen(ENDPOINT, ELSEWHERE, 1);
    let prepare = |text| Compiling::new(text, Some(Mode::Nftables)).prepare();
    let before = prepare(text)?;
    let after = prepare(&changed)?;
    let (old, new) = (before.program(0), after.program(0));
    let (old, new) = (old.get(), new.get());
    let mut ports = old.service_ports.iter().zip(&new.service_ports);
    let port = ports.find(|(old, new)| old.endpoints != new.endpoints);
    let (port, changed) = port.ok_or("nothing changes")?;
    let files = before.artefacts(0, KeepOrigins::No).files;
    let ruleset = files
        .into_iter()
        .find(|file| file.kind == ArtefactKind::Nftables);
    let rival = |name: &'static str, whole: &[u8], change: &str| -> Result<Rival> {
        Ok(Rival {
            name,
            whole: Loaded::new(folder.join(name), whole)?,
            change: Loaded::new(folder.join(format!("{name}-change")), change.as_bytes())?,
        })
    };
    Ok([
        rival(
            "portolan",
            &ruleset.ok_or("no ruleset")?.bytes,
            &change(&before.state(0), &after.state(0))?,
        )?,
        rival(
            "kube-proxy",
            kube_proxy::sync(old)?.as_bytes(),
            &kube_proxy::resync(port, changed)?,
        )?,
    ])
}

/// What `portolan apply` hands to nft.
fn change(before: &NodeState, after: &NodeState) -> Result<String> {
    let claims = Claims::tracked(Inventory::default());
    let mut node = Observed::empty();
    let first = plan(before, &node, &claims)?;
    fake::execute_all(&mut node, &first.steps).map_err(|(_, refused)| refused)?;
    let scripts = batches(&plan(after, &node, &claims)?.steps);
    let script = scripts.iter().find_map(|batch| match batch {
        Batch::Nftables(change) => Some(change.script()),
        _ => None,
    });
    Ok(script.ok_or("nothing changes")?)
}

/// A network namespace, which ends with this value.
#[derive(Debug)]
struct Namespace {
    keeper: Child,
}

impl Namespace {
    fn new() -> Result<Self> {
        let mut keeper = Command::new("unshare")
            .args(["--net", "sh", "-c", "echo; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut ready = [0];
        let stdout = keeper.stdout.as_mut().ok_or("no pipe")?;
        std::io::Read::read_exact(stdout, &mut ready)?;
        Ok(Self { keeper })
    }

    /// Has nft read a file there.
    fn load(&self, file: &Path) -> Result<Duration> {
        let start = Instant::now();
        let status = Command::new("nsenter")
            .arg(format!("--net=/proc/{}/ns/net", self.keeper.id()))
            .args(["nft", "-f"])
            .arg(file)
            .status()?;
        let took = start.elapsed();
        if !status.success() {
            return Err(format!("nft -f {}: {status}", file.display()).into());
        }
        Ok(took)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.keeper.kill());
        drop(self.keeper.wait());
    }
}
