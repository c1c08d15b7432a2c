//! Diagnostics with their source lines, for a terminal or a log.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};

use super::excerpt::{Excerpt, excerpt};
use crate::diag::bound::shortened;
use crate::diag::fold::{Alike, Folded, fold};
use crate::diag::{Diagnostic, LeftOut, Location, Report, Severity};
use crate::escape::visible;
use crate::source::Sources;

/// Whether a report is coloured for a terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    /// Without any escape sequences.
    #[default]
    Plain,
    /// With ANSI colours.
    Coloured,
}

/// Renders a report in rustc's manner: severity, code, message, place, source line, help.
///
/// Plain text; everything but printable ASCII is escaped, so that no input can disturb a terminal.
pub fn human(report: &Report, sources: &Sources) -> String {
    human_styled(report, sources, Style::Plain, Alike::Once)
}

/// Renders a report as [`human`] does, in the given style, with what is alike told as asked for.
pub fn human_styled(report: &Report, sources: &Sources, style: Style, alike: Alike) -> String {
    let named = report
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code.as_str(), diagnostic));
    let left_out = report.left_out.iter().map(|one| (one.sort.as_str(), *one));
    human_as(named, sources, style, alike) + &left_out_as(left_out, style)
}

/// A line for each sort of findings that are counted only, under these names.
pub(crate) fn left_out_as<'a, Sort>(
    named: impl Iterator<Item = (&'a str, LeftOut<Sort>)>,
    style: Style,
) -> String {
    let renderer = renderer(style);
    let lines = named.map(|(name, one)| {
        let title = level(one.severity)
            .primary_title(one.message())
            .id(name.to_owned());
        let no_elements: Vec<Element<'static>> = Vec::new();
        renderer.render(&[title.elements(no_elements)]) + "\n\n"
    });
    lines.collect()
}

fn renderer(style: Style) -> Renderer {
    match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// Renders diagnostics under other names than those of their codes.
pub(crate) fn human_as<'a>(
    named: impl Iterator<Item = (&'a str, &'a Diagnostic)>,
    sources: &Sources,
    style: Style,
    alike: Alike,
) -> String {
    let renderer = renderer(style);
    let mut out = String::new();
    for folded in fold(named, sources, alike) {
        let mut columns = Vec::new();
        let shown = renderer.render(&[group(&folded, sources, &mut columns)]);
        out.push_str(&with_columns(shown, &columns));
        out.push_str("\n\n");
    }
    out
}

