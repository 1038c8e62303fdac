//! HTTP/1.x (RFC 9112, RFC 9110), as an observer of both directions reads it.
//!
//! Every head becomes an event; requests and responses are paired by their order. Bodies are skipped, except those
//! that `ccm` or `crl` wants: these are collected, their chunked framing removed, and handed over, also where part of
//! them is missing. Tokens in credentials and challenges go to `spnego`; no other part of a credential is kept. A
//! target is kept as sent, though: a query that holds a signature or a token holds it in the event too.
//!
//! It is *not* an HTTP implementation: it accepts what servers would refuse, decodes no content coding, and knows
//! nothing of HTTP/2.
//!
//! ```text
//! probe -> head (start line, fields) -> pipeline (which request?) -> body (length, chunks, until close) -> collect
//! ```

mod body;
mod collect;
mod event;
mod fields;
mod head;
mod pipeline;
mod probe;
#[cfg(test)]
mod tests;

pub use event::*;

use std::sync::Arc;

use capture::{Direction, EndReason, Transport};
use memchr::memchr;

use self::body::{Body, Part};
use self::collect::{Bodies, Collecting, Of};
use self::fields::Faults;
use self::head::Head;
use self::pipeline::{Pipeline, Remembered, Reply, Waiting};
use crate::Protocol;
use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::error::{DecodeError, ErrorKind};
use crate::events::{Anomaly, Events};
use crate::ntlmssp::Carrier;
use crate::spnego;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: Protocol::Http,
    transports: &[Transport::Tcp],
    // Web, WSUS, delta downloads, proxies, WinRM.
    ports: &[80, 8080, 8530, 8005, 8000, 3128, 5985],
    any_port: true,
    probe: begins,
    make: |_| Box::new(Reader::new(Bodies::ALL)),
};

fn begins(bytes: &[u8], direction: Direction) -> Probe {
    match direction {
        Direction::ToServer => probe::request(bytes),
        Direction::ToClient => probe::response(bytes),
    }
}

/// One direction.
#[derive(Default)]
struct Lane {
    /// Inside this body; otherwise before or in a head.
    body: Option<Body>,
    /// The body may not be there: its request was not captured, and may have been a HEAD.
    doubtful: bool,
    /// The head that is not complete yet, as given so far: where the rest is lost, this is all there is to read.
    unfinished: Vec<u8>,
    /// The body is wanted.
    collecting: Option<Collecting>,
}

/// The reader of one flow.
struct Reader {
    bodies: Bodies,
    lanes: [Lane; 2],
    pipeline: Pipeline,
    /// Requests so far.
    requests: u64,
    /// Bytes to the server were seen.
    client_seen: bool,
    /// The last request was a CONNECT.
    connecting: bool,
    /// What follows, in both directions, is something else.
    tunnel: bool,
}

impl Decoder for Reader {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Data(data) => self.data(direction, data, out),
            Input::Gap(missing) => self.gap(direction, missing, out),
            Input::End(reason) => {
                self.end(direction, reason, out);
                Outcome::Consumed(0)
            }
            Input::Datagram { .. } => Outcome::Finished,
        }
    }
}

impl Reader {
    fn new(bodies: Bodies) -> Self {
        Self {
            bodies,
            lanes: [Lane::default(), Lane::default()],
            pipeline: Pipeline::default(),
            requests: 0,
            client_seen: false,
            connecting: false,
            tunnel: false,
        }
    }

