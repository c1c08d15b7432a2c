use proptest::prelude::*;

use super::*;

#[test]
fn only_printable_ascii_is_left() {
    for (text, expected) in [
        ("shop/cart-1 \"é\"", "shop/cart-1 \"\\u{e9}\""),
        ("a\n\u{1b}[31m\u{202e}\tb", "a\\n\\u{1b}[31m\\u{202e}\\tb"),
        ("a ##vso[task.x]b", "a \\u{23}#vso[task.x]b"),
        ("##[error]x", "\\u{23}#[error]x"),
        ("### a ## b #[c]", "### a ## b #[c]"),
    ] {
        assert_eq!(visible(text), expected);
    }
}

#[test]
fn lines_of_others_are_no_lines_of_ours() {
    assert_eq!(
        paragraph("a\u{7}\r\n::error::b\n", 4),
        "a\\u{7}\n    ::error::b"
    );
}

#[test]
fn what_was_forgotten_is_guarded() {
    for (text, expected) in [
        (
            "\u{1b}[1;31merror\u{1b}[0m: é\n",
            "\u{1b}[1;31merror\u{1b}[0m: \\u{e9}\n",
        ),
        (
            "a\n::error::b\n  ::add-mask::c::d",
            "a\n\\u{3a}:error::b\n  \\u{3a}:add-mask::c::d",
        ),
        ("\u{1b}[1m::x", "\u{1b}[1m\\u{3a}:x"),
        ("a ::x", "a ::x"),
        (
            " ::: a.yaml:1:1\n:::error::x",
            " ::: a.yaml:1:1\n:::error::x",
        ),
        (
            "\u{1b}]0;title\u{7}\u{1b}[2J",
            "\\u{1b}]0;title\\u{7}\\u{1b}[2J",
        ),
        ("a\rb", "a\\rb"),
        ("\u{1b}[", "\\u{1b}["),
    ] {
        assert_eq!(guarded(text), expected);
    }
}

#[test]
fn json_means_the_same_in_ascii() {
    let value = serde_json::json!({"a\u{202e}": "\u{7f}\u{1f600}##[x]\u{2028}"});
    for text in [json(&value), json_line(&value)] {
        assert!(text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')));
        assert!(!text.contains("##"), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, value);
    }
}

#[test]
fn no_text_is_a_workflow_command() {
    assert_eq!(message("50%\n::error::x"), "50%25\\n::error::x");
    assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
    assert_eq!(messages("50%\n::error::x\r\n"), "50%25%0A::error::x");
}

#[test]
fn paths_lead_to_the_file() {
    for (text, expected) in [
        ("pr od:\u{fc}/x,y.yaml", "pr od%3A\u{fc}/x%2Cy.yaml"),
        ("u\u{308}", "u\u{308}"),
        ("a\u{202e}\n\u{1b}b%", "a\\u{202e}\\n\\u{1b}b%25"),
    ] {
        assert_eq!(path(text), expected);
    }
}

#[test]
fn nothing_of_others_is_markup() {
    for (text, expected) in [
        ("<b>@all|x_y*", "&lt;b&gt;@<!-- -->all\\|x\\_y\\*"),
        ("a\u{202e}b\n", "a\\\\u{202e}b\\\\n"),
        ("https://a.example/", "https&#58;//a.example/"),
        ("WWW.a.example #4", "WWW&#46;a.example \\#<!-- -->4"),
        (
            "org/repo#12 GH-7 !5 a@b",
            "org/repo\\#<!-- -->12 GH-<!-- -->7 \\!<!-- -->5 a@<!-- -->b",
        ),
        ("50% of $x & more", "50% of \\$<!-- -->x &amp; more"),
    ] {
        assert_eq!(markdown(text), expected);
    }
    assert_eq!(fenced("x\n```\n# y"), "x\\n'''\\n# y");
    assert_eq!(code("a`b"), "`a'b`");
    assert_eq!(marker("prod --> <script>"), "prod-script");
}

#[test]
fn labels_cannot_end_their_quotes() {
    assert_eq!(dot(r#"a" \n"#), r#"a\" \\n"#);
    assert_eq!(mermaid("a\"]; click v0"), "a#34;]#59; click v0");
    assert_eq!(mermaid("<b>#\\`"), "#60;b#62;#35;#92;#96;");
}

#[test]
fn messages_of_sarif_have_no_links_of_others() {
    assert_eq!(
        sarif("[a](https://b.example)\n"),
        "[a] (https://b.example)\\n"
    );
}

#[test]
fn xml_has_no_tags_of_others() {
    assert_eq!(
        xml("</failure>\u{1}\"&"),
        "&lt;/failure&gt;\\u{1}&quot;&amp;"
    );
}

proptest! {
    #[test]
    fn every_language_is_in_printable_ascii(text in any::<String>()) {
        for (language, out) in [
            ("terminal", visible(&text)),
            ("markdown", markdown(&text)),
            ("code", code(&text)),
            ("fence", fenced(&text)),
            ("marker", marker(&text)),
            ("message", message(&text)),
            ("property", property(&text)),
            ("messages", messages(&text)),
            ("sarif", sarif(&text)),
            ("xml", xml(&text)),
            ("dot", dot(&text)),
            ("mermaid", mermaid(&text)),
        ] {
            prop_assert!(out.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{language}: {out}");
        }
    }

    /// The guard lets pass what is ours, so that it can stand where everything goes through.
    #[test]
    fn what_is_visible_passes_the_guard(text in any::<String>()) {
        let line = format!("error: {}\n", visible(&text));
        prop_assert_eq!(guarded(&line), line);
    }
}
