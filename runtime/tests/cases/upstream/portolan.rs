//! The command, run in-process on a case's manifests.

use portolan_runtime::app;
use portolan_runtime::report::{Device, Output, Streams};
use serde_json::Value;

/// Manifests, and what is asked about them.
pub(super) struct Portolan<'a> {
    pub(super) manifests: &'a str,
    pub(super) node: &'a str,
    pub(super) version: &'a str,
}

/// How the command ended.
pub(super) struct Run {
    pub(super) exit: u8,
    pub(super) stdout: String,
    stderr: String,
}

impl Run {
    /// What was found: severity, code and message.
    pub(super) fn findings(&self) -> Vec<(String, String, String)> {
        let report = self.stderr.find('{').map(|at| &self.stderr[at..]);
        let report: Value = report
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let found = report["diagnostics"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        found
            .map(|d| (text(&d["severity"]), text(&d["code"]), text(&d["message"])))
            .collect()
    }

    /// The errors, or whatever was said instead.
    pub(super) fn errors(&self) -> String {
        let errors: Vec<String> = self
            .findings()
            .into_iter()
            .filter(|(severity, ..)| severity == "error")
            .map(|(_, code, message)| format!("{code}: {message}"))
            .collect();
        if errors.is_empty() {
            self.stderr.trim().chars().take(300).collect()
        } else {
            errors.join("; ")
        }
    }
}

impl Portolan<'_> {
    fn run(&self, verb: &str, mode: Option<&str>, more: &[&str]) -> Run {
        let mut args = vec!["portolan", "-q", verb, "-f", "-", "--node", self.node];
        args.extend(["--kube-version", self.version]);
        args.extend(mode.into_iter().flat_map(|mode| ["--mode", mode]));
        args.extend(more);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let exit = app::run(
            args,
            &mut Streams {
                stdin: &mut self.manifests.as_bytes(),
                stdin_device: Device::Other,
                stdout: Output::plain(&mut stdout),
                stderr: Output::plain(&mut stderr),
            },
        );
        Run {
            exit: exit.code(),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Compiles, in a mode or the configuration's own.
    pub(super) fn compile(&self, mode: Option<&str>, only: Option<&str>) -> Run {
        let mut more = vec!["--message-format", "json", "--stdout"];
        more.extend(only.into_iter().flat_map(|file| ["--only", file]));
        self.run("compile", mode, &more)
    }

    /// One artefact; or why there is none.
    pub(super) fn artefact(&self, mode: &str, file: &str) -> Result<String, String> {
        let run = self.compile(Some(mode), Some(file));
        if run.exit == 0 {
            return Ok(run.stdout);
        }
        let version = self.version;
        Err(format!(
            "{mode} {version}: exit {}: {}",
            run.exit,
            run.errors()
        ))
    }

    /// Follows a packet.
    pub(super) fn explain(&self, mode: &str, from: &str, to: &str) -> Result<Value, String> {
        let asked = ["--from", from, "--to", to, "--output", "json"];
        let run = self.run("explain", Some(mode), &asked);
        serde_json::from_str(&run.stdout)
            .map_err(|_| format!("exit {}: {}", run.exit, run.errors()))
    }
}
