//! Small ordered maps and sets: a handful of entries in one exact allocation.
//!
//! Most hosts have one name and most TLS peers one cipher suite, and a run has a hundred thousand of each. A B-tree's
//! node has room for eleven entries from the first on; a sorted vector has room for what is there.

use std::borrow::Borrow;

/// A map of few entries, in key order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FewMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for FewMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> FewMap<K, V> {
    /// An empty map.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Entries in key order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + Clone {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Keys in order.
    #[must_use]
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.0.iter().map(|(key, _)| key)
    }

    /// Values in key order.
    #[must_use]
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> FewMap<K, V> {
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(known, _)| known.borrow().cmp(key))
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().and_then(|place| self.0.get(place)).map(|(_, value)| value)
    }

    /// Whether a key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// The value of a key, to change.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// The value of a key, made if it is not there.
    pub fn slot_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let place = match self.place(&key) {
            Ok(place) => place,
            Err(place) => {
                self.0.reserve_exact(1);
                self.0.insert(place, (key, make()));
                place
            }
        };
        &mut self.0[place].1
    }
}

impl<K: Ord, V: Default> FewMap<K, V> {
    /// The value of a key, made by default if it is not there.
    pub fn slot(&mut self, key: K) -> &mut V {
        self.slot_with(key, V::default)
    }
}

impl<'a, K, V> IntoIterator for &'a FewMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

/// A set of few items, in order. One alone, which is what most have, needs no allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FewSet<T>(Items<T>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Items<T> {
    One(T),
    /// None, or two and more.
    Many(Vec<T>),
}

impl<T> Default for FewSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> FewSet<T> {
    /// An empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self(Items::Many(Vec::new()))
    }

    /// How many items there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items().len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items().is_empty()
    }

    /// Items in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items().iter()
    }

    /// The first item.
    #[must_use]
    pub const fn first(&self) -> Option<&T> {
        self.items().first()
    }

    const fn items(&self) -> &[T] {
        match &self.0 {
            Items::One(item) => std::slice::from_ref(item),
            Items::Many(items) => items.as_slice(),
        }
    }
}

impl<T: Ord> FewSet<T> {
    /// Whether an item is there.
    pub fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.items().binary_search_by(|known| known.borrow().cmp(item)).is_ok()
    }

    /// Adds an item; says whether it is new.
    pub fn insert(&mut self, item: T) -> bool {
        let Err(place) = self.items().binary_search(&item) else { return false };
        let before = std::mem::take(self).0;
        self.0 = match before {
            Items::Many(items) if items.is_empty() => Items::One(item),
            Items::One(one) => Items::Many(if place == 0 { vec![item, one] } else { vec![one, item] }),
            Items::Many(mut items) => {
                items.reserve_exact(1);
                items.insert(place, item);
                Items::Many(items)
            }
        };
        true
    }

    /// Whether the two have nothing in common.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        !self.iter().any(|item| other.contains(item))
    }
}

impl<'a, T> IntoIterator for &'a FewSet<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_in_order_and_are_found() {
        let mut map = FewMap::default();
        for key in [3, 1, 2, 1] {
            *map.slot(key) += key * 10;
        }
        assert_eq!(map.iter().collect::<Vec<_>>(), [(&1, &20), (&2, &20), (&3, &30)]);
        assert_eq!((map.get(&2), map.get(&4), map.len()), (Some(&20), None, 3));
    }

    #[test]
    fn sets_hold_each_item_once() {
        let mut set = FewSet::default();
        assert!(set.is_empty() && set.first().is_none());
        assert!(set.insert("b") && !set.insert("b"));
        assert_eq!((set.len(), set.first()), (1, Some(&"b")));
        assert!(set.insert("a") && set.insert("c") && !set.insert("a"));
        assert_eq!(set.iter().copied().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(set.contains("a") && set.is_disjoint(&FewSet::default()));
    }
}
