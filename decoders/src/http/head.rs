//! Heads: start lines and the header fields that matter, as events (RFC 9112 3 to 5).
//!
//! Of credentials only the scheme is kept; a token goes on to the reader of its own format and nowhere else.

use memchr::memchr;

use super::body::Body;
use super::fields::{self, Faults};
use super::{HttpRequest, HttpResponse};
use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::text::lossy;

/// Beginnings of the names of fields that ConfigMgr and BITS authenticate with or transfer by.
const MARKERS: &[&[u8]] = &[b"clienttoken", b"ccm", b"bits-", b"x-p2p-"];

/// A head that was read.
#[derive(Debug)]
pub(crate) struct Head<'a, T> {
    /// What it says.
    pub(crate) message: T,
    /// Its start line, without the line end.
    pub(crate) line: &'a [u8],
    /// What it says about its body's length.
    pub(crate) length: Length,
    /// Credential and challenge fields, which may hold tokens.
    pub(crate) tokens: Vec<&'a [u8]>,
    /// What is wrong with its fields.
    pub(crate) faults: Faults,
    /// A request: its body is sent only when the server has asked for it (`Expect: 100-continue`, RFC 9110 10.1.1).
    pub(crate) asks_first: bool,
}

/// What a head says about its body's length (RFC 9112 6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Length {
    /// `Content-Length`; the first, where there are several.
    pub(crate) bytes: Option<u64>,
    /// `Transfer-Encoding` ends with `chunked`.
    pub(crate) chunked: bool,
    /// There is a `Transfer-Encoding`.
    pub(crate) encoded: bool,
    /// What contradicts itself.
    pub(crate) fault: Option<DecodeError>,
}

impl Length {
    fn content_length(&mut self, value: &[u8]) {
        for item in value.split(|byte| *byte == b',') {
            let digits = str::from_utf8(item.trim_ascii()).ok();
            let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
            match digits.and_then(|digits| digits.parse().ok()) {
                None => self.wrong("content-length", "not a number"),
                Some(bytes) if self.bytes.is_some_and(|first| first != bytes) => {
                    self.wrong("content-length", "differs from the one before");
                }
                Some(bytes) => self.bytes = Some(bytes),
            }
        }
    }

    fn transfer_encoding(&mut self, value: &[u8]) {
        // RFC 2616's `identity` says that there is no coding.
        let codings = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        let mut codings = codings.filter(|coding| !coding.eq_ignore_ascii_case(b"identity"));
        if let Some(last) = codings.next_back() {
            self.encoded = true;
            self.chunked = last.eq_ignore_ascii_case(b"chunked");
        }
    }

    fn wrong(&mut self, field: &'static str, what: &'static str) {
        self.fault.get_or_insert(DecodeError::new("http", field, 0, ErrorKind::Unexpected(what)));
    }

    fn settle(&mut self) {
        if self.bytes.is_some() && self.encoded {
            self.wrong("content-length", "stands beside transfer-encoding");
        }
    }

    fn stated_or(self, unstated: Option<Body>) -> Option<Body> {
        match (self.chunked, self.bytes.filter(|_| !self.encoded)) {
            (true, _) => Some(Body::Size),
            (false, Some(0)) => None,
            (false, Some(bytes)) => Some(Body::Length(bytes)),
            (false, None) => unstated,
        }
    }

    /// The body of a request: none, where nothing is said.
    pub(super) fn of_request(self) -> Option<Body> {
        self.stated_or(None)
    }

    /// The body of a response that may have one: until the stream ends, where nothing is said.
    pub(super) fn of_response(self) -> Option<Body> {
        self.stated_or(Some(Body::UntilClose))
    }
}

/// Splits a start line from its fields: three words by spaces, the third as long as the line.
fn start_line(head: &[u8]) -> (&[u8], [&[u8]; 3], &[u8]) {
    let end = memchr(b'\n', head).unwrap_or(head.len());
    let line = head.get(..end).unwrap_or_default().trim_ascii_end();
    let fields = head.get(end + 1..).unwrap_or_default();
    let (first, rest) = word(line);
    let (second, third) = word(rest);
    (line, [first, second, third], fields)
}

/// The bytes before the next space, and those behind it and its like.
fn word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr(b' ', line).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
    (word, rest.get(blanks..).unwrap_or_default())
}

/// Reads a request's head, whole or as far as it was captured. `None` where not even its method stands complete.
pub(crate) fn request<'a>(head: &'a [u8], out: &Events) -> Option<Head<'a, HttpRequest>> {
    let (line, [method, uri, version], section) = start_line(head);
    if uri.is_empty() && line.len() == head.len() {
        return None;
    }
    let text = |bytes: &[u8]| out.text(&lossy(bytes));
    let message = HttpRequest {
        method: text(method),
        uri: text(uri),
        version: text(version),
        ..HttpRequest::default()
    };
    let mut read = Head::new(message, line);
    read.faults = fields::each(section, out.limits.http_headers, |name, value| read.field(name, value, out));
    read.settle();
    Some(read)
}

