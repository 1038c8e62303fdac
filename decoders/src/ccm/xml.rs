//! A bounded pull through one XML document, element by element.
//!
//! It is not a DOM: nothing but the elements that are open at the moment is kept. Document types and entities other
//! than the five of XML itself are refused, so nothing ever expands. Names compare without regard to case, because
//! senders disagree about it (`ProcessId`, `ProcessID`), and without a prefix: these documents use no namespaces, so
//! one that comes with them says the same.

use std::cell::Cell;
use std::ops::Range;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;

/// Bytes of character data kept of one element: a certificate of 16384 bits with its extensions, in hex, fits.
/// Structural, not a matter of taste: whatever is longer is no field of these messages.
const ELEMENT_TEXT: usize = 64 << 10;

/// What sees the elements of a document.
pub(super) trait Visit {
    /// An element begins: its attributes are known, its text is not.
    fn open(&mut self, _: &Element<'_>) {}
    /// An element has ended: attributes, text and extent are known.
    fn close(&mut self, _: &Element<'_>) {}
}

/// One element that is open, or has just ended.
struct Frame {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    start: usize,
}

/// An element as a visitor sees it, with those it stands in.
pub(super) struct Element<'a> {
    open: &'a [Frame],
    end: usize,
    out: &'a Events,
    full: &'a Cell<bool>,
}

impl Element<'_> {
    fn frame(&self, up: usize) -> Option<&Frame> {
        self.open.iter().rev().nth(up)
    }

    /// How many elements are open, this one included; the root is 1.
    pub(super) const fn depth(&self) -> usize {
        self.open.len()
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.frame(0).map_or("", |frame| &frame.name)
    }

    /// Whether it is called so.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Whether the element it stands in is called so.
    pub(super) fn is_in(&self, parent: &str) -> bool {
        self.frame(1).is_some_and(|frame| frame.name.eq_ignore_ascii_case(parent))
    }

    /// Whether the element around the one it stands in is called so.
    pub(super) fn is_two_below(&self, name: &str) -> bool {
        self.frame(2).is_some_and(|frame| frame.name.eq_ignore_ascii_case(name))
    }

    /// An attribute, as sent.
    pub(super) fn raw_attribute(&self, name: &str) -> Option<&str> {
        attribute(self.frame(0)?, name)
    }

    /// An attribute, cut for an event.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.raw_attribute(name).map(|value| self.out.text(value))
    }

    /// Values of all its attributes.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.frame(0).into_iter().flat_map(|frame| frame.attributes.iter().map(|(_, value)| value.as_str()))
    }

    /// Its own character data without surrounding space, as sent.
    pub(super) fn raw_text(&self) -> &str {
        self.frame(0).map_or("", |frame| frame.text.trim())
    }

    /// Its own character data, cut for an event.
    pub(super) fn text(&self) -> Option<String> {
        let text = self.raw_text();
        (!text.is_empty()).then(|| self.out.text(text))
    }

    /// A value that senders put either into the text or into the attribute `Value`.
    pub(super) fn value(&self) -> Option<&str> {
        let text = self.raw_text();
        if text.is_empty() { self.raw_attribute("Value") } else { Some(text) }
    }

    /// Whether it has text, or attributes other than `Name`.
    pub(super) fn holds_more_than_name(&self) -> bool {
        let named = usize::from(self.raw_attribute("Name").is_some());
        !self.raw_text().is_empty() || self.values().count() > named
    }

    /// Cuts text for an event.
    pub(super) fn cut(&self, text: &str) -> String {
        self.out.text(text)
    }

    /// Whether a list of an event that has so many items may take one more. Where not, the document's reading ends in
    /// an error that says so, after all of it was shown.
    pub(super) fn has_room(&self, items: usize) -> bool {
        let room = items < self.out.limits.list_items;
        if !room {
            self.full.set(true);
        }
        room
    }

    /// Where it stands in the document, both tags included, in bytes of the decoded text. Empty before it has ended.
    pub(super) fn span(&self) -> Range<usize> {
        self.frame(0).map_or(0..0, |frame| frame.start..self.end.max(frame.start))
    }
}

fn attribute<'a>(frame: &'a Frame, name: &str) -> Option<&'a str> {
    let found = frame.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// Reads a document. What was seen before an error has been shown to the visitor.
