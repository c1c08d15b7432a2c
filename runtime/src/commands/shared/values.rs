//! What an object is, and what it should be, for people: cut to what they read.

use portolan_compiler::english::agree;
use portolan_compiler::escape::visible;
use portolan_compiler::plan::Step;

/// More lines than this of one side are only counted.
const LINES: usize = 3;
/// Characters of a line that are shown.
const LENGTH: usize = 120;

/// Lines that say what the object of a step is and what the step makes of it, each behind this.
pub(in crate::commands) fn is_and_should_be(step: &Step, indent: &str) -> String {
    let (is, should_be) = step.values().lines();
    said("is", &is, indent) + &said("should be", &should_be, indent)
}

fn said(word: &str, lines: &[String], indent: &str) -> String {
    let mut told: Vec<String> = lines.iter().take(LINES).map(|line| cut(line)).collect();
    let more = lines.len().saturating_sub(LINES);
    if more > 0 {
        told.push(format!("and {more} more {}", agree(more, "line", "lines")));
    }
    let words = std::iter::once(word).chain(std::iter::repeat(""));
    let line = |(word, line): (&str, &String)| format!("{indent}{word:<10} {}\n", visible(line));
    words.zip(&told).map(line).collect()
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LENGTH) {
        None => line.to_owned(),
        Some((end, _)) => format!("{}...", &line[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_cut_and_what_acts_on_a_terminal_is_shown() {
        let long = "x".repeat(500);
        let lines = [long, "\u{1b}[2J".to_owned(), "c".to_owned(), "d".to_owned()];
        let text = said("is", &lines, "  ");
        let told: Vec<&str> = text.lines().collect();
        assert_eq!(told.len(), 4, "{text}");
        assert_eq!(told[0].len(), 2 + 10 + 1 + LENGTH + 3);
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert!(told[3].ends_with("and 1 more line"), "{text}");
        assert_eq!(said("is", &[], "  "), "");
    }
}