/// Reads a response's head, whole or as far as it was captured. `None` where its status is not complete.
pub(crate) fn response<'a>(head: &'a [u8], out: &Events) -> Option<Head<'a, HttpResponse>> {
    let (line, [_, status, reason], section) = start_line(head);
    if reason.is_empty() && line.len() == head.len() && status.len() < 3 {
        return None;
    }
    let digits = status.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let status_code = str::from_utf8(status.get(..digits)?).ok()?.parse().ok()?;
    let mut read = Head::new(HttpResponse { status_code, ..HttpResponse::default() }, line);
    read.faults = fields::each(section, out.limits.http_headers, |name, value| read.field(name, value, out));
    read.settle();
    Some(read)
}

impl<'a, T> Head<'a, T> {
    /// A head of which no field was read yet.
    pub(crate) fn new(message: T, line: &'a [u8]) -> Self {
        let (length, tokens, faults) = (Length::default(), Vec::new(), Faults::default());
        Self { message, line, length, tokens, faults, asks_first: false }
    }
}

impl<'a> Head<'a, HttpRequest> {
    /// Says what the fields together mean, when all were taken.
    pub(crate) fn settle(&mut self) {
        self.length.settle();
        self.message.content_length = self.length.bytes;
        self.message.chunked = self.length.chunked;
    }

    /// Takes a header field, if it matters.
    pub(crate) fn field(&mut self, name: &[u8], value: &'a [u8], out: &Events) {
        let text = |bytes: &[u8]| out.text(&lossy(bytes));
        let message = &mut self.message;
        let slot = match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => &mut message.host,
            5 if name.eq_ignore_ascii_case(b"range") => &mut message.range,
            6 if name.eq_ignore_ascii_case(b"expect") => {
                self.asks_first |= value.eq_ignore_ascii_case(b"100-continue");
                return;
            }
            10 if name.eq_ignore_ascii_case(b"user-agent") => &mut message.user_agent,
            12 if name.eq_ignore_ascii_case(b"content-type") => &mut message.content_type,
            13 if name.eq_ignore_ascii_case(b"authorization") => {
                self.tokens.push(value);
                return set(&mut message.auth_scheme, || fields::scheme(value).map(|word| out.text(&word)));
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => return self.length.content_length(value),
            16 if name.eq_ignore_ascii_case(b"content-encoding") => &mut message.content_encoding,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                return self.length.transfer_encoding(value);
            }
            19 if name.eq_ignore_ascii_case(b"proxy-authorization") => {
                self.tokens.push(value);
                let scheme = || fields::scheme(value).map(|word| out.text(&word));
                return set(&mut message.proxy_auth_scheme, scheme);
            }
            _ => {
                if message.markers.len() < out.limits.list_items {
                    message.markers.extend(marker(name, value).map(|marker| out.text(&marker)));
                }
                return;
            }
        };
        set(slot, || Some(text(value)));
    }
}

impl<'a> Head<'a, HttpResponse> {
    /// Says what the fields together mean, when all were taken.
    pub(crate) fn settle(&mut self) {
        self.length.settle();
        self.message.content_length = self.length.bytes;
        self.message.chunked = self.length.chunked;
    }

    /// Takes a header field, if it matters.
    pub(crate) fn field(&mut self, name: &[u8], value: &'a [u8], out: &Events) {
        let text = |bytes: &[u8]| out.text(&lossy(bytes));
        let message = &mut self.message;
        let slot = match name.len() {
            6 if name.eq_ignore_ascii_case(b"server") => &mut message.server,
            8 if name.eq_ignore_ascii_case(b"location") => &mut message.location,
            12 if name.eq_ignore_ascii_case(b"content-type") => &mut message.content_type,
            14 if name.eq_ignore_ascii_case(b"content-length") => return self.length.content_length(value),
            16 if name.eq_ignore_ascii_case(b"content-encoding") => &mut message.content_encoding,
            16 | 18
                if name.eq_ignore_ascii_case(b"www-authenticate")
                    || name.eq_ignore_ascii_case(b"proxy-authenticate") =>
            {
                self.tokens.push(value);
                return fields::challenges(value, |scheme| {
                    if message.auth_offered.len() < out.limits.list_items {
                        message.auth_offered.push(text(scheme).to_ascii_lowercase());
                    }
                });
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                return self.length.transfer_encoding(value);
            }
            _ => return,
        };
        set(slot, || Some(text(value)));
    }
}

/// The first of several fields of one name counts.
fn set(slot: &mut Option<String>, value: impl FnOnce() -> Option<String>) {
    if slot.is_none() {
        *slot = value();
    }
}

/// A marker's name in lower case; with its value, where that is a word of the BITS protocol and no secret.
fn marker(name: &[u8], value: &[u8]) -> Option<String> {
    let known = |start: &&[u8]| {
        name.get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
    };
    MARKERS.iter().find(|start| known(start))?;
    let mut marker = lossy(name).to_ascii_lowercase();
    if marker == "bits-packet-type" {
        marker.push_str(": ");
        marker.push_str(&lossy(value).to_ascii_lowercase());
    }
    Some(marker)
}
