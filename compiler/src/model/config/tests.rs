use super::*;

#[test]
fn durations_are_read_as_go_does() {
    for (text, expected) in [
        ("900s", Some(900)),
        ("1m0s", Some(60)),
        ("1h15m30s", Some(4530)),
        ("1.5h", Some(5400)),
        ("1500ms", Some(1)),
        ("0s", Some(0)),
        ("0", Some(0)),
        ("900", None),
        ("s", None),
        ("-5s", None),
        ("5 s", None),
        ("", None),
    ] {
        assert_eq!(seconds(text), expected, "{text:?}");
    }
}
