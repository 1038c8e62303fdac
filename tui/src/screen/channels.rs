//! The channels, graded: the screen to begin with.
//!
//! ```text
//!   Grade          Client           Server           Purpose        Protocol   Why
//! ✗ insecure       PC0042           SITE01           client push    SMB 3.1.1  NTLM fallback of the push account
//! ! weak           PC0042           mp01.corp.test   policy         HTTP       signed but not encrypted
//! ✓ secure         PC0043           mp01.corp.test   policy         TLS 1.2    client certificate
//! ```

use findings::report::ChannelEntry;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{both, draw_empty, draw_list, short};
use crate::mark::Grade;
use crate::model::Model;
use crate::widget::table::{Cell, Column, Window};
use crate::widget::theme::Theme;

/// From this width on, addresses stand beside names.
const WIDE: u16 = 120;

/// Places of the ends among the columns.
const CLIENT: usize = 2;
const SERVER: usize = 3;

const COLUMNS: [Column; 8] = [
    Column { title: "", least: 1, share: 0, rank: 0 },
    Column { title: "Grade", least: 8, share: 0, rank: 4 },
    Column { title: "Client", least: 12, share: 1, rank: 0 },
    Column { title: "Server", least: 14, share: 1, rank: 0 },
    Column { title: "Purpose", least: 15, share: 0, rank: 1 },
    Column { title: "Protocol", least: 9, share: 0, rank: 2 },
    Column { title: "Seen", least: 5, share: 0, rank: 5 },
    Column { title: "Why", least: 14, share: 4, rank: 3 },
];

const WIDE_COLUMNS: [Column; 8] = [
    Column { title: "", least: 1, share: 0, rank: 0 },
    Column { title: "Grade", least: 14, share: 0, rank: 0 },
    Column { title: "Client", least: 22, share: 1, rank: 0 },
    Column { title: "Server", least: 32, share: 1, rank: 0 },
    Column { title: "Purpose", least: 15, share: 0, rank: 0 },
    Column { title: "Protocol", least: 10, share: 0, rank: 0 },
    Column { title: "Seen", least: 6, share: 0, rank: 5 },
    Column { title: "Why", least: 13, share: 8, rank: 0 },
];

/// Draws the screen.
pub(crate) fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer, window: &mut Window) {
    if model.channels.rows().is_empty() {
        return draw_empty(model, model.report.channels.len(), "channels", theme, area, buffer);
    }
    let wide = area.width >= WIDE;
    let columns = if wide { &WIDE_COLUMNS } else { &COLUMNS };
    let row = |at: usize, widths: &[_]| Some(cells(model.report.channels.get(at)?, wide, widths, theme));
    draw_list(&model.channels, columns, row, theme, area, buffer, window);
}

fn cells(channel: &ChannelEntry, wide: bool, widths: &[Option<usize>], theme: Theme) -> Vec<Cell> {
    let grade = Grade::of(&channel.grade);
    let style = theme.grade(grade);
    let word = if !wide && grade == Grade::NotObservable { "not obs." } else { grade.word() };
    let room = |column: usize| widths.get(column).copied().flatten().unwrap_or_default();
    let end = |end, column| if wide { both(end, room(column)) } else { short(end) };
    let none = Style::new();
    vec![
        (grade.glyph().to_owned(), style),
        (word.to_owned(), theme.grade_word(grade)),
        (end(&channel.client, CLIENT), none),
        (end(&channel.server, SERVER), none),
        (channel.purpose.clone(), none),
        (channel.protocol.clone(), none),
        (channel.count.to_string(), none),
        (channel.reasons.first().cloned().unwrap_or_default(), none),
    ]
}
