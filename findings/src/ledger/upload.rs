//! A file that a client push writes, and whether the computer let it.

use crate::evidence::Seen;

/// What became of a file that a push writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It was asked for, and no answer was captured.
    #[default]
    Asked,
    /// The computer refused.
    Refused,
    /// The computer let it be written, once at least.
    Granted,
}

/// A file that a push writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Upload {
    /// Where that shows.
    pub(crate) seen: Seen,
    /// What became of it.
    pub(crate) fate: Fate,
}

impl Upload {
    /// Notes what the computer said, if the file was asked for.
    pub(crate) fn answered(&mut self, granted: bool) {
        if self.seen.is_some() && self.fate != Fate::Granted {
            self.fate = if granted { Fate::Granted } else { Fate::Refused };
        }
    }

    /// What was seen, in words.
    pub(crate) fn words(&self, name: &str) -> Option<String> {
        self.seen.is_some().then(|| match self.fate {
            Fate::Asked => format!("ccmsetup\\{name} opened for writing"),
            Fate::Refused => format!("writing of ccmsetup\\{name} refused"),
            Fate::Granted => format!("ccmsetup\\{name} written"),
        })
    }
}
