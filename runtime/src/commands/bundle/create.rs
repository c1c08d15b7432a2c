use std::path::PathBuf;

use clap::Args;
use portolan_compiler::bundle::{ClusterName, Counter, Edition, Packer};
use portolan_compiler::english::count;
use portolan_compiler::escape::visible;

use crate::commands::shared::Context;
use crate::commands::shared::bundles::save_image;
use crate::commands::shared::save::save;
use crate::out::Folder;
use crate::report::{Exit, Failure, Verbosity};
use crate::rules::signature_path;

/// Make a bundle of a compiled folder
///
/// The same folder makes the same bytes. What follows from other artefacts (ipvs.nl, ruleset.json) is
/// left out.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  portolan compile -f cluster.yaml --out rules
  portolan bundle create rules --out prod-147.portolan --cluster prod --counter 147
  portolan bundle create rules --out prod-147.portolan --cluster prod --counter 147 --oci image
  skopeo copy oci:image:147 docker://registry.example/rules:147"
)]
pub(super) struct CreateArgs {
    /// A compiled folder: MANIFEST and nodes/<node>/...
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Say that these are rules of this cluster
    #[arg(long, value_name = "NAME", requires = "counter")]
    cluster: Option<ClusterName>,

    /// Say which edition of its rules: each has a higher number than the one before
    #[arg(long, value_name = "N", requires = "cluster")]
    counter: Option<Counter>,

    /// Take this node alone; may be repeated
    #[arg(long, value_name = "NODE")]
    node: Vec<String>,

    /// Write it as an OCI image layout as well, tagged with its counter
    #[arg(long, value_name = "DIR")]
    oci: Option<PathBuf>,
}

pub(super) fn run(args: &CreateArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let edition = args.cluster.clone().zip(args.counter);
    let edition = edition.map(|(cluster, counter)| Edition { cluster, counter });
    let folder = Folder::new(&args.folder);
    let names: Vec<String> = if args.node.is_empty() {
        let nodes = folder.nodes()?.into_iter();
        nodes.map(|(node, _)| node.to_string()).collect()
    } else {
        args.node.clone()
    };
    let mut packer = Packer::new(edition.clone(), folder.common_input()?);
    for name in &names {
        let rules = folder.read_state(Some(name))?;
        packer.add(rules.node, rules.entry, rules.target, &rules.files);
    }
    let bytes = packer.finish();
    let saved = save(&args.out, &bytes)?;
    let mut told = format!("{saved}{}", sizes(names.len(), bytes.len()));
    let signature = signature_path(&args.out);
    if signature.exists() {
        let signature = visible(&signature.display().to_string());
        told =
            format!("{told}note: {signature} is of what was there before: sign the bundle again\n");
    }
    if let Some(root) = &args.oci {
        told += &save_image(root, &args.out, edition.as_ref(), &bytes, None)?;
    }
    if context.verbosity > Verbosity::Quiet {
        context.streams.stderr.say(&told);
    }
    Ok(Exit::Done)
}

fn sizes(nodes: usize, bytes: usize) -> String {
    format!("{}, {}\n", count(nodes, "node"), count(bytes, "byte"))
}
