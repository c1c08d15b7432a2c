//! What is parsed by itself: documents, and the items of lists that can be cut.

use std::ops::Range;
use std::sync::Arc;

use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};

use super::header::{Class, Header, Probe};
use super::parse::{Paths, Shape, parse};
use super::read::{self, Grouping, Object, Piece, PieceRole, ReadPiece, UNKNOWN};
use super::split::Seam;
use super::{SHARE, json, list, split};
use crate::diag::{Code, Finding, Place};
use crate::source::{Format, SourceId, Sources, Span};

/// A document, and how it can be read.
#[derive(Debug)]
struct DocumentCut {
    /// The whole document.
    whole: Span,
    how: Cuts,
    /// What is parsed by itself.
    pieces: Vec<Piece>,
}

/// How a document was cut, which says what to try if a piece does not parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cuts {
    /// Not at all: it is one piece of YAML.
    None,
    /// A YAML list at its items.
    Yaml,
    /// JSON by its looks.
    JsonGuess,
}

/// The documents of all sources, in order, and how each begins where kubectl does not see it as one.
pub(super) fn documents(sources: &Sources) -> Vec<(Span, Option<Seam>)> {
    let documents = sources.iter().flat_map(|(id, source)| {
        let start = if source.text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        split::documents(&source.text, start)
            .into_iter()
            .map(move |cut| (span(id, &cut.range), cut.seam))
    });
    documents.collect()
}

/// Reads a document: in pieces if it can be cut, and once more in one piece if a cut was wrong.
pub(super) fn read(document: Span, seam: Option<Seam>, sources: &Sources) -> Vec<ReadPiece> {
    let mut outcomes = read_pieces(document, sources);
    let is_known = |kind: &String| kind != UNKNOWN;
    let holds_any =
        |outcome: &ReadPiece| !outcome.objects.is_empty() || outcome.others.iter().any(is_known);
    if let Some(seam) = seam
        && outcomes.iter().any(holds_any)
        && let Some(first) = outcomes.first_mut()
    {
        let text = &sources.get(document.source).text[document.range()];
        let start = text.len() - text.trim_start().len();
        let line = text[start..].lines().next().unwrap_or_default();
        let place = within(document, &(start..start + line.trim_end().len()));
        let (message, help) = seam.words();
        let finding = Finding::warning(Code::YamlAmbiguous, Place::Span(place), message);
        first.findings.insert(0, finding.help(help));
    }
    outcomes
}

fn read_pieces(document: Span, sources: &Sources) -> Vec<ReadPiece> {
    let cut = cut(document, sources);
    let source = &sources.get(document.source).text;
    let outcomes: Vec<ReadPiece> = cut
        .pieces
        .par_iter()
        .with_max_len(SHARE)
        .map(|piece| read::read(piece, source))
        .collect();
    if outcomes.iter().any(|outcome| outcome.broken) {
        reread(&cut, sources)
    } else {
        outcomes
    }
}

fn cut(whole: Span, sources: &Sources) -> DocumentCut {
    let text = &sources.get(whole.source).text[whole.range()];
    if json::looks_like(text) {
        let is_list = text.trim_start().starts_with('[');
        let values = is_list.then(|| json::values(text)).flatten();
        let values = values.unwrap_or_else(|| json::lines(text));
        let pieces = json_pieces(whole, text, values, &[json::guess_items, scan_list]);
        return DocumentCut {
            whole,
            how: Cuts::JsonGuess,
            pieces,
        };
    }
    if let Some(cut) = list::cut(text)
        && let Some(inherited) = listed(&cut.envelope, Format::Yaml)
    {
        let inherited = shared(inherited);
        let pieces = cut
            .items
            .iter()
            .map(|item| Piece {
                span: within(whole, item),
                format: Format::Yaml,
                shape: Shape::Item,
                inherited: inherited.clone(),
                part: Grouping::OfGroup,
                role: PieceRole::Object,
            })
            .collect();
        return DocumentCut {
            whole,
            how: Cuts::Yaml,
            pieces,
        };
    }
    if let Some(elements) = list::elements(text) {
        let element = |element: &Range<usize>| Piece {
            span: within(whole, element),
            shape: Shape::Item,
            part: Grouping::OfGroup,
            role: PieceRole::Element,
            ..alone(whole, Format::Yaml)
        };
        return DocumentCut {
            whole,
            how: Cuts::Yaml,
            pieces: elements.iter().map(element).collect(),
        };
    }
    DocumentCut {
        whole,
        how: Cuts::None,
        pieces: vec![alone(whole, Format::Yaml)],
    }
}

