//! Heads: where they end, whose they are, and what follows them.

use capture::Direction;
use memchr::memchr;

use super::Connection;
use crate::Protocol;
use crate::decoder::{Decoder, Input, Outcome, Probe};
use crate::error::{DecodeError, ErrorKind};
use crate::events::{Anomaly, Events};
use crate::http::collect::{Collecting, Of};
use crate::http::head::{self, Head};
use crate::http::pipeline::{Reply, Waiting};
use crate::http::say::say;
use crate::http::{HttpEvent, HttpRequest, HttpResponse, begins, probe};
use crate::http2;

impl Connection {
    pub(super) fn head(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
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
        if direction == Direction::ToServer {
            match http2::begins(data, direction) {
                Probe::Yes => return self.become_http2(direction, data, out),
                Probe::Maybe => return Outcome::NeedMore(0),
                Probe::No => {}
            }
        }
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
    pub(super) fn tunnelled(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        match http2::begins_inside(data, direction) {
            Probe::Yes => return self.become_http2(direction, data, out),
            Probe::Maybe => return Outcome::NeedMore(0),
            Probe::No => {}
        }
        // By its first bytes alone: whether it goes on as a request does may show only once the tunnel is left for it.
        let message = match direction {
            Direction::ToServer => probe::known_request(data),
            Direction::ToClient => begins(data, direction),
        };
        match (probe::tls(data), message) {
            (Probe::Yes, _) => Outcome::HandOver(Protocol::Tls, 0),
            (_, Probe::Yes) => {
                self.tunnel = false;
                self.head(direction, data, out)
            }
            (Probe::Maybe, _) | (_, Probe::Maybe) => Outcome::NeedMore(0),
            (Probe::No, Probe::No) => Outcome::Finished,
        }
    }

    /// Goes on in HTTP/2, which counts requests from where they are. The response to an upgrade is still to come.
    fn become_http2(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        self.lane(direction).http2 = true;
        let (bodies, requests) = (self.bodies, self.requests);
        let inside = || Box::new(http2::Connection::inside(bodies, &out.limits, requests));
        let http2 = self.http2.get_or_insert_with(inside);
        if direction == Direction::ToClient
            && std::mem::take(&mut self.upgraded)
            && let Some(request) = self.pipeline.pop()
        {
            http2.upgraded(request);
        }
        http2.feed(direction, Input::Data(data), out)
    }

    /// Reads a head, or what there is of it. `false` where nothing can be made of it.
    pub(super) fn message(&mut self, direction: Direction, head: &[u8], cut: bool, out: &mut Events) -> bool {
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
        let (collecting, remembered) = self.bodies.wanted(&request);
        let exchange = request.exchange;
        let event = HttpEvent::Request(request);
        say(Direction::ToServer, event, head.line, &head.tokens, &head.faults, head.length.fault, out);

        if !self.pipeline.push(Waiting { exchange, reply, remembered }, out.limits.http_pipeline) {
            let anomaly = Anomaly::LimitReached { protocol: "http", limit: "http_pipeline" };
            out.anomaly(Direction::ToServer, anomaly);
        }
        self.lane(Direction::ToServer).doubtful = head.asks_first;
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
        self.upgraded = status == 101;
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
