//! Connection-oriented PDUs as they lie on the wire (C706 12.6, [MS-RPCE] 2.2.2).
//!
//! The data representation in each header says which byte order the rest of that PDU has.

use crate::error::{DecodeError, ErrorKind};
use crate::reader::Reader;
use crate::text::uuid;

pub(super) const PROTOCOL: &str = "dcerpc";
/// Bytes of the common header.
pub(super) const HEADER: usize = 16;
/// Bytes of the security trailer, without the token behind it.
const TRAILER: usize = 8;

/// PDU types.
pub(super) mod ptype {
    pub(in crate::dcerpc) const REQUEST: u8 = 0;
    pub(in crate::dcerpc) const RESPONSE: u8 = 2;
    pub(in crate::dcerpc) const FAULT: u8 = 3;
    pub(in crate::dcerpc) const BIND: u8 = 11;
    pub(in crate::dcerpc) const BIND_ACK: u8 = 12;
    pub(in crate::dcerpc) const BIND_NAK: u8 = 13;
    pub(in crate::dcerpc) const ALTER_CONTEXT: u8 = 14;
    pub(in crate::dcerpc) const ALTER_CONTEXT_RESP: u8 = 15;
    pub(in crate::dcerpc) const AUTH3: u8 = 16;
    pub(in crate::dcerpc) const SHUTDOWN: u8 = 17;
    pub(in crate::dcerpc) const CO_CANCEL: u8 = 18;
    pub(in crate::dcerpc) const ORPHANED: u8 = 19;
}

/// PFC_FIRST_FRAG.
const FIRST_FRAGMENT: u8 = 0x01;
/// PFC_OBJECT_UUID.
const OBJECT_UUID: u8 = 0x80;

/// The common header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) ptype: u8,
    flags: u8,
    pub(super) little: bool,
    /// Bytes of the whole fragment.
    pub(super) frag_len: u16,
    /// Bytes of the token behind the security trailer.
    auth_len: u16,
}

impl Header {
    /// Reads the common header, and refuses one that no association can hold.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(PROTOCOL, bytes);
        let [ptype, flags, format] = read_start(&mut reader)?;
        let [frag_len, auth_len] = [reader.array::<2>("frag length")?, reader.array::<2>("auth length")?];
        reader.skip("call id", 4)?;
        let little = format & 0x10 != 0;
        let number = |bytes| if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) };
        let header = Self { ptype, flags, little, frag_len: number(frag_len), auth_len: number(auth_len) };
        let trailer = if header.auth_len == 0 { 0 } else { TRAILER + usize::from(header.auth_len) };
        if header.len() < smallest(ptype) + trailer {
            let kind = ErrorKind::Value(header.frag_len.into());
            return Err(DecodeError::new(PROTOCOL, "frag length", 8, kind));
        }
        Ok(header)
    }

    /// Bytes of the whole fragment.
    pub(super) fn len(self) -> usize {
        usize::from(self.frag_len)
    }

    /// Offset where the security trailer begins; the length where there is none.
    pub(super) fn before_auth(self) -> usize {
        let trailer = if self.auth_len == 0 { 0 } else { TRAILER + usize::from(self.auth_len) };
        self.len().saturating_sub(trailer)
    }

    /// Whether a call begins with this fragment.
    pub(super) const fn is_first(self) -> bool {
        self.flags & FIRST_FRAGMENT != 0
    }

    /// Offset of a request's stub data.
    pub(super) const fn stub(self) -> usize {
        if self.flags & OBJECT_UUID == 0 { 24 } else { 40 }
    }

    /// The security trailer of a whole fragment, if it has one.
    pub(super) fn auth(self, fragment: &[u8]) -> Option<Auth<'_>> {
        if self.auth_len == 0 {
            return None;
        }
        let mut reader = Reader::new(PROTOCOL, fragment.get(self.before_auth()..self.len())?);
        let [kind, level, ..] = reader.array::<TRAILER>("security trailer").ok()?;
        Some(Auth { kind, level, token: reader.rest() })
    }
}

