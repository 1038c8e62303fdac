//! Doubly linked lists through the slots of a slab: append, and take out anywhere, in constant time.

/// No slot.
pub(crate) const NONE: u32 = u32::MAX;

/// The links that every slot holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links {
    pub(crate) previous: u32,
    pub(crate) next: u32,
}

impl Links {
    /// In no list.
    pub(crate) const ALONE: Self = Self { previous: NONE, next: NONE };
}

/// A slab whose slots can be linked.
pub(crate) trait Linked {
    /// The links of a slot.
    fn links(&mut self, slot: u32) -> Option<&mut Links>;
}

/// Head, tail and length of one list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List {
    head: u32,
    tail: u32,
    len: usize,
}

impl List {
    pub(crate) const EMPTY: Self = Self { head: NONE, tail: NONE, len: 0 };

    /// The slot appended longest ago.
    pub(crate) const fn head(&self) -> Option<u32> {
        if self.head == NONE { None } else { Some(self.head) }
    }

    /// How many slots it holds.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Appends a slot that is in no list.
    pub(crate) fn append(&mut self, slab: &mut impl Linked, slot: u32) {
        if let Some(links) = slab.links(slot) {
            *links = Links { previous: self.tail, next: NONE };
        }
        match slab.links(self.tail) {
            Some(tail) => tail.next = slot,
            None => self.head = slot,
        }
        self.tail = slot;
        self.len += 1;
    }

    /// Takes out a slot that is in this list.
    pub(crate) fn take_out(&mut self, slab: &mut impl Linked, slot: u32) {
        let Some(links) = slab.links(slot) else { return };
        let Links { previous, next } = std::mem::replace(links, Links::ALONE);
        match slab.links(previous) {
            Some(before) => before.next = next,
            None => self.head = next,
        }
        match slab.links(next) {
            Some(after) => after.previous = previous,
            None => self.tail = previous,
        }
        self.len -= 1;
    }
}
