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

#[cfg(test)]
mod tests {
    /// What holds for every table that is bounded.
    macro_rules! is_bounded {
        ($kind:ident) => {
            use crate::ledger::$kind;

            #[test]
            fn a_full_table_keeps_what_it_has_and_counts_what_it_refuses() {
                let mut table = $kind::new(2);
                for key in [2, 1, 3, 2] {
                    if let Some(value) = table.entry(key, || 0) {
                        *value += 1;
                    }
                }
                assert_eq!(table.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
                assert_eq!(table.refused(), 1);
            }

            #[test]
            fn an_entry_that_is_there_is_never_forgotten_for_its_own_sake() {
                let mut table = $kind::new(2);
                for key in [1, 2, 1, 2] {
                    *table.entry_before(key, || 0, |_, _| false).unwrap() += 1;
                }
                assert_eq!(table.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>(), [(1, 2), (2, 2)]);
            }

            #[test]
            fn a_full_table_forgets_bystanders_first_and_counts_them() {
                let mut table = $kind::new(16);
                for key in 0..40 {
                    table.entry_before(key, || (), |key, ()| key % 2 == 0);
                }
                let kept: Vec<i32> = table.iter().map(|(key, ())| *key).collect();
                assert!(kept.contains(&0) && kept.len() <= 16 && kept.is_sorted(), "{kept:?}");
                assert!(kept.iter().filter(|key| **key % 2 == 0).count() >= 8);
                assert_eq!(table.refused() + kept.len() as u64, 40);
            }
        };
    }

    mod ordered {
        is_bounded!(Table);
    }

    mod hashed {
        is_bounded!(Hashed);
    }
}
