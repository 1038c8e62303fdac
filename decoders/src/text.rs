//! Bytes as text: what stands for text in messages, and identifiers that are shown as such.
//!
//! What is made here is not scrubbed: that is for who shows it to a person.

use std::borrow::Cow;

/// Bytes that should be UTF-8; what is none becomes U+FFFD. Nearly all are, and are read as they are: the library's own
/// way looks at each byte for what to replace.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Bytes in hex, lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    push_hex(&mut text, bytes);
    text
}

/// A UUID (RFC 9562 4), lower case; its first three fields are numbers, which Microsoft's protocols mostly send
/// little-endian ([MS-DTYP] 2.3.4.2).
pub(crate) fn uuid(time_low: u32, time_mid: u16, time_high: u16, [a, b, node @ ..]: [u8; 8]) -> String {
    let mut text = String::with_capacity(36);
    push_hex(&mut text, &time_low.to_be_bytes());
    for part in [&time_mid.to_be_bytes()[..], &time_high.to_be_bytes(), &[a, b], &node] {
        text.push('-');
        push_hex(&mut text, part);
    }
    text
}

/// An object identifier's content in dotted form (X.690 8.19); nothing where it is none, or holds an arc of more than 64
/// bits. Every logon and every certificate has several.
pub(crate) fn oid(content: &[u8]) -> Option<String> {
    if content.last().is_none_or(|last| last & 0x80 != 0) {
        return None;
    }
    let mut dotted = Vec::with_capacity(4 * content.len());
    let mut arc: u64 = 0;
    for byte in content {
        if arc > u64::MAX >> 7 {
            return None;
        }
        arc = (arc << 7) | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            if dotted.is_empty() {
                let root = (arc / 40).min(2);
                push_decimal(&mut dotted, root);
                arc -= root * 40;
            }
            dotted.push(b'.');
            push_decimal(&mut dotted, arc);
            arc = 0;
        }
    }
    String::from_utf8(dotted).ok()
}

fn push_decimal(text: &mut Vec<u8>, number: u64) {
    if number >= 10 {
        push_decimal(text, number / 10);
    }
    text.extend(u8::try_from(number % 10).map(|digit| b'0' + digit));
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0F)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_marked() {
        assert!(matches!(lossy("m\u{fc}nchen".as_bytes()), Cow::Borrowed("m\u{fc}nchen")));
        assert_eq!(lossy(b"m\xfcnchen"), "m\u{fffd}nchen");
    }

    #[test]
    fn object_identifiers_are_written_with_dots() {
        assert_eq!(oid(&[0x2B, 6, 1, 5, 5, 2]).as_deref(), Some("1.3.6.1.5.5.2"));
        assert_eq!(oid(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D]).as_deref(), Some("1.2.840.113549"));
        assert_eq!(oid(&[0x88, 0x37, 3]).as_deref(), Some("2.999.3"));
        assert_eq!(oid(&[0x2A, 0x86]), None, "an arc that does not end");
        assert_eq!(oid(&[0xFF; 20]), None, "an arc too large");
        assert_eq!(oid(&[]), None);
    }

    #[test]
    fn uuids_have_five_groups() {
        let rest = [0x9f, 0x75, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60];
        assert_eq!(uuid(0x4b32_4fc8, 0x1670, 0x01d3, rest), "4b324fc8-1670-01d3-9f75-08002b104860");
        assert_eq!(uuid(1, 2, 3, [0; 8]), "00000001-0002-0003-0000-000000000000");
    }
}
