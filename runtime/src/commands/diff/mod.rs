mod print;
mod unified;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{Args, ValueEnum};
use portolan_compiler::compile::Mode;
use portolan_compiler::diff::Subject;
use portolan_compiler::diff::kernel::KernelDiff;
use portolan_compiler::diff::render::Compared;
use portolan_compiler::diff::service::BlastRadius;
use portolan_compiler::model::KubeVersion;

use super::shared::compare::{self, Services};
use super::shared::filter::{Choice, FilterArgs, Looked};
use super::shared::outlined::Format;
use super::shared::profile::{Mirror, ModeArg};
use super::shared::sides::{
    DiffError, Loading, Origin, Pairing, Side, SideArgs, Wanted, pair, pair_or_declared, remarks,
    say_nothing, tell_found,
};
use super::shared::unused;
use crate::commands::shared::{Context, RepositoryArgs};
use crate::report::{Clock, Exit, Failure, UsageError, Verbosity};

/// Show what changes between two states of a cluster, and for whom
///
/// OLD and NEW are each one of:
///   FILE, DIR, -   manifests, compiled in memory; or single objects as kubectl diff writes them
///   DIR            a folder that `portolan compile --out` wrote, or a capture of a node
///   REV:PATH       the same in a revision of the Git repository around the current folder, or with
///                  nothing before the colon in its index
///   @live          what this machine holds
///   @current, @N   what the records of this machine say was applied
///   @nothing       no Service at all, on every node of the other side
///
/// Before PATH, manifests:, rules: or capture: says as what it is to be read, and then path: or git:
/// where it is, as in rules:git:main:rules. Say so in scripts and wherever others make what is
/// compared: what could be taken for two things is refused without it.
///
/// Nodes are compared by name, and what several of them have in common is told once. A side that is
/// a single node without a name, such as a capture, is compared with the other side's only node, or
/// the one that --node names. Manifests without any Node are seen from a node that has no endpoints.
///
/// Exits 0 where the two are equal in the view asked for, 1 where they differ, and with 64 or more on
/// errors. What a node holds differs too where no Service is seen to change, and other objects of the
/// kernel are there. It serves as `KUBECTL_EXTERNAL_DIFF`.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    override_usage = "portolan diff [OPTIONS] <OLD> [NEW]",
    after_help = "\
Examples:
  portolan diff main:clusters/prod clusters/prod --base cluster.yaml
  portolan diff main:clusters/prod clusters/prod --base cluster.yaml -n shop
  portolan diff rules @live --view kernel
  portolan diff --kube-version 1.33 --kube-version 1.37 cluster.yaml
  portolan diff --mode ipvs --mode nftables cluster.yaml
  KUBECTL_EXTERNAL_DIFF='portolan diff' kubectl diff -f clusters/prod"
)]
pub(crate) struct DiffArgs {
    /// The old state
    #[arg(value_name = "OLD", required_unless_present = "typed")]
    old: Option<OsString>,

    /// The new state
    #[arg(value_name = "NEW")]
    new: Option<OsString>,

    /// OLD and NEW, for who is used to naming files so
    #[arg(short = 'f', value_name = "STATE", hide = true, conflicts_with = "old")]
    typed: Vec<OsString>,

    #[command(flatten)]
    sides: SideArgs,

    #[command(flatten)]
    filter: FilterArgs,

    #[command(flatten)]
    _repository: RepositoryArgs,

    /// Mirror the kube-proxy of this Kubernetes release [default: what the image of kube-proxy in the
    /// input says, or what each Node says it runs, or the newest]; given twice, that of OLD and that of
    /// NEW, where NEW may be left out
    #[arg(long, value_name = "1.MINOR", help_heading = "What to compile")]
    kube_version: Vec<KubeVersion>,

    /// Mirror this proxy mode [default: the configuration's, or ipvs]; given twice, that of OLD and
    /// that of NEW, where NEW may be left out
    #[arg(
        long,
        value_name = "MODE",
        value_enum,
        help_heading = "What to compile"
    )]
    mode: Vec<ModeArg>,

    /// Say what changes for the users of Services, which objects of the kernel do, or which text
    #[arg(
        long,
        value_name = "VIEW",
        value_enum,
        default_value = "service",
        help_heading = "Output"
    )]
    view: View,

    /// Print the difference for people, for machines, or for a forge
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        help_heading = "Output"
    )]
    output: Format,

    /// Mark the Markdown with this name, so that a later comment can replace it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "diff",
        help_heading = "Output"
    )]
    marker: String,

    /// Exit 0 unless more than this share of OLD's Services would change or go, and 1 if so
    #[arg(long, value_name = "PERCENT", help_heading = "Output")]
    blast_radius: Option<BlastRadius>,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum View {
    /// What users of Services notice
    Service,
    /// Virtual servers, sets, chains, addresses and settings
    Kernel,
    /// Files, line by line
    Unified,
}