fn group(folded: &Folded<'_>, sources: &Sources, columns: &mut Vec<Column>) -> Group<'static> {
    let diagnostic = folded.shown;
    let title = level(diagnostic.severity)
        .primary_title(visible(&diagnostic.message))
        .id(folded.name.to_owned());
    let mut elements: Vec<Element<'static>> = Vec::new();
    let mut show = |location, kind, label: &str| snippet(location, kind, label, sources, columns);
    if let Some(location) = &diagnostic.location {
        elements.push(show(location, AnnotationKind::Primary, ""));
    }
    for label in &diagnostic.also {
        elements.push(match &label.location {
            Some(location) => show(location, AnnotationKind::Context, &label.text),
            None => Level::NOTE.message(visible(&label.text)).into(),
        });
    }
    if let Some(note) = about(diagnostic) {
        elements.push(Level::NOTE.message(visible(&note)).into());
    }
    if !folded.others.is_empty() {
        elements.push(
            Level::NOTE
                .message(visible(&same_of(folded, sources)))
                .into(),
        );
    }
    if !diagnostic.help.is_empty() {
        elements.push(Level::HELP.message(visible(&diagnostic.help)).into());
    }
    title.elements(elements)
}

/// `Service shop/cart, field spec.ports[0].nodePort`.
fn about(diagnostic: &Diagnostic) -> Option<String> {
    let object = diagnostic.object.as_deref()?;
    Some(match &diagnostic.field {
        Some(field) => format!("{object}, field {}", shortened(field.to_string())),
        None => object.to_owned(),
    })
}

/// How many others the same is said of, the first of them, and what is of interest about each: the value
/// it has where that is another.
fn same_of(folded: &Folded<'_>, sources: &Sources) -> String {
    const NAMED: usize = 3;
    const VALUES: usize = 100;
    let others = &folded.others;
    let shown = &folded.shown.object;
    let of_one_object = others.iter().all(|other| other.object == *shown);
    let name = |diagnostic: &&Diagnostic| {
        // Of one object it is the field that tells one from another.
        let field = diagnostic.field.as_ref().filter(|_| of_one_object);
        let what = match field {
            Some(field) => Some(shortened(field.to_string())),
            None => diagnostic.object.clone(),
        };
        match (what, &diagnostic.location) {
            (Some(what), Some(at)) => Some(format!("{what} ({}:{})", at.file, at.start.line)),
            (Some(what), None) => Some(what),
            (None, Some(at)) => Some(format!("{}:{}", at.file, at.start.line)),
            (None, None) => None,
        }
    };
    let names: Vec<String> = others.iter().filter_map(name).take(NAMED).collect();
    let more = others.len() - names.len();
    let count = others.len();
    let mut said = match (names.is_empty(), more) {
        (true, _) => format!("the same {count} more times (-v tells each)"),
        (false, 0) => format!("the same of {count} more: {}", names.join(", ")),
        (false, _) => format!(
            "the same of {count} more: {} and {more} others (-v tells each)",
            names.join(", ")
        ),
    };
    let values = folded.values(sources);
    if !values.is_empty() {
        let shown: Vec<&str> = values.iter().copied().take(VALUES).collect();
        said.push_str("; with ");
        said.push_str(&shown.join(", "));
        if let Some(more @ 1..) = values.len().checked_sub(VALUES) {
            let _ = write!(said, " and {more} more values");
        }
    }
    said
}

/// A place whose line is not shown as it stands in the source, so that the column counted on what
/// is shown is not the source's.
struct Column {
    shown: String,
    real: String,
}

fn snippet(
    location: &Location,
    kind: AnnotationKind,
    label: &str,
    sources: &Sources,
    columns: &mut Vec<Column>,
) -> Element<'static> {
    let Excerpt { line, marked } = excerpt(sources, location.span);
    let file = visible(&location.file);
    let place = |column: usize| format!("{file}:{}:{column}", location.start.line);
    if marked.start + 1 != location.start.column {
        let (shown, real) = (place(marked.start + 1), place(location.start.column));
        columns.push(Column { shown, real });
    }
    let annotation = kind.span(marked);
    let annotation = if label.is_empty() {
        annotation
    } else {
        annotation.label(visible(label))
    };
    Snippet::source(line)
        .path(file)
        .line_start(location.start.line)
        .annotation(annotation)
        .into()
}

/// Puts the source's columns where others were counted, in order.
fn with_columns(mut shown: String, columns: &[Column]) -> String {
    // The title comes first, and may say anything.
    let mut from = shown.find('\n').unwrap_or(0);
    for Column { shown: wrong, real } in columns {
        let Some(at) = shown[from..].find(wrong.as_str()) else {
            continue;
        };
        let at = from + at;
        shown.replace_range(at..at + wrong.len(), real);
        from = at + real.len();
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Finding, Findings, Place};
    use crate::source::Objects;
    use crate::source::Span;

    fn shown(text: &str, ranges: [std::ops::Range<usize>; 2]) -> String {
        let mut sources = Sources::default();
        let source = sources.add("a\u{1b}.yaml", text.to_owned());
        let [one, two] = ranges.map(|range| {
            Place::Span(Span {
                source,
                start: range.start,
                end: range.end,
            })
        });
        let mut findings = Findings::default();
        let finding = Finding::error(Code::Name, one, "bad\nname").help("rename it");
        findings.push(finding.also(two, "first here"));
        human(
            &Report::new(&findings, &sources, &Objects::default()),
            &sources,
        )
    }

    #[test]
    fn shows_lines_places_and_help() {
        assert_eq!(
            shown("one: 1\ntwo: x\nthree: 3\n", [12..13, 0..3]),
            "\
error[name]: bad\\nname
 --> a\\u{1b}.yaml:2:6
  |
2 | two: x
  |      ^
  |
 ::: a\\u{1b}.yaml:1:1
  |
1 | one: 1
  | --- first here
  |
  = help: rename it

"
        );
    }

    #[test]
    fn counts_columns_in_the_source() {
        let text = format!("{}HERE\nA\u{301}B: \u{202e}x", "a".repeat(500));
        let out = shown(&text, [500..504, 508..509]);
        assert!(out.contains(":1:501\n"), "{out}");
        assert!(out.contains(":2:3\n"), "{out}");
        assert!(out.is_ascii(), "{out}");
    }
}
