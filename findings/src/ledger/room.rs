//! How much a table may hold, and what becomes of entries that find no room.

/// The bound of a table and what it refused.
#[derive(Debug)]
pub(super) struct Room {
    bound: usize,
    refused: u64,
    /// Entries to come before room is made again, where making room did not help.
    patience: usize,
}

impl Room {
    pub(super) const fn new(bound: usize) -> Self {
        Self { bound, refused: 0, patience: 0 }
    }

    /// Whether a table of so many entries is full.
    pub(super) const fn is_full(&self, entries: usize) -> bool {
        entries >= self.bound
    }

    /// Counts entries that were not kept.
    pub(super) const fn refuse(&mut self, entries: usize) {
        self.refused += entries as u64;
    }

    /// How many entries were not kept.
    pub(super) const fn refused(&self) -> u64 {
        self.refused
    }

    /// Whether a full table is to be gone through for entries that it can do without. One that is full of what must be
    /// kept is not gone through for every newcomer.
    pub(super) const fn may_be_made(&mut self) -> bool {
        let now = self.patience == 0;
        self.patience = self.patience.saturating_sub(1);
        now
    }

    /// Notes that the table was gone through and what it held before and after.
    pub(super) const fn made(&mut self, before: usize, after: usize) {
        self.refuse(before - after);
        self.patience = if after * 8 > self.bound * 7 { self.bound / 8 } else { 0 };
    }
}
