//! Columns: which are shown in how much room, and rows under a cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;

use super::text::{fit, line, plain};
use super::theme::Theme;

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its heading.
    pub(crate) title: &'static str,
    /// Columns it needs.
    pub(crate) least: usize,
    /// Its share of what is left over, zero for none.
    pub(crate) share: usize,
    /// Hidden first where this is highest; zero is never hidden.
    pub(crate) rank: u8,
}

/// A cell: text and style.
pub(crate) type Cell = (String, Style);

/// Widths of the columns in a room: none where a column is hidden. One column lies between two.
pub(crate) fn widths(columns: &[Column], room: usize) -> Vec<Option<usize>> {
    let mut shown: Vec<bool> = vec![true; columns.len()];
    let need = |shown: &[bool]| -> usize {
        columns.iter().zip(shown).filter(|(_, shown)| **shown).map(|(column, _)| column.least + 1).sum()
    };
    while need(&shown) > room + 1 {
        let worst = columns
            .iter()
            .enumerate()
            .filter(|(at, column)| column.rank > 0 && shown.get(*at).copied().unwrap_or_default());
        let Some((at, _)) = worst.max_by_key(|(_, column)| column.rank) else { break };
        if let Some(shown) = shown.get_mut(at) {
            *shown = false;
        }
    }
    let spare = (room + 1).saturating_sub(need(&shown));
    let shares: usize =
        columns.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(column, _)| column.share).sum();
    let grown = columns.iter().map(|column| column.least + spare * column.share / shares.max(1));
    grown.zip(shown).map(|(width, shown)| shown.then_some(width)).collect()
}

/// A line of cells.
pub(crate) fn row(cells: &[Cell], widths: &[Option<usize>]) -> Line<'static> {
    let shown = cells.iter().zip(widths).filter_map(|(cell, width)| Some((cell, (*width)?)));
    line(shown.flat_map(|((text, style), width)| [fit(text, width, *style), plain(" ")]))
}

/// The headings.
pub(crate) fn headings(columns: &[Column], widths: &[Option<usize>], theme: Theme) -> Line<'static> {
    let cells: Vec<Cell> = columns.iter().map(|column| (column.title.to_owned(), theme.heading())).collect();
    row(&cells, widths)
}

/// What a list remembers between two drawings: the first row in sight, and who the cursor was on where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    first: usize,
    sight: (usize, usize, usize),
    last: Option<(String, usize)>,
}

impl Window {
    /// The rows in sight. Where rows came or went above the one under the cursor, the window moves with it, so that
    /// it stays on its line; where the cursor moved, the window follows only as far as it must.
    pub(crate) fn slide(
        &mut self,
        identity: &str,
        cursor: usize,
        rows: usize,
        height: usize,
    ) -> std::ops::Range<usize> {
        if let Some((last, at)) = &self.last
            && last == identity
        {
            let line = at.saturating_sub(self.first);
            self.first = cursor.saturating_sub(line);
        }
        self.first = self.first.min(cursor).max((cursor + 1).saturating_sub(height));
        self.first = self.first.min(rows.saturating_sub(height));
        self.last = Some((identity.to_owned(), cursor));
        let end = rows.min(self.first + height);
        self.sight = (self.first + 1, end, rows);
        self.first..end
    }

    /// First and last row in sight and all of them; none where all are in sight.
    pub(crate) fn position(&self) -> Option<(usize, usize, usize)> {
        let (first, last, all) = self.sight;
        (first <= last && (first > 1 || last < all)).then_some(self.sight)
    }
}

/// Draws a line in a row of the area, in a style over its own.
pub(crate) fn put(buffer: &mut Buffer, area: Rect, row: usize, line: &Line<'static>, over: Option<Style>) {
    let Ok(row) = u16::try_from(row) else { return };
    if row >= area.height {
        return;
    }
    let place = Rect { y: area.y + row, height: 1, ..area };
    line.render(place, buffer);
    if let Some(style) = over {
        buffer.set_style(place, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { title: "a", least: 4, share: 1, rank: 0 },
        Column { title: "b", least: 6, share: 0, rank: 2 },
        Column { title: "c", least: 6, share: 1, rank: 1 },
    ];

    #[test]
    fn columns_are_hidden_by_rank_and_the_rest_is_shared() {
        assert_eq!(widths(&COLUMNS, 18), [Some(4), Some(6), Some(6)]);
        assert_eq!(widths(&COLUMNS, 22), [Some(6), Some(6), Some(8)]);
        assert_eq!(widths(&COLUMNS, 17), [Some(7), None, Some(9)]);
        assert_eq!(widths(&COLUMNS, 5), [Some(5), None, None]);
        assert_eq!(widths(&COLUMNS, 0), [Some(4), None, None]);
    }

    #[test]
    fn the_row_under_the_cursor_stays_on_its_line_when_rows_come_above_it() {
        let mut window = Window::default();
        assert_eq!(window.slide("x", 3, 20, 10), 0..10);
        assert_eq!(window.slide("x", 8, 25, 10), 5..15);
        assert_eq!(window.slide("x", 1, 18, 10), 0..10);
    }

    #[test]
    fn the_window_follows_the_cursor_only_as_far_as_it_must() {
        let mut window = Window::default();
        assert_eq!(window.slide("a", 0, 20, 10), 0..10);
        assert_eq!(window.slide("b", 9, 20, 10), 0..10);
        assert_eq!(window.slide("c", 10, 20, 10), 1..11);
        assert_eq!(window.slide("d", 19, 20, 10), 10..20);
        assert_eq!(window.slide("e", 12, 20, 10), 10..20);
        assert_eq!(window.slide("f", 2, 20, 10), 2..12);
    }

    #[test]
    fn no_window_is_too_small() {
        let mut window = Window::default();
        window.slide("a", 1, 7, 0);
        assert_eq!(window.position(), None, "no row is in sight");
        assert_eq!(window.slide("a", 0, 0, 10), 0..0);
        assert_eq!(window.slide("a", 5, 9, 0), 6..6);
    }
}
