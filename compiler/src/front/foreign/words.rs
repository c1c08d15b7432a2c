//! What is told of each kind of thing that is no manifest, and of the way out.

use super::Foreign;
use super::advice::{beside, instead, one_of, shell_word};
use super::kustomize::{Deployed, folder_of};
use crate::diag::{Code, some};
use crate::source::Source;

/// Things of a kind, as many as there are.
pub(super) struct About<'s> {
    pub(super) what: Foreign,
    pub(super) count: usize,
    /// Where the first of them is.
    pub(super) source: &'s Source,
    /// What is deployed of kustomizations.
    pub(super) deployed: &'s [Deployed<'s>],
    /// The charts that they are of.
    pub(super) charts: Vec<&'s str>,
}

const LEAVE_OUT: &str = "leave them out with --exclude";

impl About<'_> {
    pub(super) fn code(&self) -> Code {
        match self.what {
            Foreign::NoObject | Foreign::Element => Code::MissingField,
            _ => Code::NotAManifest,
        }
    }

    fn number(&self, one: &str, many: &str) -> String {
        match self.count {
            1 => one.to_owned(),
            count => format!("{count} {many}"),
        }
    }

    pub(super) fn message(&self) -> String {
        match self.what {
            Foreign::HelmTemplate => format!(
                "{} of Helm, which only helm makes manifests of",
                self.number("a template", "files are templates")
            ),
            Foreign::Template => format!(
                "{}, and no manifest before it is rendered",
                self.number("a template", "files are templates")
            ),
            Foreign::Variables => format!(
                "{} with variables, such as ${{NAME}}, that are filled in when it is deployed",
                self.number("a template", "files are templates")
            ),
            Foreign::Encrypted => format!(
                "{} encrypted by SOPS",
                self.number("an object", "files of objects that are")
            ),
            Foreign::EncryptedUnknown => format!(
                "{} encrypted by SOPS: whether there are Services in it cannot be seen",
                self.number("a file", "files are")
            ),
            Foreign::Kustomization => format!(
                "{} other files mean something else than they say, and portolan reads files as they stand",
                self.number("a kustomization makes", "kustomizations make")
            ),
            Foreign::KustomizationElsewhere => self.number(
                "a kustomization in a file that kustomize does not look for",
                "kustomizations in files that kustomize does not look for",
            ),
            Foreign::Chart => self.number(
                "a chart of Helm: what its templates make is not in the input",
                "charts of Helm: what their templates make is not in the input",
            ),
            Foreign::Values => self.number(
                "values of a chart of Helm, and no manifest",
                "files are values of charts of Helm, and no manifests",
            ),
            Foreign::ErrorOutput => self.number(
                "the error of a program, and no manifest",
                "errors of programs, and no manifests",
            ),
            Foreign::CutOff => self.number(
                "a list that kubectl prints and that ends before its `kind: List`: it is cut off",
                "files are lists that kubectl prints and that end before their `kind: List`: they are cut off",
            ),
            Foreign::Table => self.number(
                "a table that kubectl prints for people, and no manifest",
                "files are tables that kubectl prints for people, and no manifests",
            ),
            Foreign::Pasted => self.number(
                "the output of kubectl with the line that it was typed in",
                "files are output of kubectl with the lines that it was typed in",
            ),
            Foreign::LfsPointer => self.number(
                "a pointer of Git LFS, and not the file that it stands for",
                "files are pointers of Git LFS, and not the files that they stand for",
            ),
            Foreign::Compiled => self.number(
                "a part of what portolan compiled, and no manifest",
                "files are parts of what portolan compiled, and no manifests",
            ),
            Foreign::MergeConflict => self.number(
                "a file with a merge in it that is not finished",
                "files have merges in them that are not finished",
            ),
            Foreign::Sealed => format!(
                "{} encrypted as a whole: whether there are Services in it cannot be seen",
                self.number("a file", "files are")
            ),
            Foreign::NoObject => self.number(
                "a document without `apiVersion` or `kind` is no Kubernetes object and is not read",
                "documents without `apiVersion` or `kind` are no Kubernetes objects and are not read",
            ),
            Foreign::Element => self.number(
                "an element of a list is no Kubernetes object and is not read",
                "elements of lists are no Kubernetes objects and are not read",
            ),
        }
    }

    pub(super) fn help(&self) -> String {
        let name = self.source.name.as_str();
        let file =
            |program: fn(&str) -> String| beside(self.source, (name, "FILE"), self.count, program);
        match self.what {
            Foreign::HelmTemplate | Foreign::Chart => self.render(),
            Foreign::Template => format!(
                "render it with the program it is for, and pass what comes out; or {LEAVE_OUT}"
            ),
            Foreign::Variables => format!(
                "fill them in: {}; or pass what `flux build kustomization` prints; or {LEAVE_OUT}",
                file(|file| format!("envsubst < {file}"))
            ),
            Foreign::Encrypted => format!("decrypt it: {}", file(|file| format!("sops -d {file}"))),
            Foreign::EncryptedUnknown => format!(
                "if there are: {}; or {LEAVE_OUT}",
                file(|file| format!("sops -d {file}"))
            ),
            Foreign::Kustomization => {
                let names: Vec<_> = self.deployed.iter().map(|one| one.folder).collect();
                let folder = names.first().map_or_else(|| self.folder(), |first| *first);
                let line = instead(self.source, folder, "DIR", |folder| match self.deployed {
                    [first, ..] => first.program(folder),
                    [] => format!("kubectl kustomize {folder}"),
                });
                format!("{}{line}; or {LEAVE_OUT}", one_of(&names))
            }
            Foreign::KustomizationElsewhere => format!(
                "kustomize reads kustomization.yaml: put it under that name into a folder, and there: {}; or {LEAVE_OUT}",
                instead(self.source, "", "DIR", |folder| format!("kubectl kustomize {folder}"))
            ),
            Foreign::Values => format!(
                "render the chart with them: {}; or {LEAVE_OUT}",
                file(|file| format!("helm template NAME CHART -f {file}"))
            ),
            Foreign::ErrorOutput => {
                "run the command alone to see why it fails; in scripts `set -o pipefail` stops where it does"
                    .to_owned()
            }
            Foreign::CutOff => {
                "dump it again, and all of it: kubectl get services,endpointslices,nodes -A -o yaml > FILE"
                    .to_owned()
            }
            Foreign::Table => {
                "let kubectl print the objects themselves: kubectl get services,endpointslices,nodes -A -o yaml"
                    .to_owned()
            }
            Foreign::Pasted => {
                "remove that line, and others that are no output; or let the shell write the file: kubectl get ... -o yaml > FILE"
                    .to_owned()
            }
            Foreign::LfsPointer => "fetch what they stand for: git lfs pull".to_owned(),
            Foreign::Compiled => {
                "name the manifests that it was compiled from; `portolan diff`, `portolan plan` and `portolan apply` take the whole folder with the MANIFEST"
                    .to_owned()
            }
            Foreign::MergeConflict => {
                "finish the merge: keep one side between `<<<<<<<` and `>>>>>>>`, and remove these lines"
                    .to_owned()
            }
            Foreign::Sealed => {
                format!("if there are, decrypt it and pass what comes out; or {LEAVE_OUT}")
            }
            Foreign::NoObject => {
                "every manifest has both; files of other programs are none: leave them out, in folders with --exclude"
                    .to_owned()
            }
            Foreign::Element => {
                "leave the file out, as patches and playbooks are for others; --exclude does that in folders"
                    .to_owned()
            }
        }
    }

    /// Where the file is; nothing where its name is no path that can be typed.
    fn folder(&self) -> &str {
        let name = self.source.name.as_str();
        shell_word(name.rsplit(':').next().unwrap_or(name)).map_or("", |_| folder_of(name))
    }

    /// How charts are rendered.
    fn render(&self) -> String {
        let first = match self.charts.first() {
            Some(first) if !self.folder().is_empty() => *first,
            _ => "",
        };
        let which = match self.charts[..] {
            [] | [_] => "render the chart".to_owned(),
            ref charts => format!("render the charts, {}", some(charts.iter())),
        };
        let line = beside(self.source, (first, "DIR"), self.charts.len(), |chart| {
            format!("helm template NAME {chart}")
        });
        format!("{which}: {line}; or {LEAVE_OUT}")
    }
}