/// What differs, in the view asked for.
enum Difference {
    Service(Box<Services>),
    Kernel(KernelDiff),
    Unified(Vec<(String, String)>),
}

pub(crate) fn run(
    args: &DiffArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    if args.blast_radius.is_some() && args.view != View::Service {
        return Err(UsageError::new(
            "--blast-radius is a share of the Services, which other views do not tell",
            "leave --view away",
        )
        .into());
    }
    if !args.filter.filter().is_open() && args.view != View::Service {
        return Err(UsageError::new(
            "-n and -l choose among Services, which other views do not tell",
            "leave --view away",
        )
        .into());
    }
    let mirrors = args.mirrors()?;
    let (old, new) = args.states()?;
    let mut loading = Loading::new(&args.sides, clock);
    let sides = (
        (Wanted::Argument(old), mirrors.0),
        (Wanted::Argument(new), mirrors.1),
    );
    let Some((old, new)) = loading.load_both(sides.0, sides.1, context)? else {
        return Ok(Exit::Data);
    };
    let told = args.tell((&old, &new), mirrors, context, clock);
    told.inspect_err(|_| tell_found(&[&old, &new], context))
}

impl DiffArgs {
    fn tell(
        &self,
        (old, new): (&Side, &Side),
        mirrors: (Mirror, Mirror),
        context: &mut Context<'_, '_>,
        clock: &Clock,
    ) -> Result<Exit, Failure> {
        unused::beside_sides(&context.given, &[old, new])?;
        if self.kube_version.len() == 2 {
            unused::for_each_side("--kube-version", [old, new])?;
        }
        if self.mode.len() == 2 {
            unused::for_each_side("--mode", [old, new])?;
        }
        say_nothing(&[old, new], context);
        if context.verbosity > Verbosity::Quiet {
            self.sides.manifests.reading.tell_unmet(context);
        }
        let node = self.sides.node.as_deref();
        let pairing = match self.view {
            View::Service => pair_or_declared(old, new, node)?,
            View::Kernel | View::Unified => pair(old, new, node)?,
        };
        let mut choice = Choice::new(self.filter.filter());
        for side in [old, new] {
            side.inform(&mut choice);
        }
        clock.begin_phase("compare");
        let (difference, looked) = self.compare(old, new, &pairing, &choice)?;
        clock.begin_phase("print");
        let mut compared = self.compared((old, new), mirrors, &pairing, (&difference, &choice))?;
        if let Some(looked) = looked {
            compared.notes.splice(0..0, looked.notes);
            compared.shown = Some(looked.shown);
        }
        print::print(self, &difference, &compared, context);
        let exit = self.exit(&difference, &pairing, context);
        if let Difference::Service(services) = &difference
            && services.diff.totals.is_nothing()
            && self.filter.filter().is_open()
            && no_service(old, new)
        {
            return Err(DiffError::NoService.into());
        }
        if exit == Exit::Done && remarks::leave_out(old, new, &pairing)? {
            return Ok(Exit::Differs);
        }
        Ok(exit)
    }

    /// What is named: OLD, and NEW where it is.
    fn named(&self) -> Result<(&OsStr, Option<&OsStr>), UsageError> {
        let states = self.old.iter().chain(&self.new).chain(&self.typed);
        let states: Vec<&OsStr> = states.map(OsString::as_os_str).collect();
        match states.as_slice() {
            [old] => Ok((old, None)),
            [old, new] => Ok((old, Some(new))),
            _ => Err(UsageError::new(
                "diff compares two states, and more are named",
                "put the files of a state into a folder, and name that",
            )),
        }
    }

    /// Which kube-proxy each side mirrors.
    fn mirrors(&self) -> Result<(Mirror, Mirror), UsageError> {
        let versions = twice("--kube-version", &self.kube_version)?;
        let modes = twice("--mode", &self.mode)?;
        let mirror = |version: Option<KubeVersion>, mode: Option<ModeArg>| Mirror {
            version,
            mode: mode.map(Mode::from),
        };
        Ok((mirror(versions.0, modes.0), mirror(versions.1, modes.1)))
    }

    /// OLD and NEW, which is OLD once more where two mirrors are compared on it.
    fn states(&self) -> Result<(&OsStr, &OsStr), UsageError> {
        let (old, new) = self.named()?;
        let is_stdin = |argument: &OsStr| argument == "-";
        let bases = &self.sides.manifests.base;
        let is_twice = is_stdin(old) && new.is_some_and(is_stdin);
        if is_twice || bases.iter().any(|base| is_stdin(base)) {
            return Err(UsageError::new(
                "standard input (-) can be one of the two sides, and nothing else",
                "write it to a file first",
            ));
        }
        match new {
            Some(new) => Ok((old, new)),
            None if self.kube_version.len() == 2 || self.mode.len() == 2 => Ok((old, old)),
            None => Err(UsageError::new(
                "there is nothing to compare with",
                "name two inputs, or pass --kube-version or --mode twice to compare two on one",
            )),
        }
    }

