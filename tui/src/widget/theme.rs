//! Colours, from the sixteen of the terminal's own palette, so that they suit a light and a dark background alike.
//!
//! A colour never stands alone: letters and glyphs say the same, and without colours bold, reverse and dim are left.
//! Red means bad, and nothing else is red. Only glyphs and letters are tinted, and words where they are red: yellow
//! words are hard to read on white.

use ratatui::style::{Color, Modifier, Style};

use crate::mark::{Grade, Severity};

/// The styles.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Theme {
    color: bool,
}

impl Theme {
    /// With colours or without.
    pub(crate) const fn new(color: bool) -> Self {
        Self { color }
    }

    fn tint(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    /// Of a grade.
    pub(crate) fn grade(self, grade: Grade) -> Style {
        match grade {
            Grade::Insecure => self.tint(Color::Red).add_modifier(Modifier::BOLD),
            Grade::Weak => self.tint(Color::Yellow),
            Grade::NotObservable => self.tint(Color::Magenta),
            Grade::Secure => self.tint(Color::Green),
        }
    }

    /// Of a grade's word.
    pub(crate) fn grade_word(self, grade: Grade) -> Style {
        if grade == Grade::Insecure { self.grade(grade) } else { Style::new() }
    }

    /// Of a severity.
    pub(crate) fn severity(self, severity: Severity) -> Style {
        match severity {
            Severity::Critical => self.tint(Color::Red).add_modifier(Modifier::BOLD | Modifier::REVERSED),
            Severity::High => self.tint(Color::Red).add_modifier(Modifier::BOLD),
            Severity::Medium => self.tint(Color::Yellow),
            Severity::Low => self.tint(Color::Cyan),
            Severity::Info => Style::new(),
        }
    }

    /// Of what is wrong: errors, invalid terms.
    pub(crate) fn wrong(self) -> Style {
        self.tint(Color::Red).add_modifier(Modifier::UNDERLINED)
    }

    /// Of a warning.
    pub(crate) fn warning(self) -> Style {
        self.tint(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    /// Of headings.
    #[expect(clippy::unused_self, reason = "a theme answers for every style")]
    pub(crate) const fn heading(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Of what is less important.
    #[expect(clippy::unused_self, reason = "a theme answers for every style")]
    pub(crate) const fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Of the row under the cursor and of the screen's own tab.
    #[expect(clippy::unused_self, reason = "a theme answers for every style")]
    pub(crate) const fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Of keys in hints.
    #[expect(clippy::unused_self, reason = "a theme answers for every style")]
    pub(crate) const fn key(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }
}
