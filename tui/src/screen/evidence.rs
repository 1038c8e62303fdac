//! Evidence as details show it: frame, time, flow, what is there, and the bytes meant.

use findings::report::EvidenceEntry;
use ratatui::style::Style;

use crate::widget::hexdump;
use crate::widget::page::Page;
use crate::widget::text::{plain, span};

/// Columns that evidence is indented by, under its number.
const INDENT: usize = 4;

/// Writes the list.
pub(crate) fn write(page: &mut Page, evidence: &[EvidenceEntry]) {
    if evidence.is_empty() {
        return;
    }
    page.heading("Evidence");
    let dim = page.theme().dim();
    for (at, entry) in evidence.iter().enumerate() {
        let number = span(&format!("{:>2}.", at + 1), dim);
        page.hanging(
            0,
            &number,
            &format!("frame {}, {}, {}", entry.frame, entry.time, entry.capture),
            Style::new(),
        );
        page.paragraph(INDENT, &entry.flow, dim);
        page.paragraph(INDENT, &entry.what, Style::new());
        for dump in hexdump::lines(&entry.bytes, page.room(INDENT)) {
            page.spans([plain("    "), span(&dump, page.theme().heading())]);
        }
    }
}
