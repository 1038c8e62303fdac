//! Streams that are open: whose response belongs to which request, and bodies that are put together (RFC 9113 5).

use std::collections::BTreeMap;

use capture::Direction;

use crate::events::{Anomaly, Events};
use crate::http::HttpResponse;
use crate::http::collect::{Bodies, Collecting, Of};
use crate::http::pipeline::{Remembered, Waiting};

/// The stream that carries the response to an upgrade.
const UPGRADED: u32 = 1;

/// A stream that one side at least has not ended.
#[derive(Default)]
struct Stream {
    /// Its request's place; nothing where that was not captured.
    exchange: Option<u64>,
    remembered: Option<Box<Remembered>>,
    /// Bodies to the server and to the client.
    collecting: [Option<Collecting>; 2],
    ended: [bool; 2],
    /// Its response has come, not only interim ones.
    answered: bool,
}

/// The streams of one connection, no more than [`crate::Limits::http2_streams`].
pub(super) struct Streams {
    pub(super) bodies: Bodies,
    open: BTreeMap<u32, Stream>,
    /// Requests so far.
    requests: u64,
    /// Octets held of all bodies.
    held: usize,
    /// That there are more streams than may be open was said.
    overflowed: bool,
}

impl Streams {
    pub(super) const fn new(bodies: Bodies, requests: u64) -> Self {
        Self { bodies, open: BTreeMap::new(), requests, held: 0, overflowed: false }
    }

    /// The request came before, in another version of the protocol.
    pub(super) fn upgraded(&mut self, waiting: Waiting) {
        let Waiting { exchange, remembered, .. } = waiting;
        let exchange = Some(exchange);
        let stream = Stream { exchange, remembered, ended: [true, false], ..Stream::default() };
        self.open.insert(UPGRADED, stream);
    }

    /// The place of the next request.
    pub(super) const fn next_exchange(&self) -> u64 {
        self.requests
    }

    pub(super) fn is_open(&self, id: u32) -> bool {
        self.open.contains_key(&id)
    }

    pub(super) fn is_answered(&self, id: u32) -> bool {
        self.open.get(&id).is_none_or(|stream| stream.answered)
    }

    /// The place of a stream's request.
    pub(super) fn exchange(&self, id: u32) -> Option<u64> {
        self.open.get(&id).and_then(|stream| stream.exchange)
    }

    /// A request was read.
    pub(super) fn open(
        &mut self,
        id: u32,
        exchange: u64,
        collecting: Option<Collecting>,
        remembered: Option<Box<Remembered>>,
        out: &mut Events,
    ) {
        self.requests += 1;
        let collecting = [collecting, None];
        self.insert(
            id,
            Stream { exchange: Some(exchange), remembered, collecting, ..Stream::default() },
            out,
        );
    }

    /// There was a request of which too little is known.
    pub(super) fn unknown(&mut self, id: u32, out: &mut Events) {
        self.insert(id, Stream::default(), out);
    }

    fn insert(&mut self, id: u32, stream: Stream, out: &mut Events) {
        self.reset(id, out);
        if self.open.len() >= out.limits.http2_streams {
            if !std::mem::replace(&mut self.overflowed, true) {
                let limit = "http2_streams";
                out.anomaly(Direction::ToServer, Anomaly::LimitReached { protocol: "http2", limit });
            }
            if let Some(oldest) = self.open.keys().next().copied() {
                self.reset(oldest, out);
            }
        }
        self.open.insert(id, stream);
    }

    /// A response was read.
    pub(super) fn answer(&mut self, id: u32, response: &HttpResponse) {
        let Some(stream) = self.open.get_mut(&id) else { return };
        stream.answered = true;
        let announced = (self.bodies.announced)(response);
        if let Some(remembered) = stream.remembered.take().or_else(|| announced.then(Box::default)) {
            let [_, to_client] = &mut stream.collecting;
            *to_client = Some(Collecting::new(Of::Response(remembered, Box::new(response.clone()))));
        }
    }

    // -- bodies

    /// Whether a body is wanted.
    pub(super) fn collects(&self, id: u32, direction: Direction) -> bool {
        let stream = self.open.get(&id);
        stream.and_then(|stream| stream.collecting.get(direction.index())).is_some_and(Option::is_some)
    }

    /// Takes the next bytes of a body, as far as the limits allow.
    pub(super) fn take(&mut self, id: u32, direction: Direction, payload: &[u8], out: &mut Events) {
        let Some(stream) = self.open.get_mut(&id) else { return };
        let Some(Some(collecting)) = stream.collecting.get_mut(direction.index()) else { return };
        let room = out.limits.http2_bodies.saturating_sub(self.held);
        let before = collecting.len();
        let whole = collecting.take(payload.get(..room).unwrap_or(payload), out.limits.http_body);
        self.held += collecting.len() - before;
        if !whole || payload.len() > room {
            let limit = if whole { "http2_bodies" } else { "http_body" };
            out.anomaly(direction, Anomaly::LimitReached { protocol: "http2", limit });
            self.stop(id, direction, out);
        }
    }

    /// Hands over what there is of a body that will not be complete.
    pub(super) fn stop(&mut self, id: u32, direction: Direction, out: &mut Events) {
        self.deliver(id, direction, true, out);
    }

    fn deliver(&mut self, id: u32, direction: Direction, incomplete: bool, out: &mut Events) {
        let Some(stream) = self.open.get_mut(&id) else { return };
        let slot = stream.collecting.get_mut(direction.index());
        let Some(collecting) = slot.and_then(Option::take) else { return };
        self.held = self.held.saturating_sub(collecting.len());
        if let Some((_, asked)) = collecting.deliver(self.bodies, incomplete, out)
            && let Some(remembered) = &mut stream.remembered
        {
            remembered.asked = asked;
        }
    }

    // -- ends

    /// One side has said all on a stream.
    pub(super) fn end(&mut self, id: u32, direction: Direction, out: &mut Events) {
        self.deliver(id, direction, false, out);
        let Some(stream) = self.open.get_mut(&id) else { return };
        if let Some(ended) = stream.ended.get_mut(direction.index()) {
            *ended = true;
        }
        if stream.ended == [true, true] {
            self.open.remove(&id);
        }
    }

    /// Nothing more comes on a stream, in either direction.
    pub(super) fn reset(&mut self, id: u32, out: &mut Events) {
        self.stop(id, Direction::ToServer, out);
        self.stop(id, Direction::ToClient, out);
        self.open.remove(&id);
    }

    /// The server takes up no stream of the client's after this one.
    pub(super) fn go_away(&mut self, last: u32, out: &mut Events) {
        let later = self.open.keys().rev().take_while(|id| **id > last);
        let later: Vec<u32> = later.copied().filter(|id| !id.is_multiple_of(2)).collect();
        for id in later {
            self.reset(id, out);
        }
    }

    /// The place in a direction is lost, or its end has come.
    pub(super) fn lose(&mut self, direction: Direction, out: &mut Events) {
        let open: Vec<u32> = self.open.keys().copied().collect();
        for id in open {
            self.stop(id, direction, out);
        }
    }
}
