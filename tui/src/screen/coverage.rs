//! The coverage: what a person must know before trusting the rest.
//!
//! ```text
//! ! Something that should have been read was not.
//! ! 12 frames were dropped by the system
//!
//! Captures
//!   site.pcapng: 12345 frames
//! Counts
//!   frames               12345    gaps                    2
//! ```

use findings::report::many;
use ratatui::style::Style;

use crate::model::Model;
use crate::widget::page::Page;
use crate::widget::text::{fit, plain, span};

/// Columns of a count's name, and of the number after it.
const NAME: usize = 27;
const NUMBER: usize = 10;

/// Writes the coverage.
pub(crate) fn write(page: &mut Page, model: &Model) {
    let theme = page.theme();
    let coverage = &model.report.coverage;
    verdict(page, model);
    for note in &coverage.notes {
        page.hanging(0, &span("!", theme.warning()), note, Style::new());
    }
    page.heading("Captures");
    if coverage.captures.is_empty() {
        page.paragraph(2, "None read yet.", theme.dim());
    }
    for capture in &coverage.captures {
        let frames = many(capture.frames, "frame");
        page.paragraph(2, &format!("{}: {frames}", capture.name), Style::new());
        for problem in &capture.problems {
            page.hanging(4, &span("!", theme.warning()), problem, Style::new());
        }
    }
    if let (Some(from), Some(to)) = (&coverage.from, &coverage.to) {
        page.paragraph(2, &format!("{from} to {to}"), theme.dim());
    }
    counts(page, "Link types not read", &coverage.unknown_link_types);
    counts(page, "Limits hit", &coverage.limits_hit);
    counts(page, "Counts", &coverage.counts);
}

/// The first line: whether the result may be trusted to be all.
fn verdict(page: &mut Page, model: &Model) {
    let theme = page.theme();
    let coverage = &model.report.coverage;
    let (mark, text) = if !model.status.done {
        (span("…", theme.heading()), "Still reading.")
    } else if coverage.partial {
        (span("!", theme.warning()), "Something that should have been read was not.")
    } else if model.status.frames == 0 {
        (span("?", theme.heading()), "Not a single frame was there to be read. This proves nothing.")
    } else if coverage.complete {
        (plain("✓"), "Everything was read: absence may be concluded from.")
    } else {
        (span("?", theme.heading()), "Conclusions from absence may not be drawn.")
    };
    page.hanging(0, &mark, text, theme.heading());
    if model.status.done && !model.report.summary.relevant {
        page.hanging(
            0,
            &span("!", theme.warning()),
            "Nothing of Configuration Manager was recognised. This proves nothing.",
            theme.heading(),
        );
    }
}

/// Names and numbers, as many beside each other as fit.
fn counts(page: &mut Page, title: &str, counts: &std::collections::BTreeMap<String, u64>) {
    if counts.is_empty() {
        return;
    }
    page.heading(title);
    let theme = page.theme();
    let beside = (page.room(2) / (NAME + NUMBER + 2)).max(1);
    let entries: Vec<_> = counts.iter().collect();
    for chunk in entries.chunks(beside) {
        let cells = chunk.iter().flat_map(|(name, number)| {
            let style = if **number == 0 { theme.dim() } else { Style::new() };
            [plain("  "), fit(name, NAME, style), span(&format!("{number:>NUMBER$}"), style)]
        });
        page.spans(cells);
    }
}
