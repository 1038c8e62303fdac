//! Bodies: where they begin and end, and which are handed over.

use capture::Direction;

use super::Connection;
use crate::decoder::{Outcome, Probe};
use crate::events::{Anomaly, Events};
use crate::http::body::{Body, Part};
use crate::http::collect::Collecting;
use crate::http::probe;

impl Connection {
    /// Goes from a head to its body. Behind a cut head nothing of the body is there.
    pub(super) fn begin_body(
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

    pub(super) fn body(
        &mut self,
        direction: Direction,
        body: Body,
        data: &[u8],
        out: &mut Events,
    ) -> Outcome {
        match self.begins_anew(direction, body, data) {
            Probe::No => {}
            Probe::Maybe => return Outcome::NeedMore(0),
            Probe::Yes => {
                self.advance(direction, None, out);
                return self.data(direction, data, out);
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

    /// Whether a head begins where a body was expected. A response does: the request, not captured, was a HEAD; or the
    /// body had no stated length, and the client, which asks again, seems to know that it has ended. A request does:
    /// the one before asked for leave to send its body, and was answered with a final status instead.
    fn begins_anew(&mut self, direction: Direction, body: Body, data: &[u8]) -> Probe {
        if direction == Direction::ToServer {
            return if self.lane(direction).doubtful { probe::known_request(data) } else { Probe::No };
        }
        let asked_again = !self.client_seen || !self.pipeline.is_empty();
        let doubtful = self.lane(direction).doubtful || (body == Body::UntilClose && asked_again);
        if doubtful { probe::response(data) } else { Probe::No }
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
    pub(super) fn advance(&mut self, direction: Direction, next: Option<Body>, out: &mut Events) {
        self.lane(direction).body = next;
        if next.is_none() {
            self.deliver(direction, false, out);
        }
    }

    /// Hands over what was collected of a body, if it was.
    pub(super) fn deliver(&mut self, direction: Direction, incomplete: bool, out: &mut Events) {
        let collecting = self.lane(direction).collecting.take();
        let asked = collecting.and_then(|collecting| collecting.deliver(self.bodies, incomplete, out));
        if let Some((exchange, asked)) = asked {
            self.pipeline.asked(exchange, asked);
        }
    }
}
