//! Text that scrolls: headings, paragraphs, labelled values and dumps, broken to the width.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::table::put;
use super::text::{line, plain, span, wrap};
use super::theme::Theme;
use crate::effect::Scroll;

/// Columns that a label takes.
const LABEL: usize = 12;

/// A text being written.
#[derive(Debug)]
pub(crate) struct Page {
    theme: Theme,
    columns: usize,
    lines: Vec<Line<'static>>,
}

impl Page {
    /// An empty text of this width.
    pub(crate) const fn new(theme: Theme, columns: u16) -> Self {
        Self { theme, columns: columns as usize, lines: Vec::new() }
    }

    /// Its styles.
    pub(crate) const fn theme(&self) -> Theme {
        self.theme
    }

    /// Columns to the right of an indent.
    pub(crate) const fn room(&self, indent: usize) -> usize {
        self.columns.saturating_sub(indent)
    }

    /// A line as it is.
    pub(crate) fn spans(&mut self, spans: impl IntoIterator<Item = Span<'static>>) {
        self.lines.push(line(spans));
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) {
        self.spans([]);
    }

    /// A heading, after an empty line.
    pub(crate) fn heading(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.gap();
        }
        self.spans([span(text, self.theme.heading())]);
    }

    /// A paragraph.
    pub(crate) fn paragraph(&mut self, indent: usize, text: &str, style: Style) {
        self.hanging(indent, &plain(""), text, style);
    }

    /// Text of a rule's documentation: paragraphs lie between empty lines, and a line that begins with a dash or star
    /// is an item of a list. Other Markdown is readable as it is.
    pub(crate) fn prose(&mut self, text: &str) {
        for (at, block) in blocks(text).into_iter().enumerate() {
            if let Some(item) = block.strip_prefix("- ").or_else(|| block.strip_prefix("* ")) {
                self.hanging(0, &plain("-"), item, Style::new());
                continue;
            }
            if at > 0 {
                self.gap();
            }
            self.paragraph(0, &block, Style::new());
        }
    }

    /// A paragraph with a mark in front of its first line; the other lines are indented as far.
    pub(crate) fn hanging(&mut self, indent: usize, mark: &Span<'static>, text: &str, style: Style) {
        let marked = if mark.width() == 0 { 0 } else { mark.width() + 1 };
        let margin = " ".repeat(indent);
        for (at, part) in wrap(text, self.room(indent + marked)).iter().enumerate() {
            let first = at == 0 && marked > 0;
            let lead = if first { mark.clone() } else { plain(&" ".repeat(marked.saturating_sub(1))) };
            let space = if marked > 0 { " " } else { "" };
            self.spans([plain(&margin), lead, plain(space), span(part, style)]);
        }
    }

    /// A label and its value; nothing where the value is empty.
    pub(crate) fn value(&mut self, label: &str, value: &str) {
        if !value.is_empty() {
            let label = super::text::fit(label, LABEL, self.theme.dim());
            self.hanging(0, &label, value, Style::new());
        }
    }

    /// Draws what is in sight.
    pub(crate) fn draw(self, area: Rect, buffer: &mut Buffer, scroller: &mut Scroller) {
        let (rows, height) = (self.lines.len(), usize::from(area.height));
        let first = scroller.settle(rows, height);
        for (row, line) in self.lines.iter().skip(first).take(height).enumerate() {
            put(buffer, area, row, line, None);
        }
    }
}

/// Paragraphs and items of lists, each in one line.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut current = String::new();
    for line in text.lines().map(str::trim) {
        if (line.is_empty() || line.starts_with("- ") || line.starts_with("* ")) && !current.is_empty() {
            blocks.push(std::mem::take(&mut current));
        }
        if !current.is_empty() && !line.is_empty() {
            current.push(' ');
        }
        current.push_str(line);
    }
    if !current.is_empty() {
        blocks.push(current);
    }
    blocks
}

/// How far a text is scrolled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scroller {
    first: usize,
    height: usize,
    rows: usize,
}

impl Scroller {
    /// Scrolls; [`Scroller::settle`] brings it back into the text.
    pub(crate) fn scroll(&mut self, scroll: Scroll) {
        let page = isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(1);
        self.first = match scroll {
            Scroll::Lines(by) => self.first.saturating_add_signed(by),
            Scroll::Pages(by) => self.first.saturating_add_signed(by.saturating_mul(page)),
            Scroll::Top => 0,
            Scroll::Bottom => usize::MAX,
        };
        self.first = self.first.min(self.rows.saturating_sub(self.height));
    }

    /// The first line in sight of a text of so many rows.
    fn settle(&mut self, rows: usize, height: usize) -> usize {
        (self.rows, self.height) = (rows, height);
        self.first = self.first.min(rows.saturating_sub(height));
        self.first
    }

    /// Lines in sight and all of them: `4-17/60`; none where all are in sight.
    pub(crate) fn position(&self) -> Option<(usize, usize, usize)> {
        let last = self.rows.min(self.first + self.height);
        (self.rows > self.height).then_some((self.first + 1, last, self.rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_items_of_lists_stay_apart() {
        let text = "One\ntwo.\n\nThree:\n- four\n  five\n* six\n\n\nSeven.\n";
        assert_eq!(blocks(text), ["One two.", "Three:", "- four five", "* six", "Seven."]);
        assert!(blocks(" \n").is_empty());
    }

    #[test]
    fn a_text_scrolls_no_further_than_its_ends() {
        let mut scroller = Scroller::default();
        assert_eq!(scroller.settle(30, 10), 0);
        scroller.scroll(Scroll::Bottom);
        assert_eq!((scroller.settle(30, 10), scroller.position()), (20, Some((21, 30, 30))));
        scroller.scroll(Scroll::Lines(5));
        scroller.scroll(Scroll::Lines(-1));
        assert_eq!(scroller.settle(30, 10), 19);
        scroller.scroll(Scroll::Pages(-1));
        assert_eq!(scroller.settle(30, 10), 10);
        assert_eq!((scroller.settle(8, 10), scroller.position()), (0, None));
    }
}
