//! What `ipvsadm -Ln` lists for people, in the words of `ipvsadm -S`.
//!
//! It shows all that these say but how tunnels are made.

use super::read::Problem;
use crate::kernel::lines::{LineError, numbered, worded};

/// Whether a text is a listing for people.
pub fn is_listing(text: &str) -> bool {
    let first = numbered(text).next();
    let word = first.and_then(|(_, line)| line.split_ascii_whitespace().next());
    matches!(
        word,
        Some("IP" | "Prot" | "->" | "TCP" | "UDP" | "SCTP" | "FWM")
    )
}

/// The columns above virtual servers, and above destinations. Other options of `ipvsadm` have others.
const SERVERS: [&str; 4] = ["Prot", "LocalAddress:Port", "Scheduler", "Flags"];
const DESTINATIONS: [&str; 6] = [
    "->",
    "RemoteAddress:Port",
    "Forward",
    "Weight",
    "ActiveConn",
    "InActConn",
];

/// The listing as `ipvsadm -Sn` would print it, each line where it stood.
pub(super) fn saved(text: &str) -> Result<String, LineError<Problem>> {
    let mut lines = vec![String::new(); text.lines().count()];
    // How the virtual server is named whose destinations follow.
    let mut service = None;
    for line in worded(text) {
        let error = |problem| line.error(problem);
        let words = &line.words;
        let saved = match words[..] {
            ["IP", "Virtual", "Server", "version", ..] => continue,
            ["Prot", ..] if *words == SERVERS => continue,
            ["->", "RemoteAddress:Port", ..] if *words == DESTINATIONS => continue,
            ["Prot", ..] | ["->", "RemoteAddress:Port", ..] => {
                return Err(error(Problem::Columns));
            }
            ["->", real, forward, weight, active, inactive] => {
                let service = service.as_deref().ok_or(error(Problem::UnknownService))?;
                if ![weight, active, inactive]
                    .iter()
                    .all(|word| is_number(word))
                {
                    return Err(error(Problem::Listing));
                }
                let forward = match forward {
                    "Masq" => "-m",
                    "Tunnel" => "-i",
                    "Route" | "Local" => "-g",
                    _ => return Err(error(Problem::Listing)),
                };
                check(real).map_err(error)?;
                format!("-a {service} -r {real} {forward} -w {weight}")
            }
            [protocol, name, ref rest @ ..] => {
                let (named, rest) = of_service(protocol, name, rest).map_err(error)?;
                let options = options(rest).ok_or(error(Problem::Listing))?;
                let saved = format!("-A {named}{options}");
                service = Some(named);
                saved
            }
            _ => return Err(error(Problem::Listing)),
        };
        if let Some(place) = lines.get_mut(line.number - 1) {
            *place = saved;
        }
    }
    Ok(lines.join("\n"))
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Names are cut to fit their columns, so they name nothing.
fn check(address: &str) -> Result<(), Problem> {
    let (host, port) = address.rsplit_once(':').ok_or(Problem::Listing)?;
    let plain = |c: char| c.is_ascii_hexdigit() || ".:[]".contains(c);
    let known = host.chars().all(plain) && host.contains(['.', ':']) && is_number(port);
    known.then_some(()).ok_or(Problem::Names)
}

/// What names a virtual server, and the words after that.
fn of_service<'w, 'l>(
    protocol: &str,
    name: &str,
    rest: &'w [&'l str],
) -> Result<(String, &'w [&'l str]), Problem> {
    let option = match protocol {
        "TCP" => "-t",
        "UDP" => "-u",
        "SCTP" => "--sctp-service",
        "FWM" if !is_number(name) => return Err(Problem::Listing),
        "FWM" => {
            return Ok(match rest {
                ["IPv6", rest @ ..] => (format!("-f {name} -6"), rest),
                _ => (format!("-f {name}"), rest),
            });
        }
        _ => return Err(Problem::Listing),
    };
    check(name)?;
    Ok((format!("{option} {name}"), rest))
}