    fn compared(
        &self,
        (old, new): (&Side, &Side),
        mirrors: (Mirror, Mirror),
        pairing: &Pairing,
        (difference, choice): (&Difference, &Choice),
    ) -> Result<Compared, Failure> {
        let label = |side: &Side, mirror: Mirror| -> String {
            let version = mirror.version.filter(|_| self.kube_version.len() == 2);
            let version = version.map(|version| format!(" with kube-proxy {version}"));
            let mode = mirror.mode.filter(|_| self.mode.len() == 2);
            let mode = mode.map(|mode| format!(" in mode {}", mode.as_str()));
            [Some(side.label.clone()), version, mode]
                .into_iter()
                .flatten()
                .collect()
        };
        let labels = (label(old, mirrors.0), label(new, mirrors.1));
        let sides = ((&*labels.0, old), (&*labels.1, new));
        let changed: BTreeSet<&str> = match difference {
            Difference::Service(services) => services.diff.services().collect(),
            Difference::Kernel(_) | Difference::Unified(_) => BTreeSet::new(),
        };
        // What is said at the Services that change, and what is said of those that are not shown.
        let elsewhere: BTreeSet<&str> = changed.iter().copied().chain(choice.hidden()).collect();
        let mut notes = remarks::notes(sides.0, sides.1, &elsewhere);
        if pairing.has_no_node() {
            notes.push(compare::NO_NODE.to_owned());
        }
        notes.extend(remarks::of_found(sides.0, sides.1, pairing)?);
        if self.view == View::Service {
            notes.extend(remarks::of_missing(sides.0, sides.1, pairing)?);
        }
        Ok(Compared {
            of_services: remarks::of_services(old, new, &changed),
            old: labels.0,
            new: labels.1,
            notes,
            ..Compared::default()
        })
    }

    fn compare(
        &self,
        old: &Side,
        new: &Side,
        pairing: &Pairing,
        choice: &Choice,
    ) -> Result<(Difference, Option<Looked>), Failure> {
        let mut looked = None;
        let difference = match self.view {
            View::Service => {
                let shows = |subject: &Subject| choice.shows(subject);
                let mut services = compare::services(old, new, pairing, &shows)?;
                looked = choice.look(services.diff.totals.subjects())?;
                if looked.is_some() {
                    services.diff.retain(shows);
                }
                if matches!(self.output, Format::Github | Format::Gitlab) {
                    let owners = services.diff.gathered.keys();
                    let subjects: Vec<&Subject> = owners.map(|owner| &owner.subject).collect();
                    let mut places = old.places(subjects.iter().copied());
                    places.extend(new.places(subjects.into_iter()));
                    services.places = places;
                }
                Difference::Service(Box::new(services))
            }
            View::Kernel => Difference::Kernel(compare::kernel(old, new, pairing)?),
            View::Unified => Difference::Unified(unified::files(old, new, pairing)?),
        };
        Ok((difference, looked))
    }

    fn exit(
        &self,
        difference: &Difference,
        pairing: &Pairing,
        context: &mut Context<'_, '_>,
    ) -> Exit {
        if let (Some(radius), Difference::Service(services)) = (self.blast_radius, difference) {
            return match compare::beyond(radius, &services.diff) {
                None => Exit::Done,
                Some(line) => {
                    context.streams.stderr.say(&format!("{line}\n"));
                    Exit::Differs
                }
            };
        }
        let same = match difference {
            Difference::Service(services) => services.diff.is_empty(),
            Difference::Kernel(diff) => diff.gathered.is_empty(),
            Difference::Unified(files) => files.is_empty() && pairing.is_whole(),
        };
        if same { Exit::Done } else { Exit::Differs }
    }
}

/// Whether both sides are manifests that somebody means to have Services: kubectl hands its differ objects of
/// any kind.
fn no_service(old: &Side, new: &Side) -> bool {
    let is_made_by_kubectl = |side: &Side| {
        let name = Path::new(&side.label).file_name().and_then(OsStr::to_str);
        name.is_some_and(|name| name.starts_with("LIVE-") || name.starts_with("MERGED-"))
    };
    let sides = [old, new];
    sides.iter().all(|side| side.origin() == Origin::Manifests)
        && !sides.into_iter().any(is_made_by_kubectl)
}

/// What is given once for both sides, or once for each.
fn twice<T: Copy>(flag: &str, values: &[T]) -> Result<(Option<T>, Option<T>), UsageError> {
    match *values {
        [] => Ok((None, None)),
        [both] => Ok((Some(both), Some(both))),
        [old, new] => Ok((Some(old), Some(new))),
        _ => Err(UsageError::new(
            format!("{flag} is given more than twice"),
            "give it once for both sides, or once for each",
        )),
    }
}
