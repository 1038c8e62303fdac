//! The one place where text enters a widget.
//!
//! Reports are scrubbed already; what comes in here is scrubbed again, because ratatui passes escape sequences on to
//! the terminal and one forgotten string would be enough. A test reads this crate's sources: no other file makes a
//! `Span` from text.

use findings::scrub;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text in a style.
pub(crate) fn span(text: &str, style: Style) -> Span<'static> {
    Span::styled(scrub(text).into_owned(), style)
}

/// Text in the terminal's own style.
pub(crate) fn plain(text: &str) -> Span<'static> {
    span(text, Style::new())
}

/// A line of spans.
pub(crate) fn line(spans: impl IntoIterator<Item = Span<'static>>) -> Line<'static> {
    spans.into_iter().collect()
}

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    scrub(text).width()
}

/// Text in exactly so many columns: cut with `…`, or filled with spaces.
pub(crate) fn fit(text: &str, columns: usize, style: Style) -> Span<'static> {
    let mut text = cut(&scrub(text), columns);
    text.extend(std::iter::repeat_n(' ', columns.saturating_sub(text.width())));
    Span::styled(text, style)
}

/// Text in at most so many columns, cut with `…`.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or_default();
        if used + wide + 1 > columns {
            break;
        }
        used += wide;
        kept.push(character);
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// Text broken into lines of at most so many columns, between words where possible.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let clean = scrub(text);
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in clean.split_whitespace() {
        if !current.is_empty() && current.width() + 1 + word.width() > columns {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        for character in word.chars() {
            if !current.is_empty() && current.width() + character.width().unwrap_or_default() > columns {
                lines.push(std::mem::take(&mut current));
            }
            current.push(character);
        }
    }
    if !current.is_empty() || lines.is_empty() {
        lines.push(current);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_reach_a_widget() {
        for span in [plain("a\u{1b}[2Jb"), fit("a\u{1b}[2Jb", 20, Style::new())] {
            assert!(span.content.contains("a\\u{1b}[2Jb"), "{span:?}");
        }
        assert_eq!(wrap("a\u{1b}b", 20), ["a\\u{1b}b"]);
    }

    #[test]
    fn wide_characters_count_two_columns() {
        assert_eq!(fit("日本語", 5, Style::new()).content, "日本…");
        assert_eq!(fit("日本語", 4, Style::new()).content, "日… ");
        assert_eq!(fit("日", 3, Style::new()).content, "日 ");
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
    }

    #[test]
    fn no_width_is_too_small() {
        for columns in 0..4 {
            assert!(fit("name", columns, Style::new()).width() == columns);
            assert!(wrap("some 日 words", columns).iter().all(|line| line.width() <= columns.max(2)));
        }
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn text_enters_widgets_here_and_nowhere_else() {
        fn sources(directory: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    sources(&path, found);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    found.push(path);
                }
            }
        }
        let mut files = Vec::new();
        sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        assert!(files.len() > 20);
        for file in files.iter().filter(|file| !file.ends_with("widget/text.rs")) {
            let source = std::fs::read_to_string(file).unwrap();
            for forbidden in [
                "Span::raw",
                "Span::styled",
                "Span::from",
                "Line::raw",
                "Line::styled",
                "Line::from(",
                ".set_string(",
            ] {
                assert!(!source.contains(forbidden), "{} uses {forbidden}", file.display());
            }
        }
    }
}
