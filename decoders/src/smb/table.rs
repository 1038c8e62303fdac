//! A table that cannot outgrow its bound.

use std::collections::BTreeMap;

/// A map of at most so many entries. A full one gives up its lowest key but the new one, which for identifiers that
/// are given out in ascending order is the oldest.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    entries: BTreeMap<K, V>,
    most: usize,
}

impl<K: Copy + Ord, V> Table<K, V> {
    pub(super) const fn new(most: usize) -> Self {
        Self { entries: BTreeMap::new(), most }
    }

    /// Puts an entry in; whether another had to go for it.
    #[must_use]
    pub(super) fn insert(&mut self, key: K, value: V) -> bool {
        self.entries.insert(key, value);
        let full = self.entries.len() > self.most;
        if full && let Some(lowest) = self.entries.keys().copied().find(|other| *other != key) {
            self.entries.remove(&lowest);
        }
        full
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        self.entries.remove(key)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.entries.iter()
    }

    /// Keeps the values that fit.
    pub(super) fn retain(&mut self, mut fits: impl FnMut(&V) -> bool) {
        self.entries.retain(|_, value| fits(value));
    }

    pub(super) fn take(&mut self) -> BTreeMap<K, V> {
        std::mem::take(&mut self.entries)
    }
}
