//! What is left of a frame: the bytes that were captured, and how many there were on the wire.
//!
//! Every layer takes its header off the front and hands the rest on. Two lengths travel together so
//! that a snapshot length never looks like a malformation, and a malformation never like a snapshot length.

/// Why a frame ends before its transport layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The snapshot length cut it inside a header.
    Cut,
    /// It carries no IP packet.
    NotIp,
    /// It carries an IP packet of a protocol other than TCP and UDP.
    OtherTransport,
    /// Nobody here reads its link type.
    UnknownLink,
    /// A header contradicts itself or what is around it; the text says which.
    Malformed(&'static str),
}

/// The rest of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire<'a> {
    /// The bytes captured; a prefix of those on the wire.
    pub(crate) captured: &'a [u8],
    /// How many bytes there were on the wire; never less than `captured.len()`.
    pub(crate) len: usize,
    /// Whether a length field claimed more than there was on the wire.
    pub(crate) truncated: bool,
}

impl<'a> Wire<'a> {
    /// Bytes of a whole whose length on the wire is `len`.
    pub(crate) fn new(captured: &'a [u8], len: usize) -> Self {
        Self { captured, len: len.max(captured.len()), truncated: false }
    }

    /// Whether bytes are missing at the end.
    pub(crate) fn is_cut(self) -> bool {
        self.captured.len() < self.len
    }

    /// The first byte, where it was captured.
    pub(crate) fn first(self) -> Option<u8> {
        self.captured.first().copied()
    }

    /// Why a header of `need` bytes is not here: cut away, or never there.
    pub(crate) fn lack(self, need: usize, what: &'static str) -> Stop {
        if self.len >= need || self.truncated { Stop::Cut } else { Stop::Malformed(what) }
    }

    /// A header of `N` bytes at the front, left in place.
    pub(crate) fn peek<const N: usize>(self, what: &'static str) -> Result<&'a [u8; N], Stop> {
        self.captured.first_chunk().ok_or_else(|| self.lack(N, what))
    }

    /// A header of `N` bytes, and what follows it.
    pub(crate) fn take<const N: usize>(self, what: &'static str) -> Result<(&'a [u8; N], Self), Stop> {
        match self.captured.split_first_chunk() {
            Some((header, rest)) => Ok((header, Self { captured: rest, len: self.len - N, ..self })),
            None => Err(self.lack(N, what)),
        }
    }

    /// What follows the next `count` bytes; they need not have been captured, but must have been there.
    pub(crate) fn skip(self, count: usize, what: &'static str) -> Result<Self, Stop> {
        let len = self.len.checked_sub(count).ok_or_else(|| self.lack(count, what))?;
        Ok(Self { captured: self.captured.get(count..).unwrap_or_default(), len, ..self })
    }

    /// No more than what a length field says. Where that is more than there is, a mirror may have
    /// truncated the frame, or the field lies; either way what is here is all there is to count on.
    pub(crate) fn clamp(self, len: usize) -> Self {
        let captured = self.captured.get(..len).unwrap_or(self.captured);
        Self { captured, len: len.min(self.len), truncated: len > self.len }
    }
}
