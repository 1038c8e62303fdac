//! Header blocks as requests and responses (RFC 9113 8.3).

use capture::Direction;

use super::block::Block;
use super::connection::Connection;
use super::hpack::{self, Field};
use crate::error::{DecodeError, ErrorKind};
use crate::events::{Anomaly, Events};
use crate::http::head::Head;
use crate::http::say::say;
use crate::http::{Framing, HttpEvent, HttpRequest, HttpResponse};
use crate::text::lossy;

const VERSION: &str = "HTTP/2";

impl Connection {
    /// Reads a header block, or what there is of it.
    pub(super) fn heads(&mut self, direction: Direction, block: &Block, cut: bool, out: &mut Events) {
        let read = self.lane(direction).hpack.read(block.bytes(), &out.limits);
        let fault = read.fault.filter(|error| !(cut && error.is_short()));
        let cut = cut || read.unknown || read.too_long || read.fault.is_some();
        match direction {
            _ if block.is_promise() => {}
            Direction::ToServer => self.clients(block, &read.fields, cut, out),
            Direction::ToClient => self.servers(block, &read.fields, cut, out),
        }
        if let Some(error) = fault {
            out.malformed(direction, error);
        }
        self.bounds(direction, &read, out);
        if block.ends_stream() {
            self.streams.end(block.stream(), direction, out);
        }
    }

    /// What of a block went beyond our limits, or beyond what the other side allows.
    fn bounds(&mut self, direction: Direction, read: &hpack::Block, out: &mut Events) {
        if read.too_long {
            let limit = "http2_header_list";
            out.anomaly(direction, Anomaly::LimitReached { protocol: "http2", limit });
        }
        let lane = self.lane(direction);
        if read.table_bounded && !std::mem::replace(&mut lane.table_bounded, true) {
            out.anomaly(direction, Anomaly::LimitReached { protocol: "http2", limit: "http2_table" });
        }
        let beyond = read.resized.filter(|size| lane.allowed.table.is_some_and(|most| *size > most));
        if let Some(size) = beyond
            && !std::mem::replace(&mut lane.exceeded, true)
        {
            let kind = ErrorKind::Value(size as u64);
            out.malformed(direction, DecodeError::new("hpack", "table size", 0, kind));
        }
    }

    /// A header block of the client: a request, or trailers.
    fn clients(&mut self, block: &Block, fields: &[Field], cut: bool, out: &mut Events) {
        let direction = Direction::ToServer;
        let method = pseudo(fields, b":method");
        let uri = pseudo(fields, if method == Some(b"CONNECT") { b":authority" } else { b":path" });
        match (method, uri) {
            (Some(method), Some(uri)) => self.request(block, method, uri, fields, cut, out),
            // Trailers.
            (None, None) if self.streams.is_open(block.stream()) => {}
            _ => {
                self.streams.unknown(block.stream(), out);
                let what = "request of which method or target is unknown";
                let field = if method.is_none() { ":method" } else { ":path" };
                out.anomaly(
                    direction,
                    if cut {
                        Anomaly::Unexpected { protocol: "http2", what }
                    } else {
                        let kind = ErrorKind::Unexpected("the field in a request");
                        Anomaly::Malformed(DecodeError::new("http2", field, 0, kind))
                    },
                );
            }
        }
    }

    fn request(
        &mut self,
        block: &Block,
        method: &[u8],
        uri: &[u8],
        fields: &[Field],
        cut: bool,
        out: &mut Events,
    ) {
        let text = |bytes: &[u8]| out.text(&lossy(bytes));
        let message = HttpRequest {
            exchange: self.streams.next_exchange(),
            method: text(method),
            uri: text(uri),
            version: VERSION.to_owned(),
            framing: Framing::Http2,
            host: pseudo(fields, b":authority").map(text),
            cut,
            ..HttpRequest::default()
        };
        let line = format!("{} {} {VERSION}", message.method, message.uri);
        let mut head = Head::new(message, line.as_bytes());
        for (at, field) in regular(fields).enumerate() {
            if at >= out.limits.http_headers {
                head.faults.too_many = true;
                break;
            }
            head.field(field.name.bytes(), field.value.bytes(), out);
        }
        head.settle();
        let request = Box::new(head.message);
        let (collecting, remembered) = self.streams.bodies.wanted(&request);
        let exchange = request.exchange;
        let event = HttpEvent::Request(request);
        say(Direction::ToServer, event, head.line, &head.tokens, &head.faults, head.length.fault, out);
        self.streams.open(block.stream(), exchange, collecting, remembered, out);
    }

    /// A header block of the server: a response, or trailers.
    fn servers(&mut self, block: &Block, fields: &[Field], cut: bool, out: &mut Events) {
        let status = pseudo(fields, b":status").map(|status| {
            let digits = str::from_utf8(status).ok().filter(|_| status.len() == 3);
            digits.and_then(|digits| digits.parse().ok())
        });
        let fault = match status {
            Some(Some(status)) => return self.response(block, status, fields, cut, out),
            Some(None) => ErrorKind::Unexpected("a number of three digits"),
            // Trailers, or a status that was lost.
            None if cut || self.streams.is_answered(block.stream()) => return,
            None => ErrorKind::Unexpected("the field in a response"),
        };
        out.malformed(Direction::ToClient, DecodeError::new("http2", ":status", 0, fault));
    }

    fn response(&mut self, block: &Block, status: u16, fields: &[Field], cut: bool, out: &mut Events) {
        let message = HttpResponse {
            exchange: self.streams.exchange(block.stream()),
            status_code: status,
            framing: Framing::Http2,
            cut,
            ..HttpResponse::default()
        };
        let line = format!("{VERSION} {status}");
        let mut head = Head::new(message, line.as_bytes());
        for (at, field) in regular(fields).enumerate() {
            if at >= out.limits.http_headers {
                head.faults.too_many = true;
                break;
            }
            head.field(field.name.bytes(), field.value.bytes(), out);
        }
        head.settle();
        let response = Box::new(head.message);
        if !matches!(status, 100..=199) {
            self.streams.answer(block.stream(), &response);
        }
        let event = HttpEvent::Response(response);
        say(Direction::ToClient, event, head.line, &head.tokens, &head.faults, head.length.fault, out);
    }
}

/// The first field of this name.
fn pseudo<'f>(fields: &'f [Field], name: &[u8]) -> Option<&'f [u8]> {
    fields.iter().find(|field| field.name.bytes() == name).map(|field| field.value.bytes())
}

/// The fields that HTTP/1.x has too. One of that version's framing has no meaning here (RFC 9113 8.2.2).
fn regular(fields: &[Field]) -> impl Iterator<Item = &Field> {
    fields.iter().filter(|field| {
        let name = field.name.bytes();
        !name.starts_with(b":") && name != b"transfer-encoding"
    })
}
