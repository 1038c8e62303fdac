//! Names in a message: labels, and pointers to labels that stand before (RFC 1035 3.1, 4.1.4).

use crate::error::{DecodeError, ErrorKind};
use crate::reader::Reader;

/// Labels of the longest name there can be: 255 bytes of one-byte labels (RFC 1035 2.3.4).
const MAX_LABELS: usize = 128;

/// A name that was read to its end. Where somebody wants its labels they are walked once more: of most names nobody
/// does.
#[derive(Clone, Debug)]
pub(crate) struct Name<'a> {
    start: Reader<'a>,
    /// Bytes of its text, with a dot behind each label.
    len: usize,
}

impl<'a> Name<'a> {
    /// Reads a name; the reader goes behind it.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let start = reader.clone();
        let mut len = 0;
        walk(reader, |label| len += label.len() + 1)?;
        Ok(Self { start, len })
    }

    /// The first label; nothing of the root.
    pub(crate) fn first(&self) -> &'a [u8] {
        let mut first = None;
        self.each(|label| {
            first.get_or_insert(label);
        });
        first.unwrap_or_default()
    }

    /// Its labels as text with dots between; bytes that are no text become U+FFFD.
    pub(crate) fn dotted(&self) -> String {
        let mut text = Vec::with_capacity(self.len);
        self.each(|label| {
            if !text.is_empty() {
                text.push(b'.');
            }
            text.extend_from_slice(label);
        });
        String::from_utf8(text).unwrap_or_else(|none| String::from_utf8_lossy(none.as_bytes()).into_owned())
    }

    fn each(&self, label: impl FnMut(&'a [u8])) {
        // It could be walked before.
        let _ = walk(&mut self.start.clone(), label);
    }
}

/// Goes through a name's labels, compression pointers followed. Pointers must go back, so that they end.
fn walk<'a>(reader: &mut Reader<'a>, mut each: impl FnMut(&'a [u8])) -> Result<(), DecodeError> {
    let mut elsewhere: Option<Reader<'a>> = None;
    let mut lowest = reader.position();
    let mut labels = 0;
    loop {
        let cursor = elsewhere.as_mut().unwrap_or(reader);
        let length = cursor.u8("name")?;
        match length {
            0 => return Ok(()),
            1..=0x3F => {
                each(cursor.take("label", usize::from(length))?);
                labels += 1;
            }
            0xC0.. => {
                let low = cursor.u8("name pointer")?;
                let target = usize::from(u16::from_be_bytes([length & 0x3F, low]));
                if target >= lowest {
                    return Err(cursor.error("name pointer", ErrorKind::Value(target as u64)));
                }
                lowest = target;
                let mut jumped = cursor.restarted();
                jumped.skip("name pointer", target)?;
                elsewhere = Some(jumped);
            }
            _ => return Err(cursor.error("label length", ErrorKind::Value(u64::from(length)))),
        }
        if labels > MAX_LABELS {
            return Err(reader.error("name", ErrorKind::Limit("labels")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_joined_and_what_is_no_text_is_replaced() {
        let bytes = b"\x03www\x02\xC3\xA9\x02\xFFx\0\xC0\x04\xC0\x09";
        let mut reader = Reader::new("dns", bytes);
        let name = Name::read(&mut reader).unwrap();
        assert_eq!((name.dotted().as_str(), name.first()), ("www.é.\u{FFFD}x", &b"www"[..]));
        let name = Name::read(&mut reader).unwrap();
        assert_eq!((name.dotted().as_str(), reader.left()), ("é.\u{FFFD}x", 2), "a pointer into it");
        let root = Name::read(&mut Reader::new("dns", b"\0")).unwrap();
        assert_eq!((root.dotted().as_str(), root.first()), ("", &b""[..]));
    }

    #[test]
    fn pointers_go_back_and_names_end() {
        for (name, bytes) in [("to itself", &b"\xC0\0"[..]), ("forwards", b"\xC0\x02\0"), ("cut", b"\x03ww")]
        {
            assert!(Name::read(&mut Reader::new("dns", bytes)).is_err(), "{name}");
        }
        let long = [&b"\x01x".repeat(MAX_LABELS + 1)[..], b"\0"].concat();
        assert!(Name::read(&mut Reader::new("dns", &long)).is_err());
        assert!(Name::read(&mut Reader::new("dns", &long[2..])).is_ok());
    }
}
