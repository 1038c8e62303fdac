//! The record layer: frames of content types, and handshake messages put together from them (RFC 8446 5.1,
//! RFC 5246 6.2.1). It knows no message: [`Header`] says where a record's body is, [`Joiner`] makes messages of bodies,
//! clear or opened.

use capture::Direction;

use crate::decoder::Probe;
use crate::error::{DecodeError, ErrorKind};

/// Length of a record's header: content type, version, length.
pub(super) const HEADER: usize = 5;
/// Length of a handshake message's header: type and 24-bit length.
pub(super) const MESSAGE_HEADER: usize = 4;
/// The most bytes that a record in the clear may carry (RFC 8446 5.1).
pub(super) const PLAIN: usize = 1 << 14;
/// The most that any record may carry: 2048 over the plain limit (RFC 5246 6.2.3; TLS 1.3 allows 256).
const CIPHERED: usize = PLAIN + 2_048;

/// What a record carries (RFC 8446 B.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContentType(pub(super) u8);

impl ContentType {
    pub(super) const CHANGE_CIPHER_SPEC: Self = Self(20);
    pub(super) const ALERT: Self = Self(21);
    pub(super) const HANDSHAKE: Self = Self(22);
    pub(super) const APPLICATION_DATA: Self = Self(23);
    /// RFC 6520.
    pub(super) const HEARTBEAT: Self = Self(24);
}

/// A record's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// What the body is.
    pub(super) content: ContentType,
    /// Length of the body in bytes.
    pub(super) length: usize,
}

impl Header {
    /// Reads the header at the start of `bytes`; `None` while fewer than five bytes are there.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, DecodeError> {
        let Some(&[content, major, minor, high, low]) = bytes.first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let error = |field, offset, value| DecodeError::new("tls", field, offset, ErrorKind::Value(value));
        if !(20..=24).contains(&content) {
            return Err(error("content type", 0, content.into()));
        }
        // The version says nothing of the protocol spoken (RFC 8446 5.1), but nobody sends another major.
        if major != 3 || minor > 4 {
            return Err(error("record version", 1, u16::from_be_bytes([major, minor]).into()));
        }
        let length = u16::from_be_bytes([high, low]);
        if usize::from(length) > CIPHERED {
            return Err(error("record length", 3, length.into()));
        }
        Ok(Some(Self { content: ContentType(content), length: length.into() }))
    }

    /// Length of the record with its header.
    pub(super) const fn total(self) -> usize {
        HEADER + self.length
    }

    /// Why a record in the clear cannot be as long as this one is, if so.
    pub(super) fn plain_error(self) -> Option<DecodeError> {
        let fits = self.length > 0 && self.length <= PLAIN;
        (!fits).then(|| DecodeError::new("tls", "record length", 3, ErrorKind::Value(self.length as u64)))
    }
}

/// Whether bytes begin with a record that can go in the given direction.
///
/// Handshake messages that only one side sends tell the sides apart. Where the bytes go beyond the first record, the
/// next one must be sane too: that makes the probe strong enough for any port.
pub(super) fn probe(bytes: &[u8], direction: Direction) -> Probe {
    match super::ssl2::probe(bytes) {
        Probe::No => {}
        found => return if direction == Direction::ToServer { found } else { Probe::No },
    }
    if !plausible_start(bytes) {
        return Probe::No;
    }
    let Ok(Some(header)) = Header::read(bytes) else { return Probe::Maybe };
    let Some(body) = bytes.get(HEADER..) else { return Probe::Maybe };
    let body = body.get(..header.length).unwrap_or(body);
    let (Some(&first), second) = (body.first(), body.get(1)) else { return Probe::Maybe };
    let sane = match header.content {
        ContentType::CHANGE_CIPHER_SPEC => header.length == 1 && first == 1,
        ContentType::ALERT => {
            header.length == 2 && matches!(first, 1 | 2) || header.length >= 16 && header.length <= 512
        }
        ContentType::HANDSHAKE => handshake_goes(first, second, header, direction),
        // Nobody begins with a heartbeat, and it would make the probe weaker.
        content => content == ContentType::APPLICATION_DATA,
    };
    match bytes.get(header.total()..) {
        _ if !sane => Probe::No,
        _ if super::handshake::Handshake::is_client_hello(body) => Probe::Yes,
        Some(next) if !next.is_empty() && !plausible_start(next) => Probe::No,
        _ => Probe::Yes,
    }
}

