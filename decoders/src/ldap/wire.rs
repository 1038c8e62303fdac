//! How LDAP messages stand in a stream: BER elements (RFC 4511 5.1), or SASL buffers around them (RFC 4422 3.7).

use capture::Direction;

use crate::decoder::Probe;
use crate::error::{DecodeError, ErrorKind};

/// LDAPMessage.
pub(super) const MESSAGE: u8 = 0x30;
/// A longer message or buffer is none: servers take no request of that length, and send no entry of it.
const LONGEST: u64 = 64 << 20;

/// Operations by their APPLICATION tag (RFC 4511 4.2 to 4.14).
pub(super) mod op {
    pub(in super::super) const BIND_REQUEST: u8 = 0x60;
    pub(in super::super) const BIND_RESPONSE: u8 = 0x61;
    pub(in super::super) const SEARCH_REQUEST: u8 = 0x63;
    pub(in super::super) const SEARCH_ENTRY: u8 = 0x64;
    pub(in super::super) const SEARCH_DONE: u8 = 0x65;
    pub(in super::super) const SEARCH_REFERENCE: u8 = 0x73;
    pub(in super::super) const EXTENDED_REQUEST: u8 = 0x77;
    pub(in super::super) const EXTENDED_RESPONSE: u8 = 0x78;
    pub(super) const OTHER_REQUESTS: [u8; 7] = [0x42, 0x66, 0x68, 0x4A, 0x6C, 0x6E, 0x50];
    pub(super) const OTHER_RESPONSES: [u8; 6] = [0x67, 0x69, 0x6B, 0x6D, 0x6F, 0x79];
}

/// The way an operation goes.
const fn goes(tag: u8) -> Option<Direction> {
    const fn one_of(tag: u8, list: &[u8]) -> bool {
        match list.split_first() {
            Some((first, rest)) => *first == tag || one_of(tag, rest),
            None => false,
        }
    }
    match tag {
        op::BIND_REQUEST | op::SEARCH_REQUEST | op::EXTENDED_REQUEST => Some(Direction::ToServer),
        op::BIND_RESPONSE
        | op::SEARCH_ENTRY
        | op::SEARCH_DONE
        | op::SEARCH_REFERENCE
        | op::EXTENDED_RESPONSE => Some(Direction::ToClient),
        _ if one_of(tag, &op::OTHER_REQUESTS) => Some(Direction::ToServer),
        _ if one_of(tag, &op::OTHER_RESPONSES) => Some(Direction::ToClient),
        _ => None,
    }
}

/// The beginning of a message: all that a large search result needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// messageID.
    pub(super) id: u32,
    /// Tag of the operation.
    pub(super) op: u8,
    /// Offset of that tag.
    pub(super) op_at: usize,
    /// Bytes of the whole message.
    pub(super) total: u64,
}

/// Tag and length of a BER element with a definite length: where its content begins, and how long that is.
fn element(bytes: &[u8], field: &'static str) -> Result<(usize, u64), DecodeError> {
    let short = |need| DecodeError::new("ldap", field, 0, ErrorKind::Short { need, have: bytes.len() });
    let first = *bytes.get(1).ok_or(short(2))?;
    let count = if first < 0x80 { 0 } else { usize::from(first & 0x7F) };
    if first == 0x80 || count > 4 {
        let kind = ErrorKind::Unexpected("definite length of at most four bytes");
        return Err(DecodeError::new("ldap", field, 1, kind));
    }
    let digits = bytes.get(2..2 + count).ok_or(short(2 + count))?;
    let long = digits.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    Ok((2 + count, if count == 0 { u64::from(first) } else { long }))
}