/// `mh (mh-port) persistent 300 mask 255.255.255.0 pe sip ops`
fn options(words: &[&str]) -> Option<String> {
    let (scheduler, words) = words.split_first()?;
    let (mut timeout, mut mask, mut engine) = (String::new(), String::new(), String::new());
    let (mut once, mut flags) = ("", String::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "persistent" => timeout = format!(" -p {}", words.next()?),
            "mask" => mask = format!(" -M {}", words.next()?),
            "pe" => engine = format!(" --pe {}", words.next()?),
            "ops" => once = " -o",
            names => {
                let names = names.strip_prefix('(')?.strip_suffix(')')?;
                flags = format!(" -b {names}");
            }
        }
    }
    Some(format!(
        " -s {scheduler}{timeout}{mask}{engine}{once}{flags}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ipvs::read;

    /// `ipvsadm -Ln` 1.31 of the virtual servers that `SAVED` makes.
    const LISTED: &str = "\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.96.0.1:443 rr persistent 10800
  -> 10.0.0.5:6443                Masq    1      3          12
  -> 10.0.0.6:6443                Masq    0      0          0
TCP  10.96.0.3:80 wlc persistent 300 mask 255.255.255.0
  -> 10.0.0.7:80                  Route   1      0          0
  -> 10.0.0.8:80                  Tunnel  3      0          0
TCP  10.96.0.10:80 sh (sh-fallback,sh-port)
UDP  10.96.0.6:5060 rr persistent 60 pe sip ops
UDP  [fd00::1]:53 mh (mh-port)
  -> [fd00::5]:5353               Masq    1      0          0
SCTP 10.96.0.2:7000 rr
FWM  7 rr
  -> 10.0.0.8:0                   Masq    1      0          0
FWM  8 IPv6 rr
";
    const SAVED: &str = "\
-A -t 10.96.0.1:443 -s rr -p 10800
-a -t 10.96.0.1:443 -r 10.0.0.5:6443 -m -w 1
-a -t 10.96.0.1:443 -r 10.0.0.6:6443 -m -w 0
-A -t 10.96.0.3:80 -s wlc -p 300 -M 255.255.255.0
-a -t 10.96.0.3:80 -r 10.0.0.7:80 -g -w 1
-a -t 10.96.0.3:80 -r 10.0.0.8:80 -i -w 3
-A -t 10.96.0.10:80 -s sh -b sh-fallback,sh-port
-A -u 10.96.0.6:5060 -s rr -p 60 --pe sip -o
-A -u [fd00::1]:53 -s mh -b mh-port
-a -u [fd00::1]:53 -r [fd00::5]:5353 -m -w 1
-A --sctp-service 10.96.0.2:7000 -s rr
-A -f 7 -s rr
-a -f 7 -r 10.0.0.8:0 -m -w 1
-A -f 8 -6 -s rr
";

    #[test]
    fn a_listing_says_what_the_saved_form_says() {
        assert!(is_listing(LISTED) && !is_listing(SAVED) && !is_listing(""));
        assert_eq!(read(LISTED), read(SAVED));
        let header: String = LISTED
            .lines()
            .take(3)
            .flat_map(|line| [line, "\n"])
            .collect();
        assert_eq!(read(&header), Ok(super::super::Observed::default()));
    }

    #[test]
    fn other_listings_are_refused_with_their_line() {
        let title = "IP Virtual Server version 1.2.1 (size=4096)\n";
        for (text, expected) in [
            (
                "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n",
                Problem::Columns,
            ),
            (
                "  -> RemoteAddress:Port            Weight    PersistConn ActiveConn InActConn\n",
                Problem::Columns,
            ),
            ("TCP  kubernetes.default.svc.cl:https rr\n", Problem::Names),
            ("TCP  0A600001:01BB rr\n", Problem::Names),
            ("  -> 10.0.0.5:6443  Masq 1 0 0\n", Problem::UnknownService),
            ("TCP  10.96.0.1:443\n", Problem::Listing),
            ("TCP  10.96.0.1:443 rr surprising\n", Problem::Listing),
            ("Segmentation fault\n", Problem::Listing),
        ] {
            let error = read(&format!("{title}{text}")).unwrap_err();
            assert_eq!((error.line, error.problem), (2, expected), "{text}");
        }
    }
}
