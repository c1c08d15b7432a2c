//! Text of strangers on its way to a terminal or a log: nothing in it may move the cursor, change
//! colours, turn the direction of writing or pass for other letters.

/// Appends a character so that it is seen for what it is: printable ASCII as it is, everything
/// else by its number.
pub(super) fn push(out: &mut String, c: char) {
    match c {
        ' '..='~' => out.push(c),
        _ => out.extend(c.escape_default()),
    }
}

/// A whole text, made visible.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut out, c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_only_printable_ascii() {
        assert_eq!(visible("shop/cart-1 \"é\""), "shop/cart-1 \"\\u{e9}\"");
        assert_eq!(
            visible("a\n\u{1b}[31m\u{202e}\tb"),
            "a\\n\\u{1b}[31m\\u{202e}\\tb"
        );
    }
}
