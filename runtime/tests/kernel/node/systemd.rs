//! A systemd of the case's own: the first process of a PID namespace, with no units but portolan's and
//! empty ones in place of the targets that these name.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::Tool;
use super::portolan::PROGRAM;

/// The units that are checked in.
const UNITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/systemd");

/// Where the case's systemd finds units.
const FOLDER: &str = "/run/units";

/// What the units print.
const SAID: &str = "/run/units-said";

/// How many of a hundred points the units may have at most.
const EXPOSURE: u32 = 30;

/// The targets that the units, or systemd for them, wait for.
const TARGETS: [&str; 7] = [
    "basic",
    "local-fs",
    "network-pre",
    "shutdown",
    "start",
    "sysinit",
    "timers",
];

/// Its own namespaces and control group; /run stays the case's.
const START: &str = r#"
set -e
groups=/sys/fs/cgroup
mountpoint -q "$groups" || mount -t cgroup2 cgroup2 "$groups"
mkdir "$groups/case-$$"
echo $$ >"$groups/case-$$/cgroup.procs"
exec unshare --pid --mount --cgroup --fork sh -ec '
  mount -t proc proc /proc
  umount /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  exec /lib/systemd/systemd --system --unit=start.target
'
"#;

/// What systemd's own checks say of the units, one by one: nothing, if they are sound.
pub(crate) fn problems() -> String {
    prepare();
    let units = fs::read_dir(UNITS).unwrap().map(|unit| unit.unwrap());
    let verify = |unit: fs::DirEntry| {
        let path = Path::new(FOLDER).join(unit.file_name());
        let path = path.display();
        let words = format!("env SYSTEMD_UNIT_PATH={FOLDER} systemd-analyze");
        let said = Tool::new(&format!("{words} verify --man=no {path}")).both();
        if unit.path().extension() == Some("service".as_ref()) {
            // Of 100: those of a unit without restrictions are 96.
            Tool::new(&format!(
                "{words} security --no-pager --offline=true --threshold={EXPOSURE} {path}"
            ))
            .run();
        }
        said
    };
    units.map(verify).collect()
}

/// A systemd that runs.
#[derive(Debug)]
pub(crate) struct Systemd {
    starter: Child,
    process: u32,
}

impl Systemd {
    /// Boots one; the program is /usr/bin/portolan there, and its records are new.
    pub(crate) fn boot() -> Self {
        prepare();
        let log = File::create("/run/systemd-said").unwrap();
        let starter = Command::new("sh")
            .args(["-c", START])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("container", "test")
            .env(
                "SYSTEMD_UNIT_PATH",
                format!("{FOLDER}:/run/systemd/transient"),
            )
            // None of the machine's own.
            .env("SYSTEMD_GENERATOR_PATH", FOLDER)
            .env("SYSTEMD_ENVIRONMENT_GENERATOR_PATH", FOLDER)
            .env("SYSTEMD_LOG_TARGET", "console")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut systemd = Self {
            starter,
            process: 0,
        };
        systemd.wait();
        systemd
    }

    /// Waits until it takes orders.
    fn wait(&mut self) {
        let id = self.starter.id();
        while !Path::new("/run/systemd/private").exists() {
            if let Some(status) = self.starter.try_wait().unwrap() {
                let said = fs::read_to_string("/run/systemd-said").unwrap_or_default();
                panic!("systemd ended: {status}\n{said}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        self.process = children.trim().parse().expect("one child");
    }

    /// Runs a tool in its namespaces.
    pub(crate) fn tool(&self, words: &str) -> Tool {
        Tool::new(&format!("nsenter -t {} -p -m {words}", self.process))
    }

    /// Runs a unit, which has to succeed; gives what it printed.
    pub(crate) fn start(&self, unit: &str) -> String {
        let started = self.tool(&format!("systemctl start {unit}")).try_output();
        let said = fs::read_to_string(SAID).unwrap_or_default();
        if let Err(reason) = started {
            panic!("{unit} fails: {reason}\n{said}");
        }
        said
    }
}

impl Drop for Systemd {
    /// With the first process of a namespace all others end.
    fn drop(&mut self) {
        if self.process != 0 {
            Tool::new(&format!("kill -KILL {}", self.process)).run();
        }
        let ended = self.starter.wait();
        assert!(ended.is_ok() || thread::panicking(), "{ended:?}");
    }
}

/// Puts the program and the units into their places, and empty records.
fn prepare() {
    let program = Path::new("/usr/bin/portolan");
    if !program.exists() {
        // Other cases may do the same at this moment.
        File::options()
            .create(true)
            .append(true)
            .open(program)
            .unwrap();
    }
    fs::set_permissions(program, Permissions::from_mode(0o755)).unwrap();
    Tool::new(&format!("mount --bind {PROGRAM} {}", program.display())).run();
    fs::create_dir_all("/var/lib/portolan").unwrap();
    Tool::new("mount -t tmpfs -o mode=700 tmpfs /var/lib/portolan").run();
    write_units();
}

fn write_units() {
    let folder = Path::new(FOLDER);
    fs::create_dir(folder).unwrap();
    for target in TARGETS {
        let text = "[Unit]\nDefaultDependencies=no\n";
        fs::write(folder.join(format!("{target}.target")), text).unwrap();
    }
    for unit in fs::read_dir(UNITS).unwrap() {
        let unit = unit.unwrap();
        fs::copy(unit.path(), folder.join(unit.file_name())).unwrap();
    }
    drop_in(
        "portolan.service",
        &format!("[Service]\nStandardOutput=append:{SAID}\nStandardError=append:{SAID}\n"),
    );
    drop_in(
        "portolan-drain.service",
        &format!("[Service]\nStandardOutput=append:{SAID}\nStandardError=append:{SAID}\n"),
    );
    drop_in(
        "portolan-drain.timer",
        // An empty value takes back those of all kinds.
        "[Timer]\nOnActiveSec=\nOnActiveSec=1s\nOnUnitInactiveSec=1s\nAccuracySec=100ms\n",
    );
}

/// Adds to a unit what only the case wants.
fn drop_in(unit: &str, text: &str) {
    let folder = Path::new(FOLDER).join(format!("{unit}.d"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("case.conf"), text).unwrap();
}
