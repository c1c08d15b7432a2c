//! The two parts that run in the kernel: the one that hands out cases, and a case.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};

use super::results::{self, CaseResult};
use super::share::Share;
use super::{CASE, Case, KILL_STRIDE, SHARE};

/// Seconds after which a case is taken to hang.
const CASE_TIMEOUT: &str = "240";
/// How many cases run at once.
const THREADS: usize = 3;
/// The same where many more points are tried than usual.
const LONG_CASE_TIMEOUT: &str = "3600";
/// What a refusal costs of a sender's budget of refusals, in all namespaces.
const ROUTE_ERROR_COST: &str = "/proc/sys/net/ipv4/route/error_cost";
/// The exit status of `timeout` where it had to act.
const TIMED_OUT: i32 = 124;

/// Hands out the cases of this kernel's share that the arguments select, and writes down what became
/// of them.
pub(super) fn run(arguments: &Arguments, names: Vec<String>, folder: &Path) -> ExitCode {
    // A router refuses every packet that it refuses, whoever has sent how many before.
    fs::write(ROUTE_ERROR_COST, "0").expect("this namespace is the kernel's first");
    let share = env::var(SHARE).expect("the machine outside sets it");
    let share: Share = share.parse().expect("as the machine outside wrote it");
    let trials = share
        .take(names)
        .map(|name| {
            let folder = folder.to_owned();
            Trial::test(name.clone(), move || {
                let result = hand_out(&name);
                results::write(&folder, &name, &result)?;
                result.map(drop).map_err(Failed::from)
            })
        })
        .collect();
    let mut arguments = arguments.clone();
    // Cases wait for programs, for sockets and for deadlines: more of them keep the processors busy.
    arguments.test_threads.get_or_insert(THREADS);
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Runs a case in a process and namespaces of its own.
fn hand_out(name: &str) -> CaseResult {
    let timeout = match env::var_os(KILL_STRIDE) {
        Some(_) => LONG_CASE_TIMEOUT,
        None => CASE_TIMEOUT,
    };
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("timeout")
        .args(["-k", "5", timeout])
        .args(["unshare", "--net", "--mount"])
        .arg(program)
        .env(CASE, name)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start the case: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Ok(said.into_owned());
    }
    let why = match output.status.code() {
        Some(TIMED_OUT) => format!("the case was stopped after {timeout} s"),
        _ => output.status.to_string(),
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    Err(format!("{printed}{said}{why}"))
}

/// Runs one case in this process.
pub(super) fn run_case(cases: &[Case], name: &str) -> ExitCode {
    let Some(case) = cases.iter().find(|case| case.name == name) else {
        panic!("there is no case {name}");
    };
    // IPVS takes no IPv4 destination where lo never was up.
    call("ip", &["link", "set", "lo", "up"]);
    // Locks, temporary files and whatever else a node keeps for one boot.
    call("mount", &["-t", "tmpfs", "tmpfs", "/run"]);
    env::set_current_dir(Path::new("/run")).expect("/run was just mounted");
    (case.run)();
    ExitCode::SUCCESS
}

fn call(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    let succeeded = status.is_ok_and(|status| status.success());
    assert!(succeeded, "{program} {} failed", arguments.join(" "));
}
