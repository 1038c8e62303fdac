//! The tables that fields refer to (RFC 7541 2.3, appendix A), with the gaps that an observer's dynamic table has.
//!
//! The dynamic table is counted from its newest entry. So what was inserted since an observer lost its place is known
//! by the right index, and what lies beyond is merely unknown.

use std::collections::VecDeque;
use std::sync::Arc;

/// A table's size before anything is said about it, in octets (RFC 9113 6.5.2).
pub(in crate::http2) const FIRST_SIZE: usize = 4_096;
/// What an entry counts beside its octets (RFC 7541 4.1).
pub(super) const OVERHEAD: usize = 32;

/// A name or value. Copies share it.
#[derive(Clone, Debug)]
pub(in crate::http2) enum Octets {
    Static(&'static str),
    Shared(Arc<[u8]>),
}

impl Octets {
    pub(in crate::http2) fn bytes(&self) -> &[u8] {
        match self {
            Self::Static(text) => text.as_bytes(),
            Self::Shared(bytes) => bytes,
        }
    }
}

/// A field, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) name: Option<Octets>,
    pub(super) value: Option<Octets>,
}

impl Entry {
    /// Its size (RFC 7541 4.1); less, where a part of it is unknown.
    pub(super) fn size(&self) -> usize {
        let len = |part: &Option<Octets>| part.as_ref().map_or(0, |octets| octets.bytes().len());
        OVERHEAD + len(&self.name) + len(&self.value)
    }
}

/// Both tables in one index space.
#[derive(Debug)]
pub(super) struct Table {
    /// Newest first.
    entries: VecDeque<Entry>,
    size: usize,
    /// What the encoder keeps to.
    capacity: usize,
    /// What is held here at most.
    bound: usize,
    /// There may be entries beyond those held.
    partial: bool,
}

impl Table {
    pub(super) fn new(bound: usize) -> Self {
        Self { entries: VecDeque::new(), size: 0, capacity: FIRST_SIZE, bound, partial: false }
    }

    /// Whether there may be entries that are not known.
    pub(super) const fn is_partial(&self) -> bool {
        self.partial
    }

    /// Entries held.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Octets held.
    #[cfg(test)]
    pub(super) const fn held(&self) -> usize {
        self.size
    }

    /// All entries so far are unknown from now on.
    pub(super) fn forget(&mut self) {
        self.entries.clear();
        self.size = 0;
        self.partial = true;
    }

    /// A new capacity. `false` where less is held than the encoder may refer to.
    pub(super) fn resize(&mut self, capacity: usize) -> bool {
        self.capacity = capacity;
        if capacity == 0 {
            self.partial = false;
        }
        self.make_room(0);
        capacity <= self.bound
    }

    /// A new entry at the front (RFC 7541 4.4).
    pub(super) fn insert(&mut self, entry: Entry) {
        let size = entry.size();
        if size > self.capacity {
            self.make_room(size);
            self.partial = false;
            return;
        }
        // What is too large to hold still has its place.
        let entry = if size > self.bound { Entry::default() } else { entry };
        let size = entry.size();
        self.make_room(size);
        if size <= self.bound {
            self.size += size;
            self.entries.push_front(entry);
        } else {
            self.partial = true;
        }
    }

    fn make_room(&mut self, size: usize) {
        let room = self.capacity.min(self.bound);
        while self.size.saturating_add(size) > room
            && let Some(oldest) = self.entries.pop_back()
        {
            self.partial |= self.bound < self.capacity;
            self.size = self.size.saturating_sub(oldest.size());
        }
    }

    /// The field at an index, from 1. `None` where there is none; one of which nothing is known where that cannot be
    /// said.
    pub(super) fn get(&self, index: usize) -> Option<Entry> {
        let at = index.checked_sub(1)?;
        if let Some((name, value)) = STATIC.get(at) {
            let part = |text| Some(Octets::Static(text));
            return Some(Entry { name: part(name), value: part(value) });
        }
        let held = self.entries.get(at - STATIC.len()).cloned();
        held.or_else(|| self.partial.then(Entry::default))
    }
}

/// Appendix A.
const STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];
