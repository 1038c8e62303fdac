//! One line of events: a JSON object, written field by field in a fixed order into bytes that are used again.

use std::fmt::Write as _;

use serde::Serialize;

/// A JSON object being written. What is absent, empty or false is left out, as the event schema has it.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    /// Begins an object.
    pub(super) fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Ends it.
    pub(super) fn close(self) {
        self.out.push(b'}');
    }

    /// A field whose value is JSON already.
    pub(super) fn raw(&mut self, name: &str, json: &str) {
        self.key(name);
        self.out.extend_from_slice(json.as_bytes());
    }

    /// A field that is always there.
    pub(super) fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.key(name);
        // Into a vector, and with string keys only, writing cannot fail.
        let _ = serde_json::to_writer(&mut *self.out, value);
    }

    /// Text, unless empty.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.put(name, value);
        }
    }

    /// A value, where there is one.
    pub(super) fn maybe<T: Serialize>(&mut self, name: &str, value: Option<T>) {
        if let Some(value) = value {
            self.put(name, &value);
        }
    }

    /// Text, where there is some.
    #[expect(clippy::ref_option, reason = "fields are handed over as they stand in the events")]
    pub(super) fn some(&mut self, name: &str, value: &Option<String>) {
        self.text(name, value.as_deref().unwrap_or_default());
    }

    /// True, or nothing.
    pub(super) fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.put(name, &true);
        }
    }

    /// A list, unless empty.
    pub(super) fn list<T: Serialize>(&mut self, name: &str, values: &[T]) {
        if !values.is_empty() {
            self.put(name, values);
        }
    }

    /// A code point: `0x0303`, with so many digits.
    pub(super) fn hex(&mut self, name: &str, value: impl Into<u64>, digits: usize) {
        self.put(name, &hex(value.into(), digits));
    }

    /// Code points of 16 bits, unless there are none.
    pub(super) fn codes(&mut self, name: &str, values: &[u16]) {
        let values: Vec<String> = values.iter().map(|value| hex(u64::from(*value), 4)).collect();
        self.list(name, &values);
    }

    /// Bytes in hex, unless there are none.
    pub(super) fn bytes(&mut self, name: &str, value: &[u8]) {
        self.text(name, &super::super::fingerprint::hex(value));
    }

    /// An object in the object.
    pub(super) fn nest(&mut self, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.key(name);
        let mut inner = Object::open(self.out);
        fill(&mut inner);
        inner.close();
    }

    fn key(&mut self, name: &str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        let _ = serde_json::to_writer(&mut *self.out, name);
        self.out.push(b':');
    }
}

fn hex(value: u64, digits: usize) -> String {
    let mut text = String::with_capacity(digits + 2);
    // Writing to a String cannot fail.
    let _ = write!(text, "0x{value:0digits$x}");
    text
}
