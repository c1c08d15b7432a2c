//! What a set is called, and why it goes as a whole.

use crate::kernel::ipset;
use crate::kernel::ipset::{SetName, TEMPORARY_SET};
use crate::mode::ipvs::sets::KubeSet;
use crate::plan::{Delta, Lines};

/// A set as it stands, with its entries, and why it is not just one of ours whose entries change.
pub(super) fn foreign_set(name: &SetName, delta: &Delta<Lines>) -> String {
    let lines = delta.before().or(delta.after());
    let lines = lines.map_or(&[][..], Vec::as_slice);
    let entries = match lines.len().saturating_sub(1) {
        1 => "1 entry".to_owned(),
        number => format!("{number} entries"),
    };
    if let Delta::Change { .. } = delta {
        return format!("ipset {name}, which is of another size");
    }
    if name.as_str().starts_with(TEMPORARY_SET) {
        return format!("ipset {name}, {entries}, left behind by an exchange that was cut off");
    }
    let header = lines
        .first()
        .and_then(|line| Some(ipset::read(line).ok()?.sets.pop()?.header));
    match (KubeSet::header(name.as_str()), header) {
        (Some(ours), Some(has)) if ours.same_set(has) || ours.swaps_with(has) => {
            format!("ipset {name}, {entries}")
        }
        _ => format!("ipset {name}, which is of another kind"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_says_why_it_goes_as_a_whole() {
        let lines = |text: &str| -> Lines { text.lines().map(Into::into).collect() };
        let ours = "create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536\n\
                    add KUBE-CLUSTER-IP 10.96.0.1,tcp:443";
        let other = "create KUBE-CLUSTER-IP hash:ip family inet hashsize 1024 maxelem 65536";
        let small = "create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 1024";
        let set = |name: &str, delta| foreign_set(&SetName::new(name).unwrap(), &delta);
        let removed = |text| set("KUBE-CLUSTER-IP", Delta::Remove(lines(text)));
        // It goes with its mode.
        assert_eq!(removed(ours), "ipset KUBE-CLUSTER-IP, 1 entry");
        assert_eq!(
            removed(other),
            "ipset KUBE-CLUSTER-IP, which is of another kind"
        );
        let (from, to) = (lines(small), lines(ours));
        assert_eq!(
            set("KUBE-CLUSTER-IP", Delta::Change { from, to }),
            "ipset KUBE-CLUSTER-IP, which is of another size"
        );
        let left = format!("{TEMPORARY_SET}1");
        assert_eq!(
            set(&left, Delta::Remove(lines(other))),
            format!("ipset {left}, 0 entries, left behind by an exchange that was cut off")
        );
    }
}
