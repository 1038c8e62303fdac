//! The flow table: entries in a slab, found by a hash of their ends, kept in one list for each [`Class`] in the order in
//! which they were last seen.
//!
//! All flows of a class have the same idle time, so only the heads of the lists can be due, and the least recently
//! seen flow of all is one of the heads; within a [`TICK`], for a flow is moved once in each at the most: to move one is
//! to change its neighbours too, which are anywhere. The hash seed is random in each process, against crafted collisions;
//! nothing that leaves the table depends on it.

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::FlowId;
use super::clock::Instant;
use super::entry::{Class, Entry, Tuple};
use super::list::{Linked, Links, List};
use crate::limits::Limits;

/// Nanoseconds of packet time, as a power of two, within which the order of flows does not count: a quarter of a second.
const TICK: u32 = 28;

/// Where an entry is, with some more bits of its hash: they tell it from nearly all others without a look at it.
#[derive(Clone, Copy)]
struct Place {
    slot: u32,
    bits: u32,
}

/// See the module.
pub(crate) struct Table<S> {
    slots: Slots<S>,
    free: Vec<u32>,
    index: HashTable<Place>,
    seed: RandomState,
    lists: [List; Class::ALL.len()],
    /// No flow of a class is due before this.
    due: [Instant; Class::ALL.len()],
    /// The earliest of these.
    earliest: Instant,
}

/// Slots in one run of memory. One that grew as a whole would be copied each time, and then be half empty.
const BLOCK: usize = 64;

struct Slots<S>(Vec<Vec<Option<Entry<S>>>>);

impl<S> Slots<S> {
    #[inline]
    fn get(&self, slot: u32) -> Option<&Entry<S>> {
        self.0.get(slot as usize / BLOCK)?.get(slot as usize % BLOCK)?.as_ref()
    }

    #[inline]
    fn get_mut(&mut self, slot: u32) -> Option<&mut Entry<S>> {
        self.place(slot)?.as_mut()
    }

    #[inline]
    fn place(&mut self, slot: u32) -> Option<&mut Option<Entry<S>>> {
        self.0.get_mut(slot as usize / BLOCK)?.get_mut(slot as usize % BLOCK)
    }

    /// Puts an entry behind all others.
    fn push(&mut self, entry: Entry<S>) -> u32 {
        if self.0.last().is_none_or(|block| block.len() == BLOCK) {
            self.0.push(Vec::with_capacity(BLOCK));
        }
        let before = (self.0.len() - 1) * BLOCK;
        let Some(block) = self.0.last_mut() else { return u32::MAX };
        block.push(Some(entry));
        u32::try_from(before + block.len() - 1).unwrap_or(u32::MAX)
    }

