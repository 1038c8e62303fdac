//! Text in columns: how wide it is, wrapped, cut, coloured.

use std::io;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::Style;

/// Columns that a text takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// A text filled up with blanks to so many columns.
pub(super) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// A text of at most so many columns, its end replaced by an ellipsis where it is longer.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut left = columns.saturating_sub(1);
    for character in text.chars() {
        let needed = character.width().unwrap_or(0);
        if needed > left {
            break;
        }
        left -= needed;
        kept.push(character);
    }
    kept.push('…');
    kept
}

/// A text in lines of at most so many columns, broken at blanks; a longer word stands alone, uncut, so that it can
/// be copied.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// What a text is, for the colour it may have. Every one is told by letters or glyphs as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// A heading.
    Strong,
    /// What matters less.
    Faint,
    /// Critical.
    Alarm,
    /// High, insecure.
    Bad,
    /// Medium, weak, partial.
    Doubt,
    /// Low, not observable.
    Calm,
    /// Secure, clean.
    Good,
}

impl Tone {
    /// The SGR parameters (ECMA-48 8.3.117).
    const fn sgr(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Alarm => "1;31",
            Self::Bad => "31",
            Self::Doubt => "33",
            Self::Calm => "36",
            Self::Good => "32",
        }
    }

    /// A text in this tone, where colour is asked for.
    pub(super) fn paint(self, text: &str, color: bool) -> String {
        if color { format!("\u{1b}[{}m{text}\u{1b}[0m", self.sgr()) } else { text.to_owned() }
    }
}

/// Where text for people goes, line by line.
pub(super) struct Page<'a> {
    pub(super) style: Style,
    pub(super) out: &'a mut dyn io::Write,
}

impl Page<'_> {
    /// A text in a tone, where colour is asked for.
    pub(super) fn paint(&self, tone: Tone, text: &str) -> String {
        tone.paint(text, self.style.color)
    }

    /// A line as it is, however long.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// A text wrapped behind a label or indent; further lines stand under its beginning.
    pub(super) fn block(&mut self, label: &str, text: &str, tone: Option<Tone>) -> io::Result<()> {
        let mut before =
            if label.trim().is_empty() { label.to_owned() } else { self.paint(Tone::Faint, label) };
        for line in wrap(text, self.style.width.saturating_sub(width(label))) {
            let line = tone.map_or_else(|| line.clone(), |tone| self.paint(tone, &line));
            writeln!(self.out, "{before}{line}")?;
            before = " ".repeat(width(label));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_long_words_stay_whole() {
        assert_eq!(wrap("one two  three\nfour", 8), ["one two", "three", "four"]);
        assert_eq!(wrap("a veryverylongword b", 6), ["a", "veryverylongword", "b"]);
        assert!(wrap("", 6).is_empty());
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(width("日本"), 4);
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(pad("日", 4), "日  ");
        assert_eq!(cut("abc", 3), "abc");
    }
}
