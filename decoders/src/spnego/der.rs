//! A bounded reader of DER elements, for SPNEGO and Kerberos.
//!
//! It is not a general ASN.1 library, and deliberately not one: those want an element whole, while a blob that the
//! capture or the sender cut short still says which mechanisms were offered or which ticket was asked for. So an
//! element whose length runs past the end is handed over as far as it goes, and the first such trouble is noted
//! beside what was read. Tags above 30 and indefinite lengths, which neither protocol uses, are refused.

use std::cell::Cell;

use crate::error::{DecodeError, ErrorKind};
use crate::limits::Limits;
use crate::text::{lossy, oid};

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0A;
pub(crate) const SEQUENCE: u8 = 0x30;

/// The first thing that was wrong with a message; later ones are mostly its consequences.
#[derive(Debug, Default)]
pub(crate) struct Trouble(Cell<Option<DecodeError>>);

impl Trouble {
    pub(crate) fn note(&self, error: DecodeError) {
        self.0.set(self.0.get().or(Some(error)));
    }

    pub(crate) const fn get(&self) -> Option<DecodeError> {
        self.0.get()
    }
}

/// One element: its tag and as much of its content as is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    /// Whether the length says more than there is.
    pub(crate) cut: bool,
    /// Offset of the tag in the message.
    pub(crate) start: usize,
    /// Offset of the content in the message.
    offset: usize,
}

impl Element<'_> {
    /// INTEGER and ENUMERATED of up to eight bytes, signed.
    pub(crate) fn integer(&self) -> Option<i64> {
        let (&first, _) = self.content.split_first()?;
        if self.cut || self.content.len() > 8 || !matches!(self.tag, INTEGER | ENUMERATED) {
            return None;
        }
        let sign = if first & 0x80 == 0 { 0 } else { -1 };
        Some(self.content.iter().fold(sign, |value, byte| (value << 8) | i64::from(*byte)))
    }

    /// A string of any type.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        lossy(self.content)
    }

    /// OBJECT IDENTIFIER in dotted form.
    pub(crate) fn oid(&self) -> Option<String> {
        if self.cut || self.tag != OID { None } else { oid(self.content) }
    }
}

/// Reads the elements that stand side by side at one level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Der<'a, 't> {
    protocol: &'static str,
    bytes: &'a [u8],
    position: usize,
    /// Offset of `bytes` in the message.
    base: usize,
    depth_left: usize,
    trouble: &'t Trouble,
}

impl<'a, 't> Der<'a, 't> {
    pub(crate) const fn new(
        protocol: &'static str,
        bytes: &'a [u8],
        limits: &Limits,
        trouble: &'t Trouble,
    ) -> Self {
        Self { protocol, bytes, position: 0, base: 0, depth_left: limits.der_depth, trouble }
    }

    /// The next element of this level; none at its end, or where nothing can be read any more.
    pub(crate) fn next(&mut self, field: &'static str) -> Option<Element<'a>> {
        let rest = self.bytes.get(self.position..)?;
        let (&tag, after_tag) = rest.split_first()?;
        let start = self.base + self.position;
        if tag & 0x1F == 0x1F {
            return self.stop(field, start, ErrorKind::Unexpected("tag number below 31"));
        }
        let Some((&first, after_first)) = after_tag.split_first() else {
            return self.stop(field, start, ErrorKind::Short { need: 2, have: 1 });
        };
        let count = if first < 0x80 { 0 } else { usize::from(first & 0x7F) };
        if first == 0x80 || count > 4 {
            return self.stop(field, start, ErrorKind::Unexpected("definite length of at most four bytes"));
        }
        let Some(length) = after_first.get(..count) else {
            return self.stop(field, start, ErrorKind::Short { need: 2 + count, have: rest.len() });
        };
        let long = length.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
        let length = if count == 0 { usize::from(first) } else { long };
        let here = after_first.get(count..).unwrap_or_default();
        let offset = start + 2 + count;
        let content = here.get(..length);
        if content.is_none() {
            let kind = ErrorKind::Short { need: length, have: here.len() };
            self.trouble.note(DecodeError::new(self.protocol, field, offset, kind));
        }
        let cut = content.is_none();
        let content = content.unwrap_or(here);
        self.position += 2 + count + content.len();
        Some(Element { tag, content, cut, start, offset })
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect(&mut self, field: &'static str, tag: u8) -> Option<Element<'a>> {
        let element = self.next(field)?;
        if element.tag == tag {
            return Some(element);
        }
        self.stop(field, element.start, ErrorKind::Unexpected("another tag"))
    }

    /// A reader of what is inside an element; an empty one where elements are nested too deep.
    pub(crate) fn inside(&self, element: &Element<'a>) -> Self {
        let depth_left = self.depth_left.saturating_sub(1);
        let mut bytes = element.content;
        if depth_left == 0 {
            bytes = &[];
            self.note("nesting", element.start, ErrorKind::Limit("der_depth"));
        }
        Self { bytes, position: 0, base: element.offset, depth_left, ..*self }
    }

    /// The one element inside an explicit tag.
    pub(crate) fn inner(&self, element: &Element<'a>, field: &'static str) -> Option<Element<'a>> {
        self.inside(element).next(field)
    }

    /// A reader of the sequence inside an explicit tag.
    pub(crate) fn sequence(&self, element: &Element<'a>, field: &'static str) -> Self {
        let mut inside = self.inside(element);
        match inside.expect(field, SEQUENCE) {
            Some(sequence) => inside.inside(&sequence),
            None => Self { bytes: &[], position: 0, ..inside },
        }
    }

    /// The bytes of this level not yet read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// Notes something wrong with a field at an offset of the message.
    pub(crate) fn note(&self, field: &'static str, offset: usize, kind: ErrorKind) {
        self.trouble.note(DecodeError::new(self.protocol, field, offset, kind));
    }

    fn stop(&mut self, field: &'static str, offset: usize, kind: ErrorKind) -> Option<Element<'a>> {
        self.note(field, offset, kind);
        self.position = self.bytes.len();
        None
    }
}
