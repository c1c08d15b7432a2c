//! Signs of a running kube-proxy: its process, and its health port on loopback.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use crate::host::{HostError, RunningProxy};

/// The default of `healthzBindAddress`.
const HEALTH_PORT: u16 = 10256;

/// Loopback answers at once or not at all.
const PATIENCE: Duration = Duration::from_millis(300);

/// A status line is all that is needed; nobody is to fill our memory.
const ANSWER_LIMIT: u64 = 4096;

pub(super) fn look() -> Result<Vec<RunningProxy>, HostError> {
    let mut found = processes(Path::new("/proc")).map_err(|source| HostError::Proc {
        path: "/proc".to_owned(),
        source,
    })?;
    let addresses: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    found.extend(
        addresses
            .map(|address| SocketAddr::new(address, HEALTH_PORT))
            .into_iter()
            .filter(|address| answers(*address))
            .map(RunningProxy::HealthPort),
    );
    Ok(found)
}

/// Processes come and go while we look: those that are gone pass by.
fn processes(proc: &Path) -> io::Result<Vec<RunningProxy>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(proc)? {
        let entry = entry?;
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let Ok(bytes) = fs::read(entry.path().join("cmdline")) else {
            continue;
        };
        if let Some(command) = proxy_command(&bytes) {
            found.push(RunningProxy::Process { pid, command });
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// `kube-proxy --config=…`, or `hyperkube kube-proxy …` of old; words end with a NUL. Its other
/// arguments are of no use here.
fn proxy_command(cmdline: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(cmdline);
    let mut words = text.split('\0').map(|word| word.rsplit('/').next());
    let program = words.next().flatten()?;
    match (program, words.next().flatten()) {
        ("kube-proxy", _) => Some(program.to_owned()),
        ("hyperkube", Some(verb @ ("kube-proxy" | "proxy"))) => Some(format!("{program} {verb}")),
        _ => None,
    }
}

/// Whether a health check gets an answer in HTTP: a port that merely listens may be anybody's.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = Vec::new();
        // A connection that is closed in an unfriendly way may have answered before.
        match stream.take(ANSWER_LIMIT).read_to_end(&mut answer) {
            Err(error) if answer.is_empty() => Err(error),
            _ => Ok(answer),
        }
    };
    ask().is_ok_and(|answer| answer.starts_with(b"HTTP/1."))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn processes_are_known_by_their_program() {
        for (cmdline, expected) in [
            ("kube-proxy\0--config=/x\0", Some("kube-proxy")),
            ("/usr/local/bin/kube-proxy\0--v=2\0", Some("kube-proxy")),
            ("/hyperkube\0proxy\0", Some("hyperkube proxy")),
            ("/hyperkube\0kubelet\0", None),
            ("vim\0kube-proxy\0", None),
            ("kube-proxy-exporter\0", None),
            ("", None),
        ] {
            let found = proxy_command(cmdline.as_bytes());
            assert_eq!(found.as_deref(), expected, "{cmdline:?}");
        }
    }

    #[test]
    fn processes_are_found_among_others() {
        let proc = tempfile::tempdir().unwrap();
        for (name, cmdline) in [("12", "/bin/kube-proxy\0"), ("7", "sh\0"), ("net", "x")] {
            fs::create_dir(proc.path().join(name)).unwrap();
            fs::write(proc.path().join(name).join("cmdline"), cmdline).unwrap();
        }
        // One that is gone by now.
        fs::create_dir(proc.path().join("99")).unwrap();
        let found = processes(proc.path()).unwrap();
        assert_eq!(
            found,
            [RunningProxy::Process {
                pid: 12,
                command: "kube-proxy".to_owned()
            }]
        );
    }

    #[test]
    fn only_an_answer_counts() {
        for (answer, expected) in [
            (
                b"HTTP/1.0 503 Service Unavailable\r\n\r\n{}".as_slice(),
                true,
            ),
            (b"SSH-2.0-x\r\n", false),
            (b"", false),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 16];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(answer).unwrap();
            });
            assert_eq!(answers(address), expected);
            server.join().unwrap();
        }
    }
}
