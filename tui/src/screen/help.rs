//! The help: the keymap's own rows, the filter's terms, and what the marks mean.
//!
//! ```text
//! In a list
//!   Enter → l       open the row under the cursor
//! Filter terms
//!   grade:insecure  channel's grade
//! Marks
//!   ✗ insecure  ! weak  ? not observable  ✓ secure
//! ```

use ratatui::style::Style;

use crate::filter::TERMS;
use crate::keymap::KEYMAP;
use crate::mark::{Grade, Severity};
use crate::model::Mode;
use crate::widget::page::Page;
use crate::widget::text::{fit, plain, span};

/// Columns of keys and terms.
const KEYS: usize = 21;

const MODES: [(Mode, &str); 4] = [
    (Mode::List, "In a list"),
    (Mode::Text, "In a text"),
    (Mode::Any, "Everywhere"),
    (Mode::Filter, "In the filter line"),
];

/// Writes the help.
pub(crate) fn write(page: &mut Page) {
    for (mode, title) in MODES {
        page.heading(title);
        for binding in KEYMAP.iter().filter(|binding| binding.mode == mode) {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            entry(page, &keys.join(" "), binding.help);
        }
    }
    page.heading("Filter terms");
    for (term, means) in TERMS {
        entry(page, term, means);
    }
    page.heading("Marks");
    let theme = page.theme();
    let grades =
        Grade::ALL.map(|grade| span(&format!("{} {}  ", grade.glyph(), grade.word()), theme.grade(grade)));
    page.spans(std::iter::once(plain("  ")).chain(grades));
    let severities = Severity::ALL.iter().flat_map(|&severity| {
        [span(severity.letter(), theme.severity(severity)), plain(&format!(" {}  ", severity.word()))]
    });
    page.spans(std::iter::once(plain("  ")).chain(severities));
}

fn entry(page: &mut Page, keys: &str, text: &str) {
    let mark = fit(keys, KEYS, page.theme().key());
    page.hanging(2, &mark, text, Style::new());
}
