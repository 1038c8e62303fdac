//! The flow table: entries in a slab, found by a hash of their ends, kept in one list for each [`Class`] in the order in
//! which they were last seen.
//!
//! All flows of a class have the same idle time, so only the heads of the lists can be due, and the least recently
//! seen flow of all is one of the heads. The hash seed is random in each process, against crafted collisions;
//! nothing that leaves the table depends on it.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::FlowId;
use super::clock::Instant;
use super::entry::{Class, Entry, Tuple};
use super::list::{Linked, Links, List};
use crate::limits::Limits;

/// See the module.
pub(crate) struct Table<S> {
    slots: Slots<S>,
    free: Vec<u32>,
    index: HashTable<u32>,
    seed: RandomState,
    lists: [List; Class::ALL.len()],
    /// No flow of a class is due before this.
    due: [Instant; Class::ALL.len()],
}

struct Slots<S>(Vec<Option<Entry<S>>>);

impl<S> Slots<S> {
    fn get(&self, slot: u32) -> Option<&Entry<S>> {
        self.0.get(slot as usize)?.as_ref()
    }

    fn get_mut(&mut self, slot: u32) -> Option<&mut Entry<S>> {
        self.0.get_mut(slot as usize)?.as_mut()
    }
}

impl<S> Linked for Slots<S> {
    fn links(&mut self, slot: u32) -> Option<&mut Links> {
        Some(&mut self.get_mut(slot)?.links)
    }
}

impl<S> Table<S> {
    pub(crate) fn new() -> Self {
        Self {
            slots: Slots(Vec::new()),
            free: Vec::new(),
            index: HashTable::new(),
            seed: RandomState::default(),
            lists: [List::EMPTY; Class::ALL.len()],
            due: [0; Class::ALL.len()],
        }
    }

    /// How many flows it holds.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    pub(crate) fn find(&self, tuple: &Tuple) -> Option<u32> {
        let same = |slot: &u32| self.slots.get(*slot).is_some_and(|entry| entry.is_of(tuple));
        self.index.find(self.seed.hash_one(tuple), same).copied()
    }

    pub(crate) fn get(&self, slot: u32) -> Option<&Entry<S>> {
        self.slots.get(slot)
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut Entry<S>> {
        self.slots.get_mut(slot)
    }

    /// Adds an entry seen `now`; the caller has made sure that its tuple is new and that there is room.
    pub(crate) fn insert(&mut self, mut entry: Entry<S>, now: Instant) -> u32 {
        entry.seen = now;
        entry.class = entry.classify();
        let (tuple, class) = (entry.tuple(), entry.class);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.0.push(None);
            u32::try_from(self.slots.0.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(place) = self.slots.0.get_mut(slot as usize) {
            *place = Some(entry);
        }
        let (slots, seed) = (&self.slots, &self.seed);
        let rehash = |slot: &u32| slots.get(*slot).map_or(0, |entry| seed.hash_one(entry.tuple()));
        self.index.insert_unique(seed.hash_one(tuple), slot, rehash);
        self.lists[class as usize].append(&mut self.slots, slot);
        slot
    }

    /// Notes that a packet of the flow was seen, and where the flow belongs after it.
    pub(crate) fn touch(&mut self, slot: u32, now: Instant) {
        let Some(entry) = self.slots.get_mut(slot) else { return };
        let (from, to) = (entry.class, entry.classify());
        entry.seen = now;
        entry.class = to;
        // Packets of one flow come in bursts: it mostly is the last one already.
        if from == to && self.lists[to as usize].tail() == Some(slot) {
            return;
        }
        self.lists[from as usize].take_out(&mut self.slots, slot);
        self.lists[to as usize].append(&mut self.slots, slot);
    }

    pub(crate) fn remove(&mut self, slot: u32) -> Option<Entry<S>> {
        let entry = self.slots.get(slot)?;
        let hash = self.seed.hash_one(entry.tuple());
        let class = entry.class as usize;
        self.lists[class].take_out(&mut self.slots, slot);
        if let Ok(found) = self.index.find_entry(hash, |other| *other == slot) {
            found.remove();
        }
        self.free.push(slot);
        self.slots.0.get_mut(slot as usize)?.take()
    }

    /// A flow that has been silent for longer than its class may be.
    pub(crate) fn expired(&mut self, now: Instant, limits: &Limits) -> Option<u32> {
        for class in Class::ALL {
            let index = class as usize;
            if now < self.due[index] {
                continue;
            }
            let Some(slot) = self.lists[index].head() else { continue };
            let Some(entry) = self.slots.get(slot) else { continue };
            let due = entry.seen.saturating_add(idle_time(class, limits)).saturating_add(1);
            if now >= due {
                return Some(slot);
            }
            self.due[index] = due;
        }
        None
    }

    /// Who goes to make room.
    pub(crate) fn victim(&self, limits: &Limits) -> Option<u32> {
        let half_open = &self.lists[Class::HalfOpen as usize];
        if half_open.len() > limits.flows / 2 {
            return half_open.head();
        }
        let heads = self.lists.iter().filter_map(List::head);
        heads.min_by_key(|slot| self.slots.get(*slot).map(|entry| entry.seen))
    }

    /// All flows in the order in which they began.
    pub(crate) fn by_id(&self) -> Vec<u32> {
        let mut flows: Vec<(FlowId, u32)> = Vec::with_capacity(self.len());
        for (slot, entry) in (0u32..).zip(&self.slots.0) {
            flows.extend(entry.as_ref().map(|entry| (entry.flow.id, slot)));
        }
        flows.sort_unstable();
        flows.into_iter().map(|(_, slot)| slot).collect()
    }
}

/// Nanoseconds for which a flow of a class may be silent.
fn idle_time(class: Class, limits: &Limits) -> Instant {
    let nanos = match class {
        Class::Ended => limits.tcp_linger,
        Class::HalfOpen => limits.tcp_half_open,
        Class::Datagrams => limits.udp_idle,
        Class::Answered => limits.udp_answered,
        Class::Established => limits.tcp_idle,
    };
    nanos.max(0).unsigned_abs()
}
