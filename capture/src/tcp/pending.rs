//! Segments that came before their turn, held by their place in the stream.
//!
//! The first bytes seen for a place win. What a passive reader must guess is what the receiver kept, and stacks
//! differ; but data that arrives in order is handed on at once and cannot be taken back, so "first" is the
//! only rule that gives the same stream whether or not a hole came before the overlap. Bytes of an overlap that differ are counted.

use std::collections::BTreeMap;

/// A run of bytes at its place in a stream, borrowed from a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span<'a> {
    /// Offset of the first byte in the stream.
    pub(crate) start: u64,
    /// Length on the wire.
    pub(crate) len: u64,
    /// The bytes captured: the first ones, not always all.
    pub(crate) bytes: &'a [u8],
}

impl<'a> Span<'a> {
    /// Offset just behind the last byte.
    pub(crate) const fn end(&self) -> u64 {
        self.start.saturating_add(self.len)
    }

    /// The part at and behind `offset`.
    pub(crate) fn from(self, offset: u64) -> Self {
        let drop = offset.saturating_sub(self.start).min(self.len);
        let bytes = usize::try_from(drop).ok().and_then(|drop| self.bytes.get(drop..)).unwrap_or_default();
        Self { start: self.start + drop, len: self.len - drop, bytes }
    }

    /// The part before `offset`.
    pub(crate) fn until(self, offset: u64) -> Self {
        let len = offset.saturating_sub(self.start).min(self.len);
        let bytes: &'a [u8] =
            usize::try_from(len).ok().and_then(|len| self.bytes.get(..len)).unwrap_or(self.bytes);
        Self { start: self.start, len, bytes }
    }
}

/// A run of bytes that is held; without bytes where nobody will read them or none were captured.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Length on the wire.
    pub(crate) len: u64,
    /// The bytes held: the first ones, not always all.
    pub(crate) bytes: Vec<u8>,
}

/// What keeping a piece costs besides its bytes: its place in the tree, and what the allocator adds. Charged to
/// [`crate::Limits::reorder_bytes_total`], or segments of one byte would take a hundred times the memory they are counted for.
pub(crate) const PIECE_COST: usize = 96;

/// What is held of one direction. Most directions never hold anything, and are many: they take no room for it.
#[derive(Debug, Default)]
pub(crate) struct Pending(Option<Box<Pieces>>);

/// Pieces by their place. They never overlap.
#[derive(Debug, Default)]
struct Pieces {
    by_start: BTreeMap<u64, Piece>,
    held: usize,
}

impl Pending {
    /// How many pieces are held.
    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |pieces| pieces.by_start.len())
    }

    /// Whether nothing is held.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Bytes of payload held.
    pub(crate) fn held(&self) -> usize {
        self.0.as_ref().map_or(0, |pieces| pieces.held)
    }

    /// Bytes of memory held.
    pub(crate) fn cost(&self) -> usize {
        self.held() + self.len() * PIECE_COST
    }

    /// Where the first piece starts.
    pub(crate) fn first(&self) -> Option<u64> {
        self.0.as_ref()?.first()
    }

    /// Takes the first piece out.
    pub(crate) fn pop(&mut self) -> Option<(u64, Piece)> {
        let pieces = self.0.as_mut()?;
        let (start, piece) = pieces.by_start.pop_first()?;
        pieces.held -= piece.bytes.len();
        if pieces.by_start.is_empty() {
            self.clear();
        }
        Some((start, piece))
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.0 = None;
    }

    /// How many bytes of a span are not held yet.
    pub(crate) fn missing_of(&self, span: Span<'_>) -> u64 {
        self.0.as_ref().map_or(span.len, |pieces| pieces.missing_of(span))
    }

    /// How many captured bytes of a span differ from those held for the same places.
    pub(crate) fn conflicts_with(&self, span: Span<'_>) -> u64 {
        self.0.as_ref().map_or(0, |pieces| pieces.conflicts_with(span))
    }

    /// Holds what is new of a span, which is not empty; with `keep` false only its place, not its bytes.
    pub(crate) fn insert(&mut self, span: Span<'_>, keep: bool) {
        self.0.get_or_insert_default().insert(span, keep);
    }

    /// Frees the bytes of pieces that end at or before `offset`, and keeps their places.
    pub(crate) fn release_until(&mut self, offset: u64) {
        if let Some(pieces) = &mut self.0 {
            pieces.release_until(offset);
        }
    }
}