/// The items of a JSON list, exactly, unless it is seen at a glance to be none.
fn scan_list(text: &str) -> Option<json::Cut> {
    let class = json::sniff(text).map(|header| header.classify());
    let may_be_list = matches!(class, None | Some(Class::List(_)));
    may_be_list.then(|| json::scan_items(text)).flatten()
}

/// Pieces of a stretch of JSON: its values, and the items of those that are lists, cut in the first
/// of these ways that leaves the text of a list around them.
fn json_pieces(
    whole: Span,
    text: &str,
    values: Vec<Range<usize>>,
    cuts: &[fn(&str) -> Option<json::Cut>],
) -> Vec<Piece> {
    let of_value = |value: Range<usize>| {
        let inner = &text[value.clone()];
        if let Some(elements) = json::elements(inner) {
            let element = |element: Range<usize>| Piece {
                part: Grouping::OfGroup,
                role: PieceRole::Element,
                ..alone(
                    within(
                        whole,
                        &(value.start + element.start..value.start + element.end),
                    ),
                    Format::Json,
                )
            };
            return elements.into_iter().map(element).collect();
        }
        let list = cuts.iter().find_map(|cut| {
            let cut = cut(inner)?;
            let inherited = listed(&cut.envelope, Format::Json)?;
            Some((cut.items, inherited))
        });
        let Some((items, inherited)) = list else {
            return vec![Piece {
                part: Grouping::OfGroup,
                ..alone(within(whole, &value), Format::Json)
            }];
        };
        let inherited = shared(inherited);
        let item = |item: Range<usize>| Piece {
            span: within(whole, &(value.start + item.start..value.start + item.end)),
            format: Format::Json,
            shape: Shape::Whole,
            inherited: inherited.clone(),
            part: Grouping::OfGroup,
            role: PieceRole::Object,
        };
        items.into_iter().map(item).collect()
    };
    values.into_par_iter().flat_map_iter(of_value).collect()
}

/// Reads again what did not parse in pieces.
fn reread(cut: &DocumentCut, sources: &Sources) -> Vec<ReadPiece> {
    let source = &sources.get(cut.whole.source).text;
    let text = &source[cut.whole.range()];
    let whole = |format| vec![read::read(&alone(cut.whole, format), source)];
    if cut.how != Cuts::JsonGuess {
        return whole(Format::Yaml);
    }
    let as_json = match json::values(text) {
        Some(values) => {
            let pieces = json_pieces(cut.whole, text, values.clone(), &[json::scan_items]);
            let outcomes: Vec<ReadPiece> = pieces
                .into_par_iter()
                .map(|piece| read::read(&piece, source))
                .collect();
            if !outcomes.iter().any(|outcome| outcome.broken) {
                return outcomes;
            }
            values
                .iter()
                .map(|value| read::read(&alone(within(cut.whole, value), Format::Json), source))
                .collect()
        }
        None => whole(Format::Json),
    };
    if !as_json.iter().any(refused) {
        return as_json;
    }
    // YAML may start as JSON does; if it is neither, the complaint about JSON is the better one.
    let as_yaml = whole(Format::Yaml);
    if as_yaml.iter().any(refused) {
        as_json
    } else {
        as_yaml
    }
}

/// Whether the text as such was refused.
fn refused(outcome: &ReadPiece) -> bool {
    outcome
        .objects
        .iter()
        .all(|Object { value, .. }| value.is_none())
        && outcome.others.is_empty()
        && !(outcome.findings.is_empty() && outcome.strays.is_empty())
}

/// What the items of a list have that say nothing of their kind, judged by the text around them:
/// it must parse by itself and be that of a list, and nothing in it may call for a look at the
/// whole.
fn listed(envelope: &str, format: Format) -> Option<Header> {
    let (result, watch) = parse::<Probe>(envelope, format, Shape::Whole, Paths::Forget);
    let Ok(Probe::Mapping(header)) = result else {
        return None;
    };
    match header.classify() {
        Class::List(inherited) if !watch.duplicate && !watch.merge => Some(inherited),
        _ => None,
    }
}

fn alone(span: Span, format: Format) -> Piece {
    Piece {
        span,
        format,
        shape: Shape::Whole,
        inherited: None,
        part: Grouping::Alone,
        role: PieceRole::Object,
    }
}

fn shared(inherited: Header) -> Option<Arc<Header>> {
    inherited.kind.is_some().then(|| Arc::new(inherited))
}

fn span(source: SourceId, range: &Range<usize>) -> Span {
    Span {
        source,
        start: range.start,
        end: range.end,
    }
}

fn within(whole: Span, range: &Range<usize>) -> Span {
    Span {
        start: whole.start + range.start,
        end: whole.start + range.end,
        ..whole
    }
}