pub(super) fn read(text: &str, out: &Events, visit: &mut dyn Visit) -> Result<(), DecodeError> {
    let mut pull = Pull {
        reader: Reader::from_str(text),
        open: Vec::new(),
        nodes: 0,
        rooted: false,
        out,
        full: Cell::new(false),
    };
    while pull.step(visit)? {}
    Ok(())
}

struct Pull<'a> {
    reader: Reader<&'a [u8]>,
    open: Vec<Frame>,
    nodes: usize,
    rooted: bool,
    out: &'a Events,
    /// A list of the event was full.
    full: Cell<bool>,
}

impl Pull<'_> {
    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn error(&self, kind: ErrorKind) -> DecodeError {
        DecodeError::new("ccm", "xml", self.position(), kind)
    }

    fn step(&mut self, visit: &mut dyn Visit) -> Result<bool, DecodeError> {
        let start = self.position();
        let event =
            self.reader.read_event().map_err(|_| self.error(ErrorKind::Unexpected("well-formed xml")))?;
        match event {
            Event::Start(tag) => self.open(&tag, start, visit)?,
            Event::Empty(tag) => {
                self.open(&tag, start, visit)?;
                self.close(visit);
            }
            Event::End(_) => self.close(visit),
            Event::Text(text) => self.text(&text)?,
            Event::CData(text) => self.text(&text)?,
            Event::GeneralRef(reference) => self.reference(&reference)?,
            Event::DocType(_) => return Err(self.error(ErrorKind::Unexpected("no document type"))),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => self.count(1)?,
            Event::Eof => return self.end(),
        }
        Ok(true)
    }

    fn end(&self) -> Result<bool, DecodeError> {
        if self.rooted && self.open.is_empty() {
            return if self.full.get() { Err(self.error(ErrorKind::Limit("list_items"))) } else { Ok(false) };
        }
        Err(self.error(ErrorKind::Unexpected(if self.rooted { "closing tag" } else { "root element" })))
    }

    fn count(&mut self, nodes: usize) -> Result<(), DecodeError> {
        self.nodes += nodes;
        if self.nodes > self.out.limits.xml_nodes {
            return Err(self.error(ErrorKind::Limit("xml_nodes")));
        }
        Ok(())
    }

    fn open(&mut self, tag: &BytesStart<'_>, start: usize, visit: &mut dyn Visit) -> Result<(), DecodeError> {
        if self.open.is_empty() && self.rooted {
            return Err(self.error(ErrorKind::Unexpected("one root element")));
        }
        if self.open.len() >= self.out.limits.xml_depth {
            return Err(self.error(ErrorKind::Limit("xml_depth")));
        }
        self.count(1)?;
        self.rooted = true;
        let mut attributes = Vec::new();
        // The check for repeated names costs the square of their number.
        for attribute in tag.attributes().with_checks(false) {
            self.count(1)?;
            let attribute = attribute.map_err(|_| self.error(ErrorKind::Unexpected("attribute")))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| self.error(ErrorKind::Unexpected("no custom entity")))?;
            attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        let name = tag.local_name().as_ref().to_owned();
        self.open.push(Frame { name, attributes, text: String::new(), start });
        visit.open(&Element { open: &self.open, end: 0, out: self.out, full: &self.full });
        Ok(())
    }

    fn close(&mut self, visit: &mut dyn Visit) {
        visit.close(&Element { open: &self.open, end: self.position(), out: self.out, full: &self.full });
        self.open.pop();
    }

    fn text(&mut self, text: &str) -> Result<(), DecodeError> {
        let Some(frame) = self.open.last_mut() else {
            let blank = text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty();
            return if blank {
                Ok(())
            } else {
                Err(self.error(ErrorKind::Unexpected("no text outside the root")))
            };
        };
        let mut room = ELEMENT_TEXT.saturating_sub(frame.text.len()).min(text.len());
        while !text.is_char_boundary(room) {
            room -= 1;
        }
        frame.text.push_str(text.get(..room).unwrap_or_default());
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), DecodeError> {
        self.count(1)?;
        let character =
            reference.resolve_char_ref().map_err(|_| self.error(ErrorKind::Unexpected("character")))?;
        if let Some(character) = character {
            return self.text(character.encode_utf8(&mut [0; 4]));
        }
        let known = quick_xml::escape::resolve_predefined_entity(reference);
        let known = known.ok_or_else(|| self.error(ErrorKind::Unexpected("no custom entity")))?;
        self.text(known)
    }
}