    fn lane(&mut self, direction: Direction) -> &mut Lane {
        let [to_server, to_client] = &mut self.lanes;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    fn data(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        self.client_seen |= direction == Direction::ToServer;
        let body = self.lane(direction).body;
        match body {
            Some(body) => self.body(direction, body, data, out),
            None if self.tunnel => self.tunnelled(direction, data, out),
            None => self.head(direction, data, out),
        }
    }

    // -- heads

    fn head(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        let line_ends = data.len() - probe::after_line_ends(data).len();
        if line_ends > 0 {
            return Outcome::Consumed(line_ends);
        }
        let limit = out.limits.http_head;
        let lane = self.lane(direction);
        let seen = lane.unfinished.len();
        if begins(data, direction) == Probe::No {
            lane.unfinished = Vec::new();
            return self.stray(direction, data, out);
        }
        match head_end(data, seen.saturating_sub(2)) {
            None if data.len() <= limit => {
                lane.unfinished.extend_from_slice(data.get(seen..).unwrap_or_default());
                Outcome::NeedMore(0)
            }
            Some(end) if end <= limit => {
                lane.unfinished = Vec::new();
                let head = data.get(..end).unwrap_or(data);
                if self.message(direction, head, false, out) {
                    Outcome::Consumed(end)
                } else {
                    let kind = ErrorKind::Unexpected("no complete start line");
                    out.malformed(direction, DecodeError::new("http", "start line", 0, kind));
                    self.lose(direction, out)
                }
            }
            _ => {
                self.lane(direction).unfinished = data.get(..limit).unwrap_or(data).to_vec();
                let lost = self.lose(direction, out);
                out.anomaly(direction, Anomaly::LimitReached { protocol: "http", limit: "http_head" });
                lost
            }
        }
    }

    /// Bytes that are no head where one belongs. Behind a CONNECT whose answer was not captured they may be TLS.
    fn stray(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        match probe::tls(data) {
            Probe::Yes if self.connecting => return Outcome::HandOver(Protocol::Tls, 0),
            Probe::Maybe if self.connecting => return Outcome::NeedMore(0),
            _ => {}
        }
        let what = match direction {
            Direction::ToServer => "bytes that are no request line",
            Direction::ToClient => "bytes that are no status line",
        };
        out.anomaly(direction, Anomaly::Unexpected { protocol: "http", what });
        self.lose(direction, out)
    }

    /// Bytes behind an accepted CONNECT or an upgrade.
    fn tunnelled(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        match (probe::tls(data), begins(data, direction)) {
            (Probe::Yes, _) => Outcome::HandOver(Protocol::Tls, 0),
            (_, Probe::Yes) => {
                self.tunnel = false;
                self.head(direction, data, out)
            }
            (Probe::Maybe, _) | (_, Probe::Maybe) => Outcome::NeedMore(0),
            (Probe::No, Probe::No) => Outcome::Finished,
        }
    }

    /// Reads a head, or what there is of it. `false` where nothing can be made of it.
    fn message(&mut self, direction: Direction, head: &[u8], cut: bool, out: &mut Events) -> bool {
        match direction {
            Direction::ToServer => {
                head::request(head, out).map(|head| self.request(head, cut, out)).is_some()
            }
            Direction::ToClient => {
                head::response(head, out).map(|head| self.response(head, cut, out)).is_some()
            }
        }
    }

    fn request(&mut self, head: Head<'_, HttpRequest>, cut: bool, out: &mut Events) {
        let mut request = Box::new(head.message);
        request.exchange = self.requests;
        request.cut = cut;
        self.requests += 1;
        let reply = Reply::to(&request.method);
        self.connecting = reply == Reply::Tunnel;
        let interest = (self.bodies.interest)(&request);
        let wanted = interest.request_body || interest.response_body;
        let kept = wanted.then(|| Arc::new(HttpRequest::clone(&request)));
        let exchange = request.exchange;
        let event = HttpEvent::Request(request);
        say(Direction::ToServer, event, head.line, &head.tokens, &head.faults, head.length.fault, out);

        let remembered = kept.clone().filter(|_| interest.response_body);
        let remembered = remembered.map(|request| Box::new(Remembered { request, ..Remembered::default() }));
        if !self.pipeline.push(Waiting { exchange, reply, remembered }, out.limits.http_pipeline) {
            let anomaly = Anomaly::LimitReached { protocol: "http", limit: "http_pipeline" };
            out.anomaly(Direction::ToServer, anomaly);
        }
        let collecting =
            kept.filter(|_| interest.request_body).map(|kept| Collecting::new(Of::Request(kept)));
        self.begin_body(Direction::ToServer, head.length.of_request(), collecting, cut, out);
    }

    fn response(&mut self, head: Head<'_, HttpResponse>, cut: bool, out: &mut Events) {
        let mut response = Box::new(head.message);
        let status = response.status_code;
        let interim = matches!(status, 100..=199);
        let to = if interim { None } else { self.pipeline.pop() };
        response.exchange =
            if interim { self.pipeline.front() } else { to.as_ref() }.map(|waiting| waiting.exchange);
        response.cut = cut;
        let reply = to.as_ref().map(|waiting| waiting.reply);
        self.tunnel = status == 101 || (reply == Some(Reply::Tunnel) && matches!(status, 200..=299));
        let bodiless =
            interim || self.tunnel || matches!(status, 204 | 304) || reply == Some(Reply::WithoutBody);
        let body = if bodiless { None } else { head.length.of_response() };
        let announced = body.is_some() && (self.bodies.announced)(&response);
        let remembered = to.and_then(|waiting| waiting.remembered).or_else(|| announced.then(Box::default));
        let collecting =
            remembered.map(|remembered| Collecting::new(Of::Response(remembered, response.clone())));
        let event = HttpEvent::Response(response);
        say(Direction::ToClient, event, head.line, &head.tokens, &head.faults, head.length.fault, out);
        self.lane(Direction::ToClient).doubtful = reply.is_none() && !interim;
        self.begin_body(Direction::ToClient, body, collecting, cut, out);
    }

    // -- bodies

    /// Goes from a head to its body. Behind a cut head nothing of the body is there.
    fn begin_body(
        &mut self,
        direction: Direction,
        body: Option<Body>,
        collecting: Option<Collecting>,
        cut: bool,
        out: &mut Events,
    ) {
        let lane = self.lane(direction);
        lane.collecting = collecting;
        lane.body = body.filter(|_| !cut);
        if lane.body.is_none() {
            self.deliver(direction, cut, out);
        }
    }

    fn body(&mut self, direction: Direction, body: Body, data: &[u8], out: &mut Events) -> Outcome {
        match self.begins_anew(direction, body, data) {
            Probe::No => {}
            Probe::Maybe => return Outcome::NeedMore(0),
            Probe::Yes => {
                self.advance(direction, None, out);
                return self.head(direction, data, out);
            }
        }
        self.lane(direction).doubtful = false;
        match body.next(data, out.limits.http_head) {
            Part::Payload(payload) => self.payload(direction, body, payload, data, out),
            Part::Framing(framing, next) => {
                self.advance(direction, next, out);
                Outcome::Consumed(framing)
            }
            Part::More => Outcome::NeedMore(0),
            Part::Broken(error) => {
                out.malformed(direction, error);
                self.lose(direction, out)
            }
        }
    }

    /// Whether a response begins where a body was expected: the request, not captured, was a HEAD; or the body had
    /// no stated length, and the client, which asks again, seems to know that it has ended.
    fn begins_anew(&mut self, direction: Direction, body: Body, data: &[u8]) -> Probe {
        let asked_again = !self.client_seen || !self.pipeline.is_empty();
        let doubtful = self.lane(direction).doubtful || (body == Body::UntilClose && asked_again);
        if direction == Direction::ToClient && doubtful { probe::response(data) } else { Probe::No }
    }

    fn payload(
        &mut self,
        direction: Direction,
        body: Body,
        payload: u64,
        data: &[u8],
        out: &mut Events,
    ) -> Outcome {
        let limit = out.limits.http_body;
        let there = usize::try_from(payload).unwrap_or(usize::MAX).min(data.len());
        let Some(collecting) = &mut self.lane(direction).collecting else {
            if body == Body::UntilClose {
                return Outcome::Consumed(data.len());
            }
            self.advance(direction, body.after(payload), out);
            return Outcome::Skip(payload);
        };
        if !collecting.take(data.get(..there).unwrap_or_default(), limit) {
            out.anomaly(direction, Anomaly::LimitReached { protocol: "http", limit: "http_body" });
            self.deliver(direction, true, out);
        }
        self.advance(direction, body.after(there as u64), out);
        Outcome::Consumed(there)
    }

    /// Goes on in a body, or to the head behind it.
    fn advance(&mut self, direction: Direction, next: Option<Body>, out: &mut Events) {
        self.lane(direction).body = next;
        if next.is_none() {
            self.deliver(direction, false, out);
        }
    }

    /// Hands over what was collected of a body, if it was.
    fn deliver(&mut self, direction: Direction, incomplete: bool, out: &mut Events) {
        if let Some(collecting) = self.lane(direction).collecting.take() {
            collecting.deliver(self.bodies, incomplete, &mut self.pipeline, out);
        }
    }

    // -- what is missing

    fn gap(&mut self, direction: Direction, missing: u64, out: &mut Events) -> Outcome {
        if self.tunnel {
            return Outcome::Consumed(0);
        }
        let Some(Ok(next)) = self.lane(direction).body.map(|body| body.after_gap(missing)) else {
            return self.lose(direction, out);
        };
        self.deliver(direction, true, out);
        self.advance(direction, next, out);
        Outcome::Consumed(0)
    }

    /// Says what is known of what was in the making, and begins again at the next head.
    fn lose(&mut self, direction: Direction, out: &mut Events) -> Outcome {
        let unfinished = std::mem::take(&mut self.lane(direction).unfinished);
        if !unfinished.is_empty() {
            self.message(direction, &unfinished, true, out);
        }
        self.deliver(direction, true, out);
        *self.lane(direction) = Lane::default();
        if direction == Direction::ToClient {
            self.pipeline.lose_responses();
        }
        Outcome::Lost
    }

    fn end(&mut self, direction: Direction, reason: EndReason, out: &mut Events) {
        let lane = self.lane(direction);
        if lane.body == Some(Body::UntilClose) && reason == EndReason::Fin {
            self.advance(direction, None, out);
        }
        self.lose(direction, out);
    }
}

/// Says an event and what is odd about its head; then lets the tokens in it be read.
fn say(
    direction: Direction,
    event: HttpEvent,
    line: &[u8],
    tokens: &[&[u8]],
    faults: &Faults,
    length: Option<DecodeError>,
    out: &mut Events,
) {
    out.service("http");
    out.push_with(direction, event, line);
    for error in faults.malformed.into_iter().chain(length) {
        out.malformed(direction, error);
    }
    if faults.too_many {
        out.anomaly(direction, Anomaly::LimitReached { protocol: "http", limit: "http_headers" });
    }
    for token in tokens.iter().filter_map(|value| fields::token(value)) {
        spnego::observe(&token, direction, Carrier::Http, out);
    }
}

/// Where a head ends: behind its first empty line, looked for from `from`. Line ends may lack the CR (RFC 9112 2.2).
fn head_end(data: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr(b'\n', data.get(at..)?)? + 1;
        match data.get(at..)? {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
}
