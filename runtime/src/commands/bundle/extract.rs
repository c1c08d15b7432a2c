use std::path::{Path, PathBuf};

use clap::Args;
use portolan_compiler::bundle::{Artefact, Digest, Manifest, NodeArtefacts};
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::mode::artefacts;

use crate::commands::shared::Context;
use crate::commands::shared::bundles::bundle;
use crate::out::{Folder, NodeOutput, Scope, Sink, Write};
use crate::report::{Exit, Explain, Failure, Verbosity};
use crate::rules::BundleFile;

/// Make the compiled folder of a bundle again
///
/// The folder that it was made of, with all its files; nothing that is there already is overwritten.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct ExtractArgs {
    /// A bundle, or an OCI image layout of one
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,

    /// Write into this folder, which is made
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Take this node alone; may be repeated
    #[arg(long, value_name = "NODE")]
    node: Vec<String>,
}

/// Nothing was extracted.
#[derive(Debug, thiserror::Error)]
enum ExtractError {
    /// What is there could be anything.
    #[error("{} is there already", path.display())]
    There {
        /// The folder that was named.
        path: PathBuf,
    },
}

impl Explain for ExtractError {
    fn exit(&self) -> Exit {
        Exit::Io
    }

    fn help(&self) -> Option<String> {
        Some("name a folder that is not there yet".to_owned())
    }
}

pub(super) fn run(args: &ExtractArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let file = bundle(&args.bundle)?;
    if args.out.symlink_metadata().is_ok() {
        let path = args.out.clone();
        return Err(ExtractError::There { path }.into());
    }
    let names = if args.node.is_empty() {
        let nodes = file.bundle().manifest().nodes.keys();
        nodes.map(ToString::to_string).collect()
    } else {
        args.node.clone()
    };
    // All of them are sound before the first is written.
    for name in &names {
        drop(file.read(Some(name))?);
    }
    write(&args.out, &file, &names, context)?;
    Ok(Exit::Done)
}

fn write(
    out: &Path,
    file: &BundleFile,
    names: &[String],
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    let of_bundle = file.bundle().manifest();
    let input = of_bundle.input.unwrap_or_else(|| Digest::of(&[]));
    let mut sink = Write::new(Folder::new(out), Scope::Folder)?;
    let mut manifest = Manifest::new(input);
    for name in names {
        let rules = file.read(Some(name))?;
        // What follows from other artefacts is made again.
        let files: Vec<Artefact> = artefacts(&rules.state, KeepOrigins::No);
        let artefacts = NodeArtefacts {
            node: rules.node,
            target: rules.target,
            files,
        };
        manifest.add(rules.entry.emulates, rules.entry.input, &artefacts);
        let output = NodeOutput {
            artefacts,
            source_map: None,
        };
        sink.node(&output, &manifest, &mut context.streams.stdout)?;
    }
    let tally = sink.finish(&manifest, &mut context.streams.stdout)?;
    if context.verbosity > Verbosity::Quiet {
        for note in tally.notes {
            context.streams.stderr.say(&note);
        }
    }
    Ok(())
}
