//! What `ipset list` lists for people, in the words of `ipset save`: it shows the same.

use super::read::Problem;
use crate::kernel::lines::LineError;

/// Whether a text is a listing for people.
pub(super) fn is_listing(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    lines
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .is_some_and(|line| line.starts_with("Name: "))
}

/// A set while its lines are read.
#[derive(Debug, Default)]
struct Draft<'a> {
    name: &'a str,
    set_type: &'a str,
    /// Whether members stay until somebody removes them.
    lasting: bool,
    /// How many members it has, where they stay.
    entries: Option<usize>,
    members: Option<usize>,
}

/// The listing as `ipset save` would print it, each line where it stood.
pub(super) fn saved(text: &str) -> Result<String, LineError<Problem>> {
    let mut lines = Vec::new();
    let mut draft: Option<Draft<'_>> = None;
    let mut last = (1, "");
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        let error = |problem| LineError {
            line: number,
            problem,
            text: line.into(),
        };
        let mut saved = String::new();
        if let Some(name) = line.strip_prefix("Name: ") {
            whole(draft.as_ref(), last)?;
            draft = Some(Draft {
                name: name.trim(),
                ..Draft::default()
            });
        } else if !line.is_empty() && !line.starts_with('#') {
            let draft = draft.as_mut().ok_or(error(Problem::Listing))?;
            saved = draft.line(line).ok_or(error(Problem::Listing))?;
        }
        if !line.is_empty() {
            last = (number, line);
        }
        lines.push(saved);
    }
    whole(draft.as_ref(), last)?;
    Ok(lines.join("\n"))
}

/// Fails where not all of a set is there.
fn whole(draft: Option<&Draft<'_>>, (line, text): (usize, &str)) -> Result<(), LineError<Problem>> {
    let Some(Draft {
        entries, members, ..
    }) = draft
    else {
        return Ok(());
    };
    let problem = match (entries, members) {
        (_, None) => Problem::NoMembers,
        (Some(entries), Some(members)) if entries != members => Problem::CutOff,
        _ => return Ok(()),
    };
    Err(LineError {
        line,
        problem,
        text: text.into(),
    })
}

impl<'a> Draft<'a> {
    /// The line in other words; nothing for one that says how much there is.
    fn line(&mut self, line: &'a str) -> Option<String> {
        if let Some(members) = &mut self.members {
            *members += 1;
            return Some(format!("add {} {line}", self.name));
        }
        let (field, value) = line.split_once(':')?;
        let value = value.trim();
        match field {
            "Type" => self.set_type = value,
            "Header" => {
                self.lasting = value.split_ascii_whitespace().all(|word| word != "timeout");
                return Some(format!("create {} {} {value}", self.name, self.set_type));
            }
            "Number of entries" if self.lasting => self.entries = Some(value.parse().ok()?),
            "Number of entries" => {}
            "Members" => self.members = Some(0),
            "Revision" | "Size in memory" | "References" | "Default" => {}
            _ => return None,
        }
        Some(String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ipset::read;

    /// `ipset list` 7.17.
    const LISTED: &str = "\
Name: KUBE-CLUSTER-IP
Type: hash:ip,port
Revision: 7
Header: family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x3599938c
Size in memory: 264
References: 1
Number of entries: 2
Members:
10.96.0.10,udp:53
10.96.0.1,tcp:443

Name: KUBE-NODE-PORT-TCP
Type: bitmap:port
Revision: 3
Header: range 0-65535
Size in memory: 8264
References: 0
Number of entries: 0
Members:

Name: timed
Type: hash:ip
Revision: 6
Header: family inet hashsize 1024 maxelem 65536 timeout 300 comment bucketsize 12 initval 0x25dee46c
Size in memory: 316
References: 0
Number of entries: 2
Members:
10.0.0.9 timeout 299 comment \"x y\"
";
    const SAVED: &str = "\
create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x3599938c
add KUBE-CLUSTER-IP 10.96.0.1,tcp:443
add KUBE-CLUSTER-IP 10.96.0.10,udp:53
create KUBE-NODE-PORT-TCP bitmap:port range 0-65535
create timed hash:ip family inet hashsize 1024 maxelem 65536 timeout 300 comment bucketsize 12 initval 0x25dee46c
add timed 10.0.0.9 timeout 299 comment \"x y\"
";

    #[test]
    fn a_listing_says_what_the_saved_form_says() {
        assert!(is_listing(LISTED) && !is_listing(SAVED) && !is_listing(""));
        assert_eq!(read(LISTED), read(SAVED));
    }

    #[test]
    fn listings_without_all_members_are_refused() {
        let cut = LISTED.replace("10.96.0.1,tcp:443\n", "");
        let error = read(&cut).unwrap_err();
        assert_eq!((error.line, error.problem), (9, Problem::CutOff));
        let terse: String = LISTED
            .lines()
            .take(7)
            .flat_map(|line| [line, "\n"])
            .collect();
        let error = read(&terse).unwrap_err();
        assert_eq!((error.line, error.problem), (7, Problem::NoMembers));
        let error = read("Name: A\nSegmentation fault\n").unwrap_err();
        assert_eq!((error.line, error.problem), (2, Problem::Listing));
    }
}
