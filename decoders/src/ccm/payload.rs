//! Payloads: what their bytes are (CMS, zlib, text), inflated under a bound, and the text in them.
//!
//! It does not decrypt: an EnvelopedData is recognised and left alone. Attachments behind the first text (inventory
//! reports) are counted out, not read.

use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::event::Compression;
use crate::error::{DecodeError, ErrorKind};
use crate::reader::utf16_le;
use crate::text::lossy;

/// Object identifier of CMS EnvelopedData, 1.2.840.113549.1.7.3, as DER (RFC 5652 6.1).
const ENVELOPED_DATA: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x03];

/// Whether the bytes are a CMS EnvelopedData: a SEQUENCE that begins with its object identifier.
pub(super) fn is_enveloped(bytes: &[u8]) -> bool {
    let [0x30, length, ..] = bytes else { return false };
    // Definite lengths of up to four bytes, or the indefinite form.
    let more = if *length & 0x80 == 0 { 0 } else { usize::from(*length & 0x7F) };
    more <= 4 && bytes.get(2 + more..).is_some_and(|content| content.starts_with(ENVELOPED_DATA))
}

/// Whether the bytes begin as a zlib stream does (RFC 1950 2.2).
pub(super) fn is_zlib(bytes: &[u8]) -> bool {
    let [method, flags, ..] = *bytes else { return false };
    method & 0x0F == 8
        && method >> 4 <= 7
        && flags & 0x20 == 0
        && u16::from_be_bytes([method, flags]).is_multiple_of(31)
}

/// How a payload is compressed, by its bytes and by the hooks of its message. The bytes decide: a hook is only a claim.
pub(super) fn compression(bytes: &[u8], hooks: &[String]) -> Compression {
    let named = |name: &str| hooks.iter().any(|hook| hook.eq_ignore_ascii_case(name));
    if is_zlib(bytes) || (named("zlib-compress") && !starts_as_text(bytes)) {
        Compression::Zlib
    } else if named("compress") && !starts_as_text(bytes) {
        Compression::Other
    } else {
        Compression::None
    }
}

fn starts_as_text(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [] | [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'<', ..] | [0, b'<', ..] | [0xEF, 0xBB, 0xBF, ..]
    )
}

/// What inflating gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inflated {
    /// The bytes, as far as they go.
    pub(super) bytes: Vec<u8>,
    /// Why they do not go to the end.
    pub(super) error: Option<DecodeError>,
}

/// Inflates a zlib stream to at most `most` bytes.
pub(super) fn inflate(bytes: &[u8], most: usize) -> Inflated {
    let mut inflated = Vec::new();
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let end = ZlibDecoder::new(bytes).take(bound).read_to_end(&mut inflated);
    let error = if inflated.len() > most {
        inflated.truncate(most);
        Some(ErrorKind::Limit("inflated"))
    } else {
        end.err().map(|_| ErrorKind::Unexpected("zlib stream"))
    };
    Inflated {
        error: error.map(|kind| DecodeError::new("ccm", "payload", inflated.len(), kind)),
        bytes: inflated,
    }
}

/// Whether the bytes are text of a document, compressed or not, whatever is said of them.
pub(super) fn is_readable(bytes: &[u8], compression: Compression) -> bool {
    /// Octets that are enough to tell.
    const BEGINNING: usize = 64;
    let inflated = match compression {
        Compression::None => None,
        Compression::Zlib => Some(inflate(bytes, BEGINNING).bytes),
        Compression::Other => return false,
    };
    let plain = inflated.as_deref().unwrap_or(bytes);
    let beginning = plain.get(..BEGINNING).unwrap_or(plain);
    text(beginning).is_ok_and(|text| text.trim_start().starts_with('<'))
}

/// The first text of a payload: to the NUL that ends it, without byte order mark.
pub(super) fn text(bytes: &[u8]) -> Result<String, DecodeError> {
    match bytes {
        [] => Err(DecodeError::new("ccm", "payload", 0, ErrorKind::Short { need: 1, have: 0 })),
        [0xFF, 0xFE, rest @ ..] => Ok(utf16(rest, utf16_le)),
        [0xFE, 0xFF, rest @ ..] => Ok(utf16(rest, utf16_be)),
        [0xEF, 0xBB, 0xBF, rest @ ..] => Ok(eight_bit(rest)),
        [first, 0, ..] if *first != 0 => Ok(utf16(bytes, utf16_le)),
        [0, second, ..] if *second != 0 => Ok(utf16(bytes, utf16_be)),
        [first, ..] if *first == b'<' || first.is_ascii_whitespace() => Ok(eight_bit(bytes)),
        _ => Err(DecodeError::new("ccm", "payload", 0, ErrorKind::Unexpected("xml text"))),
    }
}

fn utf16(bytes: &[u8], decode: fn(&[u8]) -> String) -> String {
    let units = bytes.chunks_exact(2).take_while(|pair| *pair != [0, 0]).count();
    let mut text = decode(bytes.get(..units * 2).unwrap_or_default());
    // The raw CR LF after a text is one character of UTF-16, where no NUL stood before it.
    if text.ends_with('\u{0A0D}') {
        text.pop();
    }
    text
}

fn utf16_be(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn eight_bit(bytes: &[u8]) -> String {
    let end = memmem::find(bytes, &[0]).unwrap_or(bytes.len());
    lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}
