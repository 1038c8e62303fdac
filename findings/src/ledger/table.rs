//! A map that is bounded and ordered.

use std::borrow::Borrow;
use std::collections::BTreeMap;

/// Entries by key, at most so many; what finds no room is counted.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    entries: BTreeMap<K, V>,
    bound: usize,
    refused: u64,
    /// Entries to come before room is made again, where making room did not help.
    patience: usize,
}

impl<K: Ord, V> Table<K, V> {
    pub(crate) const fn new(bound: usize) -> Self {
        Self { entries: BTreeMap::new(), bound, refused: 0, patience: 0 }
    }

    /// The entry of a key, made if there is room.
    pub(crate) fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> Option<&mut V> {
        if self.entries.len() >= self.bound && !self.entries.contains_key(&key) {
            self.refused += 1;
            return None;
        }
        Some(self.entries.entry(key).or_insert_with(make))
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.entries.get_mut(key)
    }

    /// Forgets an entry, which makes room.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.entries.remove(key)
    }

    /// The entry of a key, in a table that fills with bystanders: where a new one finds no room, those that are not
    /// worth keeping are forgotten first, and counted with those that found none.
    pub(crate) fn entry_before(
        &mut self,
        key: K,
        make: impl FnOnce() -> V,
        worth_keeping: impl Fn(&K, &V) -> bool,
    ) -> Option<&mut V> {
        if self.entries.len() >= self.bound && !self.entries.contains_key(&key) {
            self.make_room(worth_keeping);
        }
        self.entry(key, make)
    }

    fn make_room(&mut self, worth_keeping: impl Fn(&K, &V) -> bool) {
        if self.patience > 0 {
            self.patience -= 1;
            return;
        }
        let before = self.entries.len();
        self.entries.retain(|key, entry| worth_keeping(key, entry));
        self.refused += (before - self.entries.len()) as u64;
        // A table full of what must be kept is not gone through for every newcomer.
        self.patience = if self.entries.len() * 8 > self.bound * 7 { self.bound / 8 } else { 0 };
    }

    /// The first entry whose key fits.
    pub(crate) fn first_mut(&mut self, fits: impl Fn(&K) -> bool) -> Option<&mut V> {
        self.entries.iter_mut().find(|(key, _)| fits(key)).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter()
    }

    pub(crate) fn range(&self, from: std::ops::RangeFrom<K>) -> impl Iterator<Item = (&K, &V)> {
        self.entries.range(from)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many entries found no room.
    pub(crate) const fn refused(&self) -> u64 {
        self.refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_keeps_what_it_has_and_counts_what_it_refuses() {
        let mut table = Table::new(2);
        for key in [1, 2, 3, 2] {
            if let Some(value) = table.entry(key, || 0) {
                *value += 1;
            }
        }
        assert_eq!(table.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
        assert_eq!(table.refused(), 1);
    }

    #[test]
    fn an_entry_that_is_there_is_never_forgotten_for_its_own_sake() {
        let mut table = Table::new(2);
        for key in [1, 2, 1, 2] {
            *table.entry_before(key, || 0, |_, _| false).unwrap() += 1;
        }
        assert_eq!(table.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>(), [(1, 2), (2, 2)]);
    }

    #[test]
    fn a_full_table_forgets_bystanders_first_and_counts_them() {
        let mut table = Table::new(16);
        for key in 0..40 {
            table.entry_before(key, || (), |key, ()| key % 2 == 0);
        }
        let kept: Vec<i32> = table.iter().map(|(key, ())| *key).collect();
        assert!(kept.contains(&0) && kept.len() <= 16, "{kept:?}");
        assert!(kept.iter().filter(|key| **key % 2 == 0).count() >= 8);
        assert_eq!(table.refused() + kept.len() as u64, 40);
    }
}
