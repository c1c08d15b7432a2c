//! Diagnostics with their source lines, for a terminal or a log.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::escape::visible;
use super::excerpt::{Excerpt, excerpt};
use crate::diag::{Diagnostic, Location, Report, Severity};
use crate::source::Sources;

/// Whether a report is coloured for a terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    /// Plain text.
    #[default]
    Plain,
    /// With ANSI colours.
    Coloured,
}

/// Renders a report in rustc's manner: severity, code, message, place, source line, help.
///
/// Plain text; everything but printable ASCII is escaped, so that no input can disturb a terminal.
pub fn human(report: &Report, sources: &Sources) -> String {
    human_styled(report, sources, Style::Plain)
}

/// Renders a report as [`human`] does, in the given style.
pub fn human_styled(report: &Report, sources: &Sources, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    let mut out = String::new();
    for diagnostic in &report.diagnostics {
        out.push_str(&renderer.render(&[group(diagnostic, sources)]));
        out.push_str("\n\n");
    }
    out
}

fn group(diagnostic: &Diagnostic, sources: &Sources) -> Group<'static> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code.id());
    let mut elements: Vec<Element<'static>> = Vec::new();
    if let Some(location) = &diagnostic.location {
        elements.push(origin(location).into());
        elements.push(snippet(location, AnnotationKind::Primary, "", sources));
    }
    for label in &diagnostic.also {
        match &label.location {
            Some(location) => {
                elements.push(origin(location).into());
                elements.push(snippet(
                    location,
                    AnnotationKind::Context,
                    &label.text,
                    sources,
                ));
            }
            None => elements.push(Level::NOTE.message(visible(&label.text)).into()),
        }
    }
    if let Some(note) = about(diagnostic) {
        elements.push(Level::NOTE.message(visible(&note)).into());
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
        Some(field) => format!("{object}, field {field}"),
        None => object.to_owned(),
    })
}

fn origin(location: &Location) -> Origin<'static> {
    Origin::path(visible(&location.file))
        .line(location.start.line)
        .char_column(location.start.column)
}

fn snippet(
    location: &Location,
    kind: AnnotationKind,
    label: &str,
    sources: &Sources,
) -> Element<'static> {
    let Excerpt { line, marked } = excerpt(sources, location.span);
    let annotation = kind.span(marked);
    let annotation = match label.is_empty() {
        true => annotation,
        false => annotation.label(visible(label)),
    };
    Snippet::source(line).line_start(location.start.line).annotation(annotation).into()
}
