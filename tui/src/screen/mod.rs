//! The screens, one file each. They read the model and draw; what they remember is in [`crate::ViewState`].

pub(crate) mod channel;
pub(crate) mod channels;
pub(crate) mod coverage;
pub(crate) mod evidence;
pub(crate) mod finding;
pub(crate) mod findings;
pub(crate) mod footer;
pub(crate) mod header;
pub(crate) mod help;
pub(crate) mod host;
pub(crate) mod hosts;
#[cfg(test)]
mod tests;

use ::findings::report::End;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::list::List;
use crate::model::Model;
use crate::widget::table::{Cell, Column, Window, headings, put, row, widths};
use crate::widget::text::{fit, line, span, width};
use crate::widget::theme::Theme;

/// Columns of a name that are worth showing beside an address.
const NAME: usize = 5;

/// Draws a list: headings, and the rows in sight. Cells are made only for these, for the widths of their columns.
fn draw_list(
    list: &List,
    columns: &[Column],
    cells: impl Fn(usize, &[Option<usize>]) -> Option<Vec<Cell>>,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
    window: &mut Window,
) {
    let widths = widths(columns, usize::from(area.width));
    put(buffer, area, 0, &headings(columns, &widths, theme), None);
    let identity = list.selected().map(|row| row.identity.as_str()).unwrap_or_default();
    let height = usize::from(area.height).saturating_sub(1);
    let sight = window.slide(identity, list.cursor(), list.rows().len(), height);
    let rows = list.rows().iter().enumerate().skip(sight.start).take(sight.len());
    for (at, entry) in rows {
        let under_cursor = (at == list.cursor()).then(|| theme.selected());
        let cells = cells(entry.at, &widths).unwrap_or_default();
        put(buffer, area, at - sight.start + 1, &row(&cells, &widths), under_cursor);
    }
}

/// Says why a list is empty: nothing read, nothing recognised, nothing passes the filter. Never just nothing.
fn draw_empty(model: &Model, all: usize, what: &str, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let narrowed = !model.filter.text.is_empty() || model.insecure_only || model.scope.is_some();
    let status = &model.status;
    let (first, second) = if all > 0 && narrowed {
        (format!("None of {all} {what} passes the filter."), "Esc clears it; its terms: help, key ?.")
    } else if !status.done && status.live && status.frames == 0 {
        (
            format!("No frame has arrived on {}.", status.source.join(", ")),
            "Is the link up, is it the mirror port, does the capture filter let anything through?",
        )
    } else if !status.done {
        (format!("No {what} yet."), "Screens fill while traffic is read.")
    } else if status.frames == 0 {
        (
            "Not a single frame was there to be read.".to_owned(),
            "What was read and what was not: coverage, key 4.",
        )
    } else if model.report.summary.relevant {
        (format!("No {what}."), "What was read and what was not: coverage, key 4.")
    } else {
        (
            "Nothing of Configuration Manager was recognised. That does not mean that nothing is wrong."
                .to_owned(),
            "What was read and what was not: coverage, key 4.",
        )
    };
    let mut row = 1;
    for part in crate::widget::text::wrap(&first, usize::from(area.width).saturating_sub(2)) {
        put(buffer, area, row, &line([span(&format!(" {part}"), theme.heading())]), None);
        row += 1;
    }
    for part in crate::widget::text::wrap(second, usize::from(area.width).saturating_sub(2)) {
        put(buffer, area, row, &line([span(&format!(" {part}"), theme.dim())]), None);
        row += 1;
    }
}

/// An end in a cell: the name, or the address where none is known.
fn short(end: &End) -> String {
    end.name.clone().unwrap_or_else(|| end.ip.clone())
}

/// An end in full: `mp01 10.0.0.5:443`.
fn full(end: &End) -> String {
    let name = end.name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
    format!("{name}{}", address(end))
}

/// An end in a cell that has room for more than a name: in full, or with so much of the name that the address stays
/// whole.
fn both(end: &End, room: usize) -> String {
    let address = address(end);
    let Some(name) = &end.name else { return address };
    match room.checked_sub(width(&address) + 1) {
        Some(left) if left >= NAME => format!("{} {address}", host_part(name, left)),
        _ => name.clone(),
    }
}

/// Address and port.
fn address(end: &End) -> String {
    match end.port {
        Some(port) if end.ip.contains(':') => format!("[{}]:{port}", end.ip),
        Some(port) => format!("{}:{port}", end.ip),
        None => end.ip.clone(),
    }
}

/// As many labels of a name as fit; where that leaves most of the room empty, as much of it as fits.
fn host_part(name: &str, room: usize) -> String {
    if width(name) <= room {
        return name.to_owned();
    }
    let mut ends = name.rmatch_indices('.').map(|(at, _)| name.get(..at).unwrap_or(name));
    match ends.find(|part| width(part) <= room) {
        Some(part) if width(part) * 2 >= room => part.to_owned(),
        _ => fit(name, room, Style::new()).content.into_owned(),
    }
}