/// Reads the beginning of a message. An error that is short says how many bytes the next step needs.
pub(super) fn head(bytes: &[u8]) -> Result<Head, DecodeError> {
    let wrong = |field, offset, what| DecodeError::new("ldap", field, offset, ErrorKind::Unexpected(what));
    if bytes.first().is_some_and(|first| *first != MESSAGE) {
        return Err(wrong("message", 0, "a sequence"));
    }
    let (start, length) = element(bytes, "message")?;
    let short = |need| DecodeError::new("ldap", "message", 0, ErrorKind::Short { need, have: bytes.len() });
    if length > LONGEST {
        return Err(DecodeError::new("ldap", "message", 0, ErrorKind::Value(length)));
    }
    match bytes.get(start) {
        None => return Err(short(start + 1)),
        Some(0x02) => {}
        Some(_) => return Err(wrong("message id", start, "an integer")),
    }
    let digits = usize::from(*bytes.get(start + 1).ok_or(short(start + 2))?);
    if !(1..=5).contains(&digits) {
        return Err(wrong("message id", start, "an integer of at most 31 bits"));
    }
    let op_at = start + 2 + digits;
    let id = bytes.get(start + 2..op_at).ok_or(short(op_at + 1))?;
    let id = id.iter().fold(0, |sum: u32, byte| (sum << 8) | u32::from(*byte));
    let op = *bytes.get(op_at).ok_or(short(op_at + 1))?;
    if start as u64 + length <= op_at as u64 {
        return Err(wrong("operation", op_at, "an operation in the message"));
    }
    Ok(Head { id, op, op_at, total: start as u64 + length })
}

/// How a SASL buffer keeps what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrap<'a> {
    /// Encrypted, or in a form that does not say.
    Sealed,
    /// Signed: the messages can be read.
    Signed(&'a [u8]),
}

/// Bytes of the length before a SASL buffer.
pub(super) const BUFFER_LENGTH: usize = 4;

/// Bytes of a SASL buffer with its length. Its first byte is zero, which no message begins with.
pub(super) fn buffer(bytes: &[u8]) -> Option<u64> {
    let (length, _) = bytes.split_first_chunk::<BUFFER_LENGTH>()?;
    let length = u64::from(u32::from_be_bytes(*length));
    (1..=LONGEST).contains(&length).then_some(BUFFER_LENGTH as u64 + length)
}

/// Opens a buffer's token: of Kerberos (RFC 4121 4.2.6.2) where it is not sealed. What NTLM, DIGEST-MD5 and the older
/// Kerberos tokens hold is taken as sealed. The head of a token says whether it is; its end may be missing.
pub(super) fn unwrap(token: &[u8]) -> Wrap<'_> {
    const SEALED: u8 = 2;
    match token {
        [0x05, 0x04, flags, 0xFF, ec, ec_low, rrc, rrc_low, _, _, _, _, _, _, _, _, body @ ..]
            if flags & SEALED == 0 =>
        {
            let checksum = usize::from(u16::from_be_bytes([*ec, *ec_low]));
            let rotated = usize::from(u16::from_be_bytes([*rrc, *rrc_low]));
            let plain = match rotated {
                0 => body.get(..body.len().saturating_sub(checksum)),
                _ if rotated == checksum => body.get(checksum.min(body.len())..),
                _ => None,
            };
            plain.map_or(Wrap::Sealed, Wrap::Signed)
        }
        _ => Wrap::Sealed,
    }
}

/// Whether bytes begin a message that goes this way, or a SASL buffer.
pub(super) fn probe(bytes: &[u8], direction: Direction) -> Probe {
    match head(bytes) {
        Ok(head) if goes(head.op) == Some(direction) => Probe::Yes,
        Err(error) if error.is_short() => Probe::Maybe,
        Err(_) if bytes.first() == Some(&0) => probe_buffer(bytes),
        _ => Probe::No,
    }
}

fn probe_buffer(bytes: &[u8]) -> Probe {
    /// What tokens begin with: Kerberos, older Kerberos and SPNEGO, NTLM.
    const TOKENS: [&[u8]; 3] = [&[0x05, 0x04], &[0x60], &[0x01, 0, 0, 0]];
    let Some((_, token)) = bytes.split_first_chunk::<BUFFER_LENGTH>() else { return Probe::Maybe };
    if buffer(bytes).is_none() {
        return Probe::No;
    }
    if TOKENS.iter().any(|start| token.starts_with(start)) {
        return Probe::Yes;
    }
    if TOKENS.iter().any(|start| start.starts_with(token)) { Probe::Maybe } else { Probe::No }
}