/// Whether a handshake record whose body begins so can go that way. One that is no message may be encrypted.
fn handshake_goes(kind: u8, length: Option<&u8>, header: Header, direction: Direction) -> bool {
    // Hellos are shorter than 2^16 bytes: their first length byte is zero.
    let hello = matches!(kind, 1 | 2) && length.is_none_or(|&length| length == 0);
    match direction {
        _ if header.length < MESSAGE_HEADER => false,
        Direction::ToServer => !(hello && kind == 2),
        Direction::ToClient => !(hello && kind == 1),
    }
}

/// Whether as much of a record header as is there is sane.
fn plausible_start(bytes: &[u8]) -> bool {
    let ok = |at: usize, test: fn(u8) -> bool| bytes.get(at).copied().is_none_or(test);
    ok(0, |byte| (20..=24).contains(&byte))
        && ok(1, |byte| byte == 3)
        && ok(2, |byte| byte <= 4)
        && ok(3, |byte| usize::from(byte) <= CIPHERED >> 8)
        && Header::read(bytes).is_ok()
}

/// One handshake message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    /// Its type (RFC 8446 B.3).
    pub(super) kind: u8,
    /// All of it, header included.
    pub(super) whole: &'a [u8],
}

impl<'a> Message<'a> {
    /// The message without its header.
    pub(super) fn body(self) -> &'a [u8] {
        self.whole.get(MESSAGE_HEADER..).unwrap_or_default()
    }
}

/// What [`Joiner::join`] finds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Joined<'a> {
    /// A whole message.
    Message(Message<'a>),
    /// A message longer than allowed begins: it is passed over as it comes.
    TooLong,
}

/// Puts handshake messages together, whatever records they are cut into (RFC 8446 5.1).
#[derive(Debug, Default)]
pub(super) struct Joiner {
    /// The beginning of a message whose end has not come.
    begun: Vec<u8>,
    /// Bytes still to come of a message that is passed over.
    passing: usize,
}

impl Joiner {
    /// Whether a message is in the middle.
    pub(super) const fn is_amid(&self) -> bool {
        !self.begun.is_empty() || self.passing > 0
    }

    /// Forgets what was begun.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Adds the body of one record, and tells of every message that is whole with it. `limit` is the longest
    /// message, header aside, that is put together.
    pub(super) fn join(&mut self, body: &[u8], limit: usize, tell: impl FnMut(Joined<'_>)) {
        let mut begun = std::mem::take(&mut self.begun);
        let body = self.pass(body);
        if begun.is_empty() {
            let left = self.messages(body, limit, tell);
            begun.extend_from_slice(left);
        } else {
            begun.extend_from_slice(body);
            let left = self.messages(&begun, limit, tell).len();
            // Nothing moves while a message grows, or tiny records would make its cost quadratic.
            begun.drain(..begun.len() - left);
        }
        self.begun = begun;
    }

    /// Tells of the messages at the start of `bytes` and gives back the beginning of the next one.
    fn messages<'a>(&mut self, bytes: &'a [u8], limit: usize, mut tell: impl FnMut(Joined<'_>)) -> &'a [u8] {
        let mut rest = bytes;
        while let Some(&[kind, high, middle, low]) = rest.first_chunk::<MESSAGE_HEADER>() {
            let length = u32::from_be_bytes([0, high, middle, low]) as usize;
            let total = MESSAGE_HEADER + length;
            if length > limit {
                tell(Joined::TooLong);
                self.passing = total;
                rest = self.pass(rest);
            } else if let Some((whole, after)) = rest.split_at_checked(total) {
                tell(Joined::Message(Message { kind, whole }));
                rest = after;
            } else {
                break;
            }
        }
        rest
    }

    /// Leaves out what belongs to a message that is passed over.
    fn pass<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let passed = self.passing.min(bytes.len());
        self.passing -= passed;
        bytes.get(passed..).unwrap_or_default()
    }
}
