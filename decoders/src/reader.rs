//! A cursor over received bytes that cannot run past its end.
//!
//! After the reader in rustls: nested structures are bounded with [`Reader::sub`], so that a lying inner length
//! cannot escape its parent, and every read names the field it is for, so that an error can say what was short.

use crate::error::{DecodeError, ErrorKind};

/// A cursor over a message of one protocol.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    protocol: &'static str,
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Reads `bytes` from the start; `protocol` goes into errors.
    #[must_use]
    pub const fn new(protocol: &'static str, bytes: &'a [u8]) -> Self {
        Self { protocol, bytes, position: 0 }
    }

    /// The offset of the next byte.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.position)
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.left() == 0
    }

    /// All bytes of the message, read or not.
    #[must_use]
    pub const fn whole(&self) -> &'a [u8] {
        self.bytes
    }

    /// The same message, read from its start.
    #[must_use]
    pub const fn restarted(&self) -> Self {
        Self::new(self.protocol, self.bytes)
    }

    /// The bytes not yet read; the cursor goes to the end.
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        self.position = self.bytes.len();
        rest
    }

    /// The next `count` bytes.
    pub fn take(&mut self, field: &'static str, count: usize) -> Result<&'a [u8], DecodeError> {
        let end = self.position.checked_add(count);
        match end.and_then(|end| self.bytes.get(self.position..end)) {
            Some(taken) => {
                self.position += count;
                Ok(taken)
            }
            None => Err(self.short(field, count)),
        }
    }

    /// Passes over `count` bytes.
    pub fn skip(&mut self, field: &'static str, count: usize) -> Result<(), DecodeError> {
        self.take(field, count).map(drop)
    }

    /// The next bytes as an array.
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(field, N)?);
        Ok(array)
    }

    /// One byte.
    pub fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.array::<1>(field).map(|[byte]| byte)
    }

    /// Two bytes, little-endian.
    pub fn u16_le(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.array(field).map(u16::from_le_bytes)
    }

    /// Four bytes, little-endian.
    pub fn u32_le(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_le_bytes)
    }

    /// Eight bytes, little-endian.
    pub fn u64_le(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.array(field).map(u64::from_le_bytes)
    }

    /// Two bytes, big-endian.
    pub fn u16_be(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.array(field).map(u16::from_be_bytes)
    }

    /// Four bytes, big-endian.
    pub fn u32_be(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_be_bytes)
    }

    /// A reader of the next `count` bytes alone.
    pub fn sub(&mut self, field: &'static str, count: usize) -> Result<Self, DecodeError> {
        Ok(Self::new(self.protocol, self.take(field, count)?))
    }

    /// The `len` bytes at `offset` of the whole message, wherever the cursor is: for offset tables as in SMB2 and
    /// NTLMSSP. A zero length gives no bytes whatever the offset says.
    pub fn at(&self, field: &'static str, offset: usize, len: usize) -> Result<&'a [u8], DecodeError> {
        if len == 0 {
            return Ok(&[]);
        }
        let range = offset.checked_add(len).and_then(|end| self.bytes.get(offset..end));
        range.ok_or_else(|| {
            let have = self.bytes.len().saturating_sub(offset);
            DecodeError::new(self.protocol, field, offset, ErrorKind::Short { need: len, have })
        })
    }

    /// An error for the field that begins at the cursor.
    #[must_use]
    pub fn error(&self, field: &'static str, kind: ErrorKind) -> DecodeError {
        DecodeError::new(self.protocol, field, self.position, kind)
    }

    fn short(&self, field: &'static str, need: usize) -> DecodeError {
        self.error(field, ErrorKind::Short { need, have: self.left() })
    }
}

/// UTF-16LE as text; unpaired surrogates become U+FFFD and an odd last byte is dropped.
#[must_use]
pub fn utf16_le(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2);
    text.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_read_names_field_need_and_have() {
        let mut reader = Reader::new("smb2", &[1, 2, 3]);
        assert_eq!(reader.u16_le("flags").unwrap(), 0x0201);
        let error = reader.u32_le("tree id").unwrap_err();
        assert_eq!(error.to_string(), "smb2: tree id at byte 2: need 4 bytes, have 1");
        assert_eq!(reader.left(), 1, "a failed read takes nothing");
    }

    #[test]
    fn offset_tables_cannot_point_outside() {
        let reader = Reader::new("ntlmssp", &[0; 16]);
        assert!(reader.at("user name", 12, 4).is_ok());
        assert!(reader.at("user name", 13, 4).is_err());
        assert!(reader.at("user name", usize::MAX, 2).is_err());
        assert_eq!(reader.at("user name", 99, 0).unwrap(), b"");
    }

    #[test]
    fn utf16_survives_broken_surrogates_and_odd_lengths() {
        assert_eq!(utf16_le(&[0x41, 0, 0x00, 0xD8, 0x42, 0, 0x43]), "A\u{FFFD}B");
    }
}