impl Pieces {
    fn first(&self) -> Option<u64> {
        self.by_start.first_key_value().map(|(start, _)| *start)
    }

    fn missing_of(&self, span: Span<'_>) -> u64 {
        let mut missing = 0;
        self.walk(span, |part| match part {
            Part::New(part) => missing += part.len,
            Part::Held(..) => {}
        });
        missing
    }

    fn conflicts_with(&self, span: Span<'_>) -> u64 {
        let mut conflicts = 0;
        self.walk(span, |part| match part {
            Part::New(_) => {}
            Part::Held(start, piece) => conflicts += differing(start, &piece.bytes, span),
        });
        conflicts
    }

    fn insert(&mut self, span: Span<'_>, keep: bool) {
        let mut cursor = span;
        while cursor.len > 0 {
            if let Some(end) = self.covered_until(cursor.start) {
                cursor = cursor.from(end);
                continue;
            }
            let stop = self.by_start.range(cursor.start..).next().map_or(cursor.end(), |(start, _)| *start);
            let part = cursor.until(stop);
            cursor = cursor.from(stop);
            self.put(part, keep);
        }
    }

    fn put(&mut self, part: Span<'_>, keep: bool) {
        let bytes = if keep { part.bytes } else { &[] };
        if bytes.is_empty() {
            // Places without bytes join up, so that a skipped body in any order stays a few ranges.
            self.put_range(part.start, part.len);
        } else {
            self.held += bytes.len();
            self.by_start.insert(part.start, Piece { len: part.len, bytes: bytes.to_vec() });
        }
    }

    fn put_range(&mut self, mut start: u64, mut len: u64) {
        let end = start + len;
        if self.by_start.get(&end).is_some_and(|after| after.bytes.is_empty()) {
            len += self.by_start.remove(&end).map_or(0, |after| after.len);
        }
        if let Some((before, piece)) = self.by_start.range(..start).next_back()
            && piece.bytes.is_empty()
            && before + piece.len == start
        {
            (start, len) = (*before, piece.len + len);
        }
        self.by_start.insert(start, Piece { len, bytes: Vec::new() });
    }

    fn release_until(&mut self, offset: u64) {
        if self.held == 0 || self.first().is_none_or(|first| first >= offset) {
            return;
        }
        let above = self.by_start.split_off(&offset);
        let below = std::mem::replace(&mut self.by_start, above);
        self.held = self.by_start.values().map(|piece| piece.bytes.len()).sum();
        for (start, piece) in below {
            if start + piece.len > offset && !piece.bytes.is_empty() {
                self.held += piece.bytes.len();
                self.by_start.insert(start, piece);
            } else {
                self.put_range(start, piece.len);
            }
        }
    }

    /// The end of the piece that covers `offset`.
    fn covered_until(&self, offset: u64) -> Option<u64> {
        let (start, piece) = self.by_start.range(..=offset).next_back()?;
        let end = start + piece.len;
        (end > offset).then_some(end)
    }

    /// Walks a span in the parts that are held and those that are new.
    fn walk<'s>(&'s self, span: Span<'s>, mut visit: impl FnMut(Part<'s>)) {
        let mut cursor = span;
        while cursor.len > 0 {
            let before = self.by_start.range(..=cursor.start).next_back();
            if let Some((start, piece)) = before.filter(|(start, piece)| *start + piece.len > cursor.start) {
                visit(Part::Held(*start, piece));
                cursor = cursor.from(start + piece.len);
                continue;
            }
            let stop = self.by_start.range(cursor.start..).next().map_or(cursor.end(), |(start, _)| *start);
            visit(Part::New(cursor.until(stop)));
            cursor = cursor.from(stop);
        }
    }
}

/// A part of a walked span.
enum Part<'a> {
    /// Not held yet.
    New(Span<'a>),
    /// Held by this piece, which starts here.
    Held(u64, &'a Piece),
}

/// How many bytes of `span` differ from `bytes`, which lie at `start`.
pub(crate) fn differing(start: u64, bytes: &[u8], span: Span<'_>) -> u64 {
    let other = span.from(start);
    let skip = usize::try_from(other.start.saturating_sub(start)).unwrap_or(usize::MAX);
    let held = bytes.get(skip..).unwrap_or_default();
    held.iter().zip(other.bytes).map(|(a, b)| u64::from(a != b)).sum()
}
