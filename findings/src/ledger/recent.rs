//! A map that keeps what came last: where it is full, the older half is forgotten.
//!
//! For what is of use for a while only and comes from bystanders mostly. That something was forgotten is no gap in what
//! was read, so it is not counted with what found no room.

use std::borrow::Borrow;
use std::collections::BTreeMap;

/// Entries by key, at most so many.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    young: BTreeMap<K, V>,
    old: BTreeMap<K, V>,
    /// Entries of one generation.
    half: usize,
}

impl<K: Ord, V> Recent<K, V> {
    pub(crate) const fn new(bound: usize) -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new(), half: bound / 2 }
    }

    /// The entry of a key, made if it is not there; it is of the young ones then. Nothing where there is no room at all.
    pub(crate) fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> Option<&mut V> {
        if self.half == 0 {
            return None;
        }
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        let kept = self.old.remove(&key);
        Some(self.young.entry(key).or_insert_with(|| kept.unwrap_or_else(make)))
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.young.get_mut(key).or_else(|| self.old.get_mut(key))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.young.is_empty() && self.old.is_empty()
    }

    /// The entries, in key order within a generation, the older one first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.old.iter().chain(&self.young)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_kept_and_those_asked_for_again() {
        let mut recent = Recent::new(8);
        for key in 0..100 {
            recent.entry(key, || key);
            recent.entry(0, || 0);
            assert!(recent.iter().count() <= 8);
            assert_eq!(recent.get(&0), Some(&0), "asked for every time");
        }
        assert!((96..100).all(|key| recent.get(&key) == Some(&key)) && recent.get(&50).is_none());
        assert!(Recent::new(1).entry(1, || 1).is_none());
    }

    #[test]
    fn an_entry_is_in_one_generation_only() {
        let mut recent = Recent::new(4);
        for key in [1, 2, 3, 1, 2, 3] {
            *recent.entry(key, || 0).unwrap() += 1;
        }
        assert_eq!(recent.iter().filter(|(key, _)| **key == 3).count(), 1);
        assert!(!recent.is_empty() && recent.get_mut(&3).is_some());
    }
}
