//! A repository with the demo cluster and its rules on branch `main`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The top of this repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A repository in a folder of its own.
pub(crate) struct Repository {
    folder: TempDir,
}

impl Repository {
    /// `clusters/demo` and `rules`, committed.
    pub(crate) fn demo() -> Self {
        let repository = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let cluster = repository.path().join("clusters/demo");
        fs::create_dir_all(&cluster).unwrap();
        for file in ["cluster.yaml", "kube-proxy.yaml", "facts.yaml"] {
            fs::copy(root().join("fixtures/demo").join(file), cluster.join(file)).unwrap();
        }
        repository.succeeds("portolan compile -q -f clusters/demo --all-nodes --out rules");
        repository.succeeds("git init -q -b main && git add . && git commit -q -m Start");
        repository
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A command for bash, in the repository.
    pub(crate) fn bash(&self, script: &str) -> Command {
        let portolan = Path::new(env!("CARGO_BIN_EXE_portolan")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("bash");
        command
            .args(["-c", script])
            .current_dir(self.path())
            .env("PATH", format!("{}:{path}", portolan.display()))
            .env("HOME", self.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Somebody");
            command.env(format!("GIT_{role}_EMAIL"), "somebody@example.org");
        }
        command
    }

    pub(crate) fn run(&self, script: &str) -> Output {
        self.bash(script).output().unwrap()
    }

    /// Runs what has to succeed; gives what it prints.
    #[track_caller]
    pub(crate) fn succeeds(&self, script: &str) -> String {
        let output = self.run(script);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Replaces text of the cluster.
    #[track_caller]
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let path = self.path().join("clusters/demo/cluster.yaml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replace(from, to)).unwrap();
    }
}
