//! Bytes to text, and a diagnostic for bytes that are none.

use portolan_compiler::diag::{Code, Diagnostic, Location, Report, Severity};
use portolan_compiler::source::{Sources, Span};

/// An input as text, or what is wrong with it.
pub(super) enum Decoded {
    /// Name and text.
    Text(String, String),
    /// Bytes that are no UTF-8.
    Rejected(Rejected),
}

/// An input that is not UTF-8.
#[derive(Debug)]
pub(super) struct Rejected {
    name: String,
    /// The text with replacement characters, to show the line.
    text: String,
    /// Offset of the first byte that is wrong, in the input and in `text`.
    offset: usize,
    help: &'static str,
}

pub(super) fn decode(name: String, bytes: Vec<u8>) -> Decoded {
    match String::from_utf8(bytes) {
        Ok(text) => Decoded::Text(name, text),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            Decoded::Rejected(Rejected {
                name,
                text: String::from_utf8_lossy(&bytes).into_owned(),
                offset,
                help: match bytes.as_slice() {
                    [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                        "this looks like UTF-16, as `>` in older PowerShells writes it: \
                         save it as UTF-8"
                    }
                    [0x1f, 0x8b, ..] => {
                        "gzip compressed it: unpack it with gunzip, and name what comes out"
                    }
                    _ => "save the file as UTF-8",
                },
            })
        }
    }
}

/// A report about inputs that are not UTF-8, with the sources to show it with.
pub(super) fn report(rejected: Vec<Rejected>) -> (Report, Sources) {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    for input in rejected {
        let length = input.text[input.offset..]
            .chars()
            .next()
            .map_or(0, char::len_utf8);
        let source = sources.add(input.name.clone(), input.text);
        let span = Span {
            source,
            start: input.offset,
            end: input.offset + length,
        };
        diagnostics.push(Diagnostic {
            severity: Severity::Error,
            code: Code::Syntax,
            object: None,
            field: None,
            location: Some(Location {
                file: input.name,
                start: sources.line_column(source, span.start),
                span,
            }),
            message: "the file is not UTF-8".to_owned(),
            help: input.help.to_owned(),
            also: Vec::new(),
        });
    }
    (Report::of(diagnostics), sources)
}
