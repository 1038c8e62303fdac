//! A map that is bounded and ordered, for keys that are looked up by their beginnings too. Where they are not, and there
//! are many, [`Hashed`](super::Hashed) is the faster one.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::RangeBounds;

use super::room::Room;

/// Entries by key, at most so many; what finds no room is counted.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    entries: BTreeMap<K, V>,
    room: Room,
}

impl<K: Ord, V> Table<K, V> {
    pub(crate) const fn new(bound: usize) -> Self {
        Self { entries: BTreeMap::new(), room: Room::new(bound) }
    }

    /// The entry of a key, made if there is room.
    pub(crate) fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> Option<&mut V> {
        if self.room.is_full(self.entries.len()) && !self.entries.contains_key(&key) {
            self.room.refuse(1);
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
        let before = self.entries.len();
        if self.room.is_full(before) && !self.entries.contains_key(&key) && self.room.may_be_made() {
            self.entries.retain(|key, entry| worth_keeping(key, entry));
            self.room.made(before, self.entries.len());
        }
        self.entry(key, make)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter()
    }

    pub(crate) fn range(&self, keys: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.entries.range(keys)
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
        self.room.refused()
    }
}