/// PDU type, flags and number format: what begins every header, checked as far as it can be wrong.
pub(super) fn read_start(reader: &mut Reader<'_>) -> Result<[u8; 3], DecodeError> {
    let [version, minor, ptype, flags] = reader.array("version")?;
    let [format, float, spare @ ..] = reader.array::<4>("data representation")?;
    if version != 5 || minor > 1 {
        let value = u64::from(version) << 8 | u64::from(minor);
        return Err(DecodeError::new(PROTOCOL, "version", 0, ErrorKind::Value(value)));
    }
    if matches!(ptype, 1 | 4..=10) || ptype > ptype::ORPHANED {
        return Err(DecodeError::new(PROTOCOL, "ptype", 2, ErrorKind::Value(ptype.into())));
    }
    if format & 0xEE != 0 || float > 3 || spare != [0; 2] {
        return Err(DecodeError::new(PROTOCOL, "data representation", 4, ErrorKind::Value(format.into())));
    }
    Ok([ptype, flags, format])
}

/// Whether only the client sends a type; the others come from the server.
pub(super) const fn is_from_client(ptype: u8) -> bool {
    matches!(
        ptype,
        ptype::REQUEST
            | ptype::BIND
            | ptype::ALTER_CONTEXT
            | ptype::AUTH3
            | ptype::CO_CANCEL
            | ptype::ORPHANED
    )
}

/// The least that a fragment of a type can be long.
const fn smallest(ptype: u8) -> usize {
    match ptype {
        ptype::REQUEST | ptype::RESPONSE => 24,
        ptype::BIND | ptype::ALTER_CONTEXT | ptype::FAULT => 28,
        ptype::BIND_ACK | ptype::ALTER_CONTEXT_RESP => 26,
        _ => HEADER,
    }
}

/// The security trailer and the token behind it ([MS-RPCE] 2.2.2.11).
#[derive(Clone, Copy, Debug)]
pub(super) struct Auth<'a> {
    pub(super) kind: u8,
    pub(super) level: u8,
    pub(super) token: &'a [u8],
}

/// A reader in the byte order of one PDU.
pub(super) struct Ordered<'a> {
    reader: Reader<'a>,
    little: bool,
}

impl<'a> Ordered<'a> {
    pub(super) const fn new(bytes: &'a [u8], little: bool) -> Self {
        Self { reader: Reader::new(PROTOCOL, bytes), little }
    }

    pub(super) fn skip(&mut self, field: &'static str, count: usize) -> Result<(), DecodeError> {
        self.reader.skip(field, count)
    }

    /// Passes over padding up to a multiple of `boundary` from the start of the bytes.
    pub(super) fn align(&mut self, field: &'static str, boundary: usize) -> Result<(), DecodeError> {
        self.skip(field, self.reader.position().next_multiple_of(boundary) - self.reader.position())
    }

    pub(super) fn take(&mut self, field: &'static str, count: usize) -> Result<&'a [u8], DecodeError> {
        self.reader.take(field, count)
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.reader.u8(field)
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        if self.little { self.reader.u16_le(field) } else { self.reader.u16_be(field) }
    }

    pub(super) fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        if self.little { self.reader.u32_le(field) } else { self.reader.u32_be(field) }
    }

    /// A size in NDR (4 bytes) or NDR64 (8 bytes).
    pub(super) fn size(&mut self, field: &'static str, wide: bool) -> Result<u64, DecodeError> {
        if !wide {
            return self.u32(field).map(u64::from);
        }
        let (first, second) = (self.u32(field)?, self.u32(field)?);
        let (low, high) = if self.little { (first, second) } else { (second, first) };
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    /// A UUID in lower case: its first three fields are numbers in the PDU's byte order.
    pub(super) fn uuid(&mut self, field: &'static str) -> Result<String, DecodeError> {
        let (first, second, third) = (self.u32(field)?, self.u16(field)?, self.u16(field)?);
        Ok(uuid(first, second, third, self.reader.array(field)?))
    }
}