    /// All entries, with their slots.
    fn iter(&self) -> impl Iterator<Item = (u32, &Entry<S>)> {
        let all = (0_u32..).zip(self.0.iter().flatten());
        all.filter_map(|(slot, place)| Some((slot, place.as_ref()?)))
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
            earliest: 0,
        }
    }

    /// How many flows it holds.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    pub(crate) fn find(&self, tuple: &Tuple) -> Option<u32> {
        let hash = tuple.hash(&self.seed);
        let is_it = |slot: u32| self.slots.get(slot).is_some_and(|entry| entry.is_of(tuple));
        let found = self.index.find(hash, |place| place.bits == more_bits(hash) && is_it(place.slot));
        found.map(|place| place.slot)
    }

    /// The flow that it most likely is, without a look at the flow itself.
    #[inline]
    pub(crate) fn guess(&self, tuple: &Tuple) -> Option<u32> {
        let hash = tuple.hash(&self.seed);
        self.index.find(hash, |place| place.bits == more_bits(hash)).map(|place| place.slot)
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
        entry.moved = tick(now);
        entry.class = entry.classify();
        let (hash, class) = (entry.tuple().hash(&self.seed), entry.class);
        let free = self.free.pop().and_then(|slot| Some((slot, self.slots.place(slot)?)));
        let slot = if let Some((slot, place)) = free {
            *place = Some(entry);
            slot
        } else {
            self.slots.push(entry)
        };
        let (slots, seed) = (&self.slots, &self.seed);
        let rehash = |place: &Place| slots.get(place.slot).map_or(0, |entry| entry.tuple().hash(seed));
        self.index.insert_unique(hash, Place { slot, bits: more_bits(hash) }, rehash);
        self.lists[class as usize].append(&mut self.slots, slot);
        slot
    }

    /// Notes that a packet of the flow was seen, and where the flow belongs after it.
    pub(crate) fn touch(&mut self, slot: u32, now: Instant) {
        let Some(entry) = self.slots.get_mut(slot) else { return };
        let (from, to) = (entry.class, entry.classify());
        entry.seen = now;
        entry.seen_since = from == to && entry.moved == tick(now);
        if entry.seen_since {
            return;
        }
        entry.class = to;
        entry.moved = tick(now);
        self.move_to_end(slot, from, to);
    }

    fn move_to_end(&mut self, slot: u32, from: Class, to: Class) {
        self.lists[from as usize].take_out(&mut self.slots, slot);
        self.lists[to as usize].append(&mut self.slots, slot);
    }

    pub(crate) fn remove(&mut self, slot: u32) -> Option<Entry<S>> {
        let entry = self.slots.get(slot)?;
        let hash = entry.tuple().hash(&self.seed);
        let class = entry.class as usize;
        self.lists[class].take_out(&mut self.slots, slot);
        if let Ok(found) = self.index.find_entry(hash, |place| place.slot == slot) {
            found.remove();
        }
        self.free.push(slot);
        self.slots.place(slot)?.take()
    }

    /// Whether a flow has been silent for longer than its class may be.
    pub(crate) fn is_expired(&self, slot: u32, now: Instant, limits: &Limits) -> bool {
        self.slots.get(slot).is_some_and(|entry| now >= due(entry.seen, entry.class, limits))
    }

    /// A flow that has been silent for longer than its class may be; one may be up to a [`TICK`] late.
    #[inline]
    pub(crate) fn expired(&mut self, now: Instant, limits: &Limits) -> Option<u32> {
        if now < self.earliest { None } else { self.first_expired(now, limits) }
    }

    fn first_expired(&mut self, now: Instant, limits: &Limits) -> Option<u32> {
        for class in Class::ALL {
            let index = class as usize;
            if now < self.due[index] {
                continue;
            }
            let head = self.lists[index].head();
            // Where there is none, the first to come will have been seen now or later.
            let seen = head.and_then(|slot| self.slots.get(slot)).map_or(now, |entry| entry.seen);
            let due = due(seen, class, limits);
            if now >= due {
                return head;
            }
            self.due[index] = due;
        }
        self.earliest = self.due.into_iter().min().unwrap_or_default();
        None
    }

    /// Who goes to make room.
    pub(crate) fn victim(&mut self, limits: &Limits) -> Option<u32> {
        for class in Class::ALL {
            // Who was seen since it was moved is moved now; each at most once, for then it was not.
            while let Some(slot) = self.lists[class as usize].head()
                && let Some(entry) = self.slots.get_mut(slot)
                && std::mem::take(&mut entry.seen_since)
            {
                self.move_to_end(slot, class, class);
            }
        }
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
        flows.extend(self.slots.iter().map(|(slot, entry)| (entry.flow.id, slot)));
        flows.sort_unstable();
        flows.into_iter().map(|(_, slot)| slot).collect()
    }
}

/// Bits of a hash that the index does not look at: it takes the lowest and the seven highest ones.
#[expect(clippy::cast_possible_truncation, reason = "the bits above are the index's own")]
const fn more_bits(hash: u64) -> u32 {
    (hash >> 25) as u32
}

/// The time in steps of [`TICK`].
#[expect(
    clippy::cast_possible_truncation,
    reason = "they are only compared for being the same, and last for 36 years"
)]
const fn tick(now: Instant) -> u32 {
    (now >> TICK) as u32
}

/// When a flow of a class that was last seen then has been silent for too long.
fn due(seen: Instant, class: Class, limits: &Limits) -> Instant {
    seen.saturating_add(idle_time(class, limits)).saturating_add(1)
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
