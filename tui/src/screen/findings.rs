//! The findings, worst first.
//!
//! ```text
//!   Rule               From             To               What
//! H push-ntlm          SITE01           PC0042           The push account fell back to NTLM ...
//! M http-client        PC0042           mp01             Policy requested over HTTP ...
//! ```

use findings::report::FindingEntry;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{both, draw_empty, draw_list, short};
use crate::mark::Severity;
use crate::model::Model;
use crate::widget::table::{Cell, Column, Window};
use crate::widget::theme::Theme;

/// From this width on, severities are words too and addresses stand beside names.
const WIDE: u16 = 120;

/// Places of the ends among the columns.
const FROM: usize = 3;
const TO: usize = 4;
/// Place of what was found, and the columns from which on a message is worth it.
const WHAT: usize = 6;
const MESSAGE: usize = 60;

const COLUMNS: [Column; 7] = [
    Column { title: "", least: 1, share: 0, rank: 0 },
    Column { title: "Severity", least: 8, share: 0, rank: 4 },
    Column { title: "Rule", least: 18, share: 0, rank: 0 },
    Column { title: "From", least: 12, share: 1, rank: 0 },
    Column { title: "To", least: 12, share: 1, rank: 0 },
    Column { title: "Seen", least: 5, share: 0, rank: 5 },
    Column { title: "What", least: 13, share: 4, rank: 1 },
];

const WIDE_COLUMNS: [Column; 7] = [
    Column { title: "", least: 1, share: 0, rank: 0 },
    Column { title: "Severity", least: 8, share: 0, rank: 0 },
    Column { title: "Rule", least: 20, share: 0, rank: 0 },
    Column { title: "From", least: 22, share: 1, rank: 0 },
    Column { title: "To", least: 32, share: 1, rank: 0 },
    Column { title: "Seen", least: 6, share: 0, rank: 5 },
    Column { title: "What", least: 20, share: 8, rank: 0 },
];

/// Draws the screen.
pub(crate) fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer, window: &mut Window) {
    if model.findings.rows().is_empty() {
        return draw_empty(model, model.report.findings.len(), "findings", theme, area, buffer);
    }
    let wide = area.width >= WIDE;
    let columns = if wide { &WIDE_COLUMNS } else { &COLUMNS };
    let row = |at: usize, widths: &[_]| Some(cells(model.report.findings.get(at)?, wide, widths, theme));
    draw_list(&model.findings, columns, row, theme, area, buffer, window);
}

fn cells(finding: &FindingEntry, wide: bool, widths: &[Option<usize>], theme: Theme) -> Vec<Cell> {
    let severity = Severity::of(&finding.severity);
    let style = theme.severity(severity);
    let room = |column: usize| widths.get(column).copied().flatten().unwrap_or_default();
    let end = |end, column| if wide { both(end, room(column)) } else { short(end) };
    let none = Style::new();
    vec![
        (severity.letter().to_owned(), style),
        (severity.word().to_owned(), none),
        (finding.rule.clone(), none),
        (end(&finding.source, FROM), none),
        (end(&finding.destination, TO), none),
        (finding.count.to_string(), none),
        // A message begins with who and whom; where little of it fits, the rule's title says more.
        (if room(WHAT) >= MESSAGE { &finding.message } else { &finding.title }.clone(), none),
    ]
}
