//! One connection: what each direction is in the middle of, and what is missing of it.

mod bodies;
mod heads;

use capture::{Direction, EndReason};

use super::body::Body;
use super::collect::{Bodies, Collecting};
use super::pipeline::Pipeline;
use crate::decoder::{Decoder, Input, Outcome};
use crate::events::Events;
use crate::http2;

/// One direction.
#[derive(Default)]
struct Lane {
    /// Inside this body; otherwise before or in a head.
    body: Option<Body>,
    /// The body may not be there: its request was not captured, and may have been a HEAD; or the server was asked for
    /// leave to send it, and may have refused.
    doubtful: bool,
    /// The head that is not complete yet, as given so far: where the rest is lost, this is all there is to read.
    unfinished: Vec<u8>,
    /// The body is wanted.
    collecting: Option<Collecting>,
    /// HTTP/2 has begun.
    http2: bool,
}

/// The reader of one flow.
pub(super) struct Connection {
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
    /// That was agreed on by a request of which the response is still to come.
    upgraded: bool,
    /// What follows is HTTP/2, in the directions that have got there.
    http2: Option<Box<http2::Connection>>,
}

impl Decoder for Connection {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        if self.lane(direction).http2
            && let Some(http2) = &mut self.http2
        {
            return http2.feed(direction, input, out);
        }
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

impl Connection {
    pub(super) fn new(bodies: Bodies) -> Self {
        Self {
            bodies,
            lanes: [Lane::default(), Lane::default()],
            pipeline: Pipeline::default(),
            requests: 0,
            client_seen: false,
            connecting: false,
            tunnel: false,
            upgraded: false,
            http2: None,
        }
    }

    fn lane(&mut self, direction: Direction) -> &mut Lane {
        let [to_server, to_client] = &mut self.lanes;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    /// Reads on from wherever this direction is.
    fn data(&mut self, direction: Direction, data: &[u8], out: &mut Events) -> Outcome {
        self.client_seen |= direction == Direction::ToServer;
        let body = self.lane(direction).body;
        match body {
            Some(body) => self.body(direction, body, data, out),
            None if self.tunnel => self.tunnelled(direction, data, out),
            None => self.head(direction, data, out),
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
        } else if direction == Direction::ToServer && lane.doubtful {
            // It asked for leave to send its body, and sent nothing of it: none is missing.
            self.deliver(direction, false, out);
        }
        self.lose(direction, out);
    }
}
