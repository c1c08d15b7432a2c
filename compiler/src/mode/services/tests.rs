use super::*;
use crate::kernel::text::Text;

const TEXT: &str = "\
portolan-services 1
udp-flows until-deleted
exclude 10.96.200.0/24
exclude fd00:96:200::/112
frontend 10.96.0.20:80/TCP clusterIP Local shop/front
frontend 192.0.2.7:80/TCP externalIP Local shop/front
frontend 192.0.2.7:80/TCP loadBalancer Local shop/front
frontend 10.96.0.10:53/UDP clusterIP Cluster kube-system/kube-dns:dns
frontend 0.0.0.0:30053/UDP nodePort Cluster kube-system/kube-dns:dns
health-check 0.0.0.0:32000/TCP shop/front 2
health-check [::]:32000/TCP shop/front 0
endpoint kube-system/kube-dns:dns 10.244.3.7:53 listed
endpoint kube-system/kube-dns:dns 10.244.10.7:53 serving
";

fn text(list: &ServiceList) -> String {
    let mut text = Text::default();
    write(list, &mut text);
    text.finish().0
}

#[test]
fn what_is_written_is_read_back() {
    let list = read(TEXT).unwrap();
    assert_eq!(text(&list), TEXT);
    assert_eq!(list.len(), 2);
    let owner = |listener: &str| {
        let owner = list.owner(listener.parse().unwrap());
        owner.map(ToString::to_string)
    };
    let dns = Some("kube-system/kube-dns:dns".to_owned());
    assert_eq!(owner("10.96.0.10:53/UDP"), dns);
    assert_eq!(owner("192.0.2.7:80/TCP"), Some("shop/front".to_owned()));
    assert_eq!(owner("198.51.100.1:30053/UDP"), dns);
    assert_eq!(owner("[fd00::1]:30053/UDP"), None);
    assert_eq!(owner("10.96.0.10:53/TCP"), None);
}

#[test]
fn anything_else_is_refused_with_its_line() {
    let swap = |from: &str, to: &str| TEXT.replacen(from, to, 1);
    let last = TEXT.lines().last().unwrap();
    for (text, line, problem) in [
        (String::new(), 1, ServicesProblem::Format),
        (swap("services 1", "services 2"), 1, ServicesProblem::Format),
        (
            "portolan-services 1\n".to_owned(),
            2,
            ServicesProblem::UdpFlows,
        ),
        (swap("until-deleted", "never"), 2, ServicesProblem::UdpFlows),
        (
            swap("until-deleted", "while-address-serves"),
            12,
            ServicesProblem::WhyKept,
        ),
        (
            swap("exclude fd00:96:200::/112", "udp-flows until-deleted"),
            4,
            ServicesProblem::Order,
        ),
        (
            swap("10.96.0.10:53/UDP", "10.96.0.10:53/TCP"),
            8,
            ServicesProblem::Order,
        ),
        (format!("{TEXT}{last}\n"), 14, ServicesProblem::Order),
        (
            format!("{TEXT}{}\n", last.replace("serving", "listed")),
            14,
            ServicesProblem::Order,
        ),
        (TEXT[..TEXT.len() - 1].to_owned(), 13, ServicesProblem::Cut),
    ] {
        let refused = read(&text).unwrap_err();
        assert_eq!((refused.line, refused.problem), (line, problem), "{text}");
    }
}

#[test]
fn lines_of_other_spellings_are_refused() {
    for (from, to, line) in [
        ("exclude 10.96.200.0/24", "", 3),
        ("exclude 10.96.200.0/24", "# note", 3),
        ("200.0/24", "200.0/024", 3),
        ("exclude", " exclude", 3),
        ("exclude fd", "exclude\tfd", 4),
        (" Local", " local", 5),
        ("clusterIP", "nodePort", 5),
        ("10.96.0.20:80", "010.96.0.20:80", 5),
        ("front\n", "front:\n", 5),
        ("shop/", "Shop/", 5),
        ("shop/", "\u{202e}/", 5),
        ("32000/TCP shop", "32000/UDP shop", 10),
        ("front 2", "front 02", 10),
        ("[::]:32000", "[fd00::1]:32000", 11),
        ("10.7:53 serving", "10.7:53 ready", 13),
    ] {
        let refused = read(&TEXT.replacen(from, to, 1)).unwrap_err();
        let found = (refused.line, refused.problem);
        assert_eq!(found, (line, ServicesProblem::Line), "{to:?}");
    }
}
