//! A map that is bounded, found into by hash, and walked in the order of its keys.
//!
//! For tables that every record asks and few places walk. The order is made when somebody walks, and kept until a key
//! comes or goes; no hash order ever leaves the map. The hash seed is random in each process, against crafted collisions.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::room::Room;

/// Entries that lie side by side. A table that grows moves none of those it has.
const BLOCK: usize = 128;

/// Entries by key, at most so many; what finds no room is counted.
#[derive(Debug)]
pub(crate) struct Hashed<K, V> {
    index: HashTable<u32>,
    seed: RandomState,
    blocks: Vec<Vec<Option<(K, V)>>>,
    /// Places in the blocks that nobody has.
    free: Vec<u32>,
    /// Places in the order of their keys, while it is known.
    order: OnceLock<Vec<u32>>,
    room: Room,
}

impl<K: Ord + Hash, V> Hashed<K, V> {
    pub(crate) fn new(bound: usize) -> Self {
        Self {
            index: HashTable::new(),
            seed: RandomState::default(),
            blocks: Vec::new(),
            free: Vec::new(),
            order: OnceLock::new(),
            room: Room::new(bound),
        }
    }

    /// The entry of a key, made if there is room.
    pub(crate) fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> Option<&mut V> {
        let hash = self.seed.hash_one(&key);
        if let Some(place) = self.place_of(hash, &key) {
            return self.at_mut(place);
        }
        if self.room.is_full(self.index.len()) {
            self.room.refuse(1);
            return None;
        }
        let place = self.settle((key, make()))?;
        let (blocks, seed) = (&self.blocks, &self.seed);
        let rehash = |place: &u32| at(blocks, *place).map_or(0, |(key, _)| seed.hash_one(key));
        self.index.insert_unique(hash, place, rehash);
        self.order.take();
        self.at_mut(place)
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        at(&self.blocks, self.place(key)?).map(|(_, value)| value)
    }

    pub(crate) fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.at_mut(self.place(key)?)
    }

    /// Forgets an entry, which makes room.
    pub(crate) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        if self.index.is_empty() {
            return None;
        }
        let (hash, blocks) = (self.seed.hash_one(key), &self.blocks);
        let same = |place: &u32| at(blocks, *place).is_some_and(|(known, _)| known.borrow() == key);
        let (place, _) = self.index.find_entry(hash, same).ok()?.remove();
        self.leave(place)
    }

    /// The entry of a key, in a table that fills with bystanders: where a new one finds no room, those that are not
    /// worth keeping are forgotten first, and counted with those that found none.
    pub(crate) fn entry_before(
        &mut self,
        key: K,
        make: impl FnOnce() -> V,
        worth_keeping: impl Fn(&K, &V) -> bool,
    ) -> Option<&mut V> {
        let before = self.index.len();
        if self.room.is_full(before) && self.place(&key).is_none() && self.room.may_be_made() {
            let blocks = &self.blocks;
            let mut forgotten = Vec::new();
            self.index.retain(|place| {
                let keep = at(blocks, *place).is_some_and(|(key, value)| worth_keeping(key, value));
                forgotten.extend((!keep).then_some(*place));
                keep
            });
            for place in forgotten {
                self.leave(place);
            }
            self.room.made(before, self.index.len());
        }
        self.entry(key, make)
    }

    /// All entries in the order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let order = self.order.get_or_init(|| {
            let mut places: Vec<u32> = self.index.iter().copied().collect();
            places.sort_unstable_by(|one, other| {
                let key = |place: u32| at(&self.blocks, place).map(|(key, _)| key);
                key(*one).cmp(&key(*other))
            });
            places
        });
        order.iter().filter_map(|place| at(&self.blocks, *place).map(|(key, value)| (key, value)))
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// How many entries found no room.
    pub(crate) const fn refused(&self) -> u64 {
        self.room.refused()
    }

    fn place<Q>(&self, key: &Q) -> Option<u32>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        if self.index.is_empty() { None } else { self.place_of(self.seed.hash_one(key), key) }
    }

    fn place_of<Q>(&self, hash: u64, key: &Q) -> Option<u32>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let same = |place: &u32| at(&self.blocks, *place).is_some_and(|(known, _)| known.borrow() == key);
        self.index.find(hash, same).copied()
    }

    fn at_mut(&mut self, place: u32) -> Option<&mut V> {
        let place = place as usize;
        let entry = self.blocks.get_mut(place / BLOCK)?.get_mut(place % BLOCK)?.as_mut();
        entry.map(|(_, value)| value)
    }

    /// Puts an entry where there is room for it.
    fn settle(&mut self, entry: (K, V)) -> Option<u32> {
        if let Some(place) = self.free.pop() {
            let (block, offset) = (place as usize / BLOCK, place as usize % BLOCK);
            *self.blocks.get_mut(block)?.get_mut(offset)? = Some(entry);
            return Some(place);
        }
        if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
            // Most tables stay small: only one that outgrows its first block is given whole ones.
            let capacity = if self.blocks.is_empty() { 0 } else { BLOCK };
            self.blocks.push(Vec::with_capacity(capacity));
        }
        let before = (self.blocks.len() - 1) * BLOCK;
        let block = self.blocks.last_mut()?;
        block.push(Some(entry));
        u32::try_from(before + block.len() - 1).ok()
    }

    fn leave(&mut self, place: u32) -> Option<V> {
        let entry = self.blocks.get_mut(place as usize / BLOCK)?.get_mut(place as usize % BLOCK)?.take();
        self.free.push(place);
        self.order.take();
        entry.map(|(_, value)| value)
    }
}

fn at<K, V>(blocks: &[Vec<Option<(K, V)>>], place: u32) -> Option<&(K, V)> {
    blocks.get(place as usize / BLOCK)?.get(place as usize % BLOCK)?.as_ref()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map_in_the_order_of_its_keys(
            steps in prop::collection::vec((any::<bool>(), 0_u16..400, any::<u8>()), 0..1_500),
        ) {
            let (mut table, mut model) = (Hashed::new(300), BTreeMap::new());
            let mut refused = 0;
            for (enter, key, value) in steps {
                if !enter {
                    prop_assert_eq!(table.remove(&key), model.remove(&key));
                } else if model.len() < 300 || model.contains_key(&key) {
                    *table.entry(key, || 0).unwrap() = value;
                    model.insert(key, value);
                } else {
                    prop_assert!(table.entry(key, || 0).is_none());
                    refused += 1;
                }
                prop_assert_eq!(table.get(&key), model.get(&key));
                if value < 8 {
                    prop_assert!(table.iter().eq(model.iter()));
                }
            }
            prop_assert!(table.iter().eq(model.iter()));
            prop_assert_eq!((table.len(), table.refused()), (model.len(), refused));
        }
    }
}
