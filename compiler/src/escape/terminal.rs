//! Terminals, and logs that CI systems read.

/// Appends the first character of a text so that it is seen for what it is: printable ASCII as it
/// is, everything else by its number.
pub(crate) fn push(out: &mut String, text: &str) {
    match text.chars().next() {
        Some('#') if begins_command(text) => out.push_str("\\u{23}"),
        Some(c @ ' '..='~') => out.push(c),
        Some(c) => out.extend(c.escape_default()),
        None => {}
    }
}

/// A text as one line, made visible: `\n` stands for a line feed.
///
/// `##[command]`, `##vso[…]` and `##teamcity[…]` lose their first sign: GitHub, Azure Pipelines and
/// `TeamCity` obey them wherever they stand in a line.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, _) in text.char_indices() {
        push(&mut out, &text[at..]);
    }
    out
}

/// A text of several lines, made visible, lines after the first indented as far as it is asked for:
/// none of them passes for a line of ours.
pub fn paragraph(text: &str, indent: usize) -> String {
    let lines: Vec<String> = text.lines().map(visible).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

/// A text of ours as it goes to a terminal or a log: lines and colours stay, anything else that acts
/// there does not. Whatever was quoted before passes as it is; this is for what was forgotten.
///
/// Colours are the sequences of ECMA-48 that select a graphic rendition. A line that begins with
/// `::` would be a workflow command; `:::` begins none, as no command's name has a colon, and stands
/// before the further places of a diagnostic.
pub fn guarded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at_start = true;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match rendition(rest) {
            Some(length) => {
                out.push_str(&rest[..length]);
                length
            }
            None if c == '\n' => {
                out.push('\n');
                at_start = true;
                1
            }
            None if at_start && rest.starts_with("::") && !rest.starts_with(":::") => {
                out.push_str("\\u{3a}");
                at_start = false;
                1
            }
            None => {
                push(&mut out, rest);
                at_start &= c == ' ';
                c.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    out
}

/// The length of a colour's escape sequence at the start of a text.
fn rendition(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let length = parameters.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
    parameters[length..]
        .starts_with('m')
        .then_some("\u{1b}[".len() + length + 1)
}

/// Whether a text begins with what a CI system takes for a command: `##`, letters, and a bracket.
fn begins_command(text: &str) -> bool {
    text.strip_prefix("##").is_some_and(|rest| {
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        rest.starts_with('[')
    })
}
