//! Grades and severities as marks: a glyph or a letter, a word and a rank. Never a colour alone.

/// How safe a channel is, by the word in the report. The order is from safe to unsafe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    /// As it should be.
    Secure,
    /// Not to be judged.
    NotObservable,
    /// Should be better.
    Weak,
    /// Open to others.
    Insecure,
}

impl Grade {
    /// All, worst first.
    pub(crate) const ALL: [Self; 4] = [Self::Insecure, Self::Weak, Self::NotObservable, Self::Secure];

    /// The grade of a word in the report; an unknown word is nothing that can be judged.
    pub(crate) fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|grade| grade.word() == word).unwrap_or(Self::NotObservable)
    }

    /// The word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Secure => "secure",
            Self::NotObservable => "not observable",
            Self::Weak => "weak",
            Self::Insecure => "insecure",
        }
    }

    /// The glyph: one column wide in every font that has it.
    pub(crate) const fn glyph(self) -> &'static str {
        match self {
            Self::Secure => "✓",
            Self::NotObservable => "?",
            Self::Weak => "!",
            Self::Insecure => "✗",
        }
    }
}

/// How bad a finding is, by the word in the report. The order is from harmless to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// A fact.
    Info,
    /// Some time.
    Low,
    /// Weakens.
    Medium,
    /// Can be used.
    High,
    /// An open door.
    Critical,
}

impl Severity {
    /// All, worst first.
    pub(crate) const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The severity of a word in the report; an unknown word is a fact.
    pub(crate) fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|severity| severity.word() == word).unwrap_or(Self::Info)
    }

    /// The word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The letter.
    pub(crate) const fn letter(self) -> &'static str {
        match self {
            Self::Info => "I",
            Self::Low => "L",
            Self::Medium => "M",
            Self::High => "H",
            Self::Critical => "C",
        }
    }
}
