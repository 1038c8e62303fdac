//! Search filters (RFC 4511 4.5.1.7): what they ask about, and their text (RFC 4515).
//!
//! Nothing here finds out whether an entry would match.

use std::fmt::Write as _;

use crate::events::Events;
use crate::spnego::der::{Der, Element};

/// Attributes whose values are passwords; a filter that compares with one is told without it.
const PASSWORDS: [&[u8]; 5] =
    [b"userPassword", b"unicodePwd", b"dBCSPwd", b"ms-Mcs-AdmPwd", b"msLAPS-Password"];

/// What a filter asks about, and how it reads.
pub(super) struct Filter<'e> {
    out: &'e Events,
    /// Attribute descriptions, each once, in order.
    pub(super) attributes: Vec<String>,
    /// What objectClass and objectCategory are compared with, each once, in order.
    pub(super) classes: Vec<String>,
    text: String,
    /// Something could not be read, or was nested too deep: what is left would be another filter.
    partial: bool,
    /// It holds a password, so that its bytes may not be shown.
    pub(super) secret: bool,
}

impl<'e> Filter<'e> {
    /// Reads a filter, at this level of its message.
    pub(super) fn read(out: &'e Events, level: &Der<'_, '_>, filter: &Element<'_>) -> Self {
        let (attributes, classes) = (Vec::new(), Vec::new());
        let mut read = Self { out, attributes, classes, text: String::new(), partial: false, secret: false };
        read.walk(level, filter);
        read
    }

    /// The text, cut as all text is; empty where the filter could not be read to its end.
    pub(super) fn into_text(self) -> String {
        if self.partial { String::new() } else { self.out.text(&self.text) }
    }

    /// Walks one filter and those inside it; the reader bounds how deep that goes.
    fn walk(&mut self, level: &Der<'_, '_>, filter: &Element<'_>) {
        self.partial |= filter.cut;
        self.write("(");
        match filter.tag {
            0xA0 => self.set(level, filter, "&"),
            0xA1 => self.set(level, filter, "|"),
            0xA2 => self.set(level, filter, "!"),
            0xA3 => self.comparison(level, filter, "="),
            0xA4 => self.substrings(level, filter),
            0xA5 => self.comparison(level, filter, ">="),
            0xA6 => self.comparison(level, filter, "<="),
            // present
            0x87 => {
                self.attribute(filter);
                self.write("=*");
            }
            0xA8 => self.comparison(level, filter, "~="),
            0xA9 => self.extensible(level, filter),
            _ => self.partial = true,
        }
        self.write(")");
    }

    /// and, or, not.
    fn set(&mut self, level: &Der<'_, '_>, filter: &Element<'_>, sign: &str) {
        self.write(sign);
        let mut inside = level.inside(filter);
        // Too deep, the reader gives an empty level for one that is not; RFC 4526 knows real ones.
        self.partial |= inside.rest().is_empty() && !filter.content.is_empty();
        while !inside.rest().is_empty() {
            match inside.next("filter") {
                Some(filter) => self.walk(&inside, &filter),
                None => self.partial = true,
            }
        }
    }

    /// equalityMatch, greaterOrEqual, lessOrEqual, approxMatch.
    fn comparison(&mut self, level: &Der<'_, '_>, filter: &Element<'_>, sign: &str) {
        let mut inside = level.inside(filter);
        let Some((name, value)) = inside.next("attribute description").zip(inside.next("assertion value"))
        else {
            self.partial = true;
            return;
        };
        self.attribute(&name);
        self.write(sign);
        self.value(name.content, &value);
        let class = [b"objectclass".as_slice(), b"objectcategory"];
        if filter.tag == 0xA3 && class.iter().any(|class| name.content.eq_ignore_ascii_case(class)) {
            keep(&mut self.classes, &value, self.out);
        }
    }

    fn substrings(&mut self, level: &Der<'_, '_>, filter: &Element<'_>) {
        /// The last part, behind which no star stands.
        const FINAL: u8 = 0x82;
        let mut inside = level.inside(filter);
        let Some((name, parts)) = inside.next("attribute description").zip(inside.next("substrings")) else {
            self.partial = true;
            return;
        };
        self.attribute(&name);
        self.write("=");
        let mut parts = inside.inside(&parts);
        let mut last = 0;
        while let Some(part) = parts.next("substring") {
            // any and final stand behind a star; initial, 0x80, at the beginning.
            if part.tag != 0x80 {
                self.write("*");
            }
            self.value(name.content, &part);
            last = part.tag;
        }
        if last != FINAL {
            self.write("*");
        }
    }

    /// extensibleMatch: `attribute:dn:rule:=value`, of which all but the value may be absent.
    fn extensible(&mut self, level: &Der<'_, '_>, filter: &Element<'_>) {
        let mut inside = level.inside(filter);
        let (mut rule, mut name, mut value, mut dn) = (None, None, None, false);
        while let Some(field) = inside.next("matching rule assertion") {
            match field.tag {
                0x81 => rule = Some(field),
                0x82 => name = Some(field),
                0x83 => value = Some(field),
                0x84 => dn = field.content.iter().any(|byte| *byte != 0),
                _ => {}
            }
        }
        let Some(value) = value else {
            self.partial = true;
            return;
        };
        if let Some(name) = &name {
            self.attribute(name);
        }
        if dn {
            self.write(":dn");
        }
        if let Some(rule) = rule {
            self.write(":");
            self.write(&rule.text());
        }
        self.write(":=");
        self.value(name.map_or(&[], |name| name.content), &value);
    }

    fn attribute(&mut self, name: &Element<'_>) {
        self.partial |= name.cut;
        keep(&mut self.attributes, name, self.out);
        self.write(&name.text());
    }

    /// A value, in which what is not plain text is written as `\` and two digits.
    fn value(&mut self, attribute: &[u8], value: &Element<'_>) {
        self.partial |= value.cut;
        let base = attribute.split(|byte| *byte == b';').next().unwrap_or_default();
        if PASSWORDS.iter().any(|password| base.eq_ignore_ascii_case(password)) {
            self.secret = true;
            self.write("…");
            return;
        }
        for chunk in value.content.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '*' | '(' | ')' | '\\' | '\0'..='\x1F' | '\x7F' => self.escaped(character as u8),
                    _ => self.write(character.encode_utf8(&mut [0; 4])),
                }
            }
            for byte in chunk.invalid() {
                self.escaped(*byte);
            }
        }
    }

    fn escaped(&mut self, byte: u8) {
        if self.has_room() {
            // Writing to a String cannot fail.
            let _ = write!(self.text, "\\{byte:02x}");
        }
    }

    fn write(&mut self, text: &str) {
        if self.has_room() {
            self.text.push_str(text);
        }
    }

    /// Once beyond the limit, the text will be cut to it anyway.
    fn has_room(&self) -> bool {
        self.text.len() <= self.out.limits.text
    }
}

fn keep(list: &mut Vec<String>, text: &Element<'_>, out: &Events) {
    if list.len() >= out.limits.list_items {
        return;
    }
    let text = out.text(&text.text());
    if !list.contains(&text) {
        list.push(text);
    }
}
