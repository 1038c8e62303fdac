//! Both directions of a TCP connection: what one side acknowledges tells what the capture lost of the other.

use super::account::Account;
use super::early::{Early, Queue};
use super::stream::Stream;
use crate::flow::{Chunk, Demand, Direction, EndReason};
use crate::packet::Segment;

/// Takes what is delivered of either direction.
pub(crate) type Sink<'a> = dyn FnMut(Direction, Chunk<'_>) -> Demand + 'a;

/// Where a segment lies in its direction's stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Offset of the first payload byte.
    at: i64,
    /// Payload bytes not seen before.
    pub(crate) new_bytes: u64,
    /// Whether payload, or part of it, had been seen before.
    pub(crate) retransmission: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Assembler {
    streams: [Stream; 2],
    early: Queue,
}

impl Assembler {
    /// For a connection whose first bytes have these sequence numbers, to the server and to the client.
    pub(crate) fn new(starts: [Option<u32>; 2]) -> Self {
        Self { streams: starts.map(Stream::new), early: Queue::default() }
    }

    /// One direction.
    pub(crate) const fn stream(&self, direction: Direction) -> &Stream {
        let [to_server, to_client] = &self.streams;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    /// Something of both streams, for who wants them near: see [`crate::Tracker::approach`].
    pub(crate) fn glance(&self) -> u64 {
        let [to_server, to_client] = &self.streams;
        to_server.next ^ to_client.next ^ u64::from(self.has_early())
    }

    fn pair(&mut self, direction: Direction) -> (&mut Stream, &mut Stream) {
        let [to_server, to_client] = &mut self.streams;
        match direction {
            Direction::ToServer => (to_server, to_client),
            Direction::ToClient => (to_client, to_server),
        }
    }

    /// Tells the sequence number of a direction's first byte, learned from a SYN.
    pub(crate) fn begin(&mut self, direction: Direction, start: u32) {
        self.pair(direction).0.begin(start);
    }

    /// Corrects the sequence number of a direction's first byte; `false` where bytes have come since.
    pub(crate) fn begin_anew(&mut self, direction: Direction, start: u32) -> bool {
        self.pair(direction).0.begin_anew(start)
    }

    /// Finds a segment's place; nothing where it can not belong to the stream.
    pub(crate) fn place(&mut self, direction: Direction, segment: &Segment<'_>) -> Option<Place> {
        let (stream, _) = self.pair(direction);
        let first = segment.sequence.wrapping_add(u32::from(segment.syn));
        if !stream.begun() {
            // A lone byte may be a keep-alive probe, which repeats a byte sent long ago: no place to start at.
            let probe = segment.wire_len == 1 && !segment.syn && !segment.fin;
            if probe || (segment.wire_len == 0 && !segment.fin) {
                return None;
            }
            stream.begin(first);
        }
        let at = stream.locate(first)?;
        let new_bytes = stream.new_bytes(at, segment.wire_len);
        // RFC 9293 3.8.4: a keep-alive probe may carry one byte from just before the next in turn.
        let keep_alive = segment.wire_len == 1 && new_bytes == 0;
        let retransmission = new_bytes < u64::from(segment.wire_len) && !keep_alive && !stream.ended();
        Some(Place { at, new_bytes, retransmission })
    }

    /// Whether segments wait. Mostly none do, and every packet asks.
    pub(crate) fn has_early(&self) -> bool {
        !self.early.is_empty()
    }

    /// Notes a segment just captured, for what it says of bytes that others wait for.
    pub(crate) fn witness(&mut self, direction: Direction, segment: &Segment<'_>, account: &Account<'_>) {
        self.early.witness(direction, segment, account);
    }

    /// Makes a segment wait if it came before what it answers; says whether it does.
    pub(crate) fn waits(
        &mut self,
        direction: Direction,
        segment: &Segment<'_>,
        account: &mut Account<'_>,
        sink: &mut Sink<'_>,
    ) -> bool {
        // A bare FIN answers nothing; it only must not overtake what its sender said before.
        let carries = segment.wire_len > 0 || segment.fin && self.early.has(direction);
        if !(carries && segment.ack && !segment.syn)
            || self.early.is_vain(direction)
            || !self.stream(direction.reverse()).lacks(segment.acknowledgement)
        {
            return false;
        }
        let fresh = self.early.hold(direction, segment, account);
        let (_, other) = self.pair(direction);
        other.acknowledge(segment.acknowledgement);
        other.weigh(fresh, account, &mut |chunk| sink(direction.reverse(), chunk));
        self.agree_on_silence(account);
        true
    }

    /// Takes the next segment out that has waited and need not any longer.
    pub(crate) fn next_early(&mut self, account: &mut Account<'_>) -> Option<Early> {
        let [to_server, to_client] = &self.streams;
        let ready = |direction, acknowledgement| match direction {
            Direction::ToServer => !to_client.lacks(acknowledgement),
            Direction::ToClient => !to_server.lacks(acknowledgement),
        };
        self.early.next(ready, account)
    }

    /// Lets all segments go that wait.
    pub(crate) const fn give_up_order(&mut self) {
        self.early.give_up();
    }

    /// Takes a segment in at its place; `waited` says whether it was among those that waited, and so was
    /// evidence for the other direction before.
    pub(crate) fn take(
        &mut self,
        direction: Direction,
        segment: &Segment<'_>,
        place: Option<Place>,
        waited: bool,
        account: &mut Account<'_>,
        sink: &mut Sink<'_>,
    ) {
        // A second copy of a segment is no evidence of anything.
        let fresh = place.is_some_and(|place| place.new_bytes > 0);
        if fresh && !waited {
            self.early.hope(direction);
        }
        let in_vain = waited && self.early.is_vain(direction);
        let (_, other) = self.pair(direction);
        if segment.ack {
            other.acknowledge(segment.acknowledgement);
        }
        // The other side's bytes first: they were sent before this segment acknowledged them.
        other.weigh(fresh && !waited, account, &mut |chunk| sink(direction.reverse(), chunk));
        self.agree_on_silence(account);
        let (stream, _) = self.pair(direction);
        if let Some(place) = place {
            let sink = &mut |chunk: Chunk<'_>| sink(direction, chunk);
            if segment.wire_len > 0 {
                stream.data(place.at, segment.payload, segment.wire_len, account, sink);
            }
            if segment.fin {
                stream.close_at(place.at.saturating_add(i64::from(segment.wire_len)), account, sink);
            }
            stream.weigh(fresh, account, sink);
            if in_vain {
                // Evidence enough of the holes too; and what follows them must not fall behind what answers it.
                stream.give_up_acknowledged(account, sink);
            }
        }
        self.agree_on_silence(account);
    }

    /// Ends both directions here.
    pub(crate) fn cut_off(&mut self, reason: EndReason, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        for direction in [Direction::ToServer, Direction::ToClient] {
            let (stream, _) = self.pair(direction);
            stream.cut_off(reason, account, &mut |chunk| sink(direction, chunk));
            self.agree_on_silence(account);
        }
    }

    /// Whether both directions have ended.
    pub(crate) fn ended(&self) -> bool {
        self.streams.iter().all(Stream::ended)
    }

    /// A reader that wants nothing of one direction wants nothing of the other.
    #[inline]
    fn agree_on_silence(&mut self, account: &mut Account<'_>) {
        let [to_server, to_client] = &mut self.streams;
        if to_server.silent() != to_client.silent() {
            to_server.silence(account);
            to_client.silence(account);
        }
    }
}
