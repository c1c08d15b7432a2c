//! One text that a tool printed, by itself: what it is, without what stands around it.

use super::{CaptureError, CaptureFile, Link, Printed, addresses, content, cut, silent, terminal};

/// What a tool printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The command that prints such text.
    pub printed: Printed,
    /// The file of a capture that is about the same.
    pub file: CaptureFile,
    /// The text, without what terminals and people leave around it; lines stay in their places.
    pub text: String,
    /// Why its end is missed, where its tool would print more.
    pub unfinished: Option<String>,
}

impl Output {
    /// Whether the file of a capture may hold it.
    pub fn is_read(&self) -> bool {
        self.file.takes(self.printed)
    }
}

/// Which command printed a text, by how it begins; it need not be all of it.
pub fn printed(text: &str) -> Option<Printed> {
    Some(Printed::find(&terminal::cleaned(text))?.1)
}

/// What a text is, by what it says; `None` where no tool whose output a capture holds prints such.
/// What a capture does not take, such as the rules of one table, is named in [`Output::printed`].
///
/// # Errors
/// A text that ends within a line, with the line, or a command that printed nothing where that says nothing.
pub fn output(text: &str) -> Result<Option<Output>, CaptureError> {
    let cleaned = terminal::cleaned(text).into_owned();
    let Some((_, printed)) = Printed::find(&cleaned) else {
        return nothing(text, cleaned);
    };
    let file = printed.file();
    if file.takes(printed) {
        cut::within_line(file, text)?;
    }
    let unfinished = cut::before_its_end(file, &cleaned).err();
    Ok(Some(Output {
        printed,
        file,
        text: cleaned,
        unfinished: unfinished.map(|error| error.problem()),
    }))
}

/// Where nothing was printed, the command that somebody typed tells what there is nothing of.
fn nothing(text: &str, cleaned: String) -> Result<Option<Output>, CaptureError> {
    if !cleaned.trim().is_empty() {
        return Ok(None);
    }
    let Some((_, command)) = terminal::commands(text).into_iter().next() else {
        return Ok(None);
    };
    let printed = Printed::ALL_READ
        .into_iter()
        .find(|printed| printed.file().is_made_by(&command));
    let Some(printed) = printed else {
        return Ok(None);
    };
    let file = printed.file();
    silent(file, text)?;
    Ok(Some(Output {
        printed,
        file,
        text: cleaned,
        unfinished: None,
    }))
}

/// Reads the links that `ip addr` prints, in any of its forms.
///
/// # Errors
/// A line that it does not print.
pub fn links(text: &str) -> Result<Vec<Link>, CaptureError> {
    addresses::read(text).map_err(|problem| content(CaptureFile::Addresses, &problem))
}

/// Reads the addresses of kube-ipvs0 alone, one a line.
///
/// # Errors
/// A line that is no address.
pub fn links_alone(text: &str) -> Result<Vec<Link>, CaptureError> {
    addresses::read_alone(text).map_err(|problem| content(CaptureFile::DummyAddresses, &problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_known_by_what_it_says() {
        use CaptureFile::{Addresses, Iptables, Sets, Sysctl, Tables, Timeouts, VirtualServers};
        for (text, file) in [
            (
                "1: lo: <LOOPBACK> mtu 1\n    link/loopback 00:00\n    inet 127.0.0.1/8 scope host lo\n",
                Addresses,
            ),
            ("1: lo    inet 127.0.0.1/8 scope host lo\n", Addresses),
            (
                "lo               UNKNOWN        127.0.0.1/8 ::1/128 \n",
                Addresses,
            ),
            ("eth0@if7 UP 192.0.2.1/24\n", Addresses),
            (
                "[{\"ifindex\":1,\"ifname\":\"lo\",\"addr_info\":[]}]",
                Addresses,
            ),
            (
                "[{},{\"ifindex\":2,\"ifname\":\"eth0\",\"addr_info\":[]}]\n",
                Addresses,
            ),
            ("$ sudo iptables-save\n*nat\nCOMMIT\n", Iptables),
            (
                "root@n:~# /sbin/ipset save\ncreate A hash:ip\nroot@n:~# exit\n",
                Sets,
            ),
            ("root@n:~# ipset save\nroot@n:~# ", Sets),
            ("-A -t 10.96.0.1:80 -s rr\n", VirtualServers),
            ("Timeout (tcp tcpfin udp): 900 120 300\n", Timeouts),
            ("table ip x {\n}\n", Tables),
            ("abi.vsyscall32 = 1\nnet.ipv4.ip_forward = 1\n", Sysctl),
            ("net.ipv4.ip_forward=1\n", Sysctl),
        ] {
            let found = output(text).map(|found| found.map(|found| found.file));
            assert_eq!(found, Ok(Some(file)), "{text}");
        }
        for text in [
            "",
            "portolan-manifest 2\n",
            "link add kube-ipvs0 type dummy\n",
            "ip_vs\n",
        ] {
            assert_eq!(output(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_is_cut_off_is_named_with_its_line() {
        for text in [
            "create A hash:ip\nadd A 10.9",
            "1: lo    inet 127.0.0.1/8\n2: eth0    inet 192.0",
            "$ iptables-save\n*nat\n:A - [0:0]",
        ] {
            let refused = output(text).unwrap_err().to_string();
            let line = format!("line {}", text.lines().count());
            assert!(refused.contains(&line), "{text}: {refused}");
        }
    }
}
